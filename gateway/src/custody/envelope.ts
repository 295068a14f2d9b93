/**
 * Envelope encryption of one value of one row: a fresh data key (DEK) encrypts the value, a sealing key encrypts the data key,
 * and both are bound to the place where the row stands. Bytes in, bytes out; keys and randomness are parameters, so a sealing
 * key may be a key-encryption key of the keyring or the key of one data subject. docs/custody.md describes the format for
 * others; test/vectors.json has examples. Never: a data key used twice, a value in an error.
 *
 * Not promised: that a row has not been put back to an earlier sealed value of the same place. Who can write the store can
 * do that; the evidence log shows when it matters.
 */
import { SluiceError } from "../core/errors.ts";
import { decrypt, encrypt, KEY_BYTES, NONCE_BYTES, type Random, TAG_BYTES } from "./aead.ts";

export const PLAINTEXT_BYTES_MAX = 16 * 1024 * 1024;
const PLACE_PART_BYTES_MAX = 1_024;
/** Of key ids: they stand in the sealed value in clear, so they name no person. */
export const KEY_ID = /^[a-z0-9][a-z0-9._:-]{0,63}$/;
const VERSION_MAX = 0xffff_ffff;

/** "SLC" and the version of the format. */
const MAGIC = Uint8Array.of(0x53, 0x4c, 0x43, 0x01);
/** Data key under sealing key and value under data key, both AES-256-GCM. */
const SUITE = 0x01;
const AT_SUITE = MAGIC.length;
const AT_ID_LENGTH = AT_SUITE + 1;
const AT_ID = AT_ID_LENGTH + 1;
const VERSION_BYTES = 4;
const WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/** Where a sealed value stands. It opens nowhere else. */
export interface Place {
  readonly table: string;
  readonly column: string;
  /** Primary key of the row. */
  readonly id: string;
}

/** A key that data keys are wrapped under, and its name on what it sealed. */
export interface SealingKey {
  readonly id: string;
  /** From 1. */
  readonly version: number;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

export type KeyName = Pick<SealingKey, "id" | "version">;

export function seal(under: SealingKey, place: Place, plaintext: Uint8Array, random: Random): Buffer {
  if (plaintext.length > PLAINTEXT_BYTES_MAX)
    throw new SluiceError("body_too_large", `a sealed value holds at most ${PLAINTEXT_BYTES_MAX} bytes`);
  const dek = Uint8Array.from(random(KEY_BYTES));
  try {
    const head = headOf(under);
    const wrapped = encrypt(under.key, dek, keyData(head, place), random);
    return Buffer.concat([head, wrapped, encrypt(dek, plaintext, valueData(place), random)]);
  } finally {
    dek.fill(0);
  }
}

/** Throws `seal_invalid` when it is altered, from another place or under another key. The caller clears the result. */
export function open(under: SealingKey, place: Place, sealed: Uint8Array): Buffer {
  const { name, wrapped, value } = split(sealed, place);
  const dek = unwrap(under, name, place, wrapped);
  try {
    const plaintext = decrypt(dek, value, valueData(place));
    if (plaintext === undefined) throw invalid(place);
    return plaintext;
  } finally {
    dek.fill(0);
  }
}

/** The same value under another key: the data key is wrapped anew, what it encrypts stays byte for byte. */
export function rewrap(from: SealingKey, to: SealingKey, place: Place, sealed: Uint8Array, random: Random): Buffer {
  const { name, wrapped, value } = split(sealed, place);
  const dek = unwrap(from, name, place, wrapped);
  try {
    const head = headOf(to);
    return Buffer.concat([head, encrypt(to.key, dek, keyData(head, place), random), value]);
  } finally {
    dek.fill(0);
  }
}

/** The name of the key that is needed to open it, unproven. Throws `seal_invalid` when it is no sealed value. */
export function sealedUnder(sealed: Uint8Array, place: Place): KeyName {
  return split(sealed, place).name;
}

function unwrap(under: SealingKey, name: KeyName, place: Place, wrapped: Uint8Array): Buffer {
  // What is bound is the name of the key at hand, so what is written must be the same.
  if (name.id !== under.id || name.version !== under.version) throw invalid(place);
  const dek = decrypt(under.key, wrapped, keyData(headOf(under), place));
  if (dek === undefined) throw invalid(place);
  return dek;
}

interface Parts {
  readonly name: KeyName;
  readonly wrapped: Uint8Array;
  readonly value: Uint8Array;
}

function split(sealed: Uint8Array, place: Place): Parts {
  const atVersion = AT_ID + (sealed[AT_ID_LENGTH] ?? 0);
  const atWrapped = atVersion + VERSION_BYTES;
  const atValue = atWrapped + WRAPPED_BYTES;
  if (sealed.length < atValue + NONCE_BYTES + TAG_BYTES) throw invalid(place);
  if (!MAGIC.every((byte, at) => sealed[at] === byte) || sealed[AT_SUITE] !== SUITE) throw invalid(place);
  const id = Buffer.from(sealed.subarray(AT_ID, atVersion)).toString("latin1");
  const version = new DataView(sealed.buffer, sealed.byteOffset).getUint32(atVersion);
  if (!KEY_ID.test(id) || version === 0) throw invalid(place);
  return { name: { id, version }, wrapped: sealed.subarray(atWrapped, atValue), value: sealed.subarray(atValue) };
}

/** magic ‖ suite ‖ length of the key id ‖ key id ‖ key version */
function headOf({ id, version, key }: SealingKey): Buffer {
  if (key.length !== KEY_BYTES) throw new Error(`assertion: a sealing key has ${KEY_BYTES} bytes`);
  if (!KEY_ID.test(id) || !Number.isSafeInteger(version) || version < 1 || version > VERSION_MAX)
    throw new Error("assertion: not the name of a sealing key");
  const head = Buffer.alloc(AT_ID + id.length + VERSION_BYTES);
  head.set(MAGIC);
  head[AT_SUITE] = SUITE;
  head[AT_ID_LENGTH] = id.length;
  head.write(id, AT_ID, "latin1");
  head.writeUInt32BE(version, AT_ID + id.length);
  return head;
}

/** Binds the wrapped data key to its place, to the format and to the key that wraps it. */
function keyData(head: Uint8Array, place: Place): Buffer {
  return Buffer.concat([LABELS.key, head, placeBytes(place)]);
}

/** Binds the value to its place and format. Not to the sealing key, so that another one can take over the data key. */
function valueData(place: Place): Buffer {
  return Buffer.concat([LABELS.value, MAGIC, Uint8Array.of(SUITE), placeBytes(place)]);
}

const LABELS = { key: Buffer.from("sluice sealed key\0"), value: Buffer.from("sluice sealed value\0") } as const;

/** Each part behind its length, so that no two places have the same bytes. */
function placeBytes({ table, column, id }: Place): Buffer {
  return Buffer.concat(
    [table, column, id].flatMap((part) => {
      const bytes = Buffer.from(part, "utf8");
      if (bytes.length === 0 || bytes.length > PLACE_PART_BYTES_MAX)
        throw new Error(`assertion: table, column and id have 1 to ${PLACE_PART_BYTES_MAX} bytes`);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** The id of the row is left out: it may be a person's. */
function invalid({ table, column }: Place): SluiceError {
  return new SluiceError(
    "seal_invalid",
    `a sealed value of ${table}.${column} does not open: it is altered, from another row, or under another key`,
  );
}
