/**
 * Takes an upstream's answer as it comes and gives what the client gets: the same bytes, but for the texts that the way back
 * changes. Works on decoded text and encodes it again, so a value never breaks the JSON around it. An answer that cannot be
 * read is never passed on unread: it ends in an error, which the caller words in the family's way. No I/O.
 */
import { isUtf8 } from "node:buffer";
import { SluiceError } from "../../core/errors.ts";
import { StreamAnswer } from "./answer-stream.ts";
import { applyEdits, type Edit } from "./json.ts";
import type { Endpoint } from "./shape.ts";
import {
  type AnswerLimits,
  type AnswerTransform,
  type Lanes,
  parseAnswer,
  pushWhole,
  readUsage,
  type Usage,
  withWithdrawn,
} from "./transform.ts";
import { spotEdit, walk } from "./walk.ts";

export type { AnswerLimits, AnswerTransform, Lanes } from "./transform.ts";

export function createAnswer(
  endpoint: Endpoint,
  contentType: "json" | "sse" | "json-lines",
  back: Lanes,
  limits: AnswerLimits,
): AnswerTransform {
  if (contentType !== "json") return new StreamAnswer(endpoint, contentType, back, limits);
  return new WholeAnswer(endpoint, back, limits);
}

/** An answer in one JSON document, held until it is whole. */
class WholeAnswer implements AnswerTransform {
  readonly usage: Usage = {};
  complete = false;
  readonly #endpoint: Endpoint;
  readonly #back: Lanes;
  readonly #limits: AnswerLimits;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(endpoint: Endpoint, back: Lanes, limits: AnswerLimits) {
    this.#endpoint = endpoint;
    this.#back = back;
    this.#limits = limits;
  }

  push(chunk: Uint8Array): undefined {
    this.#bytes = count(this.#bytes, chunk, this.#limits);
    this.#chunks.push(chunk);
  }

  end(): Uint8Array | undefined {
    const [first] = this.#chunks;
    const raw =
      this.#chunks.length === 1 && first !== undefined ? view(first) : Buffer.concat(this.#chunks, this.#bytes);
    this.#chunks = [];
    if (raw.length === 0) return undefined;
    if (!isUtf8(raw)) throw new SluiceError("upstream_encoding_invalid", "the answer holds bytes that are not UTF-8");
    const text = raw.toString("utf8");
    // Read also when nothing is to be changed: what cannot be read is refused, whatever the request held.
    const root = parseAnswer(text, this.#limits.depthMax);
    readUsage(text, root, this.usage);
    this.complete = true;
    if (this.#back.idle) return raw;
    const shape = this.#endpoint.answer?.whole;
    if (shape === undefined) throw new Error(`${this.#endpoint.name} has no answer`);
    const walked = walk(text, root, shape, { side: "answer" });
    const edits: Edit[] = [];
    for (const spot of walked.spots) {
      const edit = spotEdit(spot, pushWhole(this.#back, spot));
      if (edit) edits.push(edit);
    }
    return edits.length === 0 ? raw : Buffer.from(applyEdits(text, withWithdrawn(edits, walked)));
  }
}

function view(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

function count(before: number, chunk: Uint8Array, { responseBytesMax }: AnswerLimits): number {
  const bytes = before + chunk.length;
  if (bytes <= responseBytesMax) return bytes;
  throw new SluiceError("upstream_body_too_large", `the answer is larger than ${responseBytesMax} bytes`);
}
