/** A client that sends what it is told and keeps what comes back, also of an answer that breaks off. */
import { request } from "node:http";

export interface Sent {
  readonly method?: string;
  readonly path: string;
  /** Sent as they are; a header whose value is undefined is left out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | Buffer;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  /** False when the connection closed before the end of the message. */
  readonly whole: boolean;
  /** The evidence id, or null. */
  readonly evidence: string | null;
}

export function send(url: string, { method = "POST", path, headers = {}, body }: Sent): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
    const req = request(`${url}${path}`, { method, headers: sent, agent: false }, (res) => {
      const pieces: Buffer[] = [];
      res.on("data", (piece: Buffer) => pieces.push(piece));
      res.on("error", () => undefined);
      res.on("close", () => {
        const plain = res.headers as Record<string, string | undefined>;
        resolve({
          status: res.statusCode ?? 0,
          headers: plain,
          text: Buffer.concat(pieces).toString(),
          whole: res.complete,
          evidence: plain["sluice-evidence"] ?? null,
        });
      });
    });
    req.on("error", reject);
    req.end(body);
  });
}
