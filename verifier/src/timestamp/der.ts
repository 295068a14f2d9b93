/**
 * Reads DER (ITU-T X.690), and only DER: one value has one accepted spelling. The whole of an input is held to the rules
 * before any of it is used: definite minimal lengths, minimal integers and object identifiers, canonical booleans, times and
 * bit strings, sets in order, nothing after the end, limits on size and depth. It knows no format that is written in DER.
 */

import { VerifierError } from "../errors.ts";

/** A token with a long chain has some 10 KB. */
export const DER_BYTES_MAX = 65_536;
const DEPTH_MAX = 24;
const ELEMENTS_MAX = 8_192;

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The tag [n], n below 31, around another element (constructed) or in place of a primitive one's. */
export const explicitTag = (n: number): number => 0xa0 | n;
export const implicitTag = (n: number): number => 0x80 | n;

/** One element, all of whose parts have been checked. */
export interface Der {
  readonly tag: number;
  readonly content: Uint8Array<ArrayBuffer>;
  /** With tag and length: what is hashed and compared. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The one element that the input is. Throws der_malformed. */
export function readDer(input: Uint8Array): Der {
  if (input.length > DER_BYTES_MAX) throw malformed("the input has more than 65,536 bytes");
  const bytes = input.slice();
  const der = elementAt(bytes, 0);
  if (der.bytes.length !== bytes.length) throw malformed("there are bytes after the end");
  let elements = 0;
  const check = (element: Der, depth: number): void => {
    elements += 1;
    if (depth > DEPTH_MAX || elements > ELEMENTS_MAX) throw malformed("the elements are too many or too deep");
    if ((element.tag & CONSTRUCTED) === 0) {
      PRIMITIVES.get(element.tag)?.(element.content);
      return;
    }
    const parts = split(element.content);
    for (const part of parts) check(part, depth + 1);
    if (element.tag === TAG.set) assertInOrder(parts);
  };
  check(der, 1);
  return der;
}

/** The parts of a constructed element, in order. Taken one by one; what is not expected is malformed. */
export class Fields {
  readonly #parts: readonly Der[];
  readonly #of: string;
  #next = 0;

  /** `of` names the structure in messages. Throws der_malformed when it is not a sequence, or what `tag` says. */
  constructor(der: Der, of: string, tag: number = TAG.sequence) {
    if (der.tag !== tag || (tag & CONSTRUCTED) === 0) throw malformed(`${of}: a structure was expected`);
    this.#parts = split(der.content);
    this.#of = of;
  }

  get left(): number {
    return this.#parts.length - this.#next;
  }

  /** The next part, which must have this tag. */
  take(tag: number): Der {
    const part = this.optional(tag);
    if (part === undefined) throw malformed(`${this.#of}: a part is missing or of another type`);
    return part;
  }

  /** The next part, whatever it is. */
  any(): Der {
    const part = this.#parts[this.#next];
    if (part === undefined) throw malformed(`${this.#of}: a part is missing`);
    this.#next += 1;
    return part;
  }

  /** The next part if it has this tag. */
  optional(tag: number): Der | undefined {
    const part = this.#parts[this.#next];
    if (part?.tag !== tag) return undefined;
    this.#next += 1;
    return part;
  }

  /** All that are left, each with this tag. */
  rest(tag: number): Der[] {
    const parts: Der[] = [];
    while (this.left > 0) parts.push(this.take(tag));
    return parts;
  }

  /** Nothing more may come. */
  end(): void {
    if (this.left > 0) throw malformed(`${this.#of}: a part is not expected`);
  }
}

/** The one element inside of [n] EXPLICIT. */
export function inner(der: Der, tag: number, of: string): Der {
  const fields = new Fields(der, of, der.tag);
  const part = fields.take(tag);
  fields.end();
  return part;
}

/** The elements of a set, which may be tagged implicitly, in the order that DER prescribes (X.690 section 11.6). */
export function elementsInOrder(der: Der): Der[] {
  const parts = split(der.content);
  assertInOrder(parts);
  return parts;
}

export function readBoolean(der: Der): boolean {
  return der.content[0] === 0xff;
}

/** A number from 0 to 2^31 - 1. Throws der_malformed for any other. */
export function readNumber(der: Der): number {
  const [first = 0] = der.content;
  if (der.content.length > 4 || first >= 0x80) throw malformed("a small number was expected");
  return der.content.reduce((value, byte) => value * 256 + byte, 0);
}

/** The magnitude without leading zeroes, empty for 0. Throws der_malformed for a negative number. */
export function readPositive(der: Der): Uint8Array<ArrayBuffer> {
  const [first = 0] = der.content;
  if (first >= 0x80) throw malformed("a number is negative");
  return first === 0 ? der.content.subarray(1) : der.content;
}

/** In dotted decimal. */
export function readOid(der: Der): string {
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const byte of der.content) {
    arc = arc * 128n + BigInt(byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [both = 0n, ...rest] = arcs;
  const first = both < 80n ? both / 40n : 2n;
  return [first, both - first * 40n, ...rest].join(".");
}

/** The bytes of a bit string whose length is a whole number of them. */
export function readBytes(der: Der): Uint8Array<ArrayBuffer> {
  if (der.content[0] !== 0) throw malformed("a bit string of whole bytes was expected");
  return der.content.subarray(1);
}

/** Milliseconds since 1970 of a UTCTime (1950 to 2049, RFC 5280 section 4.1.2.5.1) or GeneralizedTime; what is finer is cut off. */
export function readTime(der: Der): number {
  const digits = ascii(der.content).slice(0, -1);
  const short = der.tag === TAG.utcTime;
  const year = short ? `${Number(digits.slice(0, 2)) >= 50 ? "19" : "20"}${digits.slice(0, 2)}` : digits.slice(0, 4);
  const [whole = "", fraction = ""] = digits.slice(short ? 2 : 4).split(".");
  const [month, day, hour, minute, second] = whole.match(/../g) ?? [];
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, "0").slice(0, 3)}Z`;
  const time = Date.parse(text);
  // A day that a month does not have is moved on by some readers: only what is written back the same is a time.
  if (Number.isNaN(time) || new Date(time).toISOString() !== text) throw malformed("a time is none");
  return time;
}

const CONSTRUCTED = 0x20;
const CONTEXT = 0x80;

function elementAt(bytes: Uint8Array<ArrayBuffer>, start: number): Der {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined) throw malformed("the input ends within an element");
  assertTag(tag);
  let at = start + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first & 0x7f;
    // 0: the indefinite form, which is BER. Three bytes count further than any input is long.
    if (count === 0 || count > 3) throw malformed("a length is indefinite or too large");
    length = 0;
    for (const end = at + count; at < end; at++) length = length * 256 + (bytes[at] ?? 0);
    if (length < 0x80 || length < 256 ** (count - 1)) throw malformed("a length is not in its shortest form");
  }
  const end = at + length;
  if (end > bytes.length) throw malformed("the input ends within an element");
  return { tag, content: bytes.subarray(at, end), bytes: bytes.subarray(start, end) };
}

function split(content: Uint8Array<ArrayBuffer>): Der[] {
  const parts: Der[] = [];
  for (let at = 0; at < content.length; ) {
    const part = elementAt(content, at);
    parts.push(part);
    at += part.bytes.length;
  }
  return parts;
}

function assertTag(tag: number): void {
  const isContext = (tag & 0xc0) === CONTEXT && (tag & 0x1f) !== 0x1f;
  const isKnown = tag === TAG.sequence || tag === TAG.set || PRIMITIVES.has(tag);
  if (!isContext && !isKnown) throw malformed("an element is of a type that is not read here");
}

function assertInOrder(parts: readonly Der[]): void {
  for (let i = 1; i < parts.length; i++) {
    if (compare(parts[i - 1]!.bytes, parts[i]!.bytes) > 0) throw malformed("a set is not in order");
  }
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 64));
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** What a primitive of each type must look like; a type that is not here is refused. */
const PRIMITIVES: ReadonlyMap<number, (content: Uint8Array) => void> = new Map([
  [
    TAG.boolean,
    (content) => {
      if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw malformed("a boolean is 00 or FF");
    },
  ],
  [TAG.integer, assertInteger],
  [
    TAG.bitString,
    (content) => {
      const [unused, last] = [content[0], content.at(-1) ?? 0];
      if (unused === undefined || unused > 7) throw malformed("a bit string is none");
      if (unused > 0 && (content.length === 1 || (last & ((1 << unused) - 1)) !== 0)) {
        throw malformed("the unused bits of a bit string are zero");
      }
    },
  ],
  [TAG.octetString, () => undefined],
  [
    TAG.null,
    (content) => {
      if (content.length > 0) throw malformed("a null is empty");
    },
  ],
  [
    TAG.oid,
    (content) => {
      const isWhole = content.length > 0 && content.length <= 64 && (content.at(-1) ?? 0) < 0x80;
      const isShort = content.every((byte, i) => byte !== 0x80 || (content[i - 1] ?? 0) >= 0x80);
      if (!isWhole || !isShort) throw malformed("an object identifier is none");
    },
  ],
  // ENUMERATED
  [0x0a, assertInteger],
  [
    TAG.utf8String,
    (content) => {
      try {
        utf8.decode(content);
      } catch {
        throw malformed("a text is not UTF-8");
      }
    },
  ],
  [TAG.utcTime, (content) => assertShape(content, /^\d{12}Z$/)],
  [TAG.generalizedTime, (content) => assertShape(content, /^\d{14}(?:\.\d{0,19}[1-9])?Z$/)],
  // The other texts of names: Numeric-, Printable-, Teletex-, IA5-, Visible-, Universal- and BMPString.
  ...[0x12, 0x13, 0x14, 0x16, 0x1a, 0x1c, 0x1e].map((tag) => [tag, () => undefined] as const),
]);

function assertInteger(content: Uint8Array): void {
  const [first, second = 0] = content;
  if (first === undefined) throw malformed("an integer is empty");
  if (content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    throw malformed("an integer is not in its shortest form");
  }
}

function assertShape(content: Uint8Array, shape: RegExp): void {
  if (!shape.test(ascii(content))) throw malformed("a time is not in the form of DER");
}

function malformed(message: string): VerifierError {
  return new VerifierError("der_malformed", message);
}
