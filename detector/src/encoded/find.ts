/**
 * Personal data that is written so that plain recognizers do not see it. Reads one chunk and nothing outside of it, so its answer
 * does not depend on how a stream was cut. Ordinary text costs nothing (the engine has looked at it); only a chunk in which something is
 * encoded is decoded and shown to the recognizers again. What is found lies where the encoded form stands: exactly for what is
 * encoded character by character, the whole token for base64 and hexadecimal.
 *
 * Budget: two encodings one in the other, and DECODED_PER_CHAR decoded characters for each of the chunk, so for each of
 * the text, whatever it holds. Encodings of one level never use it up.
 */
import type { Sink } from "../recognizers/recognizer.ts";
import { HIDES, LONG } from "../scanner/characters.ts";
import { ANY } from "../scanner/chunks.ts";
import type { Finding } from "../types.ts";
import { startsAsText } from "./base64.ts";
import { ENCODED_CLASSES, FOREIGN, LOOKALIKE, MARK, RUN } from "./characters.ts";
import { type Decoded, decodeInline, formNames, formsIn, hidesHere, isMixed, opensUnit, through } from "./inline.ts";
import { CUT_CHARS_MIN, eachToken, isTokenSign, TOKEN_CHARS_MIN } from "./token.ts";

/** Finds plain personal data in a text. It must not look for encoded data in turn. */
export type DetectPlain = (text: string) => readonly Finding[];

/** Decoded characters that the recognizers are shown, for each character of the chunk. */
const DECODED_PER_CHAR = 4;
/** Digits of the shortest token, whose padding is two more. */
const DIGITS_MIN = TOKEN_CHARS_MIN - 2;
/** However sure the inner finding is, it might be chance that the text decodes to it. */
const TRUST = 0.95;
/** How much of what stands before a token is shown with it, so that a label counts: `"phone": "MDMw…"`. */
const LABEL_CHARS = 32;
const LABEL_ENDS = ":=\"' >(";
const PADDING = 0x3d;
const PADDING_MAX = 2;

/** Runs of base64 digits in the text looked at last that may hold a text: their starts and ends in turn. */
let runs = new Int32Array(64);
let runCount = 0;

/** Adds to `sink` what [from, to) of `text`, one chunk, hides. `classes`: what it holds at most. */
export function findEncoded(
  text: string,
  from: number,
  to: number,
  detectPlain: DetectPlain,
  sink: Sink,
  classes = ANY,
): void {
  // Most chunks end here: no long run, no character of a class that hides (padding is of one).
  if ((classes & (HIDES | LONG)) === 0) return;
  const inline = look(text, from, to);
  if (!inline && runCount === 0) return;
  const found = foundRuns(from);
  const chunk = { text: text.slice(from, to), from, detectPlain, sink, left: DECODED_PER_CHAR * (to - from) };
  if (inline) findInline(chunk);
  eachTokenIn(chunk.text, found, (inner, token) => findInToken(chunk, inner, token));
}

/** Fills `runs`, and says whether anything is encoded inline. */
function look(text: string, from: number, to: number): boolean {
  runCount = 0;
  const classes = ENCODED_CLASSES;
  let inline = false;
  let start = from;
  for (let at = from; at < to; at++) {
    const c = classes[text.charCodeAt(at)] as number;
    if (c === RUN) continue;
    if (at - start >= DIGITS_MIN) lookAtRun(text, start, at, from);
    if (c !== 0 && !inline) inline = lookAt(text, at, c, from, to, at > start);
    start = at + 1;
  }
  if (to - start >= TOKEN_CHARS_MIN) lookAtRun(text, start, to, from);
  return inline;
}

/** Whether the character at `at` is a reason to decode. `behindRun`: a digit of base64, and so a letter or digit, stands before it. */
function lookAt(text: string, at: number, c: number, from: number, to: number, behindRun: boolean): boolean {
  if ((c & MARK) !== 0) return opensUnit(text, at, to);
  // Cyrillic and Greek texts are full of letters that look like Latin ones: only their meeting with Latin ones counts.
  if ((c & FOREIGN) !== 0) return false;
  if ((c & LOOKALIKE) !== 0)
    return (
      (behindRun || (at + 1 < to && ENCODED_CLASSES[text.charCodeAt(at + 1)] === RUN)) && isMixed(text, at, from, to)
    );
  return hidesHere(text, at, from, to);
}

/** Keeps the run [start, end) when it, or a part of it between signs, may be a text. */
function lookAtRun(text: string, start: number, end: number, from: number): void {
  // Behind the digits the padding counts.
  if (end - start < TOKEN_CHARS_MIN && text.charCodeAt(end) !== PADDING) return;
  let hopeful = startsAsText(text, start) || (start === from && end - start >= CUT_CHARS_MIN);
  for (let at = start; at < end - TOKEN_CHARS_MIN && !hopeful; at++) {
    hopeful = isTokenSign(text.charCodeAt(at)) && startsAsText(text, at + 1);
  }
  if (!hopeful) return;
  if (runCount + 2 > runs.length) {
    const larger = new Int32Array(runs.length * 4);
    larger.set(runs);
    runs = larger;
  }
  runs[runCount++] = start;
  runs[runCount++] = end;
}

/** The runs that `look` has left, counted from `origin`: a copy, for what they hold is looked at in turn. */
function foundRuns(origin: number): Int32Array {
  const found = runs.slice(0, runCount);
  if (origin > 0) for (let index = 0; index < found.length; index++) (found[index] as number) -= origin;
  return found;
}

interface Search {
  /** The chunk. */
  readonly text: string;
  /** Where it begins in its text. */
  readonly from: number;
  readonly detectPlain: DetectPlain;
  readonly sink: Sink;
  /** What is left of the budget, in characters. */
  left: number;
}

/** Findings in `decoded`, or none when the budget is used up. */
function ask(search: Search, decoded: string): readonly Finding[] {
  search.left -= decoded.length;
  return search.left < 0 ? [] : search.detectPlain(decoded);
}

/** A token in the text it was found in, with its padding; `name`: of the encoding. */
interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

function eachTokenIn(text: string, found: Int32Array, onToken: (inner: string, token: Token) => void): void {
  for (let run = 0; run < found.length; run += 2) {
    const start = found[run] as number;
    const end = found[run + 1] as number;
    eachToken(text, start, end, start === 0, end === text.length, (inner, from, to, name) => {
      onToken(inner, { text, start: from, end: to === end ? paddingEnd(text, end) : to, name });
    });
  }
}

function paddingEnd(text: string, at: number): number {
  let end = at;
  while (end - at < PADDING_MAX && text.charCodeAt(end) === PADDING) end++;
  return end;
}

function findInline(search: Search): void {
  const once = decodeInline(search.text, 0);
  for (const found of ask(search, once.text)) {
    const forms = formsIn(once, found.start, found.end) || wordForms(once, found);
    if (forms !== 0) addAt(search, once, found, forms);
  }
  const again = look(once.text, 0, once.text.length);
  // Only what the decoding has brought to light; the rest was there before, and was looked at.
  eachTokenIn(once.text, foundRuns(0), (inner, token) => {
    const forms = formsIn(once, token.start, token.end);
    if (forms === 0) return;
    const start = once.start[token.start] as number;
    const end = once.end[token.end - 1] as number;
    addBest(search, ask(search, inner), 0, start, end, `${formNames(forms)}+${token.name}`);
  });
  if (again) findInlineAgain(search, once);
}

function findInlineAgain(search: Search, once: Decoded): void {
  const second = decodeInline(once.text, 1);
  if (second.text === once.text) return;
  const twice = through(once, second);
  for (const found of ask(search, twice.text)) {
    if (formsIn(second, found.start, found.end) !== 0)
      addAt(search, twice, found, formsIn(twice, found.start, found.end));
  }
}

/** A value that is not encoded itself may be one only because of what is encoded beside it: `customer%20no=12345`. */
function wordForms(decoded: Decoded, found: Finding): number {
  let forms = 0;
  for (let at = found.start; at < found.end; at++) forms |= decoded.word[at] as number;
  return forms;
}

function findInToken(search: Search, inner: string, { text, start, end, name }: Token): void {
  const label = labelBefore(text, start);
  const whole = label + inner;
  const inline = look(inner, 0, inner.length);
  const found = foundRuns(0);
  if (inline) {
    const decoded = decodeInline(whole, 1);
    const { length } = decoded.text;
    let labelEnd = 0;
    while (labelEnd < length && (decoded.start[labelEnd] as number) < label.length) labelEnd++;
    const forms = formNames(formsIn(decoded, labelEnd, length));
    addBest(search, ask(search, decoded.text), labelEnd, start, end, forms === "" ? name : `${name}+${forms}`);
  } else addBest(search, ask(search, whole), label.length, start, end, name);
  eachTokenIn(inner, found, (innermost, token) => {
    const innerLabel = labelBefore(inner, token.start);
    const shown = ask(search, innerLabel + innermost);
    addBest(search, shown, innerLabel.length, start, end, `${name}+${token.name}`);
  });
}

function labelBefore(text: string, at: number): string {
  if (at === 0 || !LABEL_ENDS.includes(text[at - 1] ?? "x")) return "";
  return text.slice(Math.max(0, at - LABEL_CHARS), at);
}

/** One finding a type for the token [start, end) of the chunk: the surest of those that begin at `floor` or behind it. */
function addBest(
  search: Search,
  found: readonly Finding[],
  floor: number,
  start: number,
  end: number,
  form: string,
): void {
  const best = new Map<string, Finding>();
  for (const finding of found) {
    const known = best.get(finding.type);
    if (finding.start >= floor && (known === undefined || finding.score > known.score)) best.set(finding.type, finding);
  }
  for (const finding of best.values()) add(search, finding, start, end, form);
}

function addAt(search: Search, decoded: Decoded, found: Finding, forms: number): void {
  const start = decoded.start[found.start] as number;
  const end = decoded.end[found.end - 1] as number;
  add(search, found, start, end, formNames(forms));
}

function add({ sink, from }: Search, inner: Finding, start: number, end: number, form: string): void {
  const why = `encoded (${form}); ${inner.recognizer}: ${inner.why}`;
  sink.add(inner.type, from + start, from + end, inner.score * TRUST, `encoded:${form}`, why);
}
