/** A server under test: whole process, one port, headers that its clients send. */
import { createServer } from "node:net";
import type { ChildProcess } from "node:child_process";
import { rawRequest } from "./traffic.ts";

export interface Server {
  readonly name: "passthrough" | "sluice" | "portkey";
  /** Version of the program, for the report. */
  readonly version: string;
  readonly process: ChildProcess;
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** The raw request for a body, as this server's clients send it. */
export function requestFor(server: Server, body: string): string {
  return rawRequest(server.port, server.headers, body);
}

/** A port that was free a moment ago, for servers that cannot be told to take any. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        address === null || typeof address === "string" ? reject(new Error("no port")) : resolve(address.port),
      );
    });
  });
}
