/**
 * The one machine under `detect` and `detectStream`. It walks the text once, cuts it into islands at places that the text
 * alone defines, and hands each island that can hold a finding to the recognizers. Everything it keeps between two calls is
 * a position; whoever feeds it in pieces therefore gets what whoever feeds it at once gets.
 *
 * An island ends at a delimiter, unless the space there joins two groups of one number ("+49 30…", "DE89 3704…"). An island
 * that reaches the window is decided in its first three quarters: findings that begin there stand, the scan goes on behind.
 */
import type { Finding } from "../types.ts";
import { RECOGNIZERS } from "../recognizers/all.ts";
import { ibanLength } from "../recognizers/iban.ts";
import { KEY_BEGIN, KeyBlock, keyLabelEnd } from "../recognizers/private-key.ts";
import { Sink } from "../recognizers/recognizer.ts";
import {
  AT,
  CLASSES,
  DASH,
  DELIMITER,
  DIGIT,
  isAsciiAlnum,
  isDigitCode,
  isGroupSpace,
  isLowSurrogate,
  isUpperCode,
  isWord,
  LONG,
  PAIR,
  SIGN,
} from "./characters.ts";
import { releaseContext } from "./context.ts";
import { createIsland, releaseIsland, resetIsland } from "./island.ts";
import { settle } from "./overlap.ts";

/** An island without any of these holds no finding, unless it is LONG_CHARS long. */
const INTEREST = DIGIT | AT | PAIR | SIGN;
const LONG_CHARS = 16;
const WINDOW_MIN = 64;
/** Longest type name in a mark. */
const MARK_CHARS_MAX = 40;

export interface Rules {
  readonly types: readonly string[] | undefined;
  readonly scoreMin: number;
  readonly region: string | undefined;
  readonly windowChars: number;
}

/** Shared: the scan is synchronous and leaves nothing in it. */
const island = createIsland();

export class Engine {
  /** Findings in settled text, in order. The owner may take them out. */
  readonly findings: Finding[] = [];
  readonly #sink: Sink;
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
  /** The last finding was a secret that the window cut off: what follows without a break belongs to it. */
  #continues = false;
  #key: KeyBlock | undefined;

  constructor(rules: Rules) {
    this.#sink = new Sink(rules.types, rules.scoreMin);
    this.#region = rules.region;
    this.#window = Math.max(WINDOW_MIN, rules.windowChars);
  }

  /** The text has lost `chars` characters at its front. */
  shift(chars: number): void {
    this.#at -= chars;
    this.#start -= chars;
    if (this.#word >= 0) this.#word -= chars;
    this.#key?.shift(chars);
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
    for (;;) {
      if (this.#key !== undefined) {
        at = this.#readKey(text, final);
        if (at < 0) break;
        start = at;
        classes = 0;
      }
      const limit = Math.min(length, start + this.#window);
      let ends = false;
      for (; at < limit; at++) {
        const c = CLASSES[text.charCodeAt(at)] as number;
        if ((c & DELIMITER) === 0) {
          classes |= c;
          continue;
        }
        ends = (classes & (INTEREST | DASH)) !== 0 || at - start >= LONG_CHARS;
        if (ends) break;
        // The many words that hold nothing, and delimiters after delimiters.
        start = at + 1;
        classes = 0;
      }
      if (!ends && at >= length && !final) break;
      if (!ends && at < length) {
        // The limit was set for an island that has ended since, or this one has reached the window.
        if (at - start < this.#window) continue;
        if (((CLASSES[text.charCodeAt(at)] as number) & DELIMITER) === 0) {
          start = at = this.#decideHead(text, start, at, classes);
          classes = this.#continues ? SIGN : 0;
          continue;
        }
      }
      // The island, or a word of it, ends at `at`.
      if ((classes & DASH) !== 0 && this.#opensKey(text, start, at)) {
        const body = keyLabelEnd(text, at, final);
        if (body === undefined) break;
        if (body >= 0) {
          const begin = at - KEY_BEGIN.length;
          if (begin > start) this.#decide(text, start, begin, classes, begin);
          this.#key = new KeyBlock(begin, body, false);
          continue;
        }
      }
      if ((classes & DIGIT) !== 0 && at < length && isGroupSpace(text.charCodeAt(at))) {
        if (at + 1 >= length && !final) break;
        if (at + 1 < length && this.#joins(text, start, at)) {
          if (at + 1 - start < this.#window) {
            this.#word = ++at;
          } else {
            start = at = this.#decideHead(text, start, at, classes);
            classes = 0;
          }
          continue;
        }
      }
      if ((classes & INTEREST) !== 0 || at - start >= LONG_CHARS) this.#decide(text, start, at, classes, at);
      this.#word = -1;
      start = at;
      classes = 0;
      if (at >= length) break;
    }
    this.#at = at;
    this.#start = start;
    this.#classes = classes;
    releaseContext();
    releaseIsland(island);
    return this.#key?.start ?? start;
  }

  #opensKey(text: string, start: number, end: number): boolean {
    const begin = end - KEY_BEGIN.length;
    return (
      begin >= start &&
      text.charCodeAt(end - 1) === 0x4e &&
      text.startsWith(KEY_BEGIN, begin) &&
      this.#sink.wants("SECRET")
    );
  }

  /** Where the scan goes on behind the key, or -1 while its end is not known. */
  #readKey(text: string, final: boolean): number {
    for (;;) {
      const key = this.#key as KeyBlock;
      const state = key.advance(text, final);
      if (state === "more") return -1;
      this.#sink.add("SECRET", key.start, key.end, 0.99, "private-key", "private key in PEM or OpenPGP armor");
      settle(this.#sink.found, this.findings);
      this.#key = state === "full" ? new KeyBlock(key.end, key.end, true) : undefined;
      if (state === "done") return key.end;
    }
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
    resetIsland(island, text, start, end, end - start >= LONG_CHARS ? classes | LONG : classes);
    island.region = this.#region;
    if (this.#continues) this.#continueSecret(text, start, end);
    for (const recognizer of RECOGNIZERS) {
      if ((island.classes & recognizer.trigger) !== 0) recognizer.find(island, this.#sink);
    }
    const { found } = this.#sink;
    if (found.length === 0) return start;
    const from = this.findings.length;
    if ((classes & PAIR) !== 0) dropMarks(text, found);
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

/** What an operator wrote in place of a value, "[EMAIL:9f8a…]", is no value: text that was scrubbed stays as it is. */
function dropMarks(text: string, found: Finding[]): void {
  const kept = found.filter(({ start, end }) => !isMark(text, start, end));
  if (kept.length < found.length) found.splice(0, found.length, ...kept);
}

function isMark(text: string, start: number, end: number): boolean {
  if (text.charCodeAt(end) !== 0x5d || text.charCodeAt(start - 1) !== 0x3a) return false;
  let at = start - 1;
  const floor = Math.max(0, at - MARK_CHARS_MAX);
  while (at > floor && (isUpperCode(text.charCodeAt(at - 1)) || text.charCodeAt(at - 1) === 0x5f)) at--;
  return at < start - 1 && text.charCodeAt(at - 1) === 0x5b;
}

function isAlnumWord(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (!isAsciiAlnum(text.charCodeAt(i))) return false;
  return true;
}

/** Separators that may stand between spaces: "030 / 123", "030 - 123". */
function isLooseSeparator(code: number): boolean {
  return code === 0x2d || code === 0x2f || code === 0x2013;
}
