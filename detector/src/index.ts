/** Everything that this workspace offers to others. */
export { detect } from "./detect.ts";
export { normalize } from "./normalize.ts";
export { detectStream } from "./stream.ts";
export {
  type Category,
  type DetectOptions,
  type DetectStream,
  type Finding,
  SCORE_MIN,
  type StreamedFindings,
  type StreamOptions,
  type TypeRow,
  TYPES,
  WINDOW_CHARS,
} from "./types.ts";

export { escapeJson, type JsonSink, JsonTokens } from "./json-tokens.ts";
export { findBareWords, findLiterals, isPlaceholderType, mergeLiterals, type Stretch } from "./literals.ts";
export { applyOperator, maskValue, type Operator, type OperatorContext } from "./operators.ts";
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
