/**
 * Cuts a stream of bytes into frames of a format. However the bytes arrive, the same frames come out, each with its own bytes,
 * and every byte belongs to exactly one frame. Work and memory are linear in the bytes; a frame has a limit. A fault is thrown
 * only after the frames that stood before it were handed out, so that a cut never decides what the client still gets.
 */
import { isUtf8 } from "node:buffer";
import { SluiceError } from "../../core/errors.ts";

export interface FrameLimits {
  /** Bytes of one frame, its line ends included. */
  readonly eventBytesMax: number;
}

/** Where frames end. Keeps its own state between calls: it sees every byte once, in order. */
export interface Boundary {
  /** Offset just behind the frame that ends in `bytes[from..to)`, or -1. */
  next(bytes: Uint8Array, from: number, to: number): number;
}

const NOTHING: Buffer = Buffer.alloc(0);

export class FrameSplitter<Frame> {
  readonly #limits: FrameLimits;
  readonly #boundary: Boundary;
  readonly #read: (raw: Buffer, text: string, partial: boolean) => Frame;
  /** Bytes of the unfinished frame: the first `#held` of `#buffer`. */
  #buffer: Buffer = NOTHING;
  #held = 0;
  #fault: SluiceError | undefined;

  constructor(limits: FrameLimits, boundary: Boundary, read: (raw: Buffer, text: string, partial: boolean) => Frame) {
    this.#limits = limits;
    this.#boundary = boundary;
    this.#read = read;
  }

  /** Bytes that wait for the rest of their frame. */
  get held(): number {
    return this.#held;
  }

  /** Takes over `chunk`: frames may be views of it. */
  push(chunk: Uint8Array): Frame[] {
    if (this.#fault) throw this.#fault;
    const frames: Frame[] = [];
    if (chunk.length === 0) return frames;
    const from = this.#held;
    const bytes = from === 0 ? view(chunk) : this.#append(chunk);
    const to = from + chunk.length;
    let start = 0;
    let seen = from;
    while (seen < to) {
      const end = this.#boundary.next(bytes, seen, to);
      if (end < 0) break;
      const raw = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
      if (!this.#take(frames, raw, false)) return frames;
      start = seen = end;
    }
    this.#keep(bytes, start, to);
    if (this.#held > this.#limits.eventBytesMax) this.#fail(frames, this.#tooLarge());
    return frames;
  }

  /** No more bytes: what is left is a frame without its end. */
  end(): Frame[] {
    if (this.#fault) throw this.#fault;
    const frames: Frame[] = [];
    if (this.#held > 0) this.#take(frames, this.#buffer.subarray(0, this.#held), true);
    this.#held = 0;
    return frames;
  }

  #take(frames: Frame[], raw: Buffer, partial: boolean): boolean {
    if (raw.length > this.#limits.eventBytesMax) return this.#fail(frames, this.#tooLarge());
    // A character that is not UTF-8 could hide text from the transform and still mean something to the client's decoder.
    if (!isUtf8(raw)) {
      return this.#fail(
        frames,
        new SluiceError("upstream_encoding_invalid", "the answer holds bytes that are not UTF-8"),
      );
    }
    frames.push(this.#read(raw, raw.toString("utf8"), partial));
    return true;
  }

  #fail(frames: Frame[], fault: SluiceError): false {
    this.#fault = fault;
    if (frames.length === 0) throw fault;
    return false;
  }

  #tooLarge(): SluiceError {
    return new SluiceError(
      "upstream_event_too_large",
      `an event of the answer is larger than ${this.#limits.eventBytesMax} bytes`,
    );
  }

  #append(chunk: Uint8Array): Buffer {
    const length = this.#held + chunk.length;
    if (length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, this.#held);
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#held);
    return this.#buffer;
  }

  /** Frames handed out may view the buffer: it is left to them as soon as one was cut from it. */
  #keep(bytes: Buffer, start: number, to: number): void {
    this.#held = to - start;
    if (start === 0 && bytes === this.#buffer) return;
    this.#buffer = this.#held === 0 ? NOTHING : Buffer.from(bytes.subarray(start, to));
  }
}

function view(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
