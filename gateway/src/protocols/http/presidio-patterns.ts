/**
 * Recognizers that a request brings along: regular expressions, which run in linear time whatever they say (RE2), and lists
 * of words. Everything about them is limited, and they work on a text in windows, so that no request keeps others waiting.
 */
import { RE2JS } from "re2js";
import { SluiceError } from "../../core/errors.ts";
import { DenyList, leftmostLongest } from "./deny-list.ts";
import type { TimeBudget } from "./time-budget.ts";

/** Flags of Python's `re`, of which a request holds a sum: https://docs.python.org/3/library/re.html#flags */
const PYTHON_FLAGS = { IGNORECASE: 2, MULTILINE: 8, DOTALL: 16 } as const;
export const PYTHON_FLAGS_DEFAULT = PYTHON_FLAGS.IGNORECASE | PYTHON_FLAGS.MULTILINE | PYTHON_FLAGS.DOTALL;

/** What one step of the machine costs grows with it, and with the window what runs without a break. */
const PROGRAM_SIZE_MAX = 500;
const WINDOW_CHARS = 2048;
/** What a window sees behind its end, and so the longest match, and before its beginning. */
const AHEAD_CHARS = 1024;
const BEHIND_CHARS = 64;
const WORDS_BEFORE = 5;

export interface AdHocRecognizer {
  readonly name: string;
  readonly entity: string;
  readonly patterns: readonly { readonly name: string; readonly regex: string; readonly score: number }[];
  readonly words: readonly string[];
  readonly wordsScore: number;
  readonly context: readonly string[];
  /** Of Python's `re`. */
  readonly flags: number;
}

export interface AdHocFinding {
  readonly recognizer: AdHocRecognizer;
  readonly pattern: { readonly name: string; readonly regex: string | null };
  /** UTF-16 offsets. */
  readonly start: number;
  readonly end: number;
  readonly originalScore: number;
  readonly score: number;
  /** The context word that raised the score; empty when none did. */
  readonly contextWord: string;
}

interface Compiled {
  readonly recognizer: AdHocRecognizer;
  readonly patterns: readonly {
    readonly name: string;
    readonly regex: string;
    readonly score: number;
    readonly machine: RE2JS;
  }[];
  readonly denied: DenyList | undefined;
}

/** Compiles a regular expression of a request. `field` names it in the error, which holds nothing of it. */
export function compile(regex: string, flags: number, field: string): RE2JS {
  if ((flags & ~PYTHON_FLAGS_DEFAULT) !== 0)
    throw new SluiceError(
      "field_invalid",
      `${field}: only the flags IGNORECASE (2), MULTILINE (8) and DOTALL (16) are known`,
    );
  let machine: RE2JS;
  try {
    machine = RE2JS.compile(
      regex,
      ((flags & PYTHON_FLAGS.IGNORECASE) === 0 ? 0 : RE2JS.CASE_INSENSITIVE) |
        ((flags & PYTHON_FLAGS.MULTILINE) === 0 ? 0 : RE2JS.MULTILINE) |
        ((flags & PYTHON_FLAGS.DOTALL) === 0 ? 0 : RE2JS.DOTALL) |
        RE2JS.LOOKBEHINDS,
    );
  } catch {
    // The library's message repeats the expression.
    throw new SluiceError(
      "field_invalid",
      `${field} is no regular expression that runs in linear time: RE2 syntax, so no look-ahead and no back-references`,
    );
  }
  if (machine.programSize() > PROGRAM_SIZE_MAX)
    throw new SluiceError("field_invalid", `${field} is too large; repeat less, or split it`);
  return machine;
}

export class AdHocRecognizers {
  readonly #compiled: readonly Compiled[];

  private constructor(compiled: readonly Compiled[]) {
    this.#compiled = compiled;
  }

  /** Throws field_invalid, scrub_timeout. */
  static async of(recognizers: readonly AdHocRecognizer[], budget: TimeBudget): Promise<AdHocRecognizers> {
    const compiled: Compiled[] = [];
    for (const [index, recognizer] of recognizers.entries()) {
      const patterns: Compiled["patterns"][number][] = [];
      for (const [at, pattern] of recognizer.patterns.entries()) {
        const field = `ad_hoc_recognizers[${index}].patterns[${at}].regex`;
        patterns.push({ ...pattern, machine: compile(pattern.regex, recognizer.flags, field) });
        await budget.spend();
      }
      const fold = (recognizer.flags & PYTHON_FLAGS.IGNORECASE) !== 0;
      const denied = recognizer.words.length === 0 ? undefined : new DenyList(recognizer.words, fold);
      compiled.push({ recognizer, patterns, denied });
      await budget.spend();
    }
    return new AdHocRecognizers(compiled);
  }

  /** `context`: words that count as standing before every match. */
  async find(text: string, context: readonly string[], budget: TimeBudget): Promise<AdHocFinding[]> {
    const findings: AdHocFinding[] = [];
    for (const { recognizer, patterns, denied } of this.#compiled) {
      const add = (pattern: AdHocFinding["pattern"], start: number, end: number, originalScore: number): void => {
        if (originalScore === 0) return;
        const contextWord = supportingWord(text, start, recognizer.context, context);
        const score = contextWord === "" ? originalScore : raised(originalScore);
        findings.push({ recognizer, pattern, start, end, originalScore, score, contextWord });
      };
      for (const { name, regex, score, machine } of patterns) {
        for await (const { start, end } of matches(machine, text, budget)) add({ name, regex }, start, end, score);
      }
      if (denied === undefined) continue;
      const search = denied.search();
      const hits = [];
      for (let from = 0; from < text.length; from += WINDOW_CHARS) {
        hits.push(...search(text, from, Math.min(text.length, from + WINDOW_CHARS)));
        await budget.spend();
      }
      for (const { start, end } of leftmostLongest(hits))
        add({ name: "deny_list", regex: null }, start, end, recognizer.wordsScore);
    }
    return findings;
  }
}

/** Matches one after the other, empty ones left out. */
async function* matches(
  machine: RE2JS,
  text: string,
  budget: TimeBudget,
): AsyncGenerator<{ start: number; end: number }, void> {
  let at = 0;
  for (let from = 0; from < text.length; from += WINDOW_CHARS) {
    const to = Math.min(text.length, from + WINDOW_CHARS);
    const offset = Math.max(0, from - BEHIND_CHARS);
    const window = machine.matcher(text.slice(offset, to + AHEAD_CHARS));
    at = Math.max(at, from);
    while (at < to && window.find(at - offset)) {
      const start = window.start() + offset;
      const end = window.end() + offset;
      if (start >= to) break;
      if (end > start) yield { start, end };
      // Never between the halves of a pair.
      at = end > start ? end : start + ((text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1);
      await budget.spend();
    }
    await budget.spend();
  }
}

/** As their enhancer does it: 0.35 more, at least 0.4. */
function raised(score: number): number {
  return Math.min(1, Math.max(score + 0.35, 0.4));
}

/** The recognizer's context word among the words before the match or in the request's context; whole words only. */
function supportingWord(text: string, start: number, words: readonly string[], context: readonly string[]): string {
  if (words.length === 0) return "";
  const before = text.slice(Math.max(0, start - 256), start).match(/[\p{L}\p{N}\p{M}_]+/gu) ?? [];
  const near = new Set([...before.slice(-WORDS_BEFORE), ...context].map((word) => word.toLowerCase()));
  return words.find((word) => near.has(word.toLowerCase())) ?? "";
}
