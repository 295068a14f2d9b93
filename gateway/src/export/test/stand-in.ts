/** An HTTP server that keeps what it gets and answers as a test says. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface StandIn {
  readonly url: URL;
  readonly asked: Asked[];
  /** Undefined: it says nothing for ever. */
  answer: (asked: Asked) => Answer | undefined;
  close(): Promise<void>;
}

export async function startStandIn(answer: StandIn["answer"] = () => ({})): Promise<StandIn> {
  const hanging = new Set<ServerResponse>();
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const asked = {
        method: req.method ?? "",
        path: req.url ?? "",
        headers: req.headers,
        body: Buffer.concat(chunks).toString("utf8"),
      };
      standIn.asked.push(asked);
      const said = standIn.answer(asked);
      if (said === undefined) return void hanging.add(res);
      const { status = 200, headers = {}, body = {} } = said;
      res.writeHead(status, { "content-type": "application/json", ...headers });
      res.end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const standIn: StandIn = {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    asked: [],
    answer,
    close: () =>
      new Promise<void>((resolve) => {
        for (const each of hanging) each.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return standIn;
}
