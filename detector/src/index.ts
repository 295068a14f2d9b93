/** Everything that this workspace offers to others. */
export { Allow } from "./custom/allow.ts";
export {
  Custom,
  CustomError,
  type CustomErrorCode,
  type CustomPattern,
  type CustomRecognizer,
} from "./custom/custom.ts";
export { detect, detectSteps } from "./detect.ts";
export { DetectError, type DetectErrorCode } from "./errors.ts";
export { type NamesModel, readNames } from "./names/model.ts";
export { normalize } from "./normalize.ts";
export { detectStream } from "./stream.ts";
export {
  CHARS_MAX,
  type DetectOptions,
  type DetectStream,
  SCORE_MIN,
  type StreamedFindings,
  type StreamOptions,
  WINDOW_CHARS,
} from "./options.ts";
export { type Category, type Finding, type TypeRow, TYPES } from "./types.ts";

export { type Form, FORM_SAMPLE_CHARS, FORMS, formOf } from "./forms/form.ts";
export { type FormStream, formStream } from "./forms/stream.ts";
export type { Found, TellingOptions } from "./forms/telling.ts";
export { escapeJson, type JsonSink, JsonTokens } from "./json-tokens.ts";
export { findBareWords, findLiterals, isPlaceholderType, mergeLiterals, type Stretch } from "./literals.ts";
export { OperatorError, type OperatorErrorCode } from "./operators/errors.ts";
export { decryptFormat, encryptFormat, FORMAT_TYPES, type FormatOptions } from "./operators/format-preserving.ts";
export { GENERALIZED_TYPES, generalize, type GeneralizeOptions } from "./operators/generalize.ts";
export { type OperatorKeyOptions, OperatorKeys } from "./operators/keys.ts";
export { dropMarks, findMarks } from "./operators/marks.ts";
export { type MaskRow, MASKS, maskValue } from "./operators/mask.ts";
export {
  applyOperator,
  type Operator,
  type OperatorContext,
  type OperatorRow,
  OPERATORS,
  type OperatorSettings,
} from "./operators/operators.ts";
export { pseudonym, type PseudonymForm } from "./operators/pseudonym.ts";
export { type Replacement, Replacements, type ReplacementsOptions } from "./operators/replacements.ts";
export {
  decryptText,
  decryptToken,
  encryptValue,
  type NonceSource,
  readToken,
  SEAL_ALGORITHMS,
  type SealAlgorithm,
  type SealOptions,
  type TokenParts,
} from "./operators/seal.ts";
export { surrogate, SURROGATE_TYPES, type SurrogateOptions } from "./operators/surrogate.ts";
export { type Issued, LITERAL, PlaceholderMap, type PlaceholderMapOptions } from "./placeholders.ts";
export {
  createRestorer,
  type Masked,
  type MaskedText,
  type Masker,
  type RestoreCounts,
  type RestoreOptions,
  type Restorer,
  type RestoreStream,
} from "./restore.ts";
export { type Entity, restore, scrub, type ScrubOptions, type ScrubResult } from "./scrub.ts";
export { SPECIAL_CATEGORIES, type SpecialCategory } from "./signals/language.ts";
export { type Signal, SIGNAL_LANGUAGES, SIGNAL_REACH_CHARS, type SignalOptions, signals } from "./signals/signals.ts";
