/**
 * `@sluice/detector/onnx`: a token-classification model of the user's own beside the recognizers. Nothing is bundled and nothing
 * downloaded; `onnxruntime-node` is an optional peer dependency that the core never imports.
 */
export { detectWithModel } from "./detect.ts";
export { ModelError, type ModelErrorCode } from "./errors.ts";
export { type Model, type ModelOptions, type Named, openModel } from "./model.ts";
export type { Runtime, Session, Tensor } from "./runtime.ts";
export { readTokenizer } from "./tokenizer-json.ts";
export type { Pieces, Tokenizer } from "./tokenizer.ts";
export { readVocabulary, wordPiece, type WordPieceOptions } from "./word-piece.ts";
