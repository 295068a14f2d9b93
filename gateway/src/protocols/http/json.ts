/**
 * A strict JSON parser (RFC 8259) that keeps source offsets, so that an edit is spliced into the sender's own bytes and
 * everything else survives as it was: number forms, white space, unknown fields. It accepts what `JSON.parse` accepts, less
 * three things on which two readers could disagree about what a document says: an object that names a key twice, nesting
 * beyond the limit, and a lone surrogate. It never puts payload into an error.
 */
import { SluiceError } from "../../core/errors.ts";

/** `start` and `end` are UTF-16 offsets into the source; a string's range includes its quotes. */
export type JsonNode = JsonString | JsonScalar | JsonArray | JsonObject;
export interface JsonString {
  readonly kind: "string";
  readonly start: number;
  readonly end: number;
  readonly value: string;
}
export interface JsonScalar {
  readonly kind: "number" | "true" | "false" | "null";
  readonly start: number;
  readonly end: number;
}
export interface JsonArray {
  readonly kind: "array";
  readonly start: number;
  readonly end: number;
  readonly items: readonly JsonNode[];
}
export interface JsonObject {
  readonly kind: "object";
  readonly start: number;
  readonly end: number;
  readonly members: readonly JsonMember[];
}
export interface JsonMember {
  readonly key: string;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly value: JsonNode;
}

export interface JsonLimits {
  /** Levels of arrays and objects, at most `JSON_DEPTH_CEILING`. */
  readonly depthMax: number;
  /** A provider may cut a surrogate pair between two deltas; a request may not. Default `refuse`. */
  readonly loneSurrogates?: "refuse" | "allow";
}

/** The parser and everything that walks its tree recurse once a level; a higher `depthMax` could exhaust the stack. */
export const JSON_DEPTH_CEILING = 1000;

/** An object up to this size is checked for duplicate keys by comparing, a larger one by a set. */
const KEYS_COMPARED_MAX = 16;

/**
 * Parses one document.
 * @throws SluiceError json_invalid, json_duplicate_key, json_too_deep, json_lone_surrogate; messages carry offsets only.
 */
export function parseJson(text: string, limits: JsonLimits): JsonNode {
  if (limits.depthMax > JSON_DEPTH_CEILING) throw new RangeError(`depthMax is above ${JSON_DEPTH_CEILING}`);
  return new Parser(text, limits).document();
}

class Parser {
  private readonly text: string;
  private readonly depthMax: number;
  private readonly pairs: boolean;
  private at = 0;
  private depth = 0;

  constructor(text: string, limits: JsonLimits) {
    this.text = text;
    this.depthMax = limits.depthMax;
    this.pairs = limits.loneSurrogates !== "allow";
  }

  document(): JsonNode {
    const node = this.value();
    this.space();
    if (this.at !== this.text.length) throw this.invalid(this.at);
    return node;
  }

  private value(): JsonNode {
    this.space();
    const start = this.at;
    const code = this.text.charCodeAt(start);
    switch (code) {
      case 0x22: {
        const value = this.string();
        return { kind: "string", start, end: this.at, value };
      }
      case 0x7b:
        return this.object(start);
      case 0x5b:
        return this.array(start);
      case 0x74:
        return this.literal("true", start);
      case 0x66:
        return this.literal("false", start);
      case 0x6e:
        return this.literal("null", start);
      default:
        return this.number(start, code);
    }
  }

  private object(start: number): JsonObject {
    this.enter(start);
    const members: JsonMember[] = [];
    let seen: Set<string> | undefined;
    this.space();
    if (this.text.charCodeAt(this.at) === 0x7d) return this.leave({ kind: "object", start, end: this.at + 1, members });
    for (;;) {
      this.space();
      const keyStart = this.at;
      if (this.text.charCodeAt(keyStart) !== 0x22) throw this.invalid(keyStart);
      const key = this.string();
      const keyEnd = this.at;
      if (members.length < KEYS_COMPARED_MAX) {
        for (const member of members) if (member.key === key) throw this.duplicate(keyStart);
      } else {
        seen ??= new Set(members.map((member) => member.key));
        if (seen.has(key)) throw this.duplicate(keyStart);
        seen.add(key);
      }
      this.space();
      if (this.text.charCodeAt(this.at) !== 0x3a) throw this.invalid(this.at);
      this.at++;
      members.push({ key, keyStart, keyEnd, value: this.value() });
      this.space();
      const code = this.text.charCodeAt(this.at);
      if (code === 0x7d) return this.leave({ kind: "object", start, end: this.at + 1, members });
      if (code !== 0x2c) throw this.invalid(this.at);
      this.at++;
    }
  }

  private array(start: number): JsonArray {
    this.enter(start);
    const items: JsonNode[] = [];
    this.space();
    if (this.text.charCodeAt(this.at) === 0x5d) return this.leave({ kind: "array", start, end: this.at + 1, items });
    for (;;) {
      items.push(this.value());
      this.space();
      const code = this.text.charCodeAt(this.at);
      if (code === 0x5d) return this.leave({ kind: "array", start, end: this.at + 1, items });
      if (code !== 0x2c) throw this.invalid(this.at);
      this.at++;
    }
  }

  private enter(start: number): void {
    if (++this.depth > this.depthMax) {
      throw new SluiceError("json_too_deep", `JSON is nested deeper than ${this.depthMax} levels at offset ${start}`);
    }
    this.at++;
  }

  private leave<N extends JsonArray | JsonObject>(node: N): N {
    this.depth--;
    this.at = node.end;
    return node;
  }

  /** Reads the string whose opening quote is at `at`; leaves `at` after the closing quote. */
  private string(): string {
    const { text } = this;
    const { length } = text;
    const start = this.at + 1;
    for (let i = start; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code === 0x22) {
        this.at = i + 1;
        return text.slice(start, i);
      }
      if (code === 0x5c) return this.escaped(start, i);
      if (code < 0x20) throw this.invalid(i);
      if (code >= 0xd800 && code <= 0xdfff && this.pairs) i = this.pair(i, code);
    }
    throw this.invalid(length);
  }

  /** The rest of a string that has a backslash at `at`. */
  private escaped(start: number, at: number): string {
    const { text } = this;
    const { length } = text;
    let value = text.slice(start, at);
    let from = at;
    let i = at;
    while (i < length) {
      const code = text.charCodeAt(i);
      if (code === 0x22) {
        this.at = i + 1;
        value += text.slice(from, i);
        return value;
      }
      if (code === 0x5c) {
        value += text.slice(from, i);
        const unit = this.escape(i);
        i += unit.length;
        value += unit.text;
        from = i;
        if (this.pairs && isSurrogate(unit.code)) i = from = this.escapedPair(unit.code, i, (low) => (value += low));
        continue;
      }
      if (code < 0x20) throw this.invalid(i);
      if (code >= 0xd800 && code <= 0xdfff && this.pairs) i = this.pair(i, code);
      i++;
    }
    throw this.invalid(length);
  }

  private escape(at: number): { text: string; code: number; length: number } {
    const letter = this.text.charCodeAt(at + 1);
    if (letter === 0x75) {
      const code = this.hex(at + 2);
      return { text: String.fromCharCode(code), code, length: 6 };
    }
    const short = SHORT_ESCAPES.get(letter);
    if (short === undefined) throw this.invalid(at);
    return { text: short, code: 0, length: 2 };
  }

  private hex(at: number): number {
    let code = 0;
    for (let i = at; i < at + 4; i++) {
      const digit = this.text.charCodeAt(i);
      if (digit >= 0x30 && digit <= 0x39) code = code * 16 + digit - 0x30;
      else if (digit >= 0x61 && digit <= 0x66) code = code * 16 + digit - 0x57;
      else if (digit >= 0x41 && digit <= 0x46) code = code * 16 + digit - 0x37;
      else throw this.invalid(i);
    }
    return code;
  }

  /** A raw surrogate must be the first half of a raw pair. Gives the offset of the second half. */
  private pair(at: number, code: number): number {
    const low = this.text.charCodeAt(at + 1);
    if (code > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) throw this.surrogate(at);
    return at + 1;
  }

  /** An escaped surrogate must be the first half of an escaped pair; a half in each form is two lone ones. */
  private escapedPair(code: number, at: number, add: (low: string) => void): number {
    if (code > 0xdbff || this.text.charCodeAt(at) !== 0x5c || this.text.charCodeAt(at + 1) !== 0x75) {
      throw this.surrogate(at);
    }
    const low = this.hex(at + 2);
    if (!(low >= 0xdc00 && low <= 0xdfff)) throw this.surrogate(at);
    add(String.fromCharCode(low));
    return at + 6;
  }

  private number(start: number, first: number): JsonScalar {
    const { text } = this;
    let i = first === 0x2d ? start + 1 : start;
    if (text.charCodeAt(i) === 0x30) i++;
    else i = this.digits(i);
    if (text.charCodeAt(i) === 0x2e) i = this.digits(i + 1);
    if ((text.charCodeAt(i) | 0x20) === 0x65) {
      const sign = text.charCodeAt(i + 1);
      i = this.digits(sign === 0x2b || sign === 0x2d ? i + 2 : i + 1);
    }
    this.at = i;
    return { kind: "number", start, end: i };
  }

  private digits(at: number): number {
    let i = at;
    for (let code = this.text.charCodeAt(i); code >= 0x30 && code <= 0x39; code = this.text.charCodeAt(i)) i++;
    if (i === at) throw this.invalid(at);
    return i;
  }

  private literal(word: "true" | "false" | "null", start: number): JsonScalar {
    if (!this.text.startsWith(word, start)) throw this.invalid(start);
    this.at = start + word.length;
    return { kind: word, start, end: this.at };
  }

  private space(): void {
    // Most documents have none, and every other character that may follow is above it.
    while (this.text.charCodeAt(this.at) <= 0x20) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at++;
    }
  }

  private invalid(at: number): SluiceError {
    return new SluiceError("json_invalid", `not valid JSON at offset ${at}`);
  }
  private duplicate(at: number): SluiceError {
    return new SluiceError("json_duplicate_key", `an object names a key twice, at offset ${at}`);
  }
  private surrogate(at: number): SluiceError {
    return new SluiceError("json_lone_surrogate", `half of a surrogate pair at offset ${at}`);
  }
}

const SHORT_ESCAPES: ReadonlyMap<number, string> = new Map(
  Object.entries({ '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }).map(
    ([letter, text]) => [letter.charCodeAt(0), text],
  ),
);

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

/** The member of that name, when `node` is an object that has it. */
export function member(node: JsonNode, key: string): JsonNode | undefined {
  if (node.kind !== "object") return undefined;
  for (const candidate of node.members) if (candidate.key === key) return candidate.value;
  return undefined;
}

/** The string of that name, when `node` is an object that has it as a string. */
export function stringMember(node: JsonNode, key: string): string | undefined {
  const value = member(node, key);
  return value?.kind === "string" ? value.value : undefined;
}

/** The whole number ≥ 0 of that name, when `node` is an object that has it and it is exact. */
export function countMember(text: string, node: JsonNode, key: string): number | undefined {
  const value = member(node, key);
  if (value?.kind !== "number") return undefined;
  const count = Number(text.slice(value.start, value.end));
  return Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Splices the edits, given in any order, into the text. Ranges that overlap are a bug of the caller. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  if (edits.length === 0) return text;
  const ordered = edits.every(follows) ? edits : edits.toSorted((a, b) => a.start - b.start);
  let out = "";
  let at = 0;
  for (const edit of ordered) {
    if (edit.start < at) throw new Error("edits overlap");
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + text.slice(at);
}

function follows(edit: Edit, at: number, edits: readonly Edit[]): boolean {
  return at === 0 || edit.start >= (edits[at - 1] as Edit).start;
}

/** The value as a quoted JSON string. U+2028 and U+2029 are escaped: some readers take them for line ends. */
export function jsonString(value: string): string {
  return JSON.stringify(value).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
