/**
 * JSON with exactly one spelling per value, so that a leaf means the same bytes to everybody who hashes it: RFC 8785, the
 * JSON Canonicalization Scheme. The verifier has its own writer, which checks every leaf; this one is on the path of every
 * request and made for speed. Never repairs: what has no canonical form (a number that is not finite, a lone surrogate,
 * undefined, anything but plain data) is a bug of the caller and an assertion.
 */

import assert from "node:assert/strict";
import { JSON_DEPTH_MAX } from "@sluice/verifier";

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Keys of leaves are few and repeat for ever, values do not; beyond this many, keys are quoted each time. */
const QUOTED_KEYS_MAX = 1024;

/** Strings that stand in JSON as they are: printable ASCII without quote and backslash. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

const quotedKeys = new Map<string, string>();

/** The canonical text, without white space. Throws AssertionError when the value has none, or nests deeper than 32. */
export function canonicalJson(value: JsonValue): string {
  return write(value, JSON_DEPTH_MAX);
}

/** The canonical text of an object with one more member, which it must not have yet, without copying it. */
export function canonicalJsonWith(value: { readonly [key: string]: JsonValue }, key: string, added: string): string {
  assert(!Object.hasOwn(value, key), "the member is added once");
  return writeObject(value, JSON_DEPTH_MAX - 1, key, added);
}

function write(value: JsonValue, depth: number): string {
  switch (typeof value) {
    case "string":
      return quoted(value);
    case "number":
      // Section 3.2.2.3: the serialization of ECMAScript, and neither NaN nor infinities.
      assert(Number.isFinite(value), "a number in a leaf must be finite");
      return String(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      assert(depth > 0, "a leaf nests no deeper than verifiers read");
      return isArray(value)
        ? `[${value.map((item) => write(item, depth - 1)).join(",")}]`
        : writeObject(value, depth - 1);
    default:
      return assert.fail("a leaf holds JSON values only");
  }
}

function writeObject(
  value: { readonly [key: string]: JsonValue },
  depth: number,
  addedKey?: string,
  added: JsonValue = null,
): string {
  const keys = Object.keys(value);
  if (addedKey !== undefined) keys.push(addedKey);
  for (let i = 1; i < keys.length; i++) {
    // Section 3.2.3 sorts by UTF-16 code units, which is what `<` and the default order of `sort` compare.
    if ((keys[i - 1] as string) > (keys[i] as string)) {
      keys.sort();
      break;
    }
  }
  let text = "{";
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    text += (i === 0 ? "" : ",") + quotedKey(key) + write(key === addedKey ? added : (value[key] as JsonValue), depth);
  }
  return `${text}}`;
}

function quotedKey(key: string): string {
  const known = quotedKeys.get(key);
  if (known !== undefined) return known;
  const text = `${quoted(key)}:`;
  if (quotedKeys.size < QUOTED_KEYS_MAX) quotedKeys.set(key, text);
  return text;
}

/** JSON.stringify escapes as section 3.2.2.2 demands, except that it also spells lone surrogates, which must be refused. */
function quoted(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  assert(text.isWellFormed(), "a string in a leaf must not hold a lone surrogate");
  return JSON.stringify(text);
}

function isArray(value: readonly JsonValue[] | { readonly [key: string]: JsonValue }): value is readonly JsonValue[] {
  return Array.isArray(value);
}
