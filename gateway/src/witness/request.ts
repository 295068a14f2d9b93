/**
 * The body of add-checkpoint, read and written. https://c2sp.org/tlog-witness: "an old size line, zero or more consistency proof
 * lines, and an empty line, followed by a checkpoint". Both sides use it, so that they cannot disagree about it. What it accepts
 * is well-formed and nothing more: no signature and no proof has been checked.
 */
import {
  type Checkpoint,
  HASH_BYTES,
  type Note,
  PROOF_HASHES_MAX,
  VerifierError,
  parseCheckpoint,
  parseNote,
} from "@sluice/verifier";

/** 63 hashes, and a checkpoint with 16 of the largest signatures there are ("up to nearly 5kB"), have room in it. */
export const REQUEST_BYTES_MAX = 131_072;

export interface AddCheckpoint {
  readonly oldSize: number;
  /** 32 bytes each, at most 63. */
  readonly proof: readonly Uint8Array[];
  readonly note: Note;
  /** What the note says. */
  readonly checkpoint: Checkpoint;
}

/** Undefined for a body that the specification does not allow. */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint | undefined {
  if (body.length > REQUEST_BYTES_MAX) return undefined;
  // latin1 keeps offsets: before the empty line, every character must be ASCII anyway.
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString("latin1");
  const blank = text.indexOf("\n\n");
  if (blank < 0) return undefined;
  const [oldLine = "", ...proofLines] = text.slice(0, blank).split("\n");
  const oldSize = /^old (0|[1-9][0-9]{0,15})$/.exec(oldLine)?.[1];
  // "The client MUST NOT send more than 63 consistency proof lines."
  if (oldSize === undefined || !Number.isSafeInteger(Number(oldSize)) || proofLines.length > PROOF_HASHES_MAX) {
    return undefined;
  }
  const proof = proofLines.map(hashOf);
  if (!proof.every((hash) => hash !== undefined)) return undefined;
  try {
    const note = parseNote(body.subarray(blank + 2));
    return { oldSize: Number(oldSize), proof, note, checkpoint: parseCheckpoint(note.text) };
  } catch (thrown) {
    if (thrown instanceof VerifierError) return undefined;
    throw thrown;
  }
}

export function formatAddCheckpoint(oldSize: number, proof: readonly Uint8Array[], checkpoint: string): string {
  const lines = proof.map((hash) => `${Buffer.from(hash).toString("base64")}\n`).join("");
  return `old ${oldSize}\n${lines}\n${checkpoint}`;
}

function hashOf(line: string): Uint8Array | undefined {
  const hash = Buffer.from(line, "base64");
  return hash.length === HASH_BYTES && hash.toString("base64") === line ? hash : undefined;
}
