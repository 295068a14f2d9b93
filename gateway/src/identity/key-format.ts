/**
 * What an API key looks like: `sluice_<id>_<secret><check>`. The id is public and names the key in the configuration and on
 * record; the secret is 32 random bytes; the check lets a mistyped or truncated key be refused without any work, and a secret
 * scanner recognise one. A double click selects it whole but for the dashes an id may hold.
 */
import { crc32 } from "node:zlib";

const PREFIX = "sluice";

/** As the configuration's schema has it. */
const ID = /^[a-z0-9][a-z0-9-]{7,63}$/;
/** 43 digits hold 32 bytes; 6 hold a CRC-32. */
const SECRET_CHARS = 43;
const CHECK_CHARS = 6;
const KEY = /^sluice_([a-z0-9][a-z0-9-]{7,63})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

/** Ids are read aloud and copied by hand: no 0, 1, i, l, o or u. */
const ID_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz";
const ID_CHARS = 10;
const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

export interface ParsedKey {
  readonly id: string;
  readonly secret: string;
}

/** Bytes of randomness, in production node:crypto's `randomBytes`. */
export type Random = (bytes: number) => Uint8Array;

export function isKeyId(id: string): boolean {
  return ID.test(id);
}

/** Undefined when the text is no key of ours, a digit of it being wrong included. */
export function parseKey(text: string): ParsedKey | undefined {
  const match = KEY.exec(text);
  if (match === null) return undefined;
  const [, id = "", secret = "", check] = match;
  return checkOf(id, secret) === check ? { id, secret } : undefined;
}

/** A new key under `id`. */
export function formatKey(id: string, random: Random): string {
  const secret = base62(random(32), SECRET_CHARS);
  return `${PREFIX}_${id}_${secret}${checkOf(id, secret)}`;
}

/** Ten characters, 49 bits: an id need not be secret, only its own. */
export function newKeyId(random: Random): string {
  let id = "";
  while (id.length < ID_CHARS) {
    for (const byte of random(ID_CHARS)) {
      // 240 is the largest multiple of 30 in a byte; what lies above would make some characters likelier.
      if (byte < 240 && id.length < ID_CHARS) id += ID_ALPHABET[byte % ID_ALPHABET.length];
    }
  }
  return id;
}

function checkOf(id: string, secret: string): string {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, crc32(`${PREFIX}_${id}_${secret}`));
  return base62(bytes, CHECK_CHARS);
}

/** Big-endian number in base 62, left-padded. */
function base62(bytes: Uint8Array, chars: number): string {
  let number = 0n;
  for (const byte of bytes) number = (number << 8n) | BigInt(byte);
  let text = "";
  for (; number > 0n; number /= 62n) text = `${BASE62[Number(number % 62n)]}${text}`;
  return text.padStart(chars, "0");
}
