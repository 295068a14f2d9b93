/**
 * Checkpoints: the text of a note that states a log's size and root. https://c2sp.org/tlog-checkpoint
 * This file reads and writes that text; the signatures around it are note.ts and signature.ts.
 */

import { decodeBase64, decodeUtf8, encodeBase64, parseDecimal } from "./bytes.ts";
import { VerifierError } from "./errors.ts";
import { HASH_BYTES } from "./tree.ts";

export interface Checkpoint {
  /** The identity of the log, as a URL without scheme. */
  readonly origin: string;
  /** Leaves in the tree, a safe integer. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array<ArrayBuffer>;
  /** Lines after the third. Not recommended by the specification; our logs write none. Absent when there are none. */
  readonly extensions?: readonly string[];
}

/** Reads the text of a note (with its final newline, without signatures). Throws checkpoint_malformed. */
export function parseCheckpoint(input: Uint8Array | string): Checkpoint {
  const text = decodeUtf8(input);
  if (!text?.endsWith("\n")) throw malformed("a checkpoint is UTF-8 text that ends with a newline");
  const [origin, sizeText, rootText, ...extensions] = text.slice(0, -1).split("\n");
  if (origin === undefined || sizeText === undefined || rootText === undefined) {
    throw malformed("a checkpoint has at least three lines");
  }
  assertLine(origin);
  for (const line of extensions) assertLine(line);
  const size = parseDecimal(sizeText);
  if (size === undefined) throw malformed("the size is a decimal below 2^53 without leading zeroes");
  const root = decodeBase64(rootText);
  if (root?.length !== HASH_BYTES) throw malformed("the root is strict base64 of 32 bytes");
  return extensions.length === 0 ? { origin, size, root } : { origin, size, root, extensions };
}

/** The text to sign, three lines and their newlines (and the extension lines). Throws checkpoint_malformed. */
export function formatCheckpoint(checkpoint: {
  origin: string;
  size: number;
  root: Uint8Array;
  extensions?: readonly string[];
}): string {
  assertLine(checkpoint.origin);
  for (const line of checkpoint.extensions ?? []) assertLine(line);
  if (!Number.isSafeInteger(checkpoint.size) || checkpoint.size < 0) throw malformed("the size is a safe integer");
  if (checkpoint.root.length !== HASH_BYTES) throw malformed("the root has 32 bytes");
  const lines = [checkpoint.origin, String(checkpoint.size), encodeBase64(checkpoint.root)];
  return [...lines, ...(checkpoint.extensions ?? [])].map((line) => `${line}\n`).join("");
}

function assertLine(line: string): void {
  if (line === "" || !line.isWellFormed()) throw malformed("no line of a checkpoint is empty");
  for (let i = 0; i < line.length; i++) {
    if (line.charCodeAt(i) < 0x20) throw malformed("a checkpoint holds no control character but newline");
  }
}

function malformed(message: string): VerifierError {
  return new VerifierError("checkpoint_malformed", message);
}
