/** Bytes over a plain socket, for requests that no HTTP client would send. */
import { connect, type Socket } from "node:net";

/** Writes `text` as latin1 and resolves with everything that came back once the server has closed, or after `timeoutMs`. */
export function rawRequest(port: number, text: string | readonly string[], timeoutMs = 3_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    const chunks: Buffer[] = [];
    const done = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(Buffer.concat(chunks).toString("latin1"));
    };
    const timer = setTimeout(done, timeoutMs);
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("close", done);
    socket.on("error", (fault: NodeJS.ErrnoException) =>
      fault.code === "ECONNRESET" || fault.code === "EPIPE" ? done() : reject(fault),
    );
    socket.on("connect", () => {
      for (const piece of typeof text === "string" ? [text] : text) socket.write(piece, "latin1");
    });
  });
}

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

export function parseRaw(text: string): RawAnswer {
  const split = text.indexOf("\r\n\r\n");
  const head = split === -1 ? text : text.slice(0, split);
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
    head,
    body: split === -1 ? "" : text.slice(split + 4),
  };
}

/** A socket that sends `text` and then never reads. */
export function deafSocket(port: number, text: string): Socket {
  const socket = connect(port, "127.0.0.1", () => socket.write(text));
  socket.on("error", () => socket.destroy());
  socket.pause();
  return socket;
}
