/**
 * Order, customer and account numbers: identifiers without a shape of their own, found by the word before them. Needs the
 * word for the thing ("order", "Kunde", "compte") and, unless the number follows directly, a sign that an identifier comes:
 * "number", "no.", "id", "#". Prices, dates, quantities and years are left alone.
 */
import { codeAt, DIGIT, END, isDigitCode, isIn, isLowerCode, isWord, setOf } from "../scanner/characters.ts";
import { type Context, contextBefore, hasWord, lineAbove, meaningAt } from "../scanner/context.ts";
import { atomEnd, atomLength, atomStart, gapAfter, isInsideUrl, isNumber, type Island } from "../scanner/island.ts";
import {
  ACCOUNT,
  CALL,
  CLIENT,
  CUSTOMER,
  ID,
  IS,
  LINK,
  MARKER,
  NUMERAL,
  ORDER,
  OTHER,
  PHONE,
  POSSESSIVE,
  PREFIX,
} from "../scanner/words.ts";
import type { Recognizer, Sink } from "./recognizer.ts";

interface Kind {
  readonly type: string;
  readonly meaning: number;
  readonly why: string;
}

const KINDS: readonly Kind[] = [
  { type: "ORDER_NUMBER", meaning: ORDER, why: "word for an order before it" },
  { type: "CUSTOMER_NUMBER", meaning: CUSTOMER, why: "word for a customer before it" },
  { type: "ACCOUNT_NUMBER", meaning: ACCOUNT, why: "word for an account before it" },
];
const ANY_KIND = ORDER | CUSTOMER | ACCOUNT;

/** How clearly the text says that a number of this kind comes. */
type Strength = "bare" | "announced" | "signed";

interface Label {
  readonly kind: Kind;
  readonly strength: Strength;
}

/** A UUID has 36. */
const CHARS_MAX = 40;
const DIGITS_SIGNED = 2;
/** Digits that a number needs when it follows the word directly, when "number" or a colon announces it, when "#" does. */
const DIGITS_MIN: Readonly<Record<Strength, number>> = { bare: 5, announced: 3, signed: DIGITS_SIGNED };

export const labelled: Recognizer = {
  name: "labelled",
  trigger: DIGIT,
  digitsMin: DIGITS_SIGNED,
  find(island: Island, sink: Sink): void {
    let atom = 0;
    while (atom < island.atoms) {
      let last = atom;
      while (isJoined(island, last)) last++;
      atom = findCluster(island, atom, last, sink) + 1;
    }
  },
};

/** One identifier: letters and digits joined by single hyphens or slashes. */
function isJoined(island: Island, atom: number): boolean {
  const gap = gapAfter(island, atom);
  return gap === 0x2d || gap === 0x2f;
}

/** Returns the last atom that was looked at. */
function findCluster(island: Island, first: number, last: number, sink: Sink): number {
  const { text } = island;
  const start = atomStart(island, first);
  if (atomEnd(island, last) - start > CHARS_MAX) return last;
  // A later group of a number that is written in groups.
  if (first > 0 && gapAfter(island, first - 1) === 0x20 && isNumber(island, first - 1)) return last;
  const digits = digitsIn(text, start, atomEnd(island, last));
  if (digits < DIGITS_SIGNED) return last;
  const dotted = first === last ? dottedAccount(island, first) : -1;
  const signed = start > 0 && text.charCodeAt(start - 1) === 0x23;
  // Most numbers are short, and only a "#" or further groups make something of them.
  if (digits < DIGITS_MIN.announced && !signed && dotted < 0 && gapAfter(island, last) !== 0x20) return last;
  if (!isBounded(island, start, atomEnd(island, dotted < 0 ? last : dotted))) return Math.max(last, dotted);
  const context = contextBefore(text, start);
  const opener = signed && start > 1 ? (text[start - 2] ?? "") : "";
  // `generateNumber(10000)`: an argument.
  if (start > 1 && text.charCodeAt(start - 1) === 0x28 && isWord(text, start - 2)) return last;
  // `&#39;` is a character of HTML, `([#74](…` a link in a change log.
  if (opener === "&" || (opener === "[" && text.charCodeAt(start - 3) === 0x28)) return last;
  const label =
    !signed && !hasWord(0)
      ? labelAbove(island, start, atomEnd(island, dotted < 0 ? last : dotted))
      : readLabel(context, signed, opener === "(" || opener === "[");
  if (label === undefined || isInsideUrl(island, start)) return last;
  if (label.strength !== "signed" && isDate(island, first, last)) return last;
  const account = label.kind.type === "ACCOUNT_NUMBER";
  if (dotted >= 0 && !account) return dotted;
  const to = dotted >= 0 ? dotted : account ? lastGroup(island, last, digits) : last;
  const end = atomEnd(island, to);
  if (digitsIn(text, start, end) < DIGITS_MIN[label.strength]) return last;
  if (label.strength === "bare" && (hasLower(text, start, end) || isRound(text, start, end))) return last;
  const score = label.strength === "bare" ? 0.6 : 0.8;
  sink.add(label.kind.type, signed ? start - 1 : start, end, score, "labelled", label.kind.why);
  return to;
}

/** "order 10000 units": a thousand, or of five digits a hundred, is a quantity more often than a number that was given out. */
function isRound(text: string, start: number, end: number): boolean {
  if (digitsIn(text, start, end) < end - start) return false;
  return text.endsWith("000", end) || (end - start === DIGITS_MIN.bare && text.endsWith("00", end));
}

function hasLower(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (isLowerCode(text.charCodeAt(i))) return true;
  return false;
}

function digitsIn(text: string, start: number, end: number): number {
  let digits = 0;
  for (let i = start; i < end; i++) if (isDigitCode(text.charCodeAt(i))) digits++;
  return digits;
}

const CLOSED_BEFORE = setOf("$€£¥%@+.,-/&*\\");
const CLOSED_BEHIND = setOf("%€$£@°");

/** Not part of an amount, a decimal number, a time, an address or a placeholder. */
function isBounded(island: Island, start: number, end: number): boolean {
  const { text } = island;
  const before = codeAt(text, start - 1);
  if (isIn(CLOSED_BEFORE, before)) return false;
  const after = end < island.end ? text.charCodeAt(end) : END;
  if (before === 0x5b && after === 0x5d) return false;
  if (isIn(CLOSED_BEHIND, after)) return false;
  if (end + 1 < island.end && (after === 0x2e || after === 0x3a) && isWord(text, end + 1)) return false;
  return after !== 0x2c || !isThousands(island, end);
}

/** ",000" or ",50" after a number: an amount. */
function isThousands(island: Island, comma: number): boolean {
  let at = comma + 1;
  while (at < island.end && isDigitCode(island.text.charCodeAt(at))) at++;
  const digits = at - comma - 1;
  return digits > 0 && digits <= 3;
}

function readLabel(context: Context, signed: boolean, bracketed: boolean): Label | undefined {
  // "order # 123", "pedido № 123"; a sign that touches the number counts as signed.
  let announced = context.numberSign && !signed;
  let foreign = 0;
  let told = false;
  for (let word = 0; hasWord(word); word++) {
    const meaning = meaningAt(word);
    if ((meaning & ANY_KIND) !== 0) {
      if ((meaning & CLIENT) !== 0 && (meaningAt(word - 1) & ID) !== 0) return undefined;
      // "executive order 12345", but not the "Re: order 12345" of a mail.
      if ((meaningAt(word + 1) & (PREFIX | LINK)) === PREFIX) return undefined;
      if ((meaning & MARKER) !== 0 || (context.pair && foreign === 0) || announcedBefore(word)) announced = true;
      // "order for the laptop #123" is one; "client: normalize method (#123)" is an issue in a change log.
      if (signed && !announced && (foreign > 1 || (foreign > 0 && bracketed))) return undefined;
      const kind = KINDS.find((row) => (meaning & row.meaning) !== 0) as Kind;
      if (signed) return { kind, strength: "signed" };
      if (announced) return { kind, strength: "announced" };
      // A bare "client 50000" is a setting of a program.
      return foreign > 0 || (meaning & CLIENT) !== 0 ? undefined : { kind, strength: "bare" };
    }
    if ((meaning & MARKER) !== 0) announced = true;
    else if ((meaning & (PHONE | CALL | OTHER)) !== 0) return undefined;
    else if ((meaning & IS) !== 0) told = true;
    else if ((meaning & NUMERAL) === 0) {
      // Between "number" and the number only "of your", "is"; between the thing and "number" anything.
      if ((meaning & LINK) === 0 && !announced && !signed) return undefined;
      // "my order is 12345", "η παραγγελία μου είναι 12345"; but not "order of 12345".
      if ((meaning & LINK) === 0 || (!announced && !told && (meaning & POSSESSIVE) === 0)) foreign++;
    }
  }
  return undefined;
}

/** "Order number" on a line of its own, and the number alone on the next. */
function labelAbove(island: Island, start: number, end: number): Label | undefined {
  const { text } = island;
  const above = end === island.end && endsLine(text, end) ? lineAbove(text, start) : -1;
  if (above < 0) return undefined;
  const label = readLabel(contextBefore(text, above), false, false);
  for (let word = 0; hasWord(word); word++) if (meaningAt(word) === 0) return undefined;
  return label?.strength === "announced" ? label : undefined;
}

function endsLine(text: string, end: number): boolean {
  return end === text.length || "\n\r<".includes(text.charAt(end));
}

/** "number of your order is …": the announcement stands before the thing. */
function announcedBefore(kind: number): boolean {
  for (let word = kind + 1; hasWord(word); word++) {
    const meaning = meaningAt(word);
    if ((meaning & MARKER) !== 0) return true;
    if ((meaning & LINK) === 0) return false;
  }
  return false;
}

function isDate(island: Island, first: number, last: number): boolean {
  if (last - first !== 2) return false;
  for (let atom = first; atom <= last; atom++) if (!isNumber(island, atom)) return false;
  const [a, b, c] = [atomLength(island, first), atomLength(island, first + 1), atomLength(island, last)];
  return b <= 2 && ((a === 4 && c <= 2) || (a <= 2 && (c === 4 || c === 2)));
}

/** "1234.56.78901": Norwegian account numbers; "12.34.56.789": Dutch ones. Other groups with dots are amounts, versions, dates. */
const DOTTED_ACCOUNTS: readonly (readonly number[])[] = [
  [4, 2, 5],
  [2, 2, 2, 3],
];

/** The last atom of an account number with dots that begins with `first`, or -1. */
function dottedAccount(island: Island, first: number): number {
  if (gapAfter(island, first) !== 0x2e) return -1;
  for (const lengths of DOTTED_ACCOUNTS) {
    const last = first + lengths.length - 1;
    let atom = first;
    while (
      atom <= last &&
      isNumber(island, atom) &&
      atomLength(island, atom) === lengths[atom - first] &&
      (atom === last || gapAfter(island, atom) === 0x2e)
    )
      atom++;
    if (atom > last) return last;
  }
  return -1;
}

/** Poland's have the most. */
const ACCOUNT_DIGITS_MAX = 26;

/** Account numbers are often written in groups: "12 3456 7890". */
function lastGroup(island: Island, last: number, digits: number): number {
  let total = digits;
  let atom = last;
  while (gapAfter(island, atom) === 0x20 && isNumber(island, atom + 1)) {
    const length = atomLength(island, atom + 1);
    if (
      length < 2 ||
      total + length > ACCOUNT_DIGITS_MAX ||
      !isBounded(island, atomStart(island, atom + 1), atomEnd(island, atom + 1))
    )
      break;
    total += length;
    atom++;
  }
  // "123 456 789-0": the check digit.
  if (
    atom > last &&
    gapAfter(island, atom) === 0x2d &&
    isNumber(island, atom + 1) &&
    atomLength(island, atom + 1) === 1
  )
    atom++;
  return atom;
}
