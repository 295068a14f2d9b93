/**
 * Child process: the load generator. Runs one command at a time that it gets by message and answers with what it measured. It writes
 * prepared bytes to keep-alive sockets, so that it costs little beside the servers under test. An answer counts when its status
 * is 200; anything else is a failure and is reported with its first words.
 */
import { connect, type Socket } from "node:net";
import { MessageReader } from "./http1.ts";
import { type Summary, summarize } from "./statistics.ts";

export type LoadCommand =
  /** Each connection sends its next request when it has its answer: the most that a server does. Ends after a time or a number. */
  | { kind: "closed"; port: number; request: string; connections: number; durationMs?: number; count?: number }
  /** Requests at a fixed rate, timed from when they were due: a server that stalls pays for all that wait (no coordinated omission). */
  | { kind: "paced"; port: number; request: string; connections: number; durationMs: number; ratePerSecond: number }
  /** Streams side by side, each read to its end. They begin one after the other, as they would in life. */
  | { kind: "streams"; port: number; request: string; streams: number }
  /** Small requests one after the other on a few connections while one big request is under way. */
  | { kind: "block"; port: number; request: string; big: string; connections: number; settleMs: number };

export interface LoadResult {
  /** Requests that were answered with 200. */
  readonly requests: number;
  readonly failures: number;
  /** Status line or error of the first failure. */
  readonly failure?: string;
  readonly seconds: number;
  /** Milliseconds. For `streams`: until the first event. For `block`: of the small requests while the big one was under way. */
  readonly latency: Summary;
  /** `streams`: milliseconds between two events. `block`: of the small requests before the big one. */
  readonly other?: Summary;
}

/** Not a multiple of the upstream's pace, so that the events of different streams do not fall together. */
const STREAM_STAGGER_MS = 7;

class Client {
  readonly #port: number;
  readonly #reader: MessageReader;
  #socket: Socket | undefined;
  #status = "";
  #onBody: ((piece: Buffer) => void) | undefined;
  #settle: ((failure: string | undefined) => void) | undefined;

  constructor(port: number) {
    this.#port = port;
    this.#reader = new MessageReader({
      head: (text) => {
        this.#status = text;
      },
      body: (piece) => this.#onBody?.(piece),
      end: () =>
        this.#done(
          this.#status.startsWith("HTTP/1.1 200") ? undefined : (this.#status.split("\r\n")[0] ?? "no status"),
        ),
    });
  }

  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.#port, host: "127.0.0.1", noDelay: true });
      this.#socket = socket;
      socket.once("connect", resolve);
      socket.once("error", reject);
      socket.on("data", (chunk) => {
        // No encoding is set, so chunks are bytes.
        this.#reader.push(chunk as Buffer);
      });
      socket.on("close", () => {
        this.#socket = undefined;
        this.#done("connection closed");
      });
    });
  }

  /** Sends and waits for the whole answer. Resolves with undefined or with what went wrong. */
  async request(bytes: Buffer, onBody?: (piece: Buffer) => void): Promise<string | undefined> {
    if (this.#socket === undefined) await this.open();
    return new Promise((resolve) => {
      this.#onBody = onBody;
      this.#settle = resolve;
      this.#socket?.write(bytes);
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #done(failure: string | undefined): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(failure);
  }
}

class Tally {
  readonly latencies: number[] = [];
  failures = 0;
  failure: string | undefined;

  add(milliseconds: number, failure: string | undefined): void {
    if (failure === undefined) this.latencies.push(milliseconds);
    else {
      this.failures += 1;
      this.failure ??= failure;
    }
  }

  result(startedAt: number, other?: Summary): LoadResult {
    return {
      requests: this.latencies.length,
      failures: this.failures,
      ...(this.failure === undefined ? {} : { failure: this.failure }),
      seconds: (performance.now() - startedAt) / 1000,
      latency: summarize(this.latencies),
      ...(other === undefined ? {} : { other }),
    };
  }
}

async function openAll(port: number, count: number): Promise<Client[]> {
  const clients = Array.from({ length: count }, () => new Client(port));
  await Promise.all(clients.map((client) => client.open()));
  return clients;
}

async function closed(command: LoadCommand & { kind: "closed" }): Promise<LoadResult> {
  const bytes = Buffer.from(command.request);
  const clients = await openAll(command.port, command.connections);
  const tally = new Tally();
  const startedAt = performance.now();
  const deadline = startedAt + (command.durationMs ?? Number.POSITIVE_INFINITY);
  let left = command.count ?? Number.POSITIVE_INFINITY;
  await Promise.all(
    clients.map(async (client) => {
      while (left > 0 && performance.now() < deadline) {
        left -= 1;
        const sentAt = performance.now();
        const failure = await client.request(bytes);
        tally.add(performance.now() - sentAt, failure);
      }
      client.close();
    }),
  );
  return tally.result(startedAt);
}

async function paced(command: LoadCommand & { kind: "paced" }): Promise<LoadResult> {
  const bytes = Buffer.from(command.request);
  const idle = await openAll(command.port, command.connections);
  const waiting: number[] = [];
  const tally = new Tally();
  const total = Math.floor((command.durationMs / 1000) * command.ratePerSecond);
  const startedAt = performance.now();
  let issued = 0;
  let settled = 0;
  await new Promise<void>((resolve, reject) => {
    const send = (client: Client, dueAt: number): void => {
      client.request(bytes).then((failure) => {
        tally.add(performance.now() - dueAt, failure);
        settled += 1;
        const next = waiting.shift();
        if (next !== undefined) send(client, next);
        else idle.push(client);
        if (settled === total) resolve();
      }, reject);
    };
    const timer = setInterval(() => {
      const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * command.ratePerSecond));
      for (; issued < due; issued++) {
        const dueAt = startedAt + (issued / command.ratePerSecond) * 1000;
        const client = idle.pop();
        if (client === undefined) waiting.push(dueAt);
        else send(client, dueAt);
      }
      if (issued === total) clearInterval(timer);
    }, 1);
  });
  for (const client of idle) client.close();
  return tally.result(startedAt);
}

async function streams(command: LoadCommand & { kind: "streams" }): Promise<LoadResult> {
  const bytes = Buffer.from(command.request);
  const clients = await openAll(command.port, command.streams);
  const tally = new Tally();
  const gaps: number[] = [];
  const startedAt = performance.now();
  await Promise.all(
    clients.map(async (client, at) => {
      await new Promise((resolve) => setTimeout(resolve, at * STREAM_STAGGER_MS));
      const sentAt = performance.now();
      let first = Number.NaN;
      let last = Number.NaN;
      const failure = await client.request(bytes, (piece) => {
        const now = performance.now();
        for (let at = piece.indexOf("\n\n"); at !== -1; at = piece.indexOf("\n\n", at + 2)) {
          if (Number.isNaN(first)) first = now;
          else gaps.push(now - last);
          last = now;
        }
      });
      tally.add(first - sentAt, failure ?? (Number.isNaN(first) ? "no event" : undefined));
      client.close();
    }),
  );
  return tally.result(startedAt, summarize(gaps));
}

async function block(command: LoadCommand & { kind: "block" }): Promise<LoadResult> {
  const bytes = Buffer.from(command.request);
  const big = Buffer.from(command.big);
  const clients = await openAll(command.port, command.connections);
  const [bigClient] = await openAll(command.port, 1);
  const before: number[] = [];
  const tally = new Tally();
  const startedAt = performance.now();
  let bigSentAt = Number.POSITIVE_INFINITY;
  let bigDoneAt = Number.POSITIVE_INFINITY;
  let running = true;
  const small = clients.map(async (client) => {
    while (running) {
      const sentAt = performance.now();
      const failure = await client.request(bytes);
      const doneAt = performance.now();
      if (doneAt < bigSentAt) before.push(doneAt - sentAt);
      else if (sentAt < bigDoneAt) tally.add(doneAt - sentAt, failure);
    }
    client.close();
  });
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, command.settleMs));
  await pause();
  bigSentAt = performance.now();
  const failure = await bigClient?.request(big);
  bigDoneAt = performance.now();
  await pause();
  running = false;
  await Promise.all(small);
  bigClient?.close();
  if (failure !== undefined) tally.add(0, `the big request: ${failure}`);
  return tally.result(startedAt, summarize(before));
}

function run(command: LoadCommand): Promise<LoadResult> {
  switch (command.kind) {
    case "closed":
      return closed(command);
    case "paced":
      return paced(command);
    case "streams":
      return streams(command);
    case "block":
      return block(command);
  }
}

process.on("message", (command: LoadCommand) => {
  run(command).then(
    (result) => process.send?.(result),
    (thrown: unknown) => process.send?.({ failed: String(thrown) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.send?.({ port: 0 });
