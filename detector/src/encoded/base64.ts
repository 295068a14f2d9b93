/**
 * Base64, base64url and hexadecimal that hold text. A decoder that gives up at the first byte that no text has, which for
 * random data is the second or third: what is not text costs almost nothing. Padding and the alphabet may be either one's.
 * Keeps nothing of what it has decoded.
 */

/** Value of a base64 digit by code unit, 0xff for what is none. */
const VALUE = new Uint8Array(128).fill(0xff);
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
for (let value = 0; value < 64; value++) VALUE[ALPHABET.charCodeAt(value)] = value;
VALUE[0x2d] = 62;
VALUE[0x5f] = 63;

/** https://www.rfc-editor.org/rfc/rfc4648#section-3.5: what a last digit must not hold. */
const SPILL_MASK = [0, 0, 0x0f, 0x03];

/** The bytes of the run under way; grows with the longest run ever decoded. */
let bytes = new Uint8Array(1024);
let size = 0;

/**
 * The text that the base64 digits of [start, end), padding left out, encode; undefined when it is none: not UTF-8, a control
 * character in it, or not a length or last digit that an encoder writes. `cut`: the digits go on behind `end`, so what is left
 * over there proves nothing.
 */
export function textOfBase64(text: string, start: number, end: number, cut = false): string | undefined {
  const spill = (end - start) & 3;
  const last = cut ? end - spill : end;
  if (last - start < 2) return undefined;
  if (!cut && (spill === 1 || ((VALUE[text.charCodeAt(end - 1)] ?? 0xff) & (SPILL_MASK[spill] as number)) !== 0)) {
    return undefined;
  }
  reserve(last - start);
  let bits = 0;
  let held = 0;
  for (let at = start; at < last; at++) {
    const value = VALUE[text.charCodeAt(at)] ?? 0xff;
    if (value === 0xff) return undefined;
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    if (!takes((bits >> held) & 0xff)) return undefined;
  }
  return whole(cut);
}

/** The same for hexadecimal digits of either case. */
export function textOfHex(text: string, start: number, end: number, cut = false): string | undefined {
  const last = cut ? end - ((end - start) & 1) : end;
  if (((last - start) & 1) !== 0 || last === start) return undefined;
  reserve(last - start);
  for (let at = start; at < last; at += 2) {
    const high = hexValue(text.charCodeAt(at));
    const low = hexValue(text.charCodeAt(at + 1));
    if (high < 0 || low < 0 || !takes((high << 4) | low)) return undefined;
  }
  return whole(cut);
}

/**
 * Whether the digits at `start` may begin a text: their first three bytes are looked at, without decoding. A no is certain; of
 * what is no text one in twenty passes.
 */
export function startsAsText(text: string, start: number): boolean {
  const first = VALUE[text.charCodeAt(start)] ?? 0xff;
  // Below 8 it is a control character, from 32 to 47 the second byte of a character.
  if (first < 8 || (first >= 32 && first < 48) || first > 63) return isHexText(text, start);
  const second = VALUE[text.charCodeAt(start + 1)] ?? 0xff;
  const third = VALUE[text.charCodeAt(start + 2)] ?? 0xff;
  const fourth = VALUE[text.charCodeAt(start + 3)] ?? 0xff;
  const wide = first >= 48;
  const one = ((second & 0x0f) << 4) | (third >> 2);
  const two = ((third & 3) << 6) | fourth;
  if (wide ? one >= 0x80 && one < 0xc0 : mayFollow(one))
    if (mayFollow(two) || (two >= 0x80 && (wide || one >= 0xc0))) return true;
  return isHexText(text, start);
}

/** A byte that begins a character. */
function mayFollow(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte >= 0xc2 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isHexText(text: string, start: number): boolean {
  for (let at = start; at < start + 6; at += 2) {
    const upper = hexValue(text.charCodeAt(at));
    if (upper < 0 || hexValue(text.charCodeAt(at + 1)) < 0 || upper < 2 || (upper >= 8 && at === start && upper < 0xc))
      return false;
  }
  return true;
}

/** 0–15, or -1. */
export function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** How many bytes of the character under way are missing, and between which the next must lie. */
let due = 0;
let low = 0x80;
let high = 0xbf;

function reserve(chars: number): void {
  if (bytes.length < chars) bytes = new Uint8Array(chars * 2);
  size = 0;
  expect(0, 0x80, 0xbf);
}

function expect(count: number, from: number, to: number): boolean {
  due = count;
  low = from;
  high = to;
  return true;
}

/** Keeps `byte` when it may come next in UTF-8 without control characters: https://www.rfc-editor.org/rfc/rfc3629#section-4 */
function takes(byte: number): boolean {
  bytes[size++] = byte;
  if (due > 0) return byte >= low && byte <= high && expect(due - 1, 0x80, 0xbf);
  if (byte < 0x80) return byte >= 0x20 ? byte !== 0x7f : byte === 0x09 || byte === 0x0a || byte === 0x0d;
  if (byte < 0xc2 || byte > 0xf4) return false;
  if (byte < 0xe0) return expect(1, byte === 0xc2 ? 0xa0 : 0x80, 0xbf);
  if (byte < 0xf0) return expect(2, byte === 0xe0 ? 0xa0 : 0x80, byte === 0xed ? 0x9f : 0xbf);
  return expect(3, byte === 0xf0 ? 0x90 : 0x80, byte === 0xf4 ? 0x8f : 0xbf);
}

/** TextDecoder is in every runtime that this package names, the edge's included. */
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });
const BY_HAND_MAX = 256;

function whole(cut: boolean): string | undefined {
  if (due > 0 && !cut) return undefined;
  // A character that the cut went through ends in what is none; it is the last, and no value goes on behind it.
  while (due > 0 && size > 0) if ((bytes[--size] as number) >= 0xc0) due = 0;
  const view = bytes.subarray(0, size);
  // Most runs are short and ASCII, and for them the decoder's start costs more than the work.
  const text = size <= BY_HAND_MAX && isAscii(view) ? fromUnits(view) : UTF8.decode(view);
  view.fill(0);
  return text;
}

/** `String.fromCharCode` of an array: spreading it would go through an iterator. */
export function fromUnits(units: Uint8Array | Uint16Array): string {
  const text: unknown = Reflect.apply(String.fromCharCode, undefined, units);
  return String(text);
}

function isAscii(view: Uint8Array): boolean {
  for (const byte of view) if (byte >= 0x80) return false;
  return true;
}
