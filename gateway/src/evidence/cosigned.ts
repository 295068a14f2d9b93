/**
 * Cosignatures of witnesses under the log's own checkpoints. Puts lines under a note and takes none away that is the log's;
 * whether a line verifies is known by who brings it (witness/). Pure.
 */

import { type NoteSignature, VerifierError, formatNote, parseCheckpoint, parseNote } from "@sluice/verifier";
import type { LogKeys } from "./keys.ts";
import type { Published } from "./publisher.ts";

/** The note with these lines behind its own; a line of a key that has one already replaces it. */
export function withCosignatures(checkpoint: string, lines: readonly NoteSignature[]): string {
  const { text, signatures } = parseNote(checkpoint);
  const fresh = new Set(lines.map(keyOf));
  const kept = signatures.filter((signature) => !fresh.has(keyOf(signature)));
  return formatNote({ text, signatures: [...kept, ...lines] });
}

/** The cosignatures that `cosigned` bears, under `checkpoint` of the same tree; `checkpoint` as it is when it is of another one. */
export function keepCosignatures(checkpoint: string, cosigned: Published | undefined): string {
  if (cosigned === undefined) return checkpoint;
  const { text, signatures } = parseNote(checkpoint);
  const before = parseNote(cosigned.checkpoint);
  if (before.text !== text) return checkpoint;
  const own = new Set(signatures.map(keyOf));
  return withCosignatures(
    checkpoint,
    before.signatures.filter((signature) => !own.has(keyOf(signature))),
  );
}

/** A cosigned checkpoint of this log as it was written before; undefined for anything else. */
export function readCosigned(bytes: Uint8Array, keys: Pick<LogKeys, "hasSigned">): Published | undefined {
  try {
    const note = parseNote(bytes);
    if (!keys.hasSigned(note)) return undefined;
    return { size: parseCheckpoint(note.text).size, checkpoint: formatNote(note) };
  } catch (error) {
    if (error instanceof VerifierError) return undefined;
    throw error;
  }
}

function keyOf({ name, keyId }: NoteSignature): string {
  return `${name}+${keyId}`;
}
