/**
 * National, tax, social security, health and identity card numbers of the EU, the EEA, Switzerland and the United Kingdom.
 * What is known of each stands in its row (countries/); this file only weighs: form, check digits, and what the text calls
 * the number. Without a label only those stand that chance brings forth at most once in a thousand.
 */
import { DIGIT, isDigitCode, isGroupSpace, isLowerCode, isUpperCode, isWord, LETTER } from "../scanner/characters.ts";
import { atomLength, isInsideUrl, type Island } from "../scanner/island.ts";
import { compileLabels, type LabelHit, type LabelRow } from "../scanner/labels.ts";
import { LABEL_WORDS } from "../recognizers/document-labels.ts";
import type { Recognizer, Sink } from "../recognizers/recognizer.ts";
import type { Places } from "./checksum.ts";
import { IDENTIFIERS } from "./countries/all.ts";
import { CLOSED, edgesOf, LABELLED, OPEN } from "./edges.ts";
import { GENERAL, OTHER, VAGUE } from "./general-labels.ts";
import type { IdentifierRow, IdentifierType } from "./row.ts";
import {
  compileShapes,
  lastUnit,
  placesOf,
  type Shape,
  shapesOf,
  splitUnits,
  UNIT_CHARS_MAX,
  units,
} from "./shapes.ts";

const SHAPES = compileShapes(IDENTIFIERS, () => true);
/** What is left where no label stands before the number, or one of another kind: most numbers. */
const ALONE_SHAPES = compileShapes(IDENTIFIERS, (shape) => shape.alone);
const SPACE = 0x20;
const HYPHEN = 0x2d;
const SLASH = 0x2f;
const LEADS = new Set(IDENTIFIERS.flatMap((row) => [...(row.leads ?? "")].map((char) => char.charCodeAt(0))));
/** No form has fewer, but for the cards' numbers that are mostly letters: those of CARD_CHARS_MIN and more. */
const DIGITS_MIN = 4;
/** No form without letters has fewer digits, and none at all fewer characters. */
const DIGITS_MIN_ALONE = 5;
const CARD_CHARS_MIN = 9;
const CARD_CHARS_MAX = 11;

// Labels: each row has two ids, one for its phrases and one for those that are short enough to mean something else as well.
const SHORT_CHARS = 3;
const TYPES = Object.keys(GENERAL) as IdentifierType[];
const FIRST_GENERAL = IDENTIFIERS.length * 2;
const VAGUE_ID = FIRST_GENERAL + TYPES.length;
const OTHER_ID = VAGUE_ID + 1;

const LABELS = compileLabels(
  [
    ...IDENTIFIERS.flatMap((row, index): LabelRow[] => [
      { id: index * 2, phrases: row.labels.filter((phrase) => !isShort(phrase)) },
      { id: index * 2 + 1, phrases: row.labels.filter(isShort) },
    ]),
    ...TYPES.map((type, index) => ({ id: FIRST_GENERAL + index, phrases: GENERAL[type] })),
    { id: VAGUE_ID, phrases: VAGUE },
    { id: OTHER_ID, phrases: OTHER },
  ],
  LABEL_WORDS,
);

function isShort(phrase: string): boolean {
  return phrase.replaceAll(/[^\p{L}]/gu, "").length <= SHORT_CHARS;
}

/** How the text speaks of a row's number before the candidate. Higher is surer. */
const NOT = 0;
const NEAR = 1;
const SHORT = 2;
const DIRECT = 3;

/** What stands before the candidate under way. One for all; holds no text. */
const before = {
  /** By row. */
  own: new Uint8Array(IDENTIFIERS.length),
  /** By type, general labels only. */
  general: new Uint8Array(TYPES.length),
  /** A label says that it is somebody's number, and no more. */
  vague: NOT,
  /** Index of the type that the nearest general label directly before it names, or -1. */
  named: -1,
  /** Some label of ours stands directly before it. */
  direct: false,
  /** Any label of ours stands before it, near or directly. */
  any: false,
  /** The nearest label says that the number is of another kind. */
  other: false,
};

function readLabels(text: string, start: number): void {
  if (before.any) {
    before.own.fill(NOT);
    before.general.fill(NOT);
    before.named = -1;
    before.vague = NOT;
    before.direct = false;
  }
  const hit: LabelHit = LABELS.before(text, start);
  before.other = hit.direct[0] === OTHER_ID;
  before.any = !before.other && hit.direct.length + hit.near.length > 0;
  if (!before.any) return;
  for (const id of hit.direct) note(id, DIRECT);
  for (const id of hit.near) note(id, NEAR);
}

function note(id: number, strength: number): void {
  if (id === OTHER_ID) return;
  if (strength === DIRECT) before.direct = true;
  if (id === VAGUE_ID) {
    before.vague = Math.max(before.vague, strength);
    return;
  }
  if (id >= FIRST_GENERAL) {
    const type = id - FIRST_GENERAL;
    before.general[type] = Math.max(before.general[type] as number, strength);
    if (strength === DIRECT && before.named < 0) before.named = type;
    return;
  }
  const row = id >> 1;
  const short = (id & 1) === 1 && strength === DIRECT ? SHORT : strength;
  before.own[row] = Math.max(before.own[row] as number, short);
}

/** How a row is proved: by check digits, by structure ("date of birth"), or not at all. */
const CHECKED = 2;
const STRUCTURED = 1;
const SHAPED = 0;
type Proof = typeof CHECKED | typeof STRUCTURED | typeof SHAPED;

/** What weighing asks of a row. Every one has every field, so that asking is the same for all. */
interface Judged {
  readonly row: IdentifierRow;
  readonly named: IdentifierType;
  readonly type: number;
  readonly country: string;
  readonly leads: boolean;
  readonly check: IdentifierRow["check"];
  readonly alone: IdentifierRow["alone"];
  readonly structured: boolean;
  readonly proof: Proof;
  readonly proven: string;
  /** By wording, each made when it is first needed. */
  readonly whys: string[];
}

const JUDGED: readonly Judged[] = IDENTIFIERS.map((row) => {
  const { type: named, country, check, alone, checkDigits, structure } = row;
  const proof = check === undefined ? SHAPED : checkDigits === undefined ? STRUCTURED : CHECKED;
  const proven = [checkDigits && `check digits (${checkDigits})`, structure].filter(Boolean).join(", ");
  const leads = row.leads !== undefined;
  const structured = structure !== undefined;
  return { row, named, type: TYPES.indexOf(named), country, leads, check, alone, structured, proof, proven, whys: [] };
});

/** Scores by label (columns NOT, NEAR, SHORT, DIRECT) and proof (rows SHAPED, STRUCTURED, CHECKED). */
const OWN: readonly (readonly number[])[] = [
  [0, 0, 0.7, 0.8],
  [0, 0.75, 0.92, 0.95],
  [0, 0.9, 0.97, 0.99],
];
/** The same where the label names the type but no country; the type may be another one, as the PESEL is a tax number too. */
const GENERAL_SAME: readonly (readonly number[])[] = [
  [0, 0, 0, 0],
  [0, 0, 0, 0.8],
  [0, 0.8, 0, 0.94],
];
const GENERAL_OTHER_DIRECT = 0.9;
/** "Identification number", by label as above. */
const VAGUE_CHECKED: readonly number[] = [0, 0, 0, 0.85];
const ALONE = 0.93;
/** The label is there and the form, but the check digits are wrong: mistyped, made up, or of a kind that we do not know. */
const UNPROVEN = 0.6;
/** A form with letters behind a label somewhere on the line. */
const NEAR_LETTERS = 0.55;

/** A label says what the number is, but it fits no form of ours. Tax numbers may be a company's. */
const UNKNOWN = 0.65;
const UNKNOWN_TAX = 0.55;
const TAX = TYPES.indexOf("TAX_ID");
const NATIONAL = TYPES.indexOf("NATIONAL_ID");
const CARD = TYPES.indexOf("ID_CARD_NUMBER");
const UNKNOWN_DIGITS_MIN = 5;
const UNKNOWN_CHARS_MAX = 20;
/** Forms with so many letters may be written in lower case where no label stands. */
const LETTERS_PARTICULAR = 6;
/** Capitals that stand in front of a form, see IdentifierRow.leads. */
const LEADS_MAX = 2;
const LEAD_DIGITS = 6;

/** The best reading of the candidates that begin at one unit. */
const best = { score: 0, row: 0, last: 0, start: 0, label: 0, proof: 0 };

/** What the label, or that there is none, adds to the wording; then what the form does. */
const LABELS_SAID = ["form and ", "label before it, ", "label near it, "] as const;
const SAID_ALONE = 0;
const SAID_BEFORE = 1;
const SAID_NEAR = 2;
const SAID_INVALID = 0;
const SAID_PROVEN = 1;
const SAID_FORM = 2;

function whyOf(judged: Judged): string {
  const index = best.label * LABELS_SAID.length + best.proof;
  const known = judged.whys[index];
  if (known !== undefined) return known;
  const proof =
    best.proof === SAID_INVALID ? "form without valid check digits" : best.proof === SAID_PROVEN ? judged.proven : "";
  const why = (LABELS_SAID[best.label] as string) + (proof || "form");
  judged.whys[index] = why;
  return why;
}

export const identifier: Recognizer = {
  name: "identifier",
  types: TYPES,
  trigger: DIGIT,
  charsMin: DIGITS_MIN_ALONE,
  find(island: Island, sink: Sink): void {
    const digitsMin = (island.classes & LETTER) === 0 ? DIGITS_MIN_ALONE : DIGITS_MIN;
    if (island.digits < digitsMin && !mayHoldCard(island)) return;
    splitUnits(island);
    for (let unit = 0; unit < units.count; unit++) {
      if (units.letters[unit] === -1) continue;
      const last = findAt(island, unit, sink);
      if (last >= 0) unit = last;
    }
  },
};

/** Letters and digits in one word of a card number's length. */
function mayHoldCard(island: Island): boolean {
  for (let atom = 0; atom < island.atoms; atom++) {
    const length = atomLength(island, atom);
    if (length >= CARD_CHARS_MIN && length <= CARD_CHARS_MAX && island.atomClass[atom] === (LETTER | DIGIT))
      return true;
  }
  return false;
}

/** Proposes what begins with `unit`; returns its last unit, or -1. */
function findAt(island: Island, unit: number, sink: Sink): number {
  const { text } = island;
  const start = units.start[unit] as number;
  const length = (units.end[unit] as number) - start;
  const kind = units.letters[unit] === 0 ? "digits" : "letters";
  best.score = 0;
  const lead = length === LEAD_DIGITS ? leadStart(island, start) : start;
  if (lead < start) {
    readLabels(text, lead);
    for (const shape of shapesOf(SHAPES[kind], length, 0)) weigh(island, shape, lead, unit, unit, sink);
  }
  // A word of letters only is no number; it may be the first group of one.
  const single = isWordOnly(unit) ? [] : shapesOf(SHAPES[kind], length, 0);
  const plain = kind === "digits" && single.length > 0;
  // Where it is a part of something else no label helps, and none need be read.
  let read = plain && edgesOf(island, start, start + length, false) !== CLOSED;
  if (read) {
    readLabels(text, start);
    const shapes = before.any ? single : shapesOf(ALONE_SHAPES.digits, length, 0);
    const [some] = shapes;
    const places = some && placesOf(some, text, unit);
    for (const shape of shapes) weigh(island, shape, start, unit, unit, sink, places);
  } else if (!plain) {
    read = weighMatching(island, single, unit, read, sink);
  }
  if (units.gap[unit] !== 0) {
    const next = (units.end[unit + 1] as number) - (units.start[unit + 1] as number);
    if (next <= UNIT_CHARS_MAX) read = weighMatching(island, shapesOf(SHAPES[kind], length, next), unit, read, sink);
  }
  if (best.score === 0) return findUnknown(island, unit, read, sink);
  const judged = JUDGED[best.row] as Judged;
  sink.add(judged.named, best.start, units.end[best.last] as number, best.score, judged.row.id, whyOf(judged));
  return best.last;
}

/** Labels are read when the first form fits: most numbers fit none. Returns whether they are read. */
function weighMatching(island: Island, shapes: readonly Shape[], unit: number, read: boolean, sink: Sink): boolean {
  let done = read;
  for (const shape of shapes) {
    const last = lastUnit(shape, island.text, unit);
    if (last < 0) continue;
    if (!done) readLabels(island.text, units.start[unit] as number);
    done = true;
    weigh(island, shape, units.start[unit] as number, unit, last, sink);
  }
  return done;
}

/** Where the capitals of another script begin that belong to the six digits at `start`: "ΑΒ 123456". */
function leadStart(island: Island, start: number): number {
  if (island.start >= start) return start;
  const { text } = island;
  const code = text.charCodeAt(start - 1);
  let at = isGroupSpace(code) || code === HYPHEN ? start - 1 : start;
  let leads = 0;
  while (at > island.start && leads < LEADS_MAX && LEADS.has(text.charCodeAt(at - 1))) {
    at--;
    leads++;
  }
  return leads === 0 || (at > 0 && isWord(text, at - 1)) ? start : at;
}

/** Keeps the candidate when it is surer than the best so far. */
function weigh(
  island: Island,
  shape: Shape,
  start: number,
  first: number,
  last: number,
  sink: Sink,
  digits?: Places,
): void {
  const judged = JUDGED[shape.row] as Judged;
  const alone = shape.alone && !before.other;
  const own = before.own[shape.row] as number;
  if (!alone && own === NOT && !before.direct && before.vague === NOT && before.general[judged.type] === NOT) return;
  if (!sink.wants(judged.named)) return;
  // Leading letters belong to such a row alone, and without them its form is only a number.
  const leads = start !== units.start[first];
  if (leads ? !judged.leads : judged.leads && shape.letters === 0) return;
  const { text } = island;
  const places = digits ?? placesOf(shape, text, first);
  if (isUniform(places)) return;
  const verdict = judged.check?.(places) ?? "form";
  const passed = verdict !== false;
  if (!passed && own !== DIRECT) return;
  const end = units.end[last] as number;
  const edge = edgesOf(island, start, end, shape.spaced);
  const open = edge === OPEN && !isInsideUrl(island, start);
  if (!open && (edge < LABELLED || !before.direct)) return;
  const letters = lettersOf(text, start, end);
  if (letters === MIXED) return;
  const proof = verdict === "form" ? SHAPED : verdict === "structure" ? STRUCTURED : judged.proof;
  const capital = letters !== LOWER || shape.letters >= LETTERS_PARTICULAR;
  const lone = alone && open && capital && passed && proof !== SHAPED && judged.alone?.(places) !== false;
  let score = lone ? ALONE : 0;
  let said = SAID_ALONE;
  const labelled = byLabel(judged, proof, own, passed, shape);
  if (labelled > score) {
    score = labelled;
    said = own > NEAR || before.named >= 0 ? SAID_BEFORE : SAID_NEAR;
  }
  // Of equals the form that is longer, then the country that the caller named, then the row that stands first.
  const surer = score - best.score || end - (units.end[best.last] as number);
  if (score === 0 || surer < 0 || (surer === 0 && judged.country !== island.region)) return;
  best.score = score;
  best.row = shape.row;
  best.start = start;
  best.last = last;
  best.label = said;
  best.proof = !passed ? SAID_INVALID : proof === judged.proof ? SAID_PROVEN : SAID_FORM;
}

/** A number of persons is asked for as a tax, insurance or even card number; a card's number is asked for as no other. */
function servesAs({ type, structured }: Judged, named: number): boolean {
  if (named === CARD) return type === NATIONAL && structured;
  return type === NATIONAL || (named === NATIONAL && type !== CARD);
}

function byLabel(judged: Judged, proof: Proof, own: number, passed: boolean, shape: Shape): number {
  let score = passed ? ((OWN[proof] as readonly number[])[own] as number) : own === DIRECT ? UNPROVEN : 0;
  if (own === NEAR && proof === SHAPED && shape.letters > 0) score = NEAR_LETTERS;
  if (!passed) return score;
  const { named, general, vague } = before;
  score = Math.max(score, (GENERAL_SAME[proof] as readonly number[])[general[judged.type] as number] as number);
  if (proof !== CHECKED) return score;
  if (named >= 0) return servesAs(judged, named) ? Math.max(score, GENERAL_OTHER_DIRECT) : score;
  return Math.max(score, VAGUE_CHECKED[vague] as number);
}

const NONE = 0;
const UPPER = 1;
const LOWER = 2;
const MIXED = 3;

function lettersOf(text: string, start: number, end: number): number {
  let letters = NONE;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (isUpperCode(code)) letters |= UPPER;
    else if (isLowerCode(code)) letters |= LOWER;
  }
  return letters;
}

/** 000000000 and 111-111-111 fill forms. */
function isUniform(places: Places): boolean {
  for (let i = 1; i < places.length; i++) if (places[i] !== places[0]) return false;
  return true;
}

/** Letters and digits of no form that we know, directly behind "tax number" or "identity card no". */
function findUnknown(island: Island, unit: number, read: boolean, sink: Sink): number {
  const { text } = island;
  const start = units.start[unit] as number;
  // Not in the middle of a longer one; letters in front may be a label, "nhc-739146".
  if (unit > 0 && isJoined(unit - 1) && !isWordOnly(unit - 1)) return -1;
  let last = unit;
  while (isJoined(last)) {
    last++;
    if ((units.end[last] as number) - start > UNKNOWN_CHARS_MAX) return -1;
  }
  const end = units.end[last] as number;
  if (end - start < UNKNOWN_DIGITS_MIN) return -1;
  if (digitsIn(text, start, end) < UNKNOWN_DIGITS_MIN || isDay(unit, last)) return -1;
  if (!read) readLabels(text, start);
  if (before.other || before.named < 0) return -1;
  const type = TYPES[before.named] as IdentifierType;
  if (edgesOf(island, start, end, false) < LABELLED || lettersOf(text, start, end) === MIXED) return -1;
  const score = before.named === TAX ? UNKNOWN_TAX : UNKNOWN;
  sink.add(type, start, end, score, "identifier", "label before it, no form of a country that we know");
  return last;
}

function isWordOnly(unit: number): boolean {
  return units.letters[unit] === 2 ** ((units.end[unit] as number) - (units.start[unit] as number)) - 1;
}

/** The unit goes on in the next: "123-45-6789", "12 345 678". */
function isJoined(unit: number): boolean {
  if (unit + 1 >= units.count || units.letters[unit + 1] === -1) return false;
  const gap = units.gap[unit];
  if (gap === HYPHEN || gap === SLASH) return true;
  return gap === SPACE && units.letters[unit] === 0 && units.letters[unit + 1] === 0;
}

/** 2024-05-01, 1/5/2024. */
function isDay(first: number, last: number): boolean {
  if (last !== first + 2) return false;
  const [a, b, c] = [first, first + 1, last].map((unit) => (units.end[unit] as number) - (units.start[unit] as number));
  return b !== undefined && b <= 2 && ((a === 4 && c === 2) || (c === 4 && a !== undefined && a <= 2));
}

function digitsIn(text: string, start: number, end: number): number {
  let digits = 0;
  for (let i = start; i < end; i++) if (isDigitCode(text.charCodeAt(i))) digits++;
  return digits;
}
