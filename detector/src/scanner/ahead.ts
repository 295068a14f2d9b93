/**
 * Text of which the rest may not be there yet. Whoever decides with it what belongs together behind a position reads through
 * `code`, and when that has asked for a character that is still to come, the decision is put off until it is there. So the
 * same is decided however the text was cut. One object for all: it is filled before each use.
 */
import { END } from "./characters.ts";

export class Ahead {
  text = "";
  /** What is behind it is not there yet. */
  limit = 0;
  final = true;
  /** A character was asked for that is not known yet: the answer does not count. */
  short = false;

  /** Of `text` the characters before `limit` are there; `final`: there will be no others. */
  open(text: string, limit: number, final: boolean): void {
    this.text = text;
    this.limit = limit;
    this.final = final;
    this.short = false;
  }

  /** The text may be personal and must not outlive the call. */
  release(): void {
    this.text = "";
  }

  /** UTF-16 code unit at `index`; END behind the end of the text. */
  code(index: number): number {
    if (index < this.limit) return this.text.charCodeAt(index);
    if (!this.final) this.short = true;
    return END;
  }
}
