/**
 * Finds in a text what Presidio's `/analyze` is asked for: our detector's findings under their names, what recognizers of the
 * request find, less what is allowed. Offsets count code points, as Python does.
 */
import { SluiceError } from "../../core/errors.ts";
import { CodePoints } from "./code-points.ts";
import type { Finding, PresidioDetector } from "./presidio-detector.ts";
import { entityOf, supportedEntities, typesOf } from "./presidio-entities.ts";
import { type AdHocFinding, type AdHocRecognizer, AdHocRecognizers, compile } from "./presidio-patterns.ts";
import type { TimeBudget } from "./time-budget.ts";

export interface AnalysisRequest {
  /** Empty: all. */
  readonly entities: readonly string[];
  readonly scoreMin: number | undefined;
  readonly recognizers: readonly AdHocRecognizer[];
  readonly context: readonly string[];
  readonly allowed: readonly string[];
  readonly allowedMatch: "exact" | "regex";
  /** Of Python's `re`, for `allowed`. */
  readonly flags: number;
  readonly explain: boolean;
}

export interface Explanation {
  readonly recognizer: string;
  readonly pattern_name: string | null;
  readonly pattern: string | null;
  readonly original_score: number;
  readonly score: number;
  readonly textual_explanation: string;
  readonly score_context_improvement: number;
  readonly supportive_context_word: string;
  readonly validation_result: boolean | null;
}

export interface RecognizerResult {
  readonly analysis_explanation: Explanation | null;
  readonly end: number;
  readonly entity_type: string;
  readonly score: number;
  readonly start: number;
}

/** One request's way of looking, for all its texts. */
export class Analysis {
  /** Entities that were asked for and that nothing here finds. */
  readonly unsupported: readonly string[];
  readonly #detector: PresidioDetector;
  readonly #request: AnalysisRequest;
  readonly #types: readonly string[];
  readonly #adHoc: AdHocRecognizers;
  readonly #isAllowed: (value: string) => boolean;
  readonly #budget: TimeBudget;

  private constructor(
    detector: PresidioDetector,
    request: AnalysisRequest,
    adHoc: AdHocRecognizers,
    unsupported: readonly string[],
    budget: TimeBudget,
  ) {
    const { entities } = request;
    this.#detector = detector;
    this.#request = request;
    this.#adHoc = adHoc;
    this.unsupported = unsupported;
    this.#budget = budget;
    const wanted = entities.length === 0 ? supportedEntities(detector.types) : entities;
    this.#types = [...new Set(wanted.flatMap((entity) => typesOf(entity, detector.types)))];
    this.#isAllowed = allowance(request);
  }

  /** Throws field_invalid when a pattern is none, or when nothing finds any of the entities that are asked for. */
  static async of(detector: PresidioDetector, request: AnalysisRequest, budget: TimeBudget): Promise<Analysis> {
    const { entities, recognizers } = request;
    const isWanted = (entity: string): boolean => entities.length === 0 || entities.includes(entity);
    const wanted = recognizers.filter(({ entity }) => isWanted(entity));
    const brought = new Set(recognizers.map(({ entity }) => entity));
    const unsupported = entities.filter(
      (entity) => !brought.has(entity) && typesOf(entity, detector.types).length === 0,
    );
    if (entities.length > 0 && unsupported.length === entities.length)
      throw new SluiceError(
        "field_invalid",
        "entities: none of them is supported; GET supportedentities lists what is",
      );
    const adHoc = await AdHocRecognizers.of(wanted, budget);
    return new Analysis(detector, request, adHoc, unsupported, budget);
  }

  /** Throws scrub_timeout. */
  async analyze(text: string): Promise<RecognizerResult[]> {
    const { context, explain, scoreMin } = this.#request;
    const results: (RecognizerResult & { readonly value: string })[] = [];
    const points = new CodePoints(text);
    const add = (entity: string, { start, end, score }: Stretch, explanation: () => Explanation): void => {
      results.push({
        analysis_explanation: explain ? explanation() : null,
        end: points.of(end),
        entity_type: entity,
        score,
        start: points.of(start),
        value: text.slice(start, end),
      });
    };
    for (const finding of await this.#detect(text)) {
      const entity = entityOf(finding);
      if (this.#wants(entity, finding.type)) add(entity, finding, () => explained(finding));
    }
    for (const found of await this.#adHoc.find(text, context, this.#budget)) {
      if (found.score >= (scoreMin ?? 0)) add(found.recognizer.entity, found, () => explainedAdHoc(found));
    }
    return withoutContained(results)
      .filter(({ value }) => !this.#isAllowed(value))
      .map(({ value: _value, ...result }) => result);
  }

  #wants(entity: string, type: string): boolean {
    const { entities } = this.#request;
    return entities.length === 0 || entities.includes(entity) || entities.includes(type);
  }

  async #detect(text: string): Promise<Finding[]> {
    if (this.#types.length === 0) return [];
    const { context, scoreMin } = this.#request;
    const stream = this.#detector.stream({ types: this.#types, ...(scoreMin === undefined ? {} : { scoreMin }) });
    // The context stands before the text as the name of a column stands before its cell.
    const words = context
      .map((word) => word.replaceAll(/[^\p{L}\p{M}\p{N}_-]+/gu, " ").trim())
      .filter((word) => word !== "");
    const label = words.length === 0 ? "" : `${words.join(" ")}: `;
    const findings: Finding[] = [];
    let settled = -label.length;
    const take = (result: ReturnType<typeof stream.push>): void => {
      for (const finding of result.findings) {
        const start = Math.max(0, finding.start + settled);
        const end = finding.end + settled;
        if (end > start) findings.push({ ...finding, start, end });
      }
      settled += result.text.length;
    };
    if (label !== "") take(stream.push(label));
    for (let from = 0; from < text.length; from += SLICE_CHARS) {
      take(stream.push(text.slice(from, from + SLICE_CHARS)));
      await this.#budget.spend();
    }
    take(stream.end());
    return findings;
  }
}

/** Text between two looks at the clock. */
const SLICE_CHARS = 4_096;

interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

function allowance({ allowed, allowedMatch, flags }: AnalysisRequest): (value: string) => boolean {
  if (allowed.length === 0) return () => false;
  if (allowedMatch === "exact") {
    const values = new Set(allowed);
    return (value) => values.has(value);
  }
  const machines = allowed.map((regex, index) => compile(regex, flags, `allow_list[${index}]`));
  return (value) => machines.some((machine) => machine.test(value));
}

/** Sorted by place; of two of one entity, the one inside the other goes, unless it is surer. */
function withoutContained<T extends RecognizerResult>(results: T[]): T[] {
  const standing: T[] = [];
  const byScore = results.sort((a, b) => b.score - a.score || a.start - b.start || b.end - a.end);
  const byEntity = Map.groupBy(byScore, ({ entity_type }) => entity_type);
  for (const group of byEntity.values()) standing.push(...uncovered(group));
  return standing.sort((a, b) => a.start - b.start || b.end - a.end);
}

/** Surest first in, those that no surer one covers out. */
function uncovered<T extends RecognizerResult>(group: readonly T[]): T[] {
  if (group.length === 1) return [...group];
  const ordered = group.map((result, rank) => ({ result, rank }));
  ordered.sort((a, b) => a.result.start - b.result.start || b.result.end - a.result.end || a.rank - b.rank);
  // A result is covered by one that begins no later and ends no earlier; among those that begin no later, few reach so far.
  const kept: T[] = [];
  let reaching: { result: T; rank: number }[] = [];
  for (const each of ordered) {
    reaching = reaching.filter(({ result }) => result.end > each.result.start);
    const covered = reaching.some(({ result, rank }) => result.end >= each.result.end && rank < each.rank);
    if (!covered) kept.push(each.result);
    reaching.push(each);
  }
  return kept;
}

function explained({ recognizer, score, why }: Finding): Explanation {
  return {
    recognizer,
    pattern_name: null,
    pattern: null,
    original_score: score,
    score,
    textual_explanation: why,
    score_context_improvement: 0,
    supportive_context_word: "",
    validation_result: null,
  };
}

function explainedAdHoc({ recognizer, pattern, originalScore, score, contextWord }: AdHocFinding): Explanation {
  return {
    recognizer: recognizer.name,
    pattern_name: pattern.name,
    pattern: pattern.regex,
    original_score: originalScore,
    score,
    textual_explanation: `Detected by \`${recognizer.name}\` using pattern \`${pattern.name}\``,
    score_context_improvement: score - originalScore,
    supportive_context_word: contextWord,
    validation_result: null,
  };
}
