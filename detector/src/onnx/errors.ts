/** What the tier of a user's own model refuses, by a code that programs can tell apart. Messages never hold text. */

export type ModelErrorCode =
  /** The tokenizer has a part that is not read here; the message names it. */
  | "tokenizer_unsupported"
  /** The model's inputs or outputs are not those of token classification, or not as many as there are labels. */
  | "model_unsupported"
  /** `onnxruntime-node` is not installed, or cannot be loaded. */
  | "runtime_missing";

export class ModelError extends Error {
  readonly code: ModelErrorCode;

  constructor(code: ModelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ModelError";
    this.code = code;
  }
}
