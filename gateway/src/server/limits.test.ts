/** Limits on how much and how long, at the real gateway: each refuses by name and says when to come back; a stop is no fault. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answered, send } from "./test/client.ts";
import { type Document, documentFor } from "./test/config.ts";
import { chat, connectionTo, type Conversing, converse, delta, DONE, whole } from "./test/conversing.ts";
import { leafAt } from "./test/recorded.ts";
import { startUpstream } from "./test/upstream.ts";

const MAIN = new URL("../cli/main.ts", import.meta.url).pathname;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const FAMILIES = [
  ["openai", "/v1/chat/completions"],
  ["anthropic", "/v1/messages"],
] as const;
const REQUEST = { model: "m", max_tokens: 9, messages: [{ role: "user", content: "hello" }] };

async function start(change: (document: Document) => void): Promise<Conversing> {
  const talk = await converse((document, url) => {
    for (const [kind] of FAMILIES) document.connections[kind] = connectionTo(url, kind, ["m"]);
    change(document);
  });
  closers.push(() => talk.stop());
  return talk;
}

const limitKey = (document: Document, limits: object): void => {
  for (const id of Object.keys(document.keys)) document.keys[id] = { ...document.keys[id], limits };
};

async function expectLimited(talk: Conversing, answered: Answered, status: number, code: string): Promise<void> {
  const { error } = JSON.parse(answered.text) as { error: Record<string, unknown> };
  expect([answered.status, error["code"]]).toEqual([status, code]);
  expect(Number(answered.headers["retry-after"])).toBeGreaterThan(0);
  expect(answered.headers["x-should-retry"]).toBe("true");
  expect(await leafAt(talk.sluice.url, answered.evidence)).toMatchObject({ type: "denial", code });
}

describe.each(FAMILIES)("in the words of the %s family", (_family, path) => {
  it("more streams at once than a key may have are refused until one has ended", async () => {
    const talk = await start((document) => limitKey(document, { concurrent_streams: 2 }));
    const finish: (() => void)[] = [];
    talk.answer((res) => {
      res.writeHead(200, { "content-type": "text/event-stream" }).write(delta("first"));
      finish.push(() => res.end(`${delta("last", "stop")}data: {"type":"message_stop"}\n\n`));
    });
    const open = [talk.post(path, { ...REQUEST, stream: true }), talk.post(path, { ...REQUEST, stream: true })];
    await vi.waitFor(() => expect(finish).toHaveLength(2));
    await expectLimited(talk, await talk.post(path, REQUEST), 429, "streams_limited");
    expect(talk.received).toHaveLength(2);
    for (const each of finish) each();
    expect((await Promise.all(open)).map(({ status, whole: complete }) => [status, complete])).toEqual([
      [200, true],
      [200, true],
    ]);
    talk.answer(whole(chat("ok")));
    await vi.waitFor(async () => expect((await talk.post(path, REQUEST)).status).toBe(200));
  });

  it("more requests a minute than a key may make are refused, and told when to come back", async () => {
    const talk = await start((document) => limitKey(document, { requests_per_minute: 3 }));
    talk.answer(whole(chat("ok")));
    for (let at = 0; at < 3; at++) expect((await talk.post(path, REQUEST)).status).toBe(200);
    const refused = await talk.post(path, REQUEST);
    await expectLimited(talk, refused, 429, "rate_limited");
    expect(Number(refused.headers["retry-after"])).toBeLessThanOrEqual(20);
    expect(talk.received).toHaveLength(3);
  });

  it("more exchanges at once than the gateway takes are refused, whoever asks", async () => {
    const talk = await start((document) => {
      document["limits"] = { streams_max: 1 };
    });
    let finish: (() => void) | undefined;
    talk.answer((res) => {
      finish = () => whole(chat("ok"))(res, "", res.req);
    });
    const open = talk.post(path, REQUEST);
    await vi.waitFor(() => expect(finish).toBeDefined());
    await expectLimited(talk, await talk.post(path, REQUEST), 503, "overloaded");
    finish?.();
    expect((await open).status).toBe(200);
    talk.answer(whole(chat("ok")));
    await vi.waitFor(async () => expect((await talk.post(path, REQUEST)).status).toBe(200));
  });
});

describe("SIGTERM", () => {
  it("lets running streams finish, refuses what comes new, and ends with exit code 0", async () => {
    const finish: (() => void)[] = [];
    const upstream = await startUpstream((_body, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" }).write(delta("first "));
      finish.push(() => res.end(delta("last", "stop") + DONE));
    });
    closers.push(() => upstream.close());
    const { token, document } = await documentFor({ main: connectionTo(upstream.url, "openai", ["m"]) });
    const dir = mkdtempSync(join(tmpdir(), "sluice-drain-"));
    closers.push(async () => rmSync(dir, { recursive: true, force: true }));
    writeFileSync(join(dir, "sluice.yaml"), JSON.stringify(document));
    const child = spawn(process.execPath, [MAIN, "start"], { cwd: dir });
    closers.push(async () => void child.kill("SIGKILL"));
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    await vi.waitFor(() => expect(printed).toContain("listens on"), { timeout: 20_000 });
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] ?? "";
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const ask = { path: "/v1/chat/completions", headers, body: JSON.stringify({ ...REQUEST, stream: true }) };

    // A connection that is kept after its answer is the one on which a new request can still arrive.
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    closers.push(async () => void socket.destroy());
    let got = "";
    socket.on("data", (chunk: Buffer) => (got += chunk.toString()));
    const bytes =
      `POST ${ask.path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n` +
      `Authorization: Bearer ${token}\r\nContent-Length: ${ask.body.length}\r\n\r\n${ask.body}`;
    socket.write(bytes);
    await vi.waitFor(() => expect(finish).toHaveLength(1), { timeout: 5_000 });
    const running = send(url, ask);
    await vi.waitFor(() => expect(finish).toHaveLength(2), { timeout: 5_000 });

    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await vi.waitFor(() => expect(send(url, { method: "GET", path: "/health" })).rejects.toThrow(/ECONNREFUSED/), {
      timeout: 5_000,
    });
    finish[0]?.();
    await vi.waitFor(() => expect(got).toMatch(/\[DONE\][^]*\r\n0\r\n\r\n$/));
    got = "";
    socket.write(bytes);
    await vi.waitFor(() => expect(got).toContain('"code":"draining"'));
    expect(got).toMatch(/^HTTP\/1\.1 503 [^]*\r\nretry-after: 1\r\n/);

    finish[1]?.();
    const answered = await running;
    expect([answered.status, answered.whole, answered.text.endsWith(DONE)]).toEqual([200, true, true]);
    expect(await ended).toBe(0);
    expect(upstream.received).toHaveLength(2);
  });
});
