/**
 * Reads a request body whole: limited in bytes, in decoded bytes, in the ratio of the two and in seconds, decoded, and valid
 * UTF-8. It never hands out part of a body, never guesses an encoding, and never waits for a client that has left.
 */
import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { SluiceError } from "../../core/errors.ts";
import type { Head } from "./headers.ts";

export interface BodyLimits {
  /** Bytes on the wire. */
  readonly bodyBytesMax: number;
  /** Bytes after decompression. */
  readonly decodedBytesMax: number;
  /** Seconds are counted from the call to the last byte. */
  readonly bodyTimeoutMs: number;
}

/** Decoded bytes for one byte on the wire, beyond the first slack. JSON text stays under 30; bombs reach 1,000 and more. */
const RATIO_MAX = 100;
const RATIO_SLACK_BYTES = 1 << 20;

export interface Body {
  readonly text: string;
  /** Decoded bytes. */
  readonly bytes: number;
}

// RFC 8259 §8.1: JSON between systems is UTF-8; a charset parameter is not registered, but clients send this one.
const JSON_CONTENT_TYPE = /^application\/json *(?:; *charset *= *"?utf-8"? *)?$/i;

/** Throws a SluiceError with the code for what is wrong with the body, or `client_closed`. */
export async function readBody(
  req: IncomingMessage,
  res: ServerResponse,
  head: Head,
  limits: BodyLimits,
): Promise<Body> {
  const expected = checkHead(head, limits);
  const encoding = contentEncoding(head);
  if (head.expect !== undefined) res.writeContinue();
  const bytes = await new Reader(req, limits, expected, encoding).done;
  return toText(bytes);
}

/** The announced length, or undefined when the body is chunked. What can be refused unread is refused here. */
function checkHead(head: Head, limits: BodyLimits): number | undefined {
  if (
    head.contentType !== "application/json" &&
    (head.contentType === undefined || !JSON_CONTENT_TYPE.test(head.contentType))
  ) {
    throw new SluiceError("content_type_unsupported", "send content-type: application/json, in UTF-8");
  }
  if (head.transferEncoding !== undefined) return undefined;
  const length = Number(head.contentLength ?? "0");
  if (length === 0) throw new SluiceError("body_missing", "the request has no body; send a JSON object");
  if (!(length <= limits.bodyBytesMax)) throw bodyTooLarge(limits);
  return length;
}

type Encoding = "identity" | keyof typeof DECODERS;

const DECODERS = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
} as const satisfies Record<string, () => Transform>;

/** A stream that decodes one content coding (RFC 9110 §8.4.1), undefined for one that is not known here. */
export function createDecoder(coding: string): Transform | undefined {
  const name = coding === "x-gzip" ? "gzip" : coding;
  return Object.hasOwn(DECODERS, name) ? DECODERS[name as keyof typeof DECODERS]() : undefined;
}

function contentEncoding(head: Head): Encoding {
  if (head.contentEncoding === undefined) return "identity";
  const coding = head.contentEncoding.trim().toLowerCase();
  if (coding === "identity" || coding === "") return "identity";
  const name = coding === "x-gzip" ? "gzip" : coding;
  if (Object.hasOwn(DECODERS, name)) return name as Encoding;
  // Also several codings in a row: nobody sends them, and each layer multiplies what a bomb can do.
  throw new SluiceError(
    "content_encoding_unsupported",
    "content-encoding may be gzip, br, zstd, deflate or none, once",
  );
}

/** Gathers one body. The promise settles once; afterwards nothing of the request is kept or listened to. */
class Reader {
  readonly done: Promise<Buffer>;
  readonly #req: IncomingMessage;
  readonly #limits: BodyLimits;
  readonly #expected: number | undefined;
  readonly #decoder: Transform | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #received = 0;
  #decoded = 0;
  #settled = false;
  #resolve!: (bytes: Buffer) => void;
  #reject!: (error: SluiceError) => void;

  constructor(req: IncomingMessage, limits: BodyLimits, expected: number | undefined, encoding: Encoding) {
    this.#req = req;
    this.#limits = limits;
    this.#expected = expected;
    this.#decoder = encoding === "identity" ? undefined : DECODERS[encoding]();
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(this.#onTimeout, limits.bodyTimeoutMs);
    if (this.#decoder !== undefined) this.#wire(this.#decoder);
    // A client that left before anybody listened emits nothing more.
    if (req.destroyed && !req.readableEnded) this.#fail(clientClosed());
    else req.on("data", this.#onData).on("end", this.#onEnd).on("close", this.#onClose).on("error", this.#onClose);
  }

  #wire(decoder: Transform): void {
    decoder.on("data", this.#onDecoded);
    decoder.on("end", () => this.#finish());
    decoder.on("drain", () => this.#req.resume());
    decoder.on("error", () =>
      this.#fail(new SluiceError("body_encoding_invalid", "the body is not valid in its content-encoding")),
    );
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#received += chunk.length;
    if (this.#received > this.#limits.bodyBytesMax) return this.#fail(bodyTooLarge(this.#limits));
    if (this.#decoder !== undefined) {
      if (!this.#decoder.write(chunk)) this.#req.pause();
      return;
    }
    this.#decoded = this.#received;
    if (this.#decoded > this.#limits.decodedBytesMax) return this.#fail(decodedTooLarge(this.#limits));
    this.#chunks.push(chunk);
    // The usual request is one chunk: its end need not be waited for.
    if (this.#received === this.#expected) this.#finish();
  };

  readonly #onDecoded = (chunk: Buffer): void => {
    this.#decoded += chunk.length;
    if (this.#decoded > this.#limits.decodedBytesMax) return this.#fail(decodedTooLarge(this.#limits));
    if (this.#decoded > RATIO_SLACK_BYTES + RATIO_MAX * this.#received) {
      return this.#fail(
        new SluiceError("decoded_body_too_large", `the body decodes to more than ${RATIO_MAX} times its size`),
      );
    }
    this.#chunks.push(chunk);
  };

  readonly #onEnd = (): void => {
    if (this.#decoder !== undefined) this.#decoder.end();
    else this.#finish();
  };

  readonly #onClose = (): void => {
    // With a decoder, the request may be over and closed before the last bytes are decoded.
    if (!this.#req.readableEnded) this.#fail(clientClosed());
  };

  readonly #onTimeout = (): void => {
    this.#fail(new SluiceError("request_timeout", `the body took longer than ${this.#limits.bodyTimeoutMs} ms`));
  };

  #finish(): void {
    if (this.#settled) return;
    this.#release();
    const [first] = this.#chunks;
    const whole = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks, this.#decoded);
    this.#chunks.length = 0;
    this.#resolve(whole);
  }

  #fail(error: SluiceError): void {
    if (this.#settled) return;
    this.#release();
    this.#chunks.length = 0;
    this.#reject(error);
  }

  #release(): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#decoder?.removeAllListeners("data").on("error", ignoreLateError).destroy();
    this.#req.off("data", this.#onData).off("end", this.#onEnd).off("close", this.#onClose).off("error", this.#onClose);
    this.#req.on("error", ignoreLateError);
    // What is left of it is discarded, or the connection could not carry the answer and the next request.
    this.#req.resume();
  }
}

/** The body is settled; an error after that says that the client left, which the response's `close` event reports. */
function ignoreLateError(): void {}

/** How long a refused client may go on sending before its connection is cut. */
const LINGER_MS = 1_000;

/**
 * After a refusal that was sent before the body was read: goes on reading (and throws away) for a moment, because closing
 * at once would reset the connection, and a reset can destroy the refusal before the client has read it (RFC 9112 §9.6).
 * Resolves with false when the body was still not over; the caller closes the connection then.
 */
export function discardRest(req: IncomingMessage): Promise<boolean> {
  if (req.complete || req.destroyed) return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), LINGER_MS);
    const over = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    req.on("end", over).on("close", over).on("error", over).resume();
  });
}

function toText(bytes: Buffer): Body {
  if (bytes.length === 0) throw new SluiceError("body_missing", "the request has no body; send a JSON object");
  if (!isUtf8(bytes)) throw new SluiceError("utf8_invalid", "the body is not valid UTF-8");
  // RFC 8259 §8.1: parsers "MAY ignore the presence of a byte order mark rather than treating it as an error".
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return { text: marked ? bytes.toString("utf8", 3) : bytes.toString("utf8"), bytes: bytes.length };
}

function bodyTooLarge(limits: BodyLimits): SluiceError {
  return new SluiceError("body_too_large", `the body is larger than ${limits.bodyBytesMax} bytes`);
}

function decodedTooLarge(limits: BodyLimits): SluiceError {
  return new SluiceError("decoded_body_too_large", `the decoded body is larger than ${limits.decodedBytesMax} bytes`);
}

function clientClosed(): SluiceError {
  return new SluiceError("client_closed", "the client left before its request was complete");
}
