/** What detection refuses, by a code that programs can tell apart. Messages hold numbers, never text. */

export type DetectErrorCode = "text_too_large";

export class DetectError extends Error {
  readonly code: DetectErrorCode;

  constructor(code: DetectErrorCode, message: string) {
    super(message);
    this.name = "DetectError";
    this.code = code;
  }
}
