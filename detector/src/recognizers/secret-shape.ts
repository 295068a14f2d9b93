/**
 * The notation in which the rules write what a token looks like, and its matcher: linear, one pass, never back. `{h32}` is 32
 * characters of class h, `{d10-13}` ten to thirteen, `{w20+}` twenty or more; everything else stands for itself. A
 * literal is the anchor by which the scan finds the token; parts before it are matched to the left. `‹…›` marks the secret when
 * the anchor is only a name (`AccountKey=‹{b86}==›`).
 */
import { isWord } from "../scanner/characters.ts";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
const ALNUM = DIGITS + UPPER + LOWER;

/** Letter → the characters of that class. The documentation prints this table. */
export const SHAPE_CLASSES: Readonly<Record<string, string>> = {
  d: DIGITS,
  h: `${DIGITS}abcdef`,
  x: `${DIGITS}abcdefABCDEF`,
  u: DIGITS + UPPER,
  l: DIGITS + LOWER,
  n: `${DIGITS}${LOWER}-`,
  a: ALNUM,
  w: `${ALNUM}_-`,
  t: `${ALNUM}_-.`,
  b: `${ALNUM}+/`,
  q: `${ALNUM}_~.-`,
  /** RFC 4648 base32. */
  r: `${UPPER}234567`,
  /** Bech32 in upper case. */
  c: "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
  /** crypt(3). */
  k: `${ALNUM}./`,
  /** Padding of base64. */
  "=": "=",
  /** What passwords between other signs are made of. */
  o: `${ALNUM}!#$%*+-._~`,
  /** What passwords on command lines are made of. */
  p: `${ALNUM}!#%*+,-./:=?@^_~|`,
};

const MASK = new Int32Array(128);
const BIT: Record<string, number> = {};
for (const [index, [name, characters]] of Object.entries(SHAPE_CLASSES).entries()) {
  BIT[name] = 1 << index;
  for (const char of characters) MASK[char.charCodeAt(0)] = (MASK[char.charCodeAt(0)] as number) | (1 << index);
}

export interface ShapePart {
  readonly literal: string | undefined;
  /** Name of the class when it is no literal. */
  readonly name: string;
  readonly bit: number;
  readonly min: number;
  readonly max: number;
}

export interface Shape {
  readonly source: string;
  /** What stands before the anchor, nearest last. */
  readonly lead: readonly ShapePart[];
  readonly anchor: string;
  readonly tail: readonly ShapePart[];
  /** Index in `tail` of the first part of the secret, or -1: the secret is the whole match. */
  readonly from: number;
  /** Characters that the shortest match has, and those of them that stand from the anchor on. */
  readonly min: number;
  readonly tailMin: number;
}

const UNBOUNDED = 0x7fff_ffff;
const PART = /\{([a-z=])(\d+)(?:-(\d+)|(\+))?\}|[^{}]+/gy;

/** Throws when the text is not of the notation: rules are code, and a mistake in one must not stay unseen. */
export function parseParts(source: string): ShapePart[] {
  const parts: ShapePart[] = [];
  const plain = source.replaceAll("{uuid}", "{h8}-{h4}-{h4}-{h4}-{h12}");
  PART.lastIndex = 0;
  let at = 0;
  for (let match = PART.exec(plain); match !== null; match = PART.exec(plain)) {
    const [text, name, min = "0", max, open] = match;
    at = PART.lastIndex;
    if (name === undefined) {
      parts.push({ literal: text, name: "", bit: 0, min: text.length, max: text.length });
      continue;
    }
    const least = Number(min);
    const most = open === undefined ? Number(max ?? min) : UNBOUNDED;
    parts.push({ literal: undefined, name, bit: BIT[name] ?? 0, min: least, max: most });
    if (BIT[name] === undefined || most < least) break;
  }
  if (at !== plain.length || parts.length === 0) throw new Error(`not a shape: ${source}`);
  return parts;
}

export function parseShape(source: string): Shape {
  const marked = source.indexOf("‹");
  const head = parseParts(marked < 0 ? source : source.slice(0, marked));
  const rest = marked < 0 ? [] : parseParts(source.slice(marked + 1, source.indexOf("›")));
  const anchorAt = anchorIndex(head);
  const anchor = head[anchorAt]?.literal;
  if (anchor === undefined) throw new Error(`a shape needs an anchor: ${source}`);
  const before = head.slice(anchorAt + 1);
  return {
    source,
    lead: head.slice(0, anchorAt),
    anchor,
    tail: [...before, ...rest],
    from: marked < 0 ? -1 : before.length,
    min: charsOf([...head, ...rest]),
    tailMin: charsOf([...head.slice(anchorAt), ...rest]),
  };
}

/** The literal at the front, else the longest: the rarer the anchor, the fewer the tries. */
function anchorIndex(parts: readonly ShapePart[]): number {
  if (parts[0]?.literal !== undefined) return 0;
  let best = -1;
  for (const [index, { literal }] of parts.entries()) {
    if ((literal?.length ?? 0) > (parts[best]?.literal?.length ?? 0)) best = index;
  }
  return best;
}

/** The characters that may follow the anchor when it has only one itself. */
export function afterAnchor(shape: Shape): string {
  return shape.anchor[1] ?? SHAPE_CLASSES[shape.tail[0]?.name ?? ""] ?? "";
}

function charsOf(parts: readonly ShapePart[]): number {
  return parts.reduce((sum, part) => sum + part.min, 0);
}

/** Where the last match lies: the secret is [start, end), what was drawn at random begins at bodyStart; named: its name stood before it. Reused. */
export const matched = { start: 0, end: 0, bodyStart: 0, reach: 0, named: false };

/**
 * Whether `shape` matches with its anchor at `at`, inside [floor, limit). `matched.reach` says how far was read either way, so
 * that the caller can keep count of the work.
 */
export function matchShape(shape: Shape, text: string, at: number, floor: number, limit: number): boolean {
  matched.reach = at;
  if (at + shape.tailMin > limit || !text.startsWith(shape.anchor, at)) return false;
  let start = at;
  for (let part = shape.lead.length - 1; part >= 0; part--) {
    start = matchLeft(shape.lead[part] as ShapePart, text, start, floor);
    if (start < 0) return false;
  }
  if (shape.lead.length > 0 && start > 0 && continues(text, start - 1, shape.lead[0] as ShapePart)) return false;
  let end = at + shape.anchor.length;
  let secretStart = start;
  const bodyStart = end;
  for (let part = 0; part < shape.tail.length; part++) {
    if (part === shape.from) secretStart = end;
    end = matchRight(shape.tail[part] as ShapePart, text, end, limit);
    if (end < 0) return false;
  }
  const last = shape.tail.at(-1);
  // The full stop that ends the sentence is no part of the token, whatever the class says.
  if (last?.name === "t" || last?.name === "p") while (end > bodyStart && ".,:".includes(text[end - 1] ?? "")) end--;
  matched.reach = Math.max(matched.reach, end);
  if (last !== undefined && end < limit && continues(text, end, last)) return false;
  matched.named = shape.from >= 0;
  matched.start = secretStart;
  matched.end = end;
  matched.bodyStart = shape.lead.length > 0 ? start : Math.max(bodyStart, secretStart);
  return true;
}

function matchLeft(part: ShapePart, text: string, end: number, floor: number): number {
  if (part.literal !== undefined) {
    const start = end - part.literal.length;
    return start >= floor && text.startsWith(part.literal, start) ? start : -1;
  }
  let start = end;
  const least = Math.max(floor, end - part.max);
  while (start > least && (MASK[text.charCodeAt(start - 1)] ?? 0) & part.bit) start--;
  return end - start < part.min ? -1 : start;
}

function matchRight(part: ShapePart, text: string, start: number, limit: number): number {
  if (part.literal !== undefined) {
    const end = start + part.literal.length;
    return end <= limit && text.startsWith(part.literal, start) ? end : -1;
  }
  let end = start;
  const most = Math.min(limit, start + part.max);
  while (end < most && (MASK[text.charCodeAt(end)] ?? 0) & part.bit) end++;
  matched.reach = Math.max(matched.reach, end);
  return end - start < part.min ? -1 : end;
}

/** The token goes on at `at`, so it is not of this length, or not this token. */
function continues(text: string, at: number, part: ShapePart): boolean {
  const code = text.charCodeAt(at);
  // A full stop, and what else only password classes hold, ends a token that has all its characters.
  if (part.literal === undefined && (MASK[code] ?? 0) & part.bit) return code !== 0x2e && part.name !== "p";
  return code !== 0x5f && isWord(text, at);
}

/** Whether [start, end) as a whole is `parts`. */
export function fitsParts(parts: readonly ShapePart[], text: string, start: number, end: number): boolean {
  let at = start;
  for (const part of parts) {
    at = matchRight(part, text, at, end);
    if (at < 0) return false;
  }
  return at === end;
}
