/**
 * Recognizers of whoever runs the detector: patterns and lists of terms for types of their own or for known ones, and values
 * that are never reported. Patterns run on a linear-time engine (https://github.com/le0pard/re2js), so no pattern and no text
 * can make them slow beyond their length; they see one line at a time, at most a chunk of it. Refuses what it cannot compile
 * before anything is scanned.
 */
import { RE2JS } from "re2js";
import type { Sink } from "../recognizers/recognizer.ts";
import { compileLabels, type Labels } from "../scanner/labels.ts";
import { type Category, type TypeRow, TYPES } from "../types.ts";
import { Terms } from "./terms.ts";

export interface CustomPattern {
  /** Becomes part of the finding's `recognizer`. */
  readonly name: string;
  /** RE2 syntax, https://github.com/google/re2/wiki/Syntax: no look-around but \b, no back-references. */
  readonly regex: string;
  /** 0..1, default .8. Below the threshold of the type it counts only where a context word raises it. */
  readonly score?: number;
  /** Default false. */
  readonly ignoreCase?: boolean;
}

export interface CustomRecognizer {
  /** Upper-case letters, digits and underscores. Unless it is a key of TYPES, it needs `category`. */
  readonly type: string;
  readonly category?: Category;
  /** Term of https://w3id.org/dpv/pd; default "pd:Identifier". */
  readonly dpv?: string;
  readonly patterns?: readonly CustomPattern[];
  /** Found as whole words, whatever their case; score 1. */
  readonly terms?: readonly string[];
  /** Words or phrases before a match, in the same line, that raise its score by CONTEXT_BONUS. */
  readonly context?: readonly string[];
}

export type CustomErrorCode = "pattern_invalid" | "pattern_too_large" | "too_many";

/** A recognizer that cannot be used. `message` names the pattern, never a text. */
export class CustomError extends Error {
  readonly code: CustomErrorCode;

  constructor(code: CustomErrorCode, message: string) {
    super(message);
    this.name = "CustomError";
    this.code = code;
  }
}

export const RECOGNIZERS_MAX = 200;
export const PATTERNS_MAX = 500;
export const REGEX_CHARS_MAX = 2000;
/** Instructions of one compiled pattern: repetition counts such as {1000} multiply them. */
export const PROGRAM_MAX = 10_000;
export const TERMS_MAX = 100_000;
const TERM_CHARS_MAX = 256;
const CONTEXT_BONUS = 0.35;
const SCORE_DEFAULT = 0.8;
const TYPE = /^[A-Z][A-Z0-9_]{0,63}$/;
const NAME = /^[\w.-]{1,64}$/;

interface CompiledPattern {
  readonly type: string;
  readonly recognizer: string;
  readonly regex: RE2JS;
  readonly score: number;
  readonly context: boolean;
  /** Row of its context words. */
  readonly row: number;
}

/** Compiled once, used for any number of texts. */
export class Custom {
  /** The types that TYPES lacks. */
  readonly types: Readonly<Record<string, TypeRow>>;
  /** All that it finds, types of TYPES among them. */
  readonly finds: ReadonlySet<string>;
  readonly #patterns: readonly CompiledPattern[];
  readonly #terms: Terms;
  readonly #labels: Labels;

  /**
   * @throws TypeError for an argument of a wrong type, naming it
   * @throws CustomError pattern_invalid, pattern_too_large, too_many
   */
  constructor(recognizers: readonly CustomRecognizer[]) {
    if (!Array.isArray(recognizers)) throw new TypeError("recognizers must be an array");
    limit("recognizers", recognizers.length, RECOGNIZERS_MAX);
    const types: Record<string, TypeRow> = {};
    const patterns: CompiledPattern[] = [];
    const terms: [term: string, type: string][] = [];
    const contexts: { id: number; phrases: readonly string[] }[] = [];
    for (const [row, recognizer] of (recognizers as readonly CustomRecognizer[]).entries()) {
      const at = `recognizers[${row}]`;
      const type = typeOf(recognizer, at);
      if (!Object.hasOwn(TYPES, type)) {
        const { category, dpv = "pd:Identifier" } = recognizer;
        if (typeof category !== "string") throw new TypeError(`${at}.category must be given for a type of your own`);
        types[type] = { category, dpv };
      }
      const context = strings(`${at}.context`, recognizer.context);
      contexts.push({ id: row, phrases: context });
      for (const [index, pattern] of (recognizer.patterns ?? []).entries()) {
        patterns.push({ ...compile(pattern, `${at}.patterns[${index}]`), type, row, context: context.length > 0 });
      }
      for (const term of strings(`${at}.terms`, recognizer.terms)) terms.push([term, type]);
    }
    limit("patterns", patterns.length, PATTERNS_MAX);
    limit("terms", terms.length, TERMS_MAX);
    this.types = types;
    this.finds = new Set([...patterns.map(({ type }) => type), ...terms.map(([, type]) => type)]);
    this.#patterns = patterns;
    this.#terms = new Terms(terms);
    this.#labels = compileLabels(contexts);
  }

  /** Finds in one chunk, text[from, to). Reads at most the context of a label before it. */
  find(text: string, from: number, to: number, sink: Sink): void {
    this.#terms.find(text, from, to, (type, start, end) => {
      sink.add(type, start, end, 1, "custom:terms", "a term of the list for this type");
    });
    if (this.#patterns.length === 0) return;
    const chunk = text.slice(from, to);
    for (const pattern of this.#patterns) if (sink.wants(pattern.type)) this.#match(pattern, text, from, chunk, sink);
  }

  #match(
    { regex, type, recognizer, score, context, row }: CompiledPattern,
    ...rest: [string, number, string, Sink]
  ): void {
    const [text, from, chunk, sink] = rest;
    const matcher = regex.matcher(chunk);
    while (matcher.find()) {
      const [start, end] = [from + matcher.start(), from + matcher.end()];
      // RE2 counts code units of a string, but a class such as `.` may match half of a pair that stands alone; whole pairs only.
      if (end === start || splitsPair(text, start) || splitsPair(text, end)) continue;
      const raised = context && hits(this.#labels, text, start, row);
      const why = raised ? "pattern of your own, with a context word" : "pattern of your own";
      sink.add(type, start, end, raised ? Math.min(1, score + CONTEXT_BONUS) : score, recognizer, why);
    }
  }
}

function hits(labels: Labels, text: string, at: number, row: number): boolean {
  const { direct, near } = labels.before(text, at);
  return direct.includes(row) || near.includes(row);
}

function splitsPair(text: string, at: number): boolean {
  const low = text.charCodeAt(at);
  const high = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low <= 0xdfff && high >= 0xd800 && high <= 0xdbff;
}

function typeOf({ type }: CustomRecognizer, at: string): string {
  if (typeof type === "string" && TYPE.test(type)) return type;
  throw new TypeError(`${at}.type must be upper-case letters, digits and underscores`);
}

function compile(pattern: CustomPattern, at: string): Pick<CompiledPattern, "regex" | "score" | "recognizer"> {
  const { name, regex, score = SCORE_DEFAULT, ignoreCase = false } = pattern;
  if (typeof name !== "string" || !NAME.test(name))
    throw new TypeError(`${at}.name must be 1 to 64 letters, digits, dots, hyphens or underscores`);
  if (typeof regex !== "string" || regex === "") throw new TypeError(`${at}.regex must be a string that is not empty`);
  if (typeof score !== "number" || !(score >= 0 && score <= 1)) throw new TypeError(`${at}.score must be from 0 to 1`);
  if (regex.length > REGEX_CHARS_MAX) throw tooLarge(at, name);
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(regex, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (fault) {
    const reason = fault instanceof Error ? fault.message : "it cannot be read";
    throw new CustomError("pattern_invalid", `${at} "${name}" is no RE2 pattern: ${reason}`);
  }
  if (compiled.programSize() > PROGRAM_MAX) throw tooLarge(at, name);
  return { regex: compiled, score, recognizer: `custom:${name}` };
}

function tooLarge(at: string, name: string): CustomError {
  return new CustomError("pattern_too_large", `${at} "${name}" is larger than this detector runs; split it`);
}

function strings(argument: string, list: readonly string[] | undefined): readonly string[] {
  if (list === undefined) return [];
  const fits = (item: unknown): boolean =>
    typeof item === "string" && item.length <= TERM_CHARS_MAX && item.trim() !== "";
  if (!Array.isArray(list) || !list.every(fits))
    throw new TypeError(`${argument} must be an array of strings of 1 to ${TERM_CHARS_MAX} characters`);
  return list as readonly string[];
}

function limit(what: string, count: number, max: number): void {
  if (count > max) throw new CustomError("too_many", `${count} ${what}; at most ${max} are taken`);
}
