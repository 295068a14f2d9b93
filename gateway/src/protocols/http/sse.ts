/**
 * Reads Server-Sent Events as frames: an event with the bytes it came in. However the bytes are cut, the same frames come
 * out; what is no event (comments, pings, `retry:`) is a frame without data, so that nothing is lost on the way through.
 * It does not interpret data. https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
import { type Boundary, type FrameLimits, FrameSplitter } from "./frames.ts";

export interface SseFrame {
  /** Everything up to and including the blank line. */
  readonly raw: Buffer;
  /** `raw` as text. */
  readonly text: string;
  /** The last `event:` field; absent when there is none. */
  readonly event?: string;
  /** The `data:` fields, joined by line feeds; absent when there is none. */
  readonly data?: string;
  /** Where the value of the only `data:` field stands in `text`; absent when there are none or several. */
  readonly dataRange?: { readonly start: number; readonly end: number };
  /** The stream ended before the blank line: "Once the end of the file is reached, any pending data must be discarded". */
  readonly partial?: true;
}

export class SseReader {
  readonly #splitter: FrameSplitter<SseFrame>;

  constructor(limits: FrameLimits) {
    this.#splitter = new FrameSplitter(limits, new BlankLine(), readFrame);
  }

  /** @throws SluiceError upstream_event_too_large, upstream_encoding_invalid */
  push(chunk: Uint8Array): SseFrame[] {
    return this.#splitter.push(chunk);
  }

  end(): SseFrame[] {
    return this.#splitter.end();
  }
}

/** The frame's bytes with other data, every other line as it was. */
export function withData(frame: SseFrame, data: string): Buffer {
  const { text, dataRange } = frame;
  if (dataRange && !data.includes("\n")) {
    return Buffer.from(text.slice(0, dataRange.start) + data + text.slice(dataRange.end));
  }
  let out = text.charCodeAt(0) === 0xfeff ? "\ufeff" : "";
  let written = false;
  const line = new Lines(text);
  while (line.advance()) {
    const lineEnd = text.slice(line.end, line.next);
    if (text.slice(line.start, colon(text, line.start, line.end)) !== "data") {
      out += text.slice(line.start, line.end) + lineEnd;
    } else if (!written) {
      written = true;
      for (const piece of data.split("\n")) out += `data: ${piece}${lineEnd || "\n"}`;
    }
  }
  return Buffer.from(out);
}

/** A new event of our own. */
export function sseEvent(event: string | undefined, data: string): Buffer {
  const name = event === undefined ? "" : `event: ${event}\n`;
  const value = data.includes("\n") ? data.replaceAll("\n", "\ndata: ") : data;
  return Buffer.from(`${name}data: ${value}\n\n`);
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * A frame ends at a blank line; lines end in LF, CR or CRLF. A CR at the end of what has arrived may be half of a CRLF, so the
 * frame is held until the next byte (or the end) tells: otherwise the cut would decide where the LF belongs.
 */
class BlankLine implements Boundary {
  /** Nothing stands on the current line yet. */
  #blank = true;
  #afterCr = false;
  /** The CR just seen ended a blank line. */
  #ending = false;

  next(bytes: Uint8Array, from: number, to: number): number {
    for (let i = from; i < to; i++) {
      const byte = bytes[i];
      if (this.#afterCr) {
        this.#afterCr = false;
        const ending = this.#ending;
        this.#ending = false;
        if (ending) return byte === LF ? i + 1 : i;
        if (byte === LF) continue;
      }
      if (byte === LF) {
        if (this.#blank) return i + 1;
        this.#blank = true;
      } else if (byte === CR) {
        this.#ending = this.#blank;
        this.#afterCr = true;
        this.#blank = true;
      } else {
        this.#blank = false;
      }
    }
    return -1;
  }
}

function readFrame(raw: Buffer, text: string, unfinished: boolean): SseFrame {
  const frame: { -readonly [K in keyof SseFrame]: SseFrame[K] } = { raw, text };
  const line = new Lines(text);
  while (line.advance()) {
    const { start, end } = line;
    const nameEnd = colon(text, start, end);
    const size = nameEnd - start;
    if (size === 4 && text.startsWith("data", start)) {
      const from = valueStart(text, nameEnd, end);
      if (frame.data === undefined) {
        frame.data = text.slice(from, end);
        frame.dataRange = { start: from, end };
      } else {
        frame.data += `\n${text.slice(from, end)}`;
        delete frame.dataRange;
      }
    } else if (size === 5 && text.startsWith("event", start)) {
      frame.event = text.slice(valueStart(text, nameEnd, end), end);
    }
  }
  // A CR that ends the stream may have ended the frame too: only then nobody asked for another byte.
  if (unfinished && !/(?:^|[\r\n])\r$/.test(text)) frame.partial = true;
  return frame;
}

/** The lines of a text, in linear time whatever its line ends are. */
class Lines {
  readonly #text: string;
  /** The first of each at or after `next`, or none (infinity). */
  #lf = -1;
  #cr = -1;
  start = 0;
  end = 0;
  next: number;

  constructor(text: string) {
    this.#text = text;
    // "One leading U+FEFF BYTE ORDER MARK character must be ignored if any are present." It is ignored before any frame, not
    // only before the first: reading a field that a client would not is safe, the other way round is not.
    this.next = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  }

  advance(): boolean {
    const text = this.#text;
    const start = this.next;
    if (start >= text.length) return false;
    if (this.#lf < start) this.#lf = indexOrNever(text, "\n", start);
    if (this.#cr < start) this.#cr = indexOrNever(text, "\r", start);
    const end = Math.min(this.#lf, this.#cr, text.length);
    this.start = start;
    this.end = end;
    this.next = text.charCodeAt(end) === CR && text.charCodeAt(end + 1) === LF ? end + 2 : end + 1;
    return true;
  }
}

function indexOrNever(text: string, character: string, from: number): number {
  const index = text.indexOf(character, from);
  return index < 0 ? Number.POSITIVE_INFINITY : index;
}

function colon(text: string, start: number, end: number): number {
  for (let i = start; i < end; i++) if (text.charCodeAt(i) === 0x3a) return i;
  return end;
}

/** "If value starts with a U+0020 SPACE character, remove it from value." A line without a colon is a name without a value. */
function valueStart(text: string, nameEnd: number, end: number): number {
  if (nameEnd === end) return end;
  return text.charCodeAt(nameEnd + 1) === 0x20 && nameEnd + 1 < end ? nameEnd + 2 : nameEnd + 1;
}
