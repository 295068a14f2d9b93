/**
 * One text on its way back, read once from left to right: issued placeholders are turned into values, findings in what the
 * model wrote itself are masked, everything else is copied. Both are located in the model's text, so nothing that was put in
 * is ever read again. The tail is held only while it is the beginning of an issued placeholder, so the output does not depend
 * on where the text was cut.
 *
 * A finding inside a placeholder (an order number in `[ORDER_NUMBER_1]`) yields to it. A finding that reaches beyond one (an
 * address that the model made up around it) is masked whole, placeholder included.
 */
import type { IssuedTable } from "./issued-table.ts";
import { TRIGGERS, UrlGuard } from "./url-guard.ts";
import type { Candidate, Escape, Reading } from "./variants.ts";
import {
  BRACKET_LENGTH_MAX,
  continuesWord,
  isOpeningBracket,
  newCandidate,
  OPENERS_BEFORE_A_WORD,
  opensBracket,
  readBare,
  readBracketed,
} from "./variants.ts";
import { escapeJson } from "./json-tokens.ts";

/** A finding in the model's text and what replaces it. Offsets are relative to the text that it was pushed with. */
export interface Masked {
  readonly start: number;
  readonly end: number;
  readonly type: string;
  readonly text: string;
}

/** Where a lane writes. */
export interface LaneSink {
  /** Text of the model that passes unchanged; `start` is its offset in the whole text. */
  copy(text: string, start: number): void;
  /** Text that was put in. */
  put(text: string): void;
}

export interface Tally {
  readonly restored: Record<string, number>;
  readonly masked: Record<string, number>;
  readonly withheld: Record<string, number>;
  unknown: number;
}

/** Characters of the text before the held ones that a decision may need: the longest escaped opening bracket. */
const LOOK_BACK = BRACKET_LENGTH_MAX;

const PASSES = 0;
/** May begin a placeholder in brackets or a URL. */
const STOPS = 1;
/** May begin a bare placeholder. */
const CAPITAL = 2;
/** What an ASCII character can begin. */
const ROLES = new Uint8Array(128);
ROLES.fill(CAPITAL, 0x41, 0x5b);
for (let unit = 0; unit < 128; unit++) {
  if (opensBracket(unit) || TRIGGERS.includes(String.fromCharCode(unit))) ROLES[unit] = STOPS;
}

/** Why the text goes no further: more may come, it was cut (end of the answer), or it ended properly (closing quote). */
type Ending = "open" | "cut" | "closed";

export class Lane {
  readonly #table: IssuedTable;
  readonly #sink: LaneSink;
  readonly #tally: Tally;
  readonly #guard: UrlGuard | undefined;
  readonly #candidate: Candidate = newCandidate();
  readonly #form = new PlaceholderForm();
  #held = "";
  /** Offset of `#held` in the whole text. */
  #base = 0;
  /** The last characters of the model's text before `#held`. */
  #before = "";
  /** Findings, offsets in the whole text, ascending; those before `#nextMasked` are passed. */
  #masked: Masked[] = [];
  #nextMasked = 0;

  constructor(table: IssuedTable, sink: LaneSink, tally: Tally, restoreInUrls: boolean) {
    this.#table = table;
    this.#sink = sink;
    this.#tally = tally;
    this.#guard = restoreInUrls ? undefined : new UrlGuard();
  }

  /** Characters held back, always fewer than the longest variant. */
  get held(): number {
    return this.#held.length;
  }

  push(text: string, masked: readonly Masked[] = []): void {
    const offset = this.#base + this.#held.length;
    for (const one of masked) this.#masked.push({ ...one, start: one.start + offset, end: one.end + offset });
    this.#scan(this.#held + text, "open");
  }

  /** The text is over; the next push begins another one. `closed`: it ended properly, so a last bare word is whole. */
  end(closed: boolean): void {
    this.#scan(this.#held, closed ? "closed" : "cut");
    this.#base = 0;
    this.#before = "";
    this.#masked = [];
    this.#guard?.reset();
    this.#form.reset();
  }

  #scan(text: string, ending: Ending): void {
    let at = 0;
    let copied = 0;
    for (;;) {
      at = this.#skip(text, at);
      if (at === text.length) break;
      const reading = this.#read(text, at, ending);
      if (reading === "cut") break;
      const finding = this.#masked[this.#nextMasked];
      if (reading === "yes" && !this.#overlapsBeyond(this.#candidate.end)) {
        const end = this.#candidate.end;
        this.#dropMaskedUntil(end);
        const written = this.#written(text, at);
        if (written === undefined) this.#pass(text, at, end);
        else {
          const from = this.#keepsBackslash(text, at) ? at + 1 : at;
          this.#copy(text, copied, from);
          this.#sink.put(written);
          copied = end;
        }
        this.#form.reset();
        at = end;
      } else if (finding !== undefined && finding.start === this.#base + at) {
        this.#copy(text, copied, at);
        this.#sink.put(finding.text);
        add(this.#tally.masked, finding.type);
        const end = finding.end - this.#base;
        this.#pass(text, at, end);
        this.#form.reset();
        this.#nextMasked++;
        at = copied = end;
      } else {
        const unit = text.charCodeAt(at);
        this.#guard?.advance(unit);
        if (this.#form.completes(unit)) this.#tally.unknown++;
        at++;
      }
    }
    this.#copy(text, copied, at);
    this.#before =
      at >= LOOK_BACK ? text.slice(at - LOOK_BACK, at) : (this.#before + text.slice(0, at)).slice(-LOOK_BACK);
    this.#masked.splice(0, this.#nextMasked);
    this.#nextMasked = 0;
    this.#base += at;
    this.#held = text.slice(at);
  }

  /**
   * Where the text goes on to mean something: most of it begins neither a placeholder nor a URL, and then only the guard's
   * memory of the last characters is kept up.
   */
  #skip(text: string, from: number): number {
    if (!this.#form.idle || this.#guard?.idle === false) return from;
    const finding = this.#masked[this.#nextMasked];
    const limit = finding === undefined ? text.length : Math.min(text.length, finding.start - this.#base);
    let at = from;
    for (; at < limit; at++) {
      const unit = text.charCodeAt(at);
      const role = unit < 128 ? ROLES[unit] : opensBracket(unit) ? STOPS : PASSES;
      if (role === STOPS || (role === CAPITAL && this.#table.startsBare(unit))) break;
    }
    this.#guard?.skip(text, from, at);
    return at;
  }

  /** Whether an issued placeholder stands at `at`; `cut` means that this is to be held. */
  #read(text: string, at: number, ending: Ending): Reading {
    const unit = text.charCodeAt(at);
    const candidate = this.#candidate;
    const table = this.#table;
    if (opensBracket(unit)) {
      const reading = readBracketed(text, at, table.nameLengthMax, candidate);
      if (reading === "yes") return table.get(candidate.name) === undefined ? "no" : "yes";
      // Cut for good: `[EMAIL_1` may have been going to be `[EMAIL_12]`.
      if (reading === "no" || ending !== "open") return "no";
      const alive = candidate.closing
        ? table.get(candidate.name) !== undefined
        : table.continues(candidate.name, false);
      return alive ? "cut" : "no";
    }
    if (!table.startsBare(unit) || !this.#bareMayStart(text, at)) return "no";
    const reading = readBare(text, at, table.nameLengthMax, candidate);
    if (reading === "no") return "no";
    const known = table.get(candidate.name) !== undefined && table.bareAllowed(candidate.name);
    if (reading === "yes") return known ? "yes" : "no";
    if (ending === "open") return table.continues(candidate.name, false) ? "cut" : "no";
    return known && (ending === "closed" || !table.continues(candidate.name, true)) ? "yes" : "no";
  }

  #bareMayStart(text: string, at: number): boolean {
    const previous = this.#unitBefore(text, at);
    if (continuesWord(previous) || isOpeningBracket(previous)) return false;
    if (previous !== 0x3b) return true;
    const before = (this.#before + text.slice(Math.max(0, at - LOOK_BACK), at)).toLowerCase();
    return !OPENERS_BEFORE_A_WORD.some((opener) => before.endsWith(opener));
  }

  /** 0 at the beginning of the text. */
  #unitBefore(text: string, at: number): number {
    if (at > 0) return text.charCodeAt(at - 1);
    return this.#before === "" ? 0 : this.#before.charCodeAt(this.#before.length - 1);
  }

  #overlapsBeyond(end: number): boolean {
    for (let index = this.#nextMasked; index < this.#masked.length; index++) {
      const finding = this.#masked[index];
      if (finding === undefined || finding.start >= this.#base + end) return false;
      if (finding.end > this.#base + end) return true;
    }
    return false;
  }

  #dropMaskedUntil(end: number): void {
    for (;;) {
      const finding = this.#masked[this.#nextMasked];
      if (finding === undefined || finding.end > this.#base + end) return;
      this.#nextMasked++;
    }
  }

  /** What is written for the placeholder at `at`, or undefined when it stays. Tells the guard and counts. */
  #written(text: string, at: number): string | undefined {
    const candidate = this.#candidate;
    const issued = this.#table.get(candidate.name);
    if (issued === undefined) throw new Error("a reading of an issued placeholder names none");
    if (!issued.restorable || this.#guard?.inside === true) {
      add(this.#tally.withheld, issued.type);
      return undefined;
    }
    if (this.#keepsBackslash(text, at)) this.#guard?.advance(0x5c);
    this.#guard?.restored(issued.value);
    add(this.#tally.restored, issued.type);
    return escaped(issued.value, candidate.escape);
  }

  /** `CORP\[PERSON_1]`: the backslash belongs to the text, not to the bracket. */
  #keepsBackslash(text: string, at: number): boolean {
    if (!this.#candidate.looseBackslash) return false;
    const previous = this.#unitBefore(text, at);
    return continuesWord(previous) || previous === 0x5c || previous === 0x3a;
  }

  #pass(text: string, from: number, to: number): void {
    if (this.#guard === undefined) return;
    for (let at = from; at < to; at++) this.#guard.advance(text.charCodeAt(at));
  }

  #copy(text: string, from: number, to: number): void {
    if (from < to) this.#sink.copy(text.slice(from, to), this.#base + from);
  }
}

/** Follows `[TYPE_12]` in upper case: what has the form of a placeholder and was not issued is counted, and left as it is. */
class PlaceholderForm {
  #state: "none" | "open" | "type" | "underscore" | "number" = "none";

  reset(): void {
    this.#state = "none";
  }

  /** Nothing is under way: only a `[` changes that. */
  get idle(): boolean {
    return this.#state === "none";
  }

  completes(unit: number): boolean {
    if (this.#state === "none") {
      if (unit === 0x5b) this.#state = "open";
      return false;
    }
    const letter = unit >= 0x41 && unit <= 0x5a;
    const digit = unit >= 0x30 && unit <= 0x39;
    if (unit === 0x5b) this.#state = "open";
    else if (letter) this.#state = "type";
    else if (this.#state === "open") this.#state = "none";
    else if (digit) this.#state = this.#state === "type" ? "type" : "number";
    else if (unit === 0x5f) this.#state = "underscore";
    else {
      const complete = unit === 0x5d && this.#state === "number";
      this.#state = "none";
      return complete;
    }
    return false;
  }
}

function add(counts: Record<string, number>, type: string): void {
  counts[type] = (Object.hasOwn(counts, type) ? (counts[type] ?? 0) : 0) + 1;
}

function escaped(value: string, escape: Escape): string {
  switch (escape) {
    case "none":
      return value;
    case "html":
      return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
    case "json":
      return escapeJson(value);
    case "percent":
      // RFC 3986, 3.3: "@" and ":" may stand in a path or query as they are.
      return encodeURIComponent(value.toWellFormed()).replaceAll("%40", "@").replaceAll("%3A", ":");
  }
}
