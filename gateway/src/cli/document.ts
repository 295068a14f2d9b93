/**
 * Passes a document of any length through the detector: read in pieces, decoded, read in its form, written as it is decided.
 * Text is UTF-8 or refused, since offsets and replacements would be wrong in anything else. Messages name the document and
 * never its content.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Form, TellingOptions } from "@sluice/detector";
import { CliError, EXIT, systemCode } from "./exit.ts";

export const FORMATS = ["auto", "text", "json", "jsonl", "csv", "log", "sql-result"] as const;
export type Format = (typeof FORMATS)[number];

const PIECE_BYTES = 65_536;
/** How long stdin may be silent before its form is guessed from what there is. */
const SILENCE_MS = 300;

export interface Passed {
  readonly form: Form;
  /** UTF-16 units that were read. */
  readonly characters: number;
  /** Where the document is not of its form. */
  readonly notes: readonly string[];
  readonly bareWords: readonly string[];
  /** False when the reader of the output has left before the end. */
  readonly whole: boolean;
}

export interface Source {
  /** As messages call it: the path, or `stdin`. */
  readonly name: string;
  /** Absent for stdin. */
  readonly path: string | undefined;
}

/** `-` is stdin. */
export function sourceOf(file: string): Source {
  return file === "-" ? { name: "stdin", path: undefined } : { name: file, path: file };
}

/** Bytes of all files together; undefined when one of them has no length. Throws a CliError (3) for one that is not there. */
export async function bytesOf(sources: readonly Source[]): Promise<number | undefined> {
  let bytes: number | undefined = 0;
  for (const { path } of sources) {
    if (path === undefined) {
      bytes = undefined;
      continue;
    }
    const stats = await reading(path, () => stat(path));
    if (stats.isDirectory()) throw new CliError(EXIT.usage, "EISDIR", `${path} is a folder; name its files`);
    if (bytes !== undefined) bytes = stats.isFile() ? bytes + stats.size : undefined;
  }
  return bytes;
}

export interface Passing {
  readonly format: Format;
  readonly options: TellingOptions;
  /** Told of bytes as they are read. */
  readonly read: (bytes: number) => void;
  /** Gets the document as it is decided. False ends the work: nobody listens any more. */
  readonly write: (text: string) => Promise<boolean>;
}

/** Throws a CliError (3) when the source cannot be read, (2) when it is not UTF-8. */
export async function passDocument(source: Source, { format, options, read, write }: Passing): Promise<Passed> {
  const { formOf, formStream, FORM_SAMPLE_CHARS } = await import("@sluice/detector");
  const pieces = new Pieces(textOf(source, read));
  const guessed = format === "auto";
  const sample = guessed ? await pieces.sample(FORM_SAMPLE_CHARS) : "";
  const form = guessed ? formOf(sample, source.path) : format;
  const stream = formStream(form, options);
  let characters = 0;
  let whole = true;
  for (let piece = sample; whole; ) {
    characters += piece.length;
    const out = stream.push(piece);
    if (out !== "") whole = await write(out);
    const next = await pieces.next();
    if (next === undefined) break;
    piece = next;
  }
  if (whole) whole = await write(stream.end());
  else await pieces.stop();
  return { form, characters, notes: stream.notes, bareWords: stream.bareWords, whole };
}

async function* textOf({ name, path }: Source, read: (bytes: number) => void): AsyncGenerator<string, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch {
      throw new CliError(
        EXIT.usage,
        "input_not_utf8",
        `${name} is not UTF-8 text; convert it first, for example with iconv`,
      );
    }
  };
  const bytes: AsyncIterable<Uint8Array> =
    path === undefined ? process.stdin : createReadStream(path, { highWaterMark: PIECE_BYTES });
  const iterator = bytes[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next: IteratorResult<Uint8Array, unknown> = await reading(name, () => iterator.next());
      if (next.done === true) break;
      read(next.value.length);
      const text = decode(next.value);
      if (text !== "") yield text;
    }
    const rest = decode();
    if (rest !== "") yield rest;
  } finally {
    await iterator.return?.();
  }
}

async function reading<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const code = systemCode(thrown);
    throw code === undefined ? thrown : new CliError(EXIT.environment, code, `cannot read ${name} (${code})`);
  }
}

/** The text of a source, with a first look at what there is. */
class Pieces {
  readonly #iterator: AsyncGenerator<string, void>;
  #coming: Promise<IteratorResult<string, void>> | undefined;

  constructor(iterator: AsyncGenerator<string, void>) {
    this.#iterator = iterator;
  }

  /** As much as there is, until it is enough or nothing comes for a while. A terminal or a live log never ends. */
  async sample(charsMin: number): Promise<string> {
    let sample = "";
    while (sample.length < charsMin) {
      this.#coming ??= this.#iterator.next();
      const next = await within(this.#coming, sample === "" ? undefined : SILENCE_MS);
      if (next === undefined || next.done === true) break;
      this.#coming = undefined;
      sample += next.value;
    }
    return sample;
  }

  async next(): Promise<string | undefined> {
    const { done, value } = await (this.#coming ?? this.#iterator.next());
    this.#coming = undefined;
    return done === true ? undefined : value;
  }

  async stop(): Promise<void> {
    await this.#iterator.return();
  }
}

async function within<T>(work: Promise<T>, ms: number | undefined): Promise<T | undefined> {
  if (ms === undefined) return work;
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
}
