/**
 * An island is a stretch of text that is decided as a whole: a run without delimiter, or several such runs whose numbers
 * are written in groups ("DE89 3704 0044…"). Recognizers look for findings inside one island and may read the text to its
 * left (see context.ts) and the one character at its end, never anything behind that: this is what makes a stream's
 * answer independent of how the text was cut.
 *
 * Atoms are the islands' words: maximal runs of letters and digits, all of the Latin script or none. They live in arrays that are reused from island to
 * island, because the scan must not allocate; an Island is therefore only valid during one call of a recognizer.
 */
import { CLASSES, classAt, DIGIT, FOREIGN, isGroupSpace, LETTER, PAIR } from "./characters.ts";

export interface Island {
  text: string;
  start: number;
  end: number;
  /** OR of the classes of all its characters. */
  classes: number;
  /** ISO country for national phone numbers, when the caller gave one. */
  region: string | undefined;
  /** Number of ASCII digits; most islands hold too few for what a recognizer looks for. */
  digits: number;
  /** Number of atoms. */
  atoms: number;
  atomStart: Int32Array;
  atomEnd: Int32Array;
  /** OR of LETTER and DIGIT; an atom that was cut off at the left counts as LETTER too, so that it is no number. */
  atomClass: Uint8Array;
  /** Number of URLs. */
  urls: number;
  urlStart: Int32Array;
  urlEnd: Int32Array;
}

export function createIsland(): Island {
  return {
    text: "",
    start: 0,
    end: 0,
    classes: 0,
    region: undefined,
    digits: 0,
    atoms: 0,
    atomStart: new Int32Array(64),
    atomEnd: new Int32Array(64),
    atomClass: new Uint8Array(64),
    urls: 0,
    urlStart: new Int32Array(16),
    urlEnd: new Int32Array(16),
  };
}

export function resetIsland(island: Island, text: string, start: number, end: number, classes: number): void {
  island.text = text;
  island.start = start;
  island.end = end;
  island.classes = classes;
  island.digits = 0;
  island.atoms = 0;
  island.urls = 0;
  if ((classes & DIGIT) !== 0) splitAtoms(island);
  if ((classes & PAIR) !== 0) splitUrls(island);
}

/** Forgets the text: what was personal in it must not outlive the call. */
export function releaseIsland(island: Island): void {
  island.text = "";
}

function grown<A extends Int32Array | Uint8Array>(array: A, create: (length: number) => A): A {
  const larger = create(array.length * 4);
  larger.set(array);
  return larger;
}

const ints = (length: number): Int32Array => new Int32Array(length);
const bytes = (length: number): Uint8Array => new Uint8Array(length);

function splitAtoms(island: Island): void {
  const { text, start, end } = island;
  let digits = 0;
  let from = -1;
  let before = start > 0 ? classAt(text, start - 1) & WORD : 0;
  let classes = before !== 0 ? LETTER : 0;
  island.atoms = 0;
  for (let i = start; i <= end; i++) {
    const c = i < end ? (CLASSES[text.charCodeAt(i)] as number) & WORD : 0;
    // The word ends here, or passes from one script to another.
    if (c === 0 || ((c ^ before) & FOREIGN) !== 0) {
      if (from >= 0) addAtom(island, from, i, classes);
      from = -1;
      classes = 0;
    }
    before = c;
    if (c === 0) continue;
    if (from < 0) from = i;
    classes |= c & (LETTER | DIGIT);
    digits += (c & DIGIT) === 0 ? 0 : 1;
  }
  island.digits = digits;
}

const WORD = LETTER | DIGIT | FOREIGN;

function addAtom(island: Island, start: number, end: number, classes: number): void {
  const atom = island.atoms;
  if (atom === island.atomStart.length) growAtoms(island);
  island.atomStart[atom] = start;
  island.atomEnd[atom] = end;
  island.atomClass[atom] = classes;
  island.atoms = atom + 1;
}

function growAtoms(island: Island): void {
  island.atomStart = grown(island.atomStart, ints);
  island.atomEnd = grown(island.atomEnd, ints);
  island.atomClass = grown(island.atomClass, bytes);
}

export function atomStart(island: Island, atom: number): number {
  return island.atomStart[atom] as number;
}

export function atomEnd(island: Island, atom: number): number {
  return island.atomEnd[atom] as number;
}

export function atomLength(island: Island, atom: number): number {
  return atomEnd(island, atom) - atomStart(island, atom);
}

export function isNumber(island: Island, atom: number): boolean {
  return island.atomClass[atom] === DIGIT;
}

/** The character between this atom and the next when there is exactly one, else -1; every group space counts as U+0020. */
export function gapAfter(island: Island, atom: number): number {
  if (atom + 1 >= island.atoms) return -1;
  const at = atomEnd(island, atom);
  if (atomStart(island, atom + 1) !== at + 1) return -1;
  const code = island.text.charCodeAt(at);
  return isGroupSpace(code) ? 0x20 : code;
}

const SCHEME_MAX = 20;

/**
 * Stretches that are URLs (`scheme://…`), found once for all recognizers: numbers in a plain URL are addresses of pages,
 * not of people. A URL inside a URL (`?next=https://…`) belongs to the outer one.
 */
function splitUrls(island: Island): void {
  const { text, start, end } = island;
  let floor = start;
  for (let i = start; i + 2 < end; i++) {
    if (text.charCodeAt(i) !== 0x3a || text.charCodeAt(i + 1) !== 0x2f || text.charCodeAt(i + 2) !== 0x2f) continue;
    const from = schemeStart(text, i, floor);
    if (from < 0) continue;
    const to = urlEnd(text, from, i + 3, end);
    if (island.urls === island.urlStart.length) {
      island.urlStart = grown(island.urlStart, ints);
      island.urlEnd = grown(island.urlEnd, ints);
    }
    island.urlStart[island.urls] = from;
    island.urlEnd[island.urls] = to;
    island.urls++;
    floor = to;
    i = Math.max(i, to - 1);
  }
}

function schemeStart(text: string, colon: number, floor: number): number {
  let at = colon;
  const limit = Math.max(floor, colon - SCHEME_MAX);
  while (at > limit && isSchemeCode(text.charCodeAt(at - 1))) at--;
  while (at < colon && !isAsciiLetter(text.charCodeAt(at))) at++;
  return colon - at >= 2 ? at : -1;
}

function isAsciiLetter(code: number): boolean {
  return (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
}

/** https://www.rfc-editor.org/rfc/rfc3986#section-3.1: letters, digits, "+", "-", ".". */
function isSchemeCode(code: number): boolean {
  return isAsciiLetter(code) || (CLASSES[code] ?? 0) === DIGIT || code === 0x2b || code === 0x2d || code === 0x2e;
}

function urlEnd(text: string, from: number, bodyStart: number, limit: number): number {
  const quoted = from > 0 && text.charCodeAt(from - 1) === 0x27;
  let at = bodyStart;
  let round = 0;
  let square = 0;
  for (; at < limit; at++) {
    const code = text.charCodeAt(at);
    // Characters that RFC 3986 leaves out of URLs; a `'` that opened it closes it, and so does a bracket it did not open.
    if (isGroupSpace(code) || code === 0x5c || code === 0x5e || code === 0x7c || code === 0x7b || code === 0x7d) break;
    if (quoted && code === 0x27) break;
    if (code === 0x28) round++;
    else if (code === 0x5b) square++;
    else if ((code === 0x29 && --round < 0) || (code === 0x5d && --square < 0)) break;
  }
  while (at > bodyStart && ".,;:!?'*".includes(text[at - 1] ?? "")) at--;
  return at;
}

export function isInsideUrl(island: Island, at: number): boolean {
  for (let url = 0; url < island.urls; url++) {
    if (at < (island.urlStart[url] as number)) return false;
    if (at < (island.urlEnd[url] as number)) return true;
  }
  return false;
}
