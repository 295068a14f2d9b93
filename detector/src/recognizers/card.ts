/**
 * Payment card numbers, ISO/IEC 7812: issuer prefix, length for that issuer and the Luhn check digit must fit. Written
 * without separators, or in the groups that are embossed on cards, with one space or hyphen between groups. Other
 * groupings are taken for tables of numbers.
 */
import { DIGIT, isGlued } from "../scanner/characters.ts";
import { contextBefore, hasWord, meaningAt } from "../scanner/context.ts";
import { atomEnd, atomLength, atomStart, gapAfter, isInsideUrl, isNumber, type Island } from "../scanner/island.ts";
import { CARD } from "../scanner/words.ts";
import { type Recognizer, type Sink, wording } from "./recognizer.ts";

interface Issuer {
  readonly name: string;
  /** Ranges of leading digits, both ends included, of equal length. */
  readonly prefixes: readonly (readonly [number, number])[];
  readonly lengths: readonly number[];
}

/** First match wins. https://en.wikipedia.org/wiki/Payment_card_number lists the sources of each range. */
const ISSUERS: readonly Issuer[] = [
  { name: "Visa", prefixes: [[4, 4]], lengths: [13, 16, 19] },
  {
    name: "Mastercard",
    prefixes: [
      [51, 55],
      [2221, 2720],
    ],
    lengths: [16],
  },
  {
    name: "American Express",
    prefixes: [
      [34, 34],
      [37, 37],
    ],
    lengths: [15],
  },
  { name: "Mir", prefixes: [[2200, 2204]], lengths: [16, 17, 18, 19] },
  {
    name: "Diners Club",
    prefixes: [
      [300, 305],
      [3095, 3095],
      [36, 36],
      [38, 39],
    ],
    lengths: [14, 16, 19],
  },
  { name: "JCB", prefixes: [[3528, 3589]], lengths: [16, 17, 18, 19] },
  {
    name: "Discover",
    prefixes: [
      [6011, 6011],
      [644, 649],
      [65, 65],
    ],
    lengths: [16, 17, 18, 19],
  },
  {
    name: "UnionPay",
    prefixes: [
      [62, 62],
      [81, 81],
    ],
    lengths: [16, 17, 18, 19],
  },
  {
    name: "RuPay",
    prefixes: [
      [60, 60],
      [82, 82],
      [508, 508],
    ],
    lengths: [16],
  },
  { name: "Troy", prefixes: [[9792, 9792]], lengths: [16] },
  {
    name: "Maestro",
    prefixes: [
      [50, 50],
      [56, 58],
      [61, 61],
      [63, 63],
      [66, 69],
    ],
    lengths: [12, 13, 14, 15, 16, 17, 18, 19],
  },
];

/** First four digits → bit n is set when a card that begins so may have n digits; and the index of the issuer. */
const LENGTHS_OF_LEAD = new Int32Array(10_000);
const ISSUER_OF_LEAD = new Uint8Array(10_000);
for (const [index, { prefixes, lengths }] of [...ISSUERS.entries()].reverse()) {
  for (const [first, last] of prefixes) {
    const width = 10 ** (4 - String(first).length);
    LENGTHS_OF_LEAD.fill(
      lengths.reduce((bits, length) => bits | (1 << length), 0),
      first * width,
      (last + 1) * width,
    );
    ISSUER_OF_LEAD.fill(index, first * width, (last + 1) * width);
  }
}

/** A Diners Club card's. */
const CHARS_SURE = 14;
const DIGITS_MIN = 12;
const DIGITS_MAX = 19;
/** Lengths of the groups on the card; a trailing group of the second row may be shorter. */
const GROUPINGS: readonly (readonly number[])[] = [
  [4, 6, 5],
  [4, 6, 4],
  [4, 4, 4, 4],
  [4, 4, 4, 4, 3],
  [4, 4, 5],
];

const WHY = wording((issuer) => `check digit of Luhn, issuer range of ${issuer}`);

export const card: Recognizer = {
  name: "card",
  trigger: DIGIT,
  digitsMin: DIGITS_MIN,
  find(island: Island, sink: Sink): void {
    for (let atom = 0; atom < island.atoms; atom++) {
      if (!isNumber(island, atom)) continue;
      const length = atomLength(island, atom);
      if (length !== 4 && (length < DIGITS_MIN || length > DIGITS_MAX)) continue;
      const last = length === 4 ? lastGroup(island, atom) : atom;
      if (last < 0 || !standsAlone(island, atom, last)) continue;
      const start = atomStart(island, atom);
      const end = atomEnd(island, last);
      const issuer = issuerOf(island.text, start, end);
      // In a URL only as a parameter's value: page numbers pass Luhn too.
      if (issuer === undefined || (isInsideUrl(island, start) && island.text[start - 1] !== "=")) continue;
      // Maestro's range is a tenth of all numbers of 12 to 19 digits, thirteen digits that begin with a four are a German
      // article's (GS1 prefixes 400 to 440) more often than a Visa card's of before 2000: alone they prove little.
      const sure =
        (!isInRun(island, atom, last) && end - start >= (issuer === "Maestro" ? 16 : CHARS_SURE)) ||
        speaksOfCard(island.text, start);
      sink.add("CARD", start, end, sure ? 0.97 : 0.45, "card", WHY(issuer));
      atom = last;
    }
  },
};

/** A group of four stands before it or behind it as well: an account number, or a table. */
function isInRun(island: Island, first: number, last: number): boolean {
  if (first === last) return false;
  const gap = gapAfter(island, first);
  return (
    (first > 0 && gapAfter(island, first - 1) === gap && isGroup(island, first - 1)) ||
    (gapAfter(island, last) === gap && isGroup(island, last + 1))
  );
}

/** Four characters, a digit among them: "HR54" begins an account number. */
function isGroup(island: Island, atom: number): boolean {
  return atomLength(island, atom) === 4 && ((island.atomClass[atom] as number) & DIGIT) !== 0;
}

function speaksOfCard(text: string, start: number): boolean {
  contextBefore(text, start);
  for (let word = 0; hasWord(word); word++) if ((meaningAt(word) & CARD) !== 0) return true;
  return false;
}

/** The last atom of the longest grouping that begins with `atom` and passes Luhn, or -1. */
function lastGroup(island: Island, atom: number): number {
  const gap = gapAfter(island, atom);
  if (gap !== 0x20 && gap !== 0x2d) return -1;
  let best = -1;
  for (const grouping of GROUPINGS) {
    const last = atom + grouping.length - 1;
    if (last <= best || last >= island.atoms) continue;
    let fits = true;
    for (let i = 0; fits && i < grouping.length; i++) {
      fits = isNumber(island, atom + i) && atomLength(island, atom + i) === grouping[i];
      if (fits && atom + i < last) fits = gapAfter(island, atom + i) === gap;
    }
    if (fits && issuerOf(island.text, atomStart(island, atom), atomEnd(island, last)) !== undefined) best = last;
  }
  return best;
}

/** Not a part of a longer number or identifier: 0.4111…, 550e-4111-…, 4111…-x. */
function standsAlone(island: Island, first: number, last: number): boolean {
  const { text } = island;
  const start = atomStart(island, first);
  const before = start > 0 ? (text[start - 1] ?? "") : "";
  if (before !== "" && "-.,+#$€£&%@".includes(before) && (before !== "-" || (start > 1 && isGlued(text, start - 2))))
    return false;
  const end = atomEnd(island, last);
  if (end + 1 >= island.end) return true;
  const after = text[end] ?? "";
  return !"-.@%&".includes(after) || !isGlued(text, end + 1);
}

/** Name of the issuer when prefix, length and check digit fit. */
function issuerOf(text: string, start: number, end: number): string | undefined {
  const first = text.charCodeAt(start);
  if (first === 0x30 || first === 0x31 || first === 0x37) return undefined;
  let sum = 0;
  let digits = 0;
  for (let i = end - 1; i >= start; i--) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) continue;
    const weighted = (digits & 1) === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
    digits++;
  }
  if (sum % 10 !== 0 || digits < DIGITS_MIN || digits > DIGITS_MAX) return undefined;
  const lead = Number(text.slice(start, start + 4));
  const allowed = LENGTHS_OF_LEAD[lead] as number;
  return (allowed & (1 << digits)) === 0 ? undefined : ISSUERS[ISSUER_OF_LEAD[lead] as number]?.name;
}
