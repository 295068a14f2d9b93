/**
 * Signed notes: text, a blank line, signature lines. https://c2sp.org/signed-note. This file reads and writes them and
 * checks no signature; note text that has not been verified must not be used for anything but verifying it.
 */

import { concatBytes, decodeBase64, decodeUtf8, encodeBase64, encodeHex, encodeUtf8 } from "./bytes.ts";
import { VerifierError } from "./errors.ts";
import { isKeyName } from "./vkey.ts";

/** "Verifiers SHOULD apply a maximum limit to the number of signatures in a note"; at least 16 must be accepted. */
export const NOTE_SIGNATURES_MAX = 100;
export const NOTE_BYTES_MAX = 1_000_000;

const SIGNATURE_PREFIX = "\u2014 ";
const KEY_ID_BYTES = 4;

export interface NoteSignature {
  readonly name: string;
  /** 8 hexadecimal digits, lower case. */
  readonly keyId: string;
  /** What follows the key id: for ML-DSA-44 a timestamp and the signature proper. Never empty. */
  readonly signature: Uint8Array<ArrayBuffer>;
}

export interface Note {
  /** Ends with a newline, which is part of what is signed. */
  readonly text: string;
  /** In the order of the note; several may bear the same name and id. */
  readonly signatures: readonly NoteSignature[];
}

/** Throws note_malformed. What it accepts, formatNote writes back byte for byte. */
export function parseNote(input: Uint8Array | string): Note {
  // A string has at least as many bytes as characters: the first test keeps the second from encoding something huge.
  if (input.length > NOTE_BYTES_MAX) throw malformed("a note has at most 1,000,000 bytes");
  const whole = decodeUtf8(input);
  if (whole === undefined) throw malformed("a note is UTF-8");
  if (typeof input === "string") assertBytes(whole);
  assertCharacters(whole);

  // "the text is separated from the signatures by the last empty line in the note"
  const blank = whole.lastIndexOf("\n\n");
  if (blank < 0) throw malformed("a note has an empty line between text and signatures");
  const text = whole.slice(0, blank + 1);
  const block = whole.slice(blank + 2);
  if (!block.endsWith("\n")) throw malformed("a note ends with a signature line and its newline");
  const lines = block.slice(0, -1).split("\n");
  if (lines.length > NOTE_SIGNATURES_MAX) throw malformed("a note has at most 100 signatures");
  return { text, signatures: lines.map(parseSignatureLine) };
}

/** Throws note_malformed when the parts do not make a note that parseNote reads back. */
export function formatNote(note: Note): string {
  if (!note.text.isWellFormed() || !note.text.endsWith("\n")) throw malformed("the text of a note ends with a newline");
  assertCharacters(note.text);
  if (note.signatures.length === 0 || note.signatures.length > NOTE_SIGNATURES_MAX) {
    throw malformed("a note has 1 to 100 signatures");
  }
  const whole = `${note.text}\n${note.signatures.map(formatSignatureLine).join("")}`;
  assertBytes(whole);
  return whole;
}

function parseSignatureLine(line: string): NoteSignature {
  if (!line.startsWith(SIGNATURE_PREFIX)) throw malformed("a signature line begins with an em dash and a space");
  const separator = line.indexOf(" ", SIGNATURE_PREFIX.length);
  const name = line.slice(SIGNATURE_PREFIX.length, Math.max(separator, 0));
  if (separator < 0 || !isKeyName(name)) throw malformed("a signature line names its key");
  const bytes = decodeBase64(line.slice(separator + 1));
  if (bytes === undefined || bytes.length <= KEY_ID_BYTES) {
    throw malformed("a signature is strict base64 of a key id and at least one byte more");
  }
  return { name, keyId: encodeHex(bytes.subarray(0, KEY_ID_BYTES)), signature: bytes.slice(KEY_ID_BYTES) };
}

/** One line with its newline. The cosignature a witness hands out is such a line. */
function formatSignatureLine(signature: NoteSignature): string {
  if (!isKeyName(signature.name)) throw malformed("a signature line names its key");
  if (!/^[0-9a-f]{8}$/.test(signature.keyId)) throw malformed("a key id is 8 hexadecimal digits in lower case");
  if (signature.signature.length === 0) throw malformed("a signature is not empty");
  const id = Uint8Array.from(signature.keyId.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return `${SIGNATURE_PREFIX}${signature.name} ${encodeBase64(concatBytes(id, signature.signature))}\n`;
}

function assertBytes(whole: string): void {
  if (encodeUtf8(whole).length > NOTE_BYTES_MAX) throw malformed("a note has at most 1,000,000 bytes");
}

/** "MUST NOT contain any ASCII control characters (those below U+0020) other than newline" */
function assertCharacters(text: string): void {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 && code !== 0x0a) throw malformed("a note holds no control character but newline");
  }
}

function malformed(message: string): VerifierError {
  return new VerifierError("note_malformed", message);
}
