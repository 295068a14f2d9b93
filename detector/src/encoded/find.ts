/**
 * Personal data that is written so that plain recognizers do not see it. A function of layer B: it reads one chunk and nothing
 * outside of it, so its answer does not depend on how a stream was cut. Ordinary text costs one look-up a character; only a
 * chunk in which something is encoded is decoded and shown to the recognizers again. What is found lies where the encoded form
 * stands: exactly for what is encoded character by character, the whole token for base64 and hexadecimal.
 *
 * Budget: one level of encoding, two when the one is inline (`%40`) and the other a token (base64, hexadecimal); at most
 * DECODED_PER_CHAR decoded characters for each of the chunk, whatever it holds.
 */
import type { Sink } from "../recognizers/recognizer.ts";
import type { Finding } from "../types.ts";
import { startsAsText } from "./base64.ts";
import { ENCODED_CLASSES, FOREIGN, LOOKALIKE, MARK, RUN } from "./characters.ts";
import { decodeInline, type Decoded, formNames, formsIn, hidesHere, isMixed, opensUnit } from "./inline.ts";
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
const LABEL_CHARS = 48;
const LABEL_ENDS = ":=\"' >(";

/** Runs of base64 digits in the chunk under way that may hold a text: their starts and ends in turn. */
let runs = new Int32Array(64);
let runCount = 0;

/** Adds to `sink` what [from, to) of `text`, one chunk, hides. */
export function findEncoded(text: string, from: number, to: number, detectPlain: DetectPlain, sink: Sink): void {
  const inline = look(text, from, to);
  if (inline || runCount > 0)
    search({ text, from, to, detectPlain, sink, left: DECODED_PER_CHAR * (to - from) }, inline);
}

/** The one pass over every text: fills `runs`, and says whether anything is encoded inline. */
function look(text: string, from: number, to: number): boolean {
  const classes = ENCODED_CLASSES;
  runCount = 0;
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
  if (end - start < TOKEN_CHARS_MIN && text.charCodeAt(end) !== 0x3d) return;
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

interface Search {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly detectPlain: DetectPlain;
  readonly sink: Sink;
  /** What is left of the budget, in characters. */
  left: number;
}

function search(chunk: Search, inline: boolean): void {
  const count = runCount;
  if (inline) findInline(chunk);
  for (let run = 0; run < count; run += 2) findInRun(chunk, runs[run] as number, runs[run + 1] as number);
}

/** Findings in `decoded`, or none when the budget is used up. */
function ask(search: Search, decoded: string): readonly Finding[] {
  search.left -= decoded.length;
  return search.left < 0 ? [] : search.detectPlain(decoded);
}

function findInline(search: Search): void {
  const decoded = decodeInline(search.text, search.from, search.to);
  for (const found of ask(search, decoded.text)) {
    const forms = formsIn(decoded, found.start, found.end) || wordForms(decoded, found);
    if (forms === 0) continue;
    const start = decoded.start[found.start] as number;
    const end = decoded.end[found.end - 1] as number;
    add(search, found, start, end, formNames(forms));
  }
  findTokensIn(search, decoded);
}

/** A value that is not encoded itself may be one only because of what is encoded beside it: `customer%20no=12345`. */
function wordForms(decoded: Decoded, found: Finding): number {
  let forms = 0;
  for (let at = found.start; at < found.end; at++) forms |= decoded.word[at] as number;
  return forms;
}

/** Tokens that only the inline decoding has made whole: base64 whose signs were percent-encoded. */
function findTokensIn(search: Search, decoded: Decoded): void {
  const { text } = decoded;
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && ENCODED_CLASSES[text.charCodeAt(at)] === RUN) continue;
    const padded = paddingEnd(text, at, text.length);
    if (
      at - start >= TOKEN_CHARS_MIN &&
      search.left > 0 &&
      formsIn(decoded, start, Math.max(padded, start + 1)) !== 0
    ) {
      const form = formNames(formsIn(decoded, start, padded));
      eachToken(text, start, at, false, false, (inner, tokenStart, tokenEnd, name) => {
        const tokenTo = tokenEnd === at ? padded : tokenEnd;
        const sourceStart = decoded.start[tokenStart] as number;
        addBest(search, ask(search, inner), 0, sourceStart, decoded.end[tokenTo - 1] as number, `${form}+${name}`);
      });
    }
    start = at + 1;
  }
}

function findInRun(search: Search, start: number, end: number): void {
  const { text, from, to } = search;
  if (search.left <= 0) return;
  eachToken(text, start, end, start === from, end === to, (inner, tokenStart, tokenEnd, name) => {
    const label = labelBefore(text, tokenStart, from);
    const whole = label + inner;
    const spanEnd = tokenEnd === end ? paddingEnd(text, end, to) : tokenEnd;
    if (!hasInline(inner)) {
      addBest(search, ask(search, whole), label.length, tokenStart, spanEnd, name);
      return;
    }
    const decoded = decodeInline(whole, 0, whole.length);
    const labelEnd = decoded.start.subarray(0, decoded.text.length).findIndex((source) => source >= label.length);
    addBest(
      search,
      ask(search, decoded.text),
      labelEnd,
      tokenStart,
      spanEnd,
      `${name}+${formNames(formsIn(decoded, 0, decoded.text.length)) || "inline"}`,
    );
  });
}

/** Whether a decoded text is encoded inline in turn. */
function hasInline(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const c = ENCODED_CLASSES[text.charCodeAt(at)] as number;
    if (c !== RUN && c !== 0 && lookAt(text, at, c, 0, text.length, at > 0)) return true;
  }
  return false;
}

function labelBefore(text: string, at: number, from: number): string {
  if (at === from || !LABEL_ENDS.includes(text[at - 1] ?? "x")) return "";
  return text.slice(Math.max(from, at - LABEL_CHARS), at);
}

const PADDING_MAX = 2;

function paddingEnd(text: string, at: number, to: number): number {
  let end = at;
  while (end < to && end - at < PADDING_MAX && text.charCodeAt(end) === 0x3d) end++;
  return end;
}

/** One finding a type for the token [start, end): the surest of those that begin at `floor` or behind it. */
function addBest(
  search: Search,
  found: readonly Finding[],
  floor: number,
  start: number,
  end: number,
  form: string,
): void {
  for (const finding of found) {
    if (finding.start < floor) continue;
    const surer = found.some(
      (other) => other.type === finding.type && other.start >= floor && other.score > finding.score,
    );
    const first = found.find(
      (other) => other.type === finding.type && other.start >= floor && other.score === finding.score,
    );
    if (!surer && first === finding) add(search, finding, start, end, form);
  }
}

function add(search: Search, inner: Finding, start: number, end: number, form: string): void {
  const why = `encoded (${form}); ${inner.recognizer}: ${inner.why}`;
  search.sink.add(inner.type, start, end, inner.score * TRUST, `encoded:${form}`, why);
}
