/**
 * Reads JSON lines (NDJSON) as frames: one line, one document, with the bytes it came in. However the bytes are cut, the same
 * lines come out; blank lines are frames without data. It does not interpret the documents.
 */
import { type Boundary, type FrameLimits, FrameSplitter } from "./frames.ts";

export interface LineFrame {
  /** The line and its line end. */
  readonly raw: Buffer;
  /** `raw` as text. */
  readonly text: string;
  /** The line without its line end; absent when it is blank. */
  readonly data?: string;
  /** The stream ended before the line did. */
  readonly partial?: true;
}

export class LineReader {
  readonly #splitter: FrameSplitter<LineFrame>;

  constructor(limits: FrameLimits) {
    this.#splitter = new FrameSplitter(limits, lineFeed, readLine);
  }

  /** @throws SluiceError upstream_event_too_large, upstream_encoding_invalid */
  push(chunk: Uint8Array): LineFrame[] {
    return this.#splitter.push(chunk);
  }

  end(): LineFrame[] {
    return this.#splitter.end();
  }
}

/** The line's bytes with other data. */
export function withLineData(frame: LineFrame, data: string): Buffer {
  return Buffer.from(data + frame.text.slice(frame.data?.length ?? 0));
}

const LF = 0x0a;

const lineFeed: Boundary = {
  next(bytes, from, to) {
    const at = bytes.indexOf(LF, from);
    return at < 0 || at >= to ? -1 : at + 1;
  },
};

function readLine(raw: Buffer, text: string, partial: boolean): LineFrame {
  const end = text.endsWith("\n") ? text.length - (text.endsWith("\r\n") ? 2 : 1) : text.length;
  const data = text.slice(0, end);
  return { raw, text, ...(data.trim() === "" ? undefined : { data }), ...(partial ? { partial } : undefined) };
}
