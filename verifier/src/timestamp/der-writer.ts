/** Writes DER (ITU-T X.690): each function gives one element, whole. It trusts its caller about what belongs where. */

import { concatBytes } from "../bytes.ts";
import { TAG } from "./der.ts";

export function writeDer(tag: number, ...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = concatBytes(...contents);
  const length = content.length < 0x80 ? [content.length] : longLength(content.length);
  return concatBytes(Uint8Array.of(tag, ...length), content);
}

function longLength(length: number): number[] {
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return [0x80 | digits.length, ...digits];
}

export function writeSequence(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return writeDer(TAG.sequence, ...parts);
}

/** A number that is not negative, given as itself or as its bytes, most significant first. */
export function writeInteger(value: number | Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = typeof value === "number" ? longLength(value).slice(1) : [...value];
  while (bytes[0] === 0) bytes.shift();
  if (bytes.length === 0 || bytes[0]! >= 0x80) bytes.unshift(0);
  return writeDer(TAG.integer, Uint8Array.from(bytes));
}

/** From dotted decimal, of which each arc is below 2^53. */
export function writeOid(dotted: string): Uint8Array<ArrayBuffer> {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return writeDer(TAG.oid, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)));
}

function base128(arc: number): number[] {
  const digits = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift(0x80 | (rest % 128));
  return digits;
}
