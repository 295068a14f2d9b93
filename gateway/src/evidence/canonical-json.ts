/**
 * JSON with exactly one spelling per value, so that a leaf means the same bytes to everybody who hashes it: RFC 8785, the
 * JSON Canonicalization Scheme. The verifier has its own writer, which checks every leaf; this one is on the path of every
 * request and made for speed. Never repairs: what has no canonical form (a number that is not finite, a lone surrogate,
 * undefined, anything but plain data) is a bug of the caller and an assertion.
 */

import assert from "node:assert/strict";
import { JSON_DEPTH_MAX } from "@sluice/verifier";

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * The canonical text, without white space. Throws AssertionError when the value has none, or nests deeper than 32. Fastest for
 * a value whose members already stand in canonical order, which leaves do.
 */
export function canonicalJson(value: JsonValue): string {
  // Section 3.2 takes the serialization of ECMAScript for everything but the order of members and lone surrogates.
  return isInOrder(value, JSON_DEPTH_MAX) ? JSON.stringify(value) : write(value, JSON_DEPTH_MAX);
}

/** The canonical text of an object with one more member, which it must not have yet. The object stays as it is. */
export function canonicalJsonWith(value: { readonly [key: string]: JsonValue }, key: string, added: string): string {
  assert(!Object.hasOwn(value, key), "the member is added once");
  const before: Record<string, JsonValue> = {};
  for (const name in value) if (name < key) setMember(before, name, value[name] as JsonValue);
  // Writing those twice, and putting the member into the text, costs less than a copy of the object.
  const text = canonicalJson(value);
  const at = canonicalJson(before).length - 1;
  const member = `${quoted(key)}:${quoted(added)}`;
  const rest = text.slice(at);
  if (at > 1) return `${text.slice(0, at)},${member}${rest}`;
  return `{${member}${rest === "}" ? "" : ","}${rest}`;
}

/** The same members in canonical order; the object itself when it has them so. */
export function inOrder<T extends JsonValue>(members: { readonly [key: string]: T }): { readonly [key: string]: T } {
  let last = "";
  for (const key in members) {
    if (key < last) return sorted(members);
    last = key;
  }
  return members;
}

function sorted<T extends JsonValue>(members: { readonly [key: string]: T }): { readonly [key: string]: T } {
  const ordered: Record<string, T> = {};
  for (const key of Object.keys(members).sort()) setMember(ordered, key, members[key] as T);
  return ordered;
}

/** An assignment to `__proto__` sets the prototype and loses the member: https://tc39.es/ecma262/#sec-object.prototype.__proto__ */
function setMember<T>(members: Record<string, T>, name: string, value: T): void {
  if (name === "__proto__") Object.defineProperty(members, name, { value, enumerable: true, configurable: true });
  else members[name] = value;
}

/** Plain data that JSON.stringify writes canonically. Anything doubtful is not, and `write` decides. */
function isInOrder(value: JsonValue, depth: number): boolean {
  switch (typeof value) {
    case "string":
      return value.isWellFormed();
    case "number":
      return Number.isFinite(value);
    case "boolean":
      return true;
    case "object": {
      if (value === null) return true;
      if (depth === 0) return false;
      if (isArray(value)) return value.every((item) => isInOrder(item, depth - 1));
      let last = "";
      for (const key in value) {
        if (key < last || !key.isWellFormed() || !isInOrder(value[key] as JsonValue, depth - 1)) return false;
        last = key;
      }
      return !("toJSON" in value);
    }
    default:
      return false;
  }
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

function writeObject(value: { readonly [key: string]: JsonValue }, depth: number): string {
  // Section 3.2.3 sorts by UTF-16 code units, which is what the default order of `sort` compares.
  const members = Object.keys(value)
    .toSorted()
    .map((key) => `${quoted(key)}:${write(value[key] as JsonValue, depth)}`);
  return `{${members.join(",")}}`;
}

/** JSON.stringify escapes as section 3.2.2.2 demands, except that it also spells lone surrogates, which must be refused. */
function quoted(text: string): string {
  assert(text.isWellFormed(), "a string in a leaf must not hold a lone surrogate");
  return JSON.stringify(text);
}

function isArray(value: readonly JsonValue[] | { readonly [key: string]: JsonValue }): value is readonly JsonValue[] {
  return Array.isArray(value);
}
