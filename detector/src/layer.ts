/**
 * The contract of what looks at whole chunks (scanner/chunks.ts: lines, or at most a thousand characters of one) and not at
 * islands: addresses, names, encoded forms, recognizers of one's own. A layer reads the chunk and, for labels, at most
 * LOOKBACK_CHARS before it, decides from the text alone, and takes time linear in the chunk.
 */
import type { Sink } from "./recognizers/recognizer.ts";

export interface Layer {
  /**
   * Finds in text[from, to); findings lie inside. `classes`: those of scanner/characters.ts that its characters have at most, and LONG
   * when as many digits of base64 may stand side by side as a word needs for that.
   */
  find(text: string, from: number, to: number, sink: Sink, classes: number): void;
  /**
   * Finds in the same chunk what other chunks have told: all of the document's when it is there as a whole, those up to and with
   * this one in a stream.
   */
  findAgain?(text: string, from: number, to: number, sink: Sink): void;
}
