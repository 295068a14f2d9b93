/**
 * A user's own token-classification model: text in, named stretches out. Texts longer than the model takes are read in windows that
 * overlap, and each word is told by the window in which it stands furthest from an edge. Keeps nothing of a text.
 */
import { TYPES } from "../types.ts";
import { ModelError } from "./errors.ts";
import { labelSet, type LabelSet, softmax, spansOf } from "./labels.ts";
import { loadRuntime, type Runtime, type Session, type Tensor } from "./runtime.ts";
import type { Pieces, Tokenizer } from "./tokenizer.ts";

export interface ModelOptions {
  /** Path or bytes of an `.onnx` file, or a session of it that is open already. */
  readonly model: string | Uint8Array | Session;
  readonly tokenizer: Tokenizer;
  /** `id2label` of the model's config.json: label by output. */
  readonly labels: readonly string[] | Readonly<Record<string, string>>;
  /** Label without its scheme → a key of TYPES: `{ PER: "PERSON" }`. What has no row is not reported. */
  readonly types: Readonly<Record<string, string>>;
  /** Most pieces that the model takes at once, special ones included; default 512. */
  readonly piecesMax?: number;
  /** Pieces that a window has in common with the next; default a quarter of it, at most 64. */
  readonly overlap?: number;
  /** The module `onnxruntime-web`, or another that is like it; default: `onnxruntime-node`, loaded when it is needed. */
  readonly runtime?: Runtime;
}

/** What the model names in a text; offsets in UTF-16 code units. */
export interface Named {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  /** 0…1: the model's own, not calibrated. */
  readonly probability: number;
}

export interface Model {
  /** In order, without overlap. @throws ModelError model_unsupported when its outputs are not one for each label */
  name(text: string): Promise<Named[]>;
}

const PIECES_MAX = 512;
const OVERLAP_MAX = 64;
const INPUTS = new Set(["input_ids", "attention_mask", "token_type_ids"]);

/**
 * Opens a model.
 *
 * @throws TypeError for an option of a wrong type, naming it
 * @throws ModelError runtime_missing; model_unsupported when it asks for other inputs than those of token classification
 */
export async function openModel(options: ModelOptions): Promise<Model> {
  const { tokenizer, types, piecesMax = PIECES_MAX } = options;
  for (const type of Object.values(types)) {
    if (!Object.hasOwn(TYPES, type)) throw new TypeError(`options.types: ${type} is not a key of TYPES`);
  }
  const room = piecesMax - tokenizer.before.length - tokenizer.behind.length;
  if (!Number.isInteger(piecesMax) || room < 2)
    throw new TypeError("options.piecesMax must be an integer, and leave room");
  const { overlap = Math.min(OVERLAP_MAX, room >> 2) } = options;
  if (!Number.isInteger(overlap) || overlap < 0 || overlap >= room)
    throw new TypeError("options.overlap must be an integer below options.piecesMax");
  const names = namesOf(options.labels);
  const labels = labelSet(names, types);
  const runtime = options.runtime ?? (await loadRuntime());
  const { model } = options;
  const session =
    typeof model === "string" || model instanceof Uint8Array ? await runtime.InferenceSession.create(model) : model;
  checkInputs(session);
  return new TokenClassifier(session, runtime, tokenizer, labels, room, overlap);
}

function namesOf(labels: ModelOptions["labels"]): string[] {
  const size = Object.keys(labels).length;
  return Array.from({ length: size }, (_, output) => {
    const name: unknown = Object.hasOwn(labels, output)
      ? (labels as Readonly<Record<number, string>>)[output]
      : undefined;
    if (typeof name !== "string") throw new TypeError(`options.labels has no label for output ${output}`);
    return name;
  });
}

function checkInputs({ inputNames, outputNames }: Session): void {
  if (!inputNames.includes("input_ids")) throw new ModelError("model_unsupported", "the model has no input input_ids");
  const other = inputNames.find((name) => !INPUTS.has(name));
  if (other !== undefined) throw new ModelError("model_unsupported", `the model asks for ${other}`);
  if (outputNames.length === 0) throw new ModelError("model_unsupported", "the model has no output");
}

class TokenClassifier implements Model {
  readonly #session: Session;
  readonly #runtime: Runtime;
  readonly #tokenizer: Tokenizer;
  readonly #labels: LabelSet;
  readonly #room: number;
  readonly #overlap: number;

  constructor(
    session: Session,
    runtime: Runtime,
    tokenizer: Tokenizer,
    labels: LabelSet,
    room: number,
    overlap: number,
  ) {
    this.#session = session;
    this.#runtime = runtime;
    this.#tokenizer = tokenizer;
    this.#labels = labels;
    this.#room = room;
    this.#overlap = overlap;
  }

  async name(text: string): Promise<Named[]> {
    const pieces = this.#tokenizer.split(text);
    const words = await this.#probabilities(pieces);
    return spansOf(this.#labels, words).map(({ type, from, to, probability }) => ({
      type,
      start: pieces.start[from] as number,
      end: pieces.end[to - 1] as number,
      probability,
    }));
  }

  /** By word. */
  async #probabilities({ ids, words, start, end }: Pieces): Promise<(Float32Array | undefined)[]> {
    const found: (Float32Array | undefined)[] = start.map(() => undefined);
    const count = this.#labels.labels.length;
    for (const { from, to, ownFrom, ownTo } of windows(ids.length, this.#room, this.#overlap)) {
      const logits = await this.#run(ids.slice(from, to));
      for (let piece = ownFrom; piece < ownTo; piece++) {
        const word = words[piece] as number;
        const first = piece === 0 || words[piece - 1] !== word;
        if (!first || start[word] === end[word]) continue;
        const at = (piece - from + this.#tokenizer.before.length) * count;
        found[word] = softmax(logits.subarray(at, at + count));
      }
    }
    return found;
  }

  /** The outputs of all pieces of a window, special ones included, one behind the other. */
  async #run(ids: readonly number[]): Promise<Float32Array> {
    const all = [...this.#tokenizer.before, ...ids, ...this.#tokenizer.behind];
    const dims = [1, all.length];
    const tensor = (data: readonly number[]): Tensor =>
      new this.#runtime.Tensor("int64", BigInt64Array.from(data, BigInt), dims);
    const inputs: Readonly<Record<string, () => Tensor>> = {
      input_ids: () => tensor(all),
      attention_mask: () => tensor(all.map(() => 1)),
      token_type_ids: () => tensor(all.map(() => 0)),
    };
    const feeds: Record<string, Tensor> = {};
    for (const name of this.#session.inputNames) feeds[name] = (inputs[name] as () => Tensor)();
    const { outputNames } = this.#session;
    const output = (await this.#session.run(feeds))[
      outputNames.includes("logits") ? "logits" : (outputNames[0] as string)
    ];
    const expected = [1, all.length, this.#labels.labels.length];
    if (!(output?.data instanceof Float32Array) || output.dims.join() !== expected.join()) {
      const is = `${output?.type ?? "none"} [${output?.dims.join() ?? ""}]`;
      throw new ModelError("model_unsupported", `the model's output is ${is}, not float32 [${expected.join()}]`);
    }
    return output.data;
  }
}

interface Window {
  readonly from: number;
  readonly to: number;
  /** The pieces that this window decides. */
  readonly ownFrom: number;
  readonly ownTo: number;
}

/** Windows of at most `room` of `count` pieces; each piece is decided by one of them. */
export function windows(count: number, room: number, overlap: number): Window[] {
  const all: Window[] = [];
  let ownFrom = 0;
  for (let from = 0; ownFrom < count; from += room - overlap) {
    const to = Math.min(count, from + room);
    const ownTo = to === count ? count : to - (overlap >> 1);
    all.push({ from, to, ownFrom, ownTo });
    ownFrom = ownTo;
  }
  return all;
}
