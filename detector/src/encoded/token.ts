/**
 * Tokens that are one encoded text: base64, base64url, hexadecimal. A run of their digits may be exactly one, or one in a path or
 * a dashed name (`/files/am9obkB…/view`), so the run is tried as a whole and then between its signs. What is no text is refused
 * at its first bytes; no character is read more than a handful of times.
 */
import { hexValue, textOfBase64, textOfHex } from "./base64.ts";
import { ENCODED_CLASSES, RUN } from "./characters.ts";

/** The shortest token that holds a value worth hiding: twelve characters in base64, eight in hexadecimal. */
export const TOKEN_CHARS_MIN = 16;
/** Longer runs are read in pieces of so many, a multiple of four. */
export const TOKEN_CHARS_MAX = 4096;
/** A run that was cut off at its left may begin at any of the four digits of a group. */
const GROUP = 4;
/** Shorter runs are not tried at all four: by chance one of them decodes. */
export const CUT_CHARS_MIN = 64;

/** Whether so many digits of base64 or more stand side by side in [start, end). */
export function holdsRun(text: string, start: number, end: number): boolean {
  for (let at = start, run = 0; at < end; at++) {
    run = ((ENCODED_CLASSES[text.charCodeAt(at)] as number) & RUN) === 0 ? 0 : run + 1;
    if (run === TOKEN_CHARS_MIN) return true;
  }
  return false;
}

export type TokenFound = (text: string, start: number, end: number, form: "base64" | "hex") => void;

/** Calls `found` with each text in the run [start, end). `cutLeft`, `cutRight`: the chunk ends there, the run may not. */
export function eachToken(
  text: string,
  start: number,
  end: number,
  cutLeft: boolean,
  cutRight: boolean,
  found: TokenFound,
): void {
  for (let from = start; from < end; from += TOKEN_CHARS_MAX) {
    const to = Math.min(end, from + TOKEN_CHARS_MAX);
    if (from > start && to - from < TOKEN_CHARS_MIN) return;
    eachInPiece(text, from, to, cutLeft && from === start, to < end || cutRight, found);
  }
}

function eachInPiece(
  text: string,
  start: number,
  end: number,
  cutLeft: boolean,
  cutRight: boolean,
  found: TokenFound,
): void {
  if (tryToken(text, start, end, cutRight, found)) return;
  if (cutLeft && end - start >= CUT_CHARS_MIN) {
    for (let skip = 1; skip < GROUP; skip++) {
      const inner = either(textOfBase64, text, start + skip, end, cutRight);
      if (inner !== undefined) {
        found(inner, start, end, "base64");
        return;
      }
    }
  }
  let from = start;
  for (let at = start; at <= end; at++) {
    if (at < end && !isTokenSign(text.charCodeAt(at))) continue;
    if (at - from >= TOKEN_CHARS_MIN && at - from < end - start)
      tryToken(text, from, at, cutRight && at === end, found);
    from = at + 1;
  }
}

function tryToken(text: string, start: number, end: number, cut: boolean, found: TokenFound): boolean {
  const hex = isHex(text, start, end) ? either(textOfHex, text, start, end, cut) : undefined;
  if (hex !== undefined) {
    found(hex, start, end, "hex");
    return true;
  }
  const inner = either(textOfBase64, text, start, end, cut);
  if (inner === undefined) return false;
  found(inner, start, end, "base64");
  return true;
}

/** A run that reaches the end of its chunk mostly ends there, and then all of it counts. */
function either(read: typeof textOfBase64, text: string, start: number, end: number, cut: boolean): string | undefined {
  return read(text, start, end) ?? (cut ? read(text, start, end, true) : undefined);
}

/** Most runs are not, and say so within a few characters. */
function isHex(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (hexValue(text.charCodeAt(at)) < 0) return false;
  return true;
}

export function isTokenSign(code: number): boolean {
  return code === 0x2f || code === 0x2d || code === 0x5f || code === 0x2b;
}
