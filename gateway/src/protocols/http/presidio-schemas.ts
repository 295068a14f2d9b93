/**
 * The bodies of Presidio's endpoints, as its specification and its servers have them
 * (https://microsoft.github.io/presidio/api-docs/api-docs.html), with a limit on everything. A field that is not
 * known is refused, as everywhere here: what is ignored in silence may have been meant.
 */
import { z } from "zod";
import { PYTHON_FLAGS_DEFAULT } from "./presidio-patterns.ts";

const TEXTS_MAX = 1_000;
const entity = z.string().regex(/^[A-Za-z0-9_.-][A-Za-z0-9_. -]{0,63}$/);
const score = z.number().min(0).max(1);
const words = (count: number, chars: number) => z.array(z.string().min(1).max(chars)).max(count);
const text = z.union([z.string().min(1), z.array(z.string()).min(1).max(TEXTS_MAX)]).describe("A text, or several");
const flags = z.number().int().min(0).describe("Sum of flags of Python's `re`: IGNORECASE 2, MULTILINE 8, DOTALL 16");

const adHocRecognizer = z
  .strictObject({
    name: z.string().max(128).default("ad hoc"),
    supported_language: z.string().max(16).optional(),
    supported_entity: entity.optional(),
    supported_entities: z.array(entity).length(1).optional(),
    patterns: z
      .array(
        z.strictObject({ name: z.string().max(128).default("pattern"), regex: z.string().min(1).max(1_000), score }),
      )
      .max(50)
      .nullish(),
    deny_list: words(5_000, 256).nullish(),
    deny_list_score: score.default(1),
    context: words(100, 64).nullish(),
    global_regex_flags: flags.default(PYTHON_FLAGS_DEFAULT),
    version: z.string().max(32).optional(),
  })
  .describe("A recognizer for this request only; expressions are RE2's, which run in linear time");
const recognizers = z.array(adHocRecognizer).max(20);
/** Of all recognizers of a request together. */
export const PATTERNS_MAX = 100;
export const DENIED_CHARS_MAX = 200_000;

export const analyzeBody = z.strictObject({
  text,
  language: z.string().max(16).optional().describe("Not needed: all languages are looked for at once"),
  entities: z.array(entity).max(200).nullish().describe("Default: all"),
  score_threshold: score.nullish().describe("Default 0.5"),
  correlation_id: z.string().max(256).nullish().describe("Not kept"),
  return_decision_process: z.boolean().nullish(),
  ad_hoc_recognizers: recognizers.nullish(),
  context: words(100, 64)
    .nullish()
    .describe("Words that stand before the text, as a column's name does before its cell"),
  allow_list: words(5_000, 1_000).nullish(),
  allow_list_match: z.enum(["exact", "regex"]).default("exact"),
  regex_flags: flags.default(PYTHON_FLAGS_DEFAULT),
  trace: z.boolean().nullish(),
});
export const ALLOWED_PATTERNS_MAX = 100;

const explanation = z.object({
  recognizer: z.string(),
  pattern_name: z.string().nullable(),
  pattern: z.string().nullable(),
  original_score: z.number(),
  score: z.number(),
  textual_explanation: z.string(),
  score_context_improvement: z.number(),
  supportive_context_word: z.string(),
  validation_result: z.boolean().nullable(),
});
const recognizerResult = z.object({
  analysis_explanation: explanation.nullable(),
  end: z.number().int(),
  entity_type: z.string(),
  score: z.number(),
  start: z.number().int(),
});
export const analyzeReply = z.union([z.array(recognizerResult), z.array(z.array(recognizerResult))]);

const offset = z.number().int().min(0).describe("In code points");
const span = { start: offset, end: offset, entity_type: entity };
const RESULTS_MAX = 100_000;
const analyzerResults = z.array(z.looseObject({ ...span, score: z.number() })).max(RESULTS_MAX);
const anonymizerResults = z.array(z.looseObject(span)).max(RESULTS_MAX);
const key = z.string().max(64);
const anonymizer = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("replace"), new_value: z.string().max(10_000).optional() }),
  z.strictObject({ type: z.literal("redact") }),
  z.strictObject({ type: z.literal("keep") }),
  z.strictObject({
    type: z.literal("mask"),
    masking_char: z.string().min(1).max(2),
    chars_to_mask: z.number().int(),
    from_end: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal("hash"),
    hash_type: z.enum(["sha256", "sha512"]).optional(),
    salt: z.string().max(1_000).optional(),
  }),
  z.strictObject({ type: z.literal("encrypt"), key, deterministic: z.boolean().optional() }),
]);
const deanonymizer = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("decrypt"), key }),
  z.strictObject({ type: z.literal("deanonymize_keep") }),
]);
const byEntity = "By entity; DEFAULT for the others";
export const anonymizeBody = z.strictObject({
  text,
  anonymizers: z.record(z.string().max(64), anonymizer).nullish().describe(byEntity),
  analyzer_results: z.union([analyzerResults, z.array(analyzerResults).max(TEXTS_MAX)]).nullish(),
});
export const deanonymizeBody = z.strictObject({
  text,
  deanonymizers: z.record(z.string().max(64), deanonymizer).nullish().describe(byEntity),
  anonymizer_results: z.union([anonymizerResults, z.array(anonymizerResults).max(TEXTS_MAX)]).nullish(),
});
const engineResult = z.object({
  text: z.string(),
  items: z.array(
    z.object({
      start: z.number().int(),
      end: z.number().int(),
      entity_type: z.string(),
      text: z.string(),
      operator: z.string(),
    }),
  ),
});
export const engineReply = z.union([engineResult, z.array(engineResult)]);

export const listQuery = z.object({ language: z.string().max(16).optional() });
export const listReply = z.array(z.string());

export type AnalyzeBody = z.infer<typeof analyzeBody>;
