/**
 * Bytes, text and their encodings, read strictly: one value has exactly one accepted spelling, so that no bit of a signed
 * file can change without the change being seen. Nothing here throws; what does not decode is `undefined`, and the format
 * that asked gives the error its name.
 */

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// ignoreBOM keeps a byte order mark in the text; left out, the decoder would drop those three bytes unseen.
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf8Encoder = new TextEncoder();

export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return utf8Encoder.encode(text);
}

/** The text, or undefined when the bytes are not well-formed UTF-8 (or a given string holds a lone surrogate). */
export function decodeUtf8(input: Uint8Array | string): string | undefined {
  if (typeof input === "string") return input.isWellFormed() ? input : undefined;
  try {
    return utf8Decoder.decode(input);
  } catch {
    return undefined;
  }
}

export function encodeHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

const BASE64_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64_VALUES = new Int8Array(128).fill(-1);
for (let i = 0; i < BASE64_ALPHABET.length; i++) BASE64_VALUES[BASE64_ALPHABET.charCodeAt(i)] = i;

/** RFC 4648 section 4, padded. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const left = bytes.length - i;
    text += BASE64_ALPHABET.charAt(group >>> 18) + BASE64_ALPHABET.charAt((group >>> 12) & 63);
    text += left > 1 ? BASE64_ALPHABET.charAt((group >>> 6) & 63) : "=";
    text += left > 2 ? BASE64_ALPHABET.charAt(group & 63) : "=";
  }
  return text;
}

/**
 * RFC 4648 section 4, padded, and nothing else: no white space, no missing padding, and the unused bits before the padding
 * must be zero (section 3.5: "implementations MAY chose to reject" them; we do, or one signature would have four spellings).
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const digits = text.length - padding;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < digits; i++) {
    const value = BASE64_VALUES[text.charCodeAt(i)] ?? -1;
    if (value < 0) return undefined;
    held = (held << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = held >>> bits;
    held &= (1 << bits) - 1;
  }
  return held === 0 ? bytes : undefined;
}

/** ASCII decimal with no sign, no leading zero, at most 2^53 - 1; anything else is undefined. */
export function parseDecimal(text: string): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
