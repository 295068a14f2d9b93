/**
 * Keyed deterministic pseudonyms: equal values of one type (as `normalize` sees them) have one pseudonym under one purpose and
 * epoch, so that tables can be joined without the value. One-way for whoever lacks the key; whoever has it can test guesses.
 *
 * 80 bits: among n values of one type, two different ones share a pseudonym with probability about n²/2⁸¹, which is 4·10⁻¹³
 * for a million values and 4·10⁻⁷ for a billion. 60 bits would fail one billion values with probability 0.35; 128 bits cost a
 * language model ten more tokens a value and buy nothing.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { normalize } from "../normalize.ts";
import { textBytes, toBase32 } from "./bytes.ts";
import { checkText, checkType } from "./errors.ts";
import { checkKeys, type OperatorKeys } from "./keys.ts";
import { plainMark, valueMark } from "./marks.ts";

/** `mark`: `[PERSON:7f3a…]`. `plain`: `person_7f3a…`, for columns and identifiers that take no brackets. */
export type PseudonymForm = "mark" | "plain";

const TAG_BYTES = 10;

/** Throws TypeError for wrong arguments. */
export function pseudonym(type: string, value: string, keys: OperatorKeys, form: PseudonymForm = "mark"): string {
  checkType("type", type);
  checkText("value", value);
  checkKeys("keys", keys);
  if (form !== "mark" && form !== "plain") throw new TypeError('form must be "mark" or "plain"');
  const mac = hmac(sha256, keys.derive("pseudonym", type), textBytes(normalize(type, value)));
  const tag = toBase32(mac.subarray(0, TAG_BYTES));
  return form === "mark" ? valueMark(type, tag) : plainMark(type, tag);
}
