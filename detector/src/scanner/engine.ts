/**
 * The one machine under `detect` and `detectStream`. It walks the text once, cuts it into islands at places that the text
 * alone defines, and hands each island that can hold a finding to the recognizers. Everything it keeps between two calls is
 * a position; whoever feeds it in pieces therefore gets what whoever feeds it at once gets.
 *
 * An island ends at a delimiter, unless the space there joins two groups of one number ("+49 30…", "DE89 3704…"), or stands
 * inside of a phrase that joint.ts knows ("12 May 1990"). An island that reaches the window is decided in its first three quarters: findings that begin there stand, the scan goes on behind.
 */
import { holdsRun } from "../encoded/token.ts";
import { dropMarks } from "../operators/marks.ts";
import type { Finding, TypeRow } from "../types.ts";
import { RECOGNIZERS } from "../recognizers/all.ts";
import { releaseLabels } from "../recognizers/document-labels.ts";
import { ibanLength } from "../recognizers/iban.ts";
import { KeyBlock, keyBegin, keyLabelEnd } from "../recognizers/private-key.ts";
import { type Recognizer, Sink } from "../recognizers/recognizer.ts";
import {
  AT,
  CAPITALS,
  CLASSES,
  DASH,
  DELIMITER,
  DIGIT,
  isAsciiAlnum,
  isDigitCode,
  isGroupSpace,
  isLineEnd,
  isLowSurrogate,
  isUpperCode,
  isWord,
  JOINED,
  LETTER,
  LINE_END,
  LONG,
  OPENER,
  PAIR,
  PAIRED,
  SIGN,
  SMALL,
} from "./characters.ts";
import { ANY } from "./chunks.ts";
import { releaseContext } from "./context.ts";
import { createIsland, releaseIsland, resetIsland } from "./island.ts";
import { FOLLOWS, mayLead, phraseEnd } from "./joint.ts";
import { settle } from "./overlap.ts";

// What is imported is read from a cell, and its kind is checked, at every use; a constant of the module's own is part of the code.
const CLASS_OF = CLASSES;
const ENDS_RUN = DELIMITER;
const FOLLOWING = FOLLOWS;

/** An island without any of these holds no finding, unless it is LONG_CHARS long. */
const INTEREST = DIGIT | AT | PAIR | SIGN | OPENER | PAIRED | CAPITALS | JOINED;
const LONG_CHARS = 16;
/** Without the signs around it, the code of a bank has at least this many. */
const CAPITALS_CHARS = 8;

// Who waits for an island, as bits, the n-th recognizer the n-th: it is asked for every island, and mostly the answer is nobody.
const CLASS_BITS = 8;
const CLASS_MASK = (1 << CLASS_BITS) - 1;
const BY_LOW_CLASSES = waiting(CLASS_MASK, ({ trigger }, classes) => (trigger & classes) !== 0);
const BY_HIGH_CLASSES = waiting(CLASS_MASK, ({ trigger }, classes) => ((trigger >> CLASS_BITS) & classes) !== 0);
const LETTERLESS = bitsOf(({ lettered }) => lettered === undefined);
const CHARS_MAX = Math.max(...RECOGNIZERS.map(({ charsMin }) => charsMin ?? 0));
const BY_CHARS = waiting(CHARS_MAX, ({ charsMin }, chars) => chars >= (charsMin ?? 0));
const DIGITS_MAX = Math.max(...RECOGNIZERS.map(({ digitsMin }) => digitsMin ?? 0));
const BY_DIGITS = waiting(DIGITS_MAX, ({ digitsMin }, digits) => digits >= (digitsMin ?? 0));
const FINDS = RECOGNIZERS.map(({ find }) => find);

/** For each number up to `last`, those whom it suits. */
function waiting(last: number, suits: (recognizer: Recognizer, value: number) => boolean): Int32Array {
  return Int32Array.from({ length: last + 1 }, (_, value) => bitsOf((recognizer) => suits(recognizer, value)));
}

function bitsOf(suits: (recognizer: Recognizer) => boolean): number {
  return RECOGNIZERS.reduce((bits, recognizer, index) => (suits(recognizer) ? bits | (1 << index) : bits), 0);
}

/** Who looks for one of `types`; absent: for any. */
export function lookingFor(types: ReadonlySet<string> | undefined): number {
  return bitsOf((recognizer) => types === undefined || recognizer.types?.some((type) => types.has(type)) !== false);
}

type Joint = "joins" | "ends" | "waits";
const WINDOW_MIN = 64;

export interface Rules {
  /** Absent: all. */
  readonly types: ReadonlySet<string> | undefined;
  /** The recognizers that they need, see `lookingFor`. */
  readonly looking: number;
  readonly scoreMin: number;
  /** The types there are, a caller's own among them. */
  readonly rows: Readonly<Record<string, TypeRow>>;
  /** By type, where it is not `scoreMin`. */
  readonly thresholds: Readonly<Record<string, number>>;
  readonly region: string | undefined;
  readonly windowChars: number;
}

/** Shared: the scan is synchronous and leaves nothing in it. */
const island = createIsland();

export class Engine {
  /** Findings in settled text, in order. The owner may take them out. */
  readonly findings: Finding[] = [];
  readonly #sink: Sink;
  readonly #looking: number;
  readonly #region: string | undefined;
  readonly #window: number;
  /** Next character to look at. */
  #at = 0;
  /** Start of the island under way. */
  #start = 0;
  /** Start of its last word, or -1 while it has only one. */
  #word = -1;
  #classes = 0;
  /** Letters and digits that the IBAN under way still lacks. */
  #ibanLacks = 0;
  /** Up to here the text is one phrase, whatever delimiters are in it. */
  #joinedTo = 0;
  /** The last finding was a secret that the window cut off: what follows without a break belongs to it. */
  #continues = false;
  #key: KeyBlock | undefined;
  /** Where its first words end. */
  #keyFrom = 0;
  /** Ends of the `lines` lines that were passed since the owner last took them out, and what is in each: see chunks.ts. */
  readonly lineEnds: number[] = [0, 0];
  lines = 0;
  /** Start of the line under way. */
  #line = 0;
  /** Classes of what was passed of it. */
  #seen = 0;

  constructor(rules: Rules) {
    this.#sink = new Sink(rules.types, rules.scoreMin, rules.rows, rules.thresholds);
    this.#looking = rules.looking;
    this.#region = rules.region;
    this.#window = Math.max(WINDOW_MIN, rules.windowChars);
  }

  /** The text has lost `chars` characters at its front. */
  shift(chars: number): void {
    this.#at -= chars;
    this.#start -= chars;
    if (this.#word >= 0) this.#word -= chars;
    this.#joinedTo -= chars;
    this.#key?.shift(chars);
    this.#line -= chars;
    this.#keyFrom -= chars;
  }

  /** Up to here the lines are known. */
  get passed(): number {
    return Math.max(this.#line, this.#at);
  }

  /**
   * Reads on in `text`, which is the text of the last call with more at its end. Returns the offset up to which it is settled:
   * all of it when `final`.
   */
  advance(text: string, final: boolean): number {
    const length = text.length;
    let at = this.#at;
    let start = this.#start;
    let classes = this.#classes;
    let seen = this.#seen;
    for (;;) {
      if (this.#key !== undefined) {
        at = this.#readKey(text, final);
        if (at < 0) break;
        this.#passKey(text, at);
        seen = ANY;
        start = at;
        classes = 0;
      }
      const limit = Math.min(length, start + this.#window);
      let ends = false;
      for (; at < limit; at++) {
        const c = CLASS_OF[text.charCodeAt(at)] as number;
        if ((c & ENDS_RUN) === 0) {
          classes |= c;
          continue;
        }
        if (at > start) {
          ends =
            (classes & (INTEREST | DASH | SMALL)) !== SMALL ||
            at - start >= LONG_CHARS ||
            at + 1 >= length ||
            (FOLLOWING[text.charCodeAt(at + 1)] !== 0 && mayLead(text, at));
          if (ends) break;
          // One of the many words that hold nothing.
          seen |= classes;
          classes = 0;
        }
        seen |= c;
        if ((c & LINE_END) !== 0) {
          this.#endLine(at + 1, seen);
          seen = 0;
        }
        start = at + 1;
      }
      if (!ends && at >= length && !final) break;
      if (!ends && at < length) {
        // The limit was set for an island that has ended since, or this one has reached the window.
        if (at - start < this.#window) continue;
        if (((CLASS_OF[text.charCodeAt(at)] as number) & ENDS_RUN) === 0) {
          seen |= classes | LONG;
          start = at = this.#decideHead(text, start, at, classes);
          classes = this.#continues ? SIGN : 0;
          continue;
        }
      }
      // The island, or a word of it, ends at `at`.
      const begin = (classes & DASH) !== 0 && this.#sink.wants("SECRET") ? keyBegin(text, start, at) : -1;
      if (begin >= 0) {
        const body = keyLabelEnd(text, at, final);
        if (body === undefined) break;
        if (body >= 0) {
          if (begin > start) this.#decide(text, start, begin, classes, begin);
          this.#key = new KeyBlock(text, begin, body);
          this.#keyFrom = at;
          continue;
        }
      }
      const joint = at < length ? this.#joint(text, start, at, classes, final) : "ends";
      if (joint === "waits") break;
      if (joint === "joins") {
        seen |= CLASS_OF[text.charCodeAt(at)] as number;
        if (at + 1 - start < this.#window) {
          if (at < this.#joinedTo) classes |= JOINED;
          this.#word = ++at;
        } else {
          seen |= classes | LONG;
          start = at = this.#decideHead(text, start, at, classes);
          classes = 0;
        }
        continue;
      }
      if ((classes & SMALL) === 0 && at - start >= CAPITALS_CHARS && hasCapitals(text, start)) classes |= CAPITALS;
      seen |= at - start >= LONG_CHARS && holdsRun(text, start, at) ? classes | LONG : classes;
      if ((classes & INTEREST) !== 0 || at - start >= LONG_CHARS) this.#decide(text, start, at, classes, at);
      this.#word = -1;
      classes = at > start && ((CLASS_OF[text.charCodeAt(at - 1)] as number) & PAIR) !== 0 ? PAIRED : 0;
      start = at;
      if (at >= length) break;
    }
    this.#at = at;
    this.#start = start;
    this.#classes = classes;
    this.#seen = seen;
    if (final && this.#line < length) this.#endLine(length, seen);
    releaseContext();
    releaseLabels();
    releaseIsland(island);
    return this.#key?.start ?? start;
  }

  #endLine(end: number, seen: number): void {
    const at = this.lines++ * 2;
    this.lineEnds[at] = end;
    this.lineEnds[at + 1] = seen;
    this.#line = end;
  }

  /** The lines of a key that ends at `end`. */
  #passKey(text: string, end: number): void {
    for (let at = this.#keyFrom; at < end; at++) if (isLineEnd(text.charCodeAt(at))) this.#endLine(at + 1, ANY);
  }

  /** Where the scan goes on behind the key, or -1 while its end is not known. */
  #readKey(text: string, final: boolean): number {
    for (;;) {
      const key = this.#key as KeyBlock;
      const state = key.advance(text, final);
      if (state === "more") return -1;
      this.#sink.add("SECRET", key.start, key.end, 0.99, "private-key", key.why);
      settle(this.#sink.found, this.findings);
      this.#key = state === "full" ? new KeyBlock(text, key.end, key.end, key) : undefined;
      if (state === "done") return key.end;
    }
  }

  /** What the delimiter at `at` does to the island [start, at). */
  #joint(text: string, start: number, at: number, classes: number, final: boolean): Joint {
    if (at < this.#joinedTo) return "joins";
    if (at === start) return "ends";
    if ((classes & DIGIT) !== 0 && isGroupSpace(text.charCodeAt(at))) {
      if (at + 1 < text.length ? this.#joins(text, start, at) : !final) return at + 1 < text.length ? "joins" : "waits";
    }
    const end = phraseEnd(text, start, at, final);
    if (end === undefined) return "waits";
    this.#joinedTo = Math.max(this.#joinedTo, end);
    return end > at ? "joins" : "ends";
  }

  /** Whether the space at `at` stands inside of one number. The character behind it is known. */
  #joins(text: string, start: number, at: number): boolean {
    const next = text.charCodeAt(at + 1);
    const word = this.#word < 0 ? start : this.#word;
    const length = at - word;
    if (this.#word >= 0 && this.#ibanLacks > 0) {
      this.#ibanLacks = isAlnumWord(text, word, at) ? Math.max(0, this.#ibanLacks - length) : 0;
    } else {
      let head = at;
      while (head > word && isAsciiAlnum(text.charCodeAt(head - 1))) head--;
      this.#ibanLacks = Math.max(0, ibanLength(text, head, at) - (at - head));
    }
    if (this.#ibanLacks > 0 && isAsciiAlnum(next)) return true;
    const last = text.charCodeAt(at - 1);
    const endsNumber = isDigitCode(last) || last === 0x29 || (length === 1 && isLooseSeparator(last));
    return endsNumber && (isDigitCode(next) || next === 0x28 || isLooseSeparator(next));
  }

  /** Decides [start, end) and keeps the findings that begin before `before`. Returns the end of the last of them. */
  #decide(text: string, start: number, end: number, classes: number, before: number): number {
    const sink = this.#sink;
    const chars = end - start;
    const all = chars >= LONG_CHARS ? classes | LONG : classes;
    resetIsland(island, text, start, end, all);
    island.region = this.#region;
    if (this.#continues) this.#continueSecret(text, start, end);
    const low = BY_LOW_CLASSES[all & CLASS_MASK] as number;
    const high = BY_HIGH_CLASSES[(all >> CLASS_BITS) & CLASS_MASK] as number;
    const long = BY_CHARS[Math.min(chars, CHARS_MAX)] as number;
    const counted = BY_DIGITS[Math.min(island.digits, DIGITS_MAX)] as number;
    const spelled = (all & LETTER) === 0 ? LETTERLESS : -1;
    for (let asked = (low | high) & spelled & long & counted & this.#looking; asked !== 0; asked &= asked - 1)
      (FINDS[31 - Math.clz32(asked & -asked)] as Recognizer["find"])(island, sink);
    const { found } = sink;
    if (found.length === 0) return start;
    const from = this.findings.length;
    dropMarks(text, start, end, found);
    settle(found, this.findings);
    while (this.findings.length > from && (this.findings.at(-1) as Finding).start >= before) this.findings.pop();
    return this.findings.length > from ? (this.findings.at(-1) as Finding).end : start;
  }

  /** The island has reached the window and goes on. Returns where the scan goes on. */
  #decideHead(text: string, start: number, end: number, classes: number): number {
    const cut = isLowSurrogate(text.charCodeAt(end)) ? end - 1 : end;
    const head = start + this.#window - (this.#window >> 2);
    const last = this.#decide(text, start, cut, classes, head);
    this.#continues = last === cut && this.findings.at(-1)?.type === "SECRET";
    this.#word = -1;
    if (last >= head) return last;
    return isLowSurrogate(text.charCodeAt(head)) ? head + 1 : head;
  }

  #continueSecret(text: string, start: number, end: number): void {
    this.#continues = false;
    let to = start;
    while (to < end && (isWord(text, to) || "-+/=.".includes(text[to] ?? " "))) to++;
    if (to > start)
      this.#sink.add("SECRET", start, to, 0.9, "secret-token", "continues a secret longer than the window");
  }
}

/** Its second and fifth characters, which a name's capital is not. */
function hasCapitals(text: string, start: number): boolean {
  return isUpperCode(text.charCodeAt(start + 1)) && isUpperCode(text.charCodeAt(start + 4));
}

function isAlnumWord(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (!isAsciiAlnum(text.charCodeAt(i))) return false;
  return true;
}

/** Separators that may stand between spaces: "030 / 123", "030 - 123". */
function isLooseSeparator(code: number): boolean {
  return code === 0x2d || code === 0x2f || code === 0x2013;
}
