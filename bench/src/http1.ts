/**
 * Finds the ends of HTTP/1.1 messages in a byte stream, for the load generator and the mock upstream: they share two cores with
 * the servers under test, so they must cost little. It reads what these servers send (content-length or chunked) and nothing
 * else; it is not a parser for strangers.
 */

export interface MessageHandler {
  /** Start line and headers, without the blank line. */
  head(text: string): void;
  /** A piece of the body, without chunk framing. */
  body(piece: Buffer): void;
  end(): void;
}

type State = "head" | "fixed" | "chunk-size" | "chunk-data" | "chunk-end" | "trailer";

const CRLF = "\r\n";

/** However the bytes are cut, the handler sees the same messages. Throws on what it cannot frame. */
export class MessageReader {
  readonly #handler: MessageHandler;
  #state: State = "head";
  #pending: Buffer | undefined;
  /** Bytes of the fixed body or of the chunk that are still to come. */
  #left = 0;

  constructor(handler: MessageHandler) {
    this.#handler = handler;
  }

  push(chunk: Buffer): void {
    const data = this.#pending === undefined ? chunk : Buffer.concat([this.#pending, chunk]);
    this.#pending = undefined;
    let at = 0;
    while (at < data.length) {
      const next = this.#step(data, at);
      if (next === undefined) {
        this.#pending = data.subarray(at);
        return;
      }
      at = next;
    }
  }

  /** Consumes one part of a message from `at` and returns where the next begins; undefined when more bytes are needed. */
  #step(data: Buffer, at: number): number | undefined {
    switch (this.#state) {
      case "head": {
        const end = data.indexOf("\r\n\r\n", at);
        if (end === -1) return undefined;
        this.#begin(data.toString("latin1", at, end));
        return end + 4;
      }
      case "fixed":
      case "chunk-data": {
        const end = Math.min(data.length, at + this.#left);
        this.#left -= end - at;
        this.#handler.body(data.subarray(at, end));
        if (this.#left === 0) {
          if (this.#state === "fixed") this.#finish();
          else this.#state = "chunk-end";
        }
        return end;
      }
      case "chunk-size": {
        const end = data.indexOf(CRLF, at);
        if (end === -1) return undefined;
        this.#left = Number.parseInt(data.toString("latin1", at, end), 16);
        if (!Number.isSafeInteger(this.#left)) throw new Error("chunk size is not a number");
        this.#state = this.#left === 0 ? "trailer" : "chunk-data";
        return end + 2;
      }
      case "chunk-end": {
        if (data.length - at < 2) return undefined;
        this.#state = "chunk-size";
        return at + 2;
      }
      case "trailer": {
        const end = data.indexOf(CRLF, at);
        if (end === -1) return undefined;
        if (end === at) this.#finish();
        return end + 2;
      }
    }
  }

  #begin(text: string): void {
    this.#handler.head(text);
    const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
    if (length !== undefined) {
      this.#left = Number(length);
      this.#state = "fixed";
      if (this.#left === 0) this.#finish();
    } else if (/\r\ntransfer-encoding: *chunked/i.test(text)) {
      this.#state = "chunk-size";
    } else if (/^(GET|HEAD|DELETE) /.test(text) || /^HTTP\/1\.1 (204|304)/.test(text)) {
      this.#finish();
    } else {
      throw new Error("message has neither content-length nor chunked encoding");
    }
  }

  #finish(): void {
    this.#state = "head";
    this.#handler.end();
  }
}
