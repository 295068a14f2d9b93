/**
 * Canonical JSON (RFC 8785): the one spelling of a JSON value. Leaves are written in it, so that two readers cannot see two
 * meanings in one entry (a key given twice, a number beyond a double) and the same facts always have the same hash.
 */

import { VerifierError } from "./errors.ts";

/** Objects and arrays within one another. */
export const JSON_DEPTH_MAX = 32;

/**
 * Throws canonical_json_impossible for what JSON or I-JSON cannot say: undefined, functions, bigints, NaN and infinities,
 * lone surrogates, and nesting deeper than 32.
 */
export function canonicalJson(value: unknown): string {
  return write(value, JSON_DEPTH_MAX);
}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case "string":
      return writeString(value);
    case "number":
      // ECMAScript's Number-to-String is RFC 8785's number form (section 3.2.2.3); it writes -0 as 0.
      if (!Number.isFinite(value)) throw impossible("a number in JSON is finite");
      return String(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      break;
    default:
      throw impossible("JSON has strings, numbers, booleans, null, arrays and objects");
  }
  if (value === null) return "null";
  if (depth === 0) throw impossible("the JSON is nested too deeply");
  if (Array.isArray(value)) {
    let text = "";
    for (const item of value as unknown[]) text += `${text === "" ? "" : ","}${write(item, depth - 1)}`;
    return `[${text}]`;
  }
  let text = "";
  for (const key of keysOf(value)) {
    const member = (value as Record<string, unknown>)[key];
    text += `${text === "" ? "" : ","}${writeString(key)}:${write(member, depth - 1)}`;
  }
  return `{${text}}`;
}

/**
 * "property name strings ... are sorted ... as arrays of UTF-16 code units" (section 3.2.3): sort()'s own order. A leaf that
 * is checked nearly always has them so already.
 */
function keysOf(object: object): string[] {
  const keys = Object.keys(object);
  for (let i = 1; i < keys.length; i++) if (keys[i - 1]! > keys[i]!) return keys.sort();
  return keys;
}

/** Printable ASCII without quotation mark and backslash stands in JSON as it is. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

function writeString(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw impossible("a string in JSON is well-formed Unicode");
  return JSON.stringify(text);
}

function impossible(message: string): VerifierError {
  return new VerifierError("canonical_json_impossible", message);
}
