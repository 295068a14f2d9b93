/**
 * Text as bytes and bytes as text, without loss: every JavaScript string comes back as it was, half surrogate pairs and byte
 * order marks included. Pure, no Buffer, no platform codec that repairs what it reads.
 */
import { bytesToUtf8, concatBytes, utf8ToBytes } from "@noble/ciphers/utils.js";

const UTF8 = 0;
const UTF16 = 1;
const BYTE_ORDER_MARK = 0xfeff;

/** Injective: one byte for the encoding, then UTF-8, or UTF-16 (big-endian) for what the UTF-8 codecs would repair. */
export function textBytes(text: string): Uint8Array {
  if (text.isWellFormed() && text.charCodeAt(0) !== BYTE_ORDER_MARK)
    return concatBytes(Uint8Array.of(UTF8), utf8ToBytes(text));
  const bytes = new Uint8Array(1 + 2 * text.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, UTF16);
  for (let at = 0; at < text.length; at++) view.setUint16(1 + 2 * at, text.charCodeAt(at));
  return bytes;
}

/** The other way round; undefined for bytes that `textBytes` does not make. */
export function bytesText(bytes: Uint8Array): string | undefined {
  if (bytes[0] === UTF8) return bytesToUtf8(bytes.subarray(1));
  if (bytes[0] !== UTF16 || bytes.length % 2 !== 1) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = "";
  for (let at = 1; at < bytes.length; at += 2) text += String.fromCharCode(view.getUint16(at));
  return text;
}

/** Several strings as one, so that no two lists of strings are the same bytes. */
export function frame(...parts: readonly string[]): Uint8Array {
  return textBytes(parts.map((part) => `${part.length}:${part}`).join(""));
}

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** https://www.rfc-editor.org/rfc/rfc4648#section-5, without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const word = ((bytes[at] as number) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let sextet = 0; sextet < Math.min(left, 3) + 1; sextet++)
      text += BASE64URL[(word >> (18 - 6 * sextet)) & 63] as string;
  }
  return text;
}

/** Undefined for what `toBase64Url` does not write: one token has one spelling. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let written = 0;
  let word = 0;
  let bits = 0;
  for (const character of text) {
    const sextet = BASE64URL.indexOf(character);
    if (sextet < 0) return undefined;
    word = ((word << 6) | sextet) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[written++] = (word >> bits) & 0xff;
  }
  return bits < 6 && (word & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}

/** Crockford's alphabet in lower case: no i, l, o, u, so that nothing is misread and few words appear. */
export const BASE32 = "0123456789abcdefghjkmnpqrstvwxyz";

/** Five bits a character. The length must be a multiple of five bytes. */
export function toBase32(bytes: Uint8Array): string {
  let text = "";
  let word = 0;
  let bits = 0;
  for (const byte of bytes) {
    word = ((word << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(word >> bits) & 31] as string;
    }
  }
  return text;
}
