/**
 * The body of a chunk: which parts there are and where they lie. Parts are ciphertexts; this file knows no key.
 *
 *     uint8 flags | [60 session key, wrapped by the file's key] | [uint64 place at which it continues]
 *     | uint32 n | n × 8 subject id
 *     | uint32 length, table
 *     | uint32 m | m × (uint32 length, text)
 *     | n × (60 share, wrapped by the subject's key | uint32 length, values)
 */
import { SUBJECT_BYTES, WRAPPED_BYTES } from "./sealing.ts";

const HAS_SESSION_KEY = 1;
const HAS_NEXT = 2;

export interface Box {
  /** 8 bytes. */
  readonly subject: Buffer;
  readonly share: Buffer;
  readonly values: Buffer;
}

export interface Body {
  readonly sessionKey?: Buffer | undefined;
  /** Where the recording continues, in another file. */
  readonly next?: number | undefined;
  readonly table: Buffer;
  readonly texts: readonly Buffer[];
  readonly boxes: readonly Box[];
}

export function encodeBody({ sessionKey, next, table, texts, boxes }: Body): Buffer[] {
  const head = Buffer.allocUnsafe(
    1 + (sessionKey?.length ?? 0) + (next === undefined ? 0 : 8) + 4 + boxes.length * SUBJECT_BYTES,
  );
  let at = head.writeUInt8((sessionKey === undefined ? 0 : HAS_SESSION_KEY) | (next === undefined ? 0 : HAS_NEXT), 0);
  if (sessionKey !== undefined) at += sessionKey.copy(head, at);
  if (next !== undefined) at = head.writeBigUInt64BE(BigInt(next), at);
  at = head.writeUInt32BE(boxes.length, at);
  for (const { subject } of boxes) at += subject.copy(head, at);
  const parts = [head, uint32(table.length), table, uint32(texts.length)];
  for (const text of texts) parts.push(uint32(text.length), text);
  for (const { share, values } of boxes) parts.push(share, uint32(values.length), values);
  return parts;
}

/** Undefined when it has another form. Views on the bytes. */
export function decodeBody(bytes: Buffer): Body | undefined {
  const reader = new Reader(bytes);
  const flags = reader.take(1)?.readUInt8() ?? 0;
  const sessionKey = (flags & HAS_SESSION_KEY) === 0 ? undefined : reader.take(WRAPPED_BYTES);
  const next = (flags & HAS_NEXT) === 0 ? undefined : Number(reader.take(8)?.readBigUInt64BE() ?? 0n);
  const subjects = reader.many(() => reader.take(SUBJECT_BYTES));
  const table = reader.sized();
  const texts = reader.many(() => reader.sized());
  const boxes: Box[] = [];
  for (const subject of subjects ?? []) {
    const share = reader.take(WRAPPED_BYTES);
    const values = reader.sized();
    if (share === undefined || values === undefined) return undefined;
    boxes.push({ subject, share, values });
  }
  if (!reader.done || table === undefined || texts === undefined) return undefined;
  return { sessionKey, next, table, texts, boxes };
}

/** Ids of the subjects of a chunk, from the beginning of its body. */
export function subjectsOf(body: Buffer): string[] {
  const reader = new Reader(body);
  const flags = reader.take(1)?.readUInt8() ?? 0;
  if ((flags & HAS_SESSION_KEY) !== 0) reader.take(WRAPPED_BYTES);
  if ((flags & HAS_NEXT) !== 0) reader.take(8);
  return (reader.many(() => reader.take(SUBJECT_BYTES)) ?? []).map((id) => id.toString("base64url"));
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;
  #failed = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return !this.#failed && this.#at === this.#bytes.length;
  }

  take(length: number): Buffer | undefined {
    if (this.#failed || this.#at + length > this.#bytes.length) {
      this.#failed = true;
      return undefined;
    }
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  sized(): Buffer | undefined {
    return this.take(this.take(4)?.readUInt32BE() ?? 0);
  }

  many(one: () => Buffer | undefined): Buffer[] | undefined {
    const count = this.take(4)?.readUInt32BE() ?? 0;
    const found: Buffer[] = [];
    for (let i = 0; i < count; i++) {
      const next = one();
      if (next === undefined) return undefined;
      found.push(next);
    }
    return found;
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value, 0);
  return bytes;
}
