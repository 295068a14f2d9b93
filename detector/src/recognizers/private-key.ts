/**
 * Private keys in PEM (RFC 7468), OpenPGP armor (RFC 9580) and PuTTY's files: the only finding that spans lines, and so the only
 * one that is read by a machine of its own. It follows the body as long as it looks like one: base64 words on lines of their
 * own or long ones, `Name: value` headers before them, line ends written out as `\n` in JSON. A block whose end is missing is
 * a finding up to the last word that looks like key material. After KEY_CHARS_MAX it is reported and goes on as the next.
 */
import { isAsciiAlnum, isDigitCode } from "../scanner/characters.ts";

const KEY_BEGIN = "-----BEGIN";
/** https://the.earth.li/~sgtatham/putty/0.83/htmldoc/AppendixC.html: what follows is as many lines of base64. */
const PUTTY_BEGIN = "Private-Lines:";
const PUTTY_DIGITS_MAX = 4;
const KEY_END = "-----END";
const DASHES = "-----";
const LABEL_CHARS_MAX = 64;
const HEADER_CHARS_MAX = 200;
const LONG_WORD_CHARS = 16;
export const KEY_CHARS_MAX = 16_384;

/** Where in [floor, at) the words begin that open a key and end at `at`; -1 when none do. */
export function keyBegin(text: string, floor: number, at: number): number {
  const last = text.charCodeAt(at - 1);
  const opener = last === 0x4e ? KEY_BEGIN : last === 0x3a ? PUTTY_BEGIN : undefined;
  if (opener === undefined || at - opener.length < floor) return -1;
  return text.startsWith(opener, at - opener.length) ? at - opener.length : -1;
}

/** Offset at which the body of the key begins whose opening words end at `at`; -1 when it is no private key; undefined: need more. */
export function keyLabelEnd(text: string, at: number, final: boolean): number | undefined {
  if (isPutty(text, at)) return linesEnd(text, at, final);
  const end = labelEnd(text, at, final);
  if (end === undefined || end < 0) return end;
  return text.slice(at, end).includes("PRIVATE KEY") ? end : -1;
}

function isPutty(text: string, at: number): boolean {
  return text.charCodeAt(at - 1) === 0x3a;
}

/** End of ` 14` when the line ends behind it. */
function linesEnd(text: string, at: number, final: boolean): number | undefined {
  let end = at + 1;
  while (end < text.length && end - at <= PUTTY_DIGITS_MAX && isDigitCode(text.charCodeAt(end))) end++;
  if (end >= text.length) return final ? -1 : undefined;
  return end > at + 1 && "\r\n\\".includes(text[end] ?? " ") ? end : -1;
}

function labelEnd(text: string, at: number, final: boolean): number | undefined {
  for (let i = at; i < at + LABEL_CHARS_MAX; i++) {
    if (i >= text.length) return final ? -1 : undefined;
    const code = text.charCodeAt(i);
    if (code === 0x2d) {
      if (text.startsWith(DASHES, i)) return i + DASHES.length;
      return !final && DASHES.startsWith(text.slice(i)) ? undefined : -1;
    }
    if (code !== 0x20 && (code < 0x41 || code > 0x5a) && (code < 0x30 || code > 0x39)) return -1;
  }
  return -1;
}

export class KeyBlock {
  /** Where the finding begins, and where it ends so far. */
  start: number;
  end: number;
  /** Rule and evidence of the finding. */
  readonly why: string;
  #cursor: number;
  /** How far the word at the cursor is known to be base64, so that small pieces of input do not mean reading it again. */
  #known: number;
  #lineStart = true;
  #body: boolean;

  /** `cursor`: from keyLabelEnd. `before`: the block that was full, which this one continues. */
  constructor(text: string, start: number, cursor: number, before?: KeyBlock) {
    const putty = text.startsWith(PUTTY_BEGIN, start);
    this.start = start;
    this.end = cursor;
    this.why =
      before?.why ?? (putty ? "putty-key: private lines of a PuTTY key" : "private-key: block in PEM or OpenPGP armor");
    this.#cursor = cursor;
    this.#known = cursor;
    this.#body = putty || before !== undefined;
  }

  /** The stream has dropped text in front. */
  shift(chars: number): void {
    this.start -= chars;
    this.end -= chars;
    this.#cursor -= chars;
    this.#known -= chars;
  }

  /** "done": the finding is [start, end). "full": so too, and the key goes on at `end`. "more": wait for text. */
  advance(text: string, final: boolean): "done" | "full" | "more" {
    for (;;) {
      if (this.end - this.start >= KEY_CHARS_MAX) return "full";
      if (!this.#skipGap(text)) return final ? "done" : "more";
      const start = this.#cursor;
      let end = Math.max(start, this.#known);
      const limit = this.start + KEY_CHARS_MAX;
      while (end < text.length && end < limit && isKeyCode(text.charCodeAt(end))) end++;
      this.#known = end;
      if (end === limit) {
        this.end = limit;
        return "full";
      }
      if (end === text.length && !final) return "more";
      if (text.startsWith(KEY_END, start)) {
        const closed = labelEnd(text, start + KEY_END.length, final);
        if (closed === undefined) return "more";
        if (closed >= 0) this.end = closed;
        return "done";
      }
      const verdict = this.#word(text, start, end, final);
      if (verdict !== "next") return verdict;
    }
  }

  #word(text: string, start: number, end: number, final: boolean): "next" | "done" | "more" {
    const next = text[end] ?? "";
    if (!this.#body && this.#lineStart && next === ":" && end > start) {
      let line = end;
      while (line < text.length && line - end < HEADER_CHARS_MAX && text[line] !== "\n" && text[line] !== "\\") line++;
      if (line === text.length && !final) return "more";
      this.#accept(line);
      return "next";
    }
    if (end - start === 1 && text[start] === "+") {
      this.#cursor = end;
      return "next";
    }
    const dash = text.slice(start, end).indexOf("-");
    const wordEnd = dash < 0 ? end : start + dash;
    if (wordEnd === start || (dash >= 0 && !text.startsWith(KEY_END, wordEnd))) return "done";
    if (wordEnd - start < LONG_WORD_CHARS && dash < 0) {
      const alone = this.#lineStart && (next === "" || "\r\n\\\"'`,".includes(next));
      // The last, short word of a key whose line ends have become spaces.
      const last = !alone && next === " " ? startsAt(text, KEY_END, end + 1, final) : false;
      if (last === undefined) return "more";
      if (!alone && !last) return "done";
    }
    this.#body = true;
    this.#accept(wordEnd);
    return "next";
  }

  #accept(end: number): void {
    this.end = end;
    this.#cursor = end;
    this.#lineStart = false;
  }

  /** Moves the cursor over white space, quotes and written-out line ends; false when the text ends in the gap. */
  #skipGap(text: string): boolean {
    for (; this.#cursor < text.length; this.#cursor++) {
      const char = text[this.#cursor] ?? "";
      if (char === "\n" || char === "\r") this.#lineStart = true;
      else if (char === "\\") {
        const next = text[this.#cursor + 1];
        if (next === undefined) return false;
        if (next === "\\") continue;
        if (next !== "n" && next !== "r") return true;
        this.#lineStart = true;
        this.#cursor++;
      } else if (!" \t\"'`,".includes(char)) return true;
    }
    return false;
  }
}

/** Whether `part` stands at `at`; undefined when the text ends before that is known. */
function startsAt(text: string, part: string, at: number, final: boolean): boolean | undefined {
  if (at + part.length <= text.length || final) return text.startsWith(part, at);
  return part.startsWith(text.slice(at)) ? undefined : false;
}

/** Base64 and the hyphen of the closing line. */
function isKeyCode(code: number): boolean {
  return isAsciiAlnum(code) || code === 0x2b || code === 0x2f || code === 0x3d || code === 0x2d;
}
