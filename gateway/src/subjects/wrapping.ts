/** What the keys in the rows are bound to: a wrapped key opens in its own row only, and a row whose tag was changed opens not at all. */
import { TAG_BYTES } from "./tagger.ts";
import type { EpochRow, SubjectRow } from "./rows.ts";

export const KEY_BYTES = 32;
export const ID_BYTES = 8;

const SUBJECT = Buffer.from("sluice subject key\0");
const INDEX = Buffer.from("sluice subject index key\0");
const EPOCH_BYTES = 4;

export function subjectBinding({ id, epoch, tag }: Pick<SubjectRow, "id" | "epoch" | "tag">): Uint8Array {
  const bytes = Buffer.allocUnsafe(SUBJECT.length + EPOCH_BYTES + ID_BYTES + TAG_BYTES);
  let at = bytes.writeUInt32BE(epoch, SUBJECT.copy(bytes));
  for (const part of [id, tag]) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function indexBinding({ epoch }: Pick<EpochRow, "epoch">): Uint8Array {
  const bytes = Buffer.allocUnsafe(INDEX.length + EPOCH_BYTES);
  bytes.writeUInt32BE(epoch, INDEX.copy(bytes));
  return bytes;
}
