/**
 * The checksums that a stand-in must fail. Each answers for a whole value; which types have which is the business of whoever
 * asks. All of them only read.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** The last digit that makes `body` pass Luhn, ISO/IEC 7812-1 annex B. */
export function luhnDigit(body: string): number {
  let sum = 0;
  for (let back = 0; back < body.length; back++) {
    const digit = body.charCodeAt(body.length - 1 - back) - 0x30;
    const weighted = back % 2 === 0 ? 2 * digit : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return (10 - (sum % 10)) % 10;
}

export function passesLuhn(digits: string): boolean {
  return digits.length > 1 && luhnDigit(digits.slice(0, -1)) === Number(digits.slice(-1));
}

/** ISO/IEC 7812-1: a card number has 12 to 19 digits. */
export const CARD_DIGITS_MIN = 12;
export const CARD_DIGITS_MAX = 19;

/** Digit groups, joined by single separators, that pass for a card: also a part of the groups, which a reader may take alone. */
export function holdsCard(text: string): boolean {
  const groups = text.split(/[^0-9\p{L}]+/u);
  for (let first = 0; first < groups.length; first++) {
    let digits = "";
    for (let last = first; last < groups.length && digits.length <= CARD_DIGITS_MAX; last++) {
      const group = groups[last] ?? "";
      if (!/^[0-9]+$/.test(group)) break;
      digits += group;
      if (digits.length >= CARD_DIGITS_MIN && digits.length <= CARD_DIGITS_MAX && passesLuhn(digits)) return true;
    }
  }
  return false;
}

/** ISO 7064 MOD 97-10 over letters and digits, without separators; valid is 1. */
export function mod97(text: string): number {
  let remainder = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    remainder = code < 0x3a ? (remainder * 10 + code - 0x30) % 97 : (remainder * 100 + code - 55) % 97;
  }
  return remainder;
}

/** The two check digits of an IBAN as a number in [2, 98], ISO 13616-1. */
export function ibanCheck(country: string, account: string): number {
  return 98 - mod97(`${account}${country}00`);
}

export const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
export const BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const BECH32_GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** Base58Check, https://en.bitcoin.it/wiki/Base58Check_encoding: the last four bytes are those of SHA-256 twice. */
export function passesBase58Check(text: string): boolean {
  let number = 0n;
  for (const character of text) {
    const digit = BASE58.indexOf(character);
    if (digit < 0) return false;
    number = number * 58n + BigInt(digit);
  }
  const leadingZeros = /^1*/.exec(text)?.[0].length ?? 0;
  const hex = number === 0n ? "" : number.toString(16);
  const bytes = new Uint8Array(leadingZeros + Math.ceil(hex.length / 2));
  for (let at = bytes.length - 1, rest = number; rest > 0n; at--, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
  if (bytes.length < 5) return false;
  const sum = sha256(sha256(bytes.subarray(0, -4)));
  return bytes.subarray(-4).every((byte, at) => byte === sum[at]);
}

/** Bech32 and Bech32m, https://github.com/bitcoin/bips/blob/master/bip-0350.mediawiki. */
export function passesBech32(text: string): boolean {
  const lower = text.toLowerCase();
  const separator = lower.lastIndexOf("1");
  const prefix = Array.from(lower.slice(0, separator), (character) => character.charCodeAt(0));
  const data = Array.from(lower.slice(separator + 1), (character) => BECH32.indexOf(character));
  if (separator < 1 || data.length < 6 || data.includes(-1)) return false;
  let sum = 1;
  for (const value of [...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...data]) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (let bit = 0; bit < 5; bit++) if ((top >> bit) & 1) sum ^= BECH32_GENERATOR[bit] as number;
  }
  return sum === 1 || sum === 0x2bc830a3;
}

/** EIP-55: the case of each letter is the checksum; an address in one case has none and counts as valid. */
export function passesEip55(text: string): boolean {
  const digits = text.slice(2);
  const lower = digits.toLowerCase();
  if (digits === lower || digits === digits.toUpperCase()) return true;
  const hash = bytesToHex(keccak_256(Uint8Array.from(lower, (character) => character.charCodeAt(0))));
  return (
    Array.from(lower, (digit, at) => (Number.parseInt(hash[at] ?? "0", 16) > 7 ? digit.toUpperCase() : digit)).join(
      "",
    ) === digits
  );
}
