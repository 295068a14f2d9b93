/**
 * Proof bundles: an index, an inclusion proof and the checkpoint it leads to, in one text that verifies offline.
 * https://c2sp.org/tlog-proof. This file reads and writes; verifyProof (verify-proof.ts) judges.
 */

import { decodeBase64, decodeUtf8, encodeBase64, parseDecimal } from "./bytes.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { VerifierError } from "./errors.ts";
import { NOTE_BYTES_MAX, formatNote, parseNote } from "./note.ts";
import type { Note } from "./note.ts";
import { HASH_BYTES } from "./tree.ts";

const HEADER = "c2sp.org/tlog-proof@v1";
/** A tree of 2^53 leaves has 53 levels; the specification's own limit for a proof is 63. */
export const PROOF_HASHES_MAX = 63;
export const PROOF_EXTRA_BYTES_MAX = 65_535;
const PROOF_BYTES_MAX = NOTE_BYTES_MAX + 100_000;

export interface Proof {
  /** Below the checkpoint's size. */
  readonly index: number;
  /** From the leaf's sibling to the root's child, 32 bytes each. */
  readonly hashes: readonly Uint8Array[];
  /** Not authenticated by anything: "Applications MUST NOT implicitly trust the extra data". Our logs write none. */
  readonly extra?: Uint8Array;
  /** The signed checkpoint. */
  readonly note: Note;
  /** What the note says; not to be believed before the note is verified. */
  readonly checkpoint: Checkpoint;
}

/** Throws proof_malformed, note_malformed or checkpoint_malformed. What it accepts, formatProof writes back byte for byte. */
export function parseProof(input: Uint8Array | string): Proof {
  if (input.length > PROOF_BYTES_MAX) throw malformed("a proof has at most 1,100,000 bytes");
  const text = decodeUtf8(input);
  if (text === undefined) throw malformed("a proof is UTF-8");
  // The first empty line ends the proof proper; a checkpoint's own text has none.
  const blank = text.indexOf("\n\n");
  if (blank < 0) throw malformed("a proof has an empty line before its checkpoint");
  const [header, ...lines] = text.slice(0, blank).split("\n");
  if (header !== HEADER) throw malformed(`a proof begins with ${HEADER}`);

  const extra = lines[0]?.startsWith("extra ") ? parseExtra(lines.shift() ?? "") : undefined;
  const indexLine = lines.shift() ?? "";
  const index = indexLine.startsWith("index ") ? parseDecimal(indexLine.slice("index ".length)) : undefined;
  if (index === undefined) throw malformed("the index is a decimal below 2^53 without leading zeroes");
  if (lines.length > PROOF_HASHES_MAX) throw malformed("an inclusion proof has at most 63 hashes");
  const hashes = lines.map(parseHash);

  const note = parseNote(text.slice(blank + 2));
  const checkpoint = parseCheckpoint(note.text);
  if (index >= checkpoint.size) throw malformed("the index is not below the size of the checkpoint");
  return extra === undefined ? { index, hashes, note, checkpoint } : { index, hashes, extra, note, checkpoint };
}

/** `.tlog-proof` text. `note` is the signed checkpoint, as text or parsed. Throws like parseProof. */
export function formatProof(proof: {
  index: number;
  hashes: readonly Uint8Array[];
  extra?: Uint8Array;
  note: Note | string;
}): string {
  const extra = proof.extra === undefined ? "" : `extra ${encodeBase64(proof.extra)}\n`;
  const hashes = proof.hashes.map((hash) => `${encodeBase64(hash)}\n`).join("");
  const note = typeof proof.note === "string" ? proof.note : formatNote(proof.note);
  const text = `${HEADER}\n${extra}index ${String(proof.index)}\n${hashes}\n${note}`;
  // Reading it back is the one statement of what a proof may look like.
  parseProof(text);
  return text;
}

function parseExtra(line: string): Uint8Array {
  const extra = decodeBase64(line.slice("extra ".length));
  if (extra === undefined) throw malformed("extra data is strict base64");
  if (extra.length > PROOF_EXTRA_BYTES_MAX) throw malformed("extra data has at most 65,535 bytes");
  // "If no extra data is present, this line is omitted."
  if (extra.length === 0) throw malformed("an extra line is not empty");
  return extra;
}

function parseHash(line: string): Uint8Array {
  const hash = decodeBase64(line);
  if (hash?.length !== HASH_BYTES) throw malformed("a line of the inclusion proof is strict base64 of 32 bytes");
  return hash;
}

function malformed(message: string): VerifierError {
  return new VerifierError("proof_malformed", message);
}
