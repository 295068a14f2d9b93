/** Answers: restored, whole or visibly broken, with an outcome on record exactly once. */
import type http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import v8 from "node:v8";
import { runInNewContext } from "node:vm";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Connection, ConnectionLimits } from "../../core/connection.ts";
import { connectionFor } from "../../core/test/connection.ts";
import { KEY, startGateway, type TestGateway, type TestGatewayOptions } from "./test/gateway.ts";
import { deafSocket, rawRequest } from "./test/raw.ts";
import { type RawUpstream, sendJson, startRawUpstream, startUpstream, type Upstream } from "./test/upstream.ts";

const EMAIL = "john.doe@example.com";
const MESSAGES = [{ role: "user" as const, content: `Write to ${EMAIL}` }];
const CHAT = { model: "m", messages: MESSAGES };

let upstream: Upstream;
let raw: RawUpstream;
let gateway: TestGateway;
beforeAll(async () => {
  upstream = await startUpstream();
  raw = await startRawUpstream();
});
afterAll(() => Promise.all([upstream.close(), raw.close()]));
beforeEach(() => {
  upstream.requests.length = 0;
  raw.accepted = 0;
});
afterEach(() => gateway.close());

interface Opening extends Partial<TestGatewayOptions> {
  readonly limits?: never;
  readonly url?: URL;
  readonly timing?: Partial<ConnectionLimits>;
}
async function open({ url = upstream.url, timing = {}, ...options }: Opening = {}): Promise<void> {
  const change: Partial<Connection> = { url, limits: { ...connectionFor().limits, ...timing } };
  const connections = [
    connectionFor(change),
    connectionFor({ ...change, name: "claude", kind: "anthropic", url: new URL("/", url) }),
    connectionFor({
      ...change,
      name: "own",
      kind: "custom",
      endpoints: [
        {
          path: "/lines",
          requestText: ["inputs"],
          requestSystem: [],
          requestFixed: [],
          responseText: ["text"],
          stream: "json-lines",
        },
      ],
    }),
  ];
  gateway = await startGateway({ connections, ...options });
}

const post = (path: string, body: unknown, signal?: AbortSignal): Promise<Response> =>
  fetch(gateway.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
/** What the gate recorded, once it has recorded that many. */
async function outcomes(count = 1): Promise<TestGateway["records"]> {
  await vi.waitFor(() => expect(gateway.records.length).toBeGreaterThanOrEqual(count), { timeout: 3_000 });
  await sleep(20);
  expect(gateway.records).toHaveLength(count);
  return gateway.records;
}
function collectGarbage(): void {
  v8.setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}
/** Memory that is still referred to, in bytes. The resident size would measure when the collector last ran. */
function heldBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
const chunk = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;
const DONE = "data: [DONE]\n\n";
const beginStream = (res: http.ServerResponse): void => {
  res.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
};

describe("a stream", () => {
  test("begins before the upstream has ended: head at once, and each event as it comes", async () => {
    await open();
    let finish = (): void => undefined;
    upstream.answer = (_req, res) => {
      beginStream(res);
      res.flushHeaders();
      finish = () => {
        res.write(chunk("first "));
        finish = () => res.end(chunk("last", "stop") + DONE);
      };
    };
    const answered = await post("/v1/chat/completions", { ...CHAT, stream: true });
    expect(answered.headers.get("content-type")).toBe("text/event-stream");
    expect(answered.headers.get("cache-control")).toBe("no-store");
    expect(answered.headers.get("x-accel-buffering")).toBe("no");
    expect(answered.headers.get("sluice-masked")).toBe("EMAIL=1");
    const reader = answered.body!.getReader();
    finish();
    expect(Buffer.from((await reader.read()).value!).toString()).toContain("first ");
    finish();
    let rest = "";
    for (let part = await reader.read(); !part.done; part = await reader.read())
      rest += Buffer.from(part.value).toString();
    expect(rest.endsWith(DONE)).toBe(true);
    expect(await outcomes()).toMatchObject([{ status: "completed", streaming: true }]);
  });

  test("is restored, however it is cut into packets", async () => {
    await open();
    const whole = chunk("To [EM") + ": a comment\n\n" + chunk("AIL_1], 😀") + chunk("", "stop") + DONE;
    for (const size of [1, 7, 10_000]) {
      upstream.answer = (_req, res) => {
        beginStream(res);
        const bytes = Buffer.from(whole);
        for (let at = 0; at < bytes.length; at += size) res.write(bytes.subarray(at, at + size));
        res.end();
      };
      const text = await (await post("/v1/chat/completions", { ...CHAT, stream: true })).text();
      const said = [...text.matchAll(/"content":"((?:[^"\\]|\\.)*)"/g)]
        .map((match) => JSON.parse(`"${match[1]}"`) as string)
        .join("");
      expect(said).toBe(`To ${EMAIL}, 😀`);
      expect(text).toContain(": a comment\n\n");
    }
  });

  test("of lines of JSON is restored too", async () => {
    await open();
    upstream.answer = (_req, res) =>
      res
        .writeHead(200, { "content-type": "application/x-ndjson" })
        .end('{"text":"To [EMA"}\n{"text":"IL_1]"}\n{"text":"","done":true}\n');
    const answered = await post("/custom/own/lines", { inputs: EMAIL });
    expect(answered.headers.get("content-type")).toBe("application/x-ndjson");
    const said = (await answered.text())
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { text: string }).text)
      .join("");
    expect(said).toBe(`To ${EMAIL}`);
  });

  test("that comes although none was asked for, and JSON although a stream was asked for, are both taken", async () => {
    await open();
    upstream.answer = (_req, res) => {
      beginStream(res);
      res.end(chunk("[EMAIL_1]") + DONE);
    };
    expect(await (await post("/v1/chat/completions", CHAT)).text()).toContain(EMAIL);
    upstream.answer = (_req, res) =>
      sendJson(res, 200, { choices: [{ index: 0, message: { role: "assistant", content: "[EMAIL_1]" } }] });
    expect(await (await post("/v1/chat/completions", { ...CHAT, stream: true })).text()).toContain(EMAIL);
  });
});

describe("a stream that breaks", () => {
  const openai = (): OpenAI => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: KEY, maxRetries: 0 });
  const breakAfter =
    (first: string) =>
    (_req: http.IncomingMessage, res: http.ServerResponse): void => {
      beginStream(res);
      res.write(first, () => setTimeout(() => res.socket?.resetAndDestroy(), 30));
    };

  test.each<[string, () => Promise<unknown>, string]>([
    [
      "chat",
      async () => {
        const stream = await openai().chat.completions.create({ model: "m", stream: true, messages: MESSAGES });
        for await (const _ of stream);
      },
      chunk("half"),
    ],
    [
      "responses",
      async () => {
        const stream = await openai().responses.create({ model: "m", stream: true, input: EMAIL });
        for await (const _ of stream);
      },
      'event: response.created\ndata: {"type":"response.created","sequence_number":0,"response":{"id":"r","output":[]}}\n\n',
    ],
    [
      "messages",
      async () => {
        const anthropic = new Anthropic({ baseURL: gateway.url, apiKey: KEY, maxRetries: 0 });
        await anthropic.messages.stream({ model: "m", max_tokens: 5, messages: MESSAGES }).finalMessage();
      },
      'event: message_start\ndata: {"type":"message_start","message":{"id":"x","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}\n\n',
    ],
  ])("makes the official client throw (%s), with our code", async (_what, use, first) => {
    await open();
    upstream.answer = breakAfter(first);
    const thrown: unknown = await use().then(
      () => "nothing was thrown",
      (error: unknown) => error,
    );
    expect(JSON.stringify(thrown) + String(thrown)).toContain("upstream_reset");
    expect(await outcomes()).toMatchObject([{ status: "failed", code: "upstream_reset" }]);
  });

  test("ends with the error event and a closed connection, without end marker and without the end of the message", async () => {
    await open();
    upstream.answer = breakAfter(chunk("half"));
    const body = JSON.stringify({ ...CHAT, stream: true });
    const text = await rawRequest(
      gateway.port,
      `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${KEY}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    expect(text).toContain("half");
    expect(text).toMatch(/data: \{"error":\{[^\n]*"code":"upstream_reset"\}\}\n\n\r\n$/);
    expect(text).not.toContain("[DONE]");
    expect(text).not.toContain("\r\n0\r\n");
  });

  test.each<[string, string]>([
    ["in the middle of an event", `${chunk("half")}data: {"choi`],
    ["in the middle of a character", `${chunk("half")}data: "\u00f0\u009f`],
    ["in the middle of a placeholder", chunk("To [EMAI")],
    ["before its end, although the message ended well", chunk("half")],
  ])("%s is failed, and nothing half is made whole", async (_when, bytes) => {
    await open();
    upstream.answer = (_req, res) => {
      beginStream(res);
      res.end(Buffer.from(bytes, "latin1"));
    };
    await expect(
      post("/v1/chat/completions", { ...CHAT, stream: true }).then((answered) => answered.text()),
    ).rejects.toThrow();
    const [record] = await outcomes();
    expect(record?.status).toBe("failed");
    expect(record?.code).toMatch(/^upstream_/);
  });

  test.each<[string, Partial<ConnectionLimits>, (res: http.ServerResponse) => void, string]>([
    ["falls silent", { idleTimeoutMs: 100 }, (res) => void res.write(chunk("half")), "upstream_timeout"],
    ["never ends", { totalTimeoutMs: 150 }, (res) => endless(res, 2), "upstream_timeout"],
    ["is larger than allowed", { responseBytesMax: 5_000 }, (res) => endless(res, 0), "upstream_body_too_large"],
    [
      "has an event larger than allowed",
      { eventBytesMax: 2_000 },
      (res) => void res.write(`data: ${"x".repeat(9_000)}`),
      "upstream_event_too_large",
    ],
    ["is not JSON", {}, (res) => void res.write("data: {nonsense}\n\n"), "upstream_protocol"],
    [
      "is not UTF-8",
      {},
      (res) => void res.write(Buffer.from([0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x0a, 0x0a])),
      "upstream_encoding_invalid",
    ],
  ])("because it %s has its code on record", async (_why, timing, answer, code) => {
    await open({ timing });
    upstream.answer = (_req, res) => {
      beginStream(res);
      answer(res);
    };
    await expect(
      post("/v1/chat/completions", { ...CHAT, stream: true }).then((answered) => answered.text()),
    ).rejects.toThrow();
    expect(await outcomes()).toMatchObject([{ status: "failed", code }]);
  });

  function endless(res: http.ServerResponse, paceMs: number): void {
    const timer = setInterval(() => res.write(chunk("x".repeat(50))), paceMs);
    res.on("close", () => clearInterval(timer));
  }
});

describe("an answer in one piece", () => {
  test("that breaks is an error of the family, never half of it", async () => {
    await open({ url: raw.url });
    for (const bytes of [
      "",
      "HTTP/1.1 200 OK\r\ncontent-",
      'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"choices"',
    ]) {
      raw.answer = (socket) => void socket.end(bytes);
      const answered = await post("/v1/chat/completions", CHAT);
      expect(answered.status).toBe(502);
      expect(await answered.json()).toMatchObject({ error: { code: "upstream_reset", type: "server_error" } });
      expect(answered.headers.get("sluice-evidence")).toMatch(/^\d+$/);
      expect(answered.headers.get("x-should-retry")).toBe("true");
    }
    expect((await outcomes(3)).map(({ status }) => status)).toEqual(["failed", "failed", "failed"]);
  });

  test.each<[string, number, Record<string, string>, string, string]>([
    ["no JSON in spite of its type", 200, { "content-type": "application/json" }, "<html>", "upstream_protocol"],
    ["another type", 200, { "content-type": "text/html" }, "<html>john</html>", "upstream_protocol"],
    ["audio", 200, { "content-type": "audio/mpeg" }, "ID3", "upstream_protocol"],
    ["no type", 200, {}, "{}", "upstream_protocol"],
    ["nothing", 200, { "content-type": "application/json" }, "", "upstream_protocol"],
    [
      "a redirect",
      307,
      { location: "http://127.0.0.1/", "content-type": "application/json" },
      "{}",
      "upstream_redirect",
    ],
  ])("that is %s is refused", async (_what, status, headers, body, code) => {
    await open();
    upstream.answer = (_req, res) => res.writeHead(status, headers).end(body);
    const answered = await post("/v1/chat/completions", CHAT);
    expect(answered.status).toBe(502);
    expect(answered.headers.get("x-should-retry")).toBe("false");
    expect(answered.headers.get("location")).toBeNull();
    expect(await answered.text()).toMatch(new RegExp(`"code":"${code}"`));
    expect(await outcomes()).toMatchObject([{ status: "failed", code }]);
  });

  test("comes with the upstream's allowed headers, and with no header that was smuggled into them", async () => {
    await open({ url: raw.url });
    raw.answer = (socket) =>
      void socket.end(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nset-cookie: a=b\r\nserver: x\r\nx-request-id: req_1\r\nx-ratelimit-limit-requests: 5\r\nrequest-id: \u00e9\r\nsluice-masked: none\r\ncontent-length: 14\r\n\r\n" +
          '{"choices":[]}',
      );
    const answered = await post("/v1/chat/completions", CHAT);
    const names = [...answered.headers.keys()];
    expect(names).toEqual(expect.arrayContaining(["x-request-id", "x-ratelimit-limit-requests"]));
    for (const name of ["set-cookie", "server", "request-id"]) expect(names).not.toContain(name);
    expect(answered.headers.get("sluice-masked")).toBe("EMAIL=1");
  });
});

describe("an upstream's own error", () => {
  test("keeps its status and its text, restored, so that the client's retry logic works", async () => {
    await open();
    upstream.answer = (_req, res) =>
      sendJson(
        res,
        429,
        { error: { message: "slow down for [EMAIL_1]", type: "rate_limit", code: "r" } },
        { "retry-after": "7" },
      );
    const answered = await post("/v1/chat/completions", CHAT);
    expect([answered.status, answered.headers.get("retry-after")]).toEqual([429, "7"]);
    expect(await answered.json()).toMatchObject({ error: { message: `slow down for ${EMAIL}`, code: "r" } });
    upstream.answer = (_req, res) => sendJson(res, 400, { error: { message: "bad" } });
    expect((await post("/v1/chat/completions", { ...CHAT, stream: true })).status).toBe(400);
    expect((await outcomes(2)).map(({ status }) => status)).toEqual(["completed", "completed"]);
  });

  test("about the gateway's credential is not the client's business", async () => {
    await open();
    for (const status of [401, 403]) {
      upstream.answer = (_req, res) =>
        sendJson(res, status, { error: { message: "Incorrect API key sk-target of org acme" } });
      const answered = await post("/v1/chat/completions", CHAT);
      const text = await answered.text();
      expect(answered.status).toBe(502);
      expect(text).toContain(`connection \\"main\\" answered ${status}`);
      expect(text).not.toMatch(/sk-target|acme/);
    }
    expect(await outcomes(2)).toMatchObject([{ code: "upstream_error" }, { code: "upstream_error" }]);
  });

  test("in HTML keeps its status and loses its body", async () => {
    await open();
    upstream.answer = (_req, res) =>
      res.writeHead(503, { "content-type": "text/html", "retry-after": "3" }).end("<html>john's proxy</html>");
    const answered = await post("/v1/chat/completions", CHAT);
    expect([answered.status, answered.headers.get("retry-after")]).toEqual([503, "3"]);
    expect(await answered.json()).toMatchObject({ error: { code: "upstream_error" } });
  });

  test.each<[string, URL, Partial<Connection>, number, string]>([
    ["unreachable", new URL("http://127.0.0.1:9/v1"), {}, 502, "upstream_unreachable"],
    [
      "at a private address",
      new URL("http://127.0.0.1:9/v1"),
      { allowPrivateAddress: false },
      502,
      "upstream_address_private",
    ],
  ])("is ours when it is %s", async (_what, url, change, status, code) => {
    gateway = await startGateway({ connections: [connectionFor({ url, ...change })] });
    const answered = await post("/v1/chat/completions", CHAT);
    expect(answered.status).toBe(status);
    expect(await answered.json()).toMatchObject({ error: { code } });
    expect(await outcomes()).toMatchObject([{ status: "failed", code }]);
  });
});

describe("a client that leaves", () => {
  test.each<[string, (res: http.ServerResponse) => void]>([
    ["while the upstream is silent", () => undefined],
    [
      "while an answer in one piece arrives",
      (res) => void res.writeHead(200, { "content-type": "application/json" }).write('{"choices":['),
    ],
    [
      "in the middle of a stream",
      (res) => {
        beginStream(res);
        res.write(chunk("half"));
      },
    ],
  ])("%s closes the upstream within 100 ms and is on record as cancelled", async (_when, answer) => {
    await open();
    const closed = new Promise<number>((resolve) => {
      upstream.answer = (req, res) => {
        answer(res);
        req.socket.once("close", () => resolve(performance.now()));
      };
    });
    const controller = new AbortController();
    const answered = post("/v1/chat/completions", { ...CHAT, stream: true }, controller.signal).then((response) =>
      response.text(),
    );
    const failed = expect(answered).rejects.toThrow();
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(1));
    await sleep(50);
    const leftAt = performance.now();
    controller.abort();
    expect((await closed) - leftAt).toBeLessThan(100);
    await failed;
    expect(await outcomes()).toMatchObject([{ status: "cancelled", code: "client_closed" }]);
  });

  test("while the gate is at work causes no request, and its intent still gets an outcome", async () => {
    let opened = (): void => undefined;
    const waiting = new Promise<void>((resolve) => {
      opened = resolve;
    });
    await open({
      wrap: (gate) => ({
        ...gate,
        open: async (...request) => {
          const exchange = await gate.open(...request);
          opened();
          await sleep(100);
          return exchange;
        },
      }),
    });
    const controller = new AbortController();
    const failed = expect(post("/v1/chat/completions", CHAT, controller.signal)).rejects.toThrow();
    await waiting;
    controller.abort();
    await failed;
    expect(await outcomes()).toMatchObject([{ status: "cancelled", code: "client_closed", responseBytes: 0 }]);
    expect(upstream.requests).toEqual([]);
  });

  test("by not reading at all is cut off, and holds no memory and no upstream for ever", async () => {
    await open({ timing: { idleTimeoutMs: 200, responseBytesMax: 500_000_000 } });
    let sent = 0;
    upstream.answer = (_req, res) => {
      beginStream(res);
      const event = chunk("x".repeat(8_000));
      const pump = (): void => {
        for (;;) {
          sent += event.length;
          if (!res.write(event)) break;
        }
        res.once("drain", pump);
      };
      pump();
    };
    const before = process.memoryUsage().rss;
    const body = JSON.stringify({ ...CHAT, stream: true });
    const socket = deafSocket(
      gateway.port,
      `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${KEY}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    expect(await outcomes()).toMatchObject([{ status: "cancelled", code: "client_closed" }]);
    expect(sent).toBeLessThan(60_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
    socket.destroy();
  });

  test("by not reading the end of a finished answer is cut off too", async () => {
    await open({ timing: { idleTimeoutMs: 200, responseBytesMax: 100_000_000 } });
    const content = "x".repeat(30_000_000);
    upstream.answer = (_req, res) =>
      sendJson(res, 200, { choices: [{ index: 0, message: { role: "assistant", content } }] });
    const body = JSON.stringify(CHAT);
    const socket = deafSocket(
      gateway.port,
      `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${KEY}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    await vi.waitFor(() => expect(gateway.records).toMatchObject([{ status: "cancelled", code: "client_closed" }]), {
      timeout: 8_000,
    });
    socket.destroy();
  });
});

describe("many clients that leave", () => {
  test("thousands in a row, at every point of the exchange, leave nothing behind", { timeout: 120_000 }, async () => {
    await open();
    upstream.answer = (_req, res) => {
      beginStream(res);
      const timer = setInterval(() => res.write(chunk("x".repeat(500))), 1);
      res.on("close", () => clearInterval(timer));
    };
    const abortOnce = async (at: number): Promise<void> => {
      const controller = new AbortController();
      const answered = post("/v1/chat/completions", { ...CHAT, stream: true }, controller.signal);
      setTimeout(() => controller.abort(), at % 12);
      await answered.then((response) => response.text()).catch(() => undefined);
    };
    const statuses = new Set<string>();
    const rounds = async (count: number): Promise<number> => {
      for (let at = 0; at < count; at += 10) {
        await Promise.all(Array.from({ length: 10 }, (_, lane) => abortOnce(at + lane)));
        for (const { status } of gateway.records) statuses.add(status);
        gateway.records.length = 0;
        upstream.requests.length = 0;
      }
      return heldBytes();
    };
    // Code and tables grow for a while and then no more; what leaks, a kilobyte from each, never ends.
    let held = await rounds(1_500);
    let growth = Number.POSITIVE_INFINITY;
    for (let again = 0; again < 6 && growth >= 1_500_000; again++) {
      const now = await rounds(1_500);
      growth = now - held;
      held = now;
    }
    await vi.waitFor(() => expect(gateway.listener.inFlight).toBe(0));
    expect(growth).toBeLessThan(1_500_000);
    // Denied is who left before the request had arrived.
    expect([...statuses].filter((status) => status !== "denied")).toEqual(["cancelled"]);
    upstream.answer = (_req, res) => sendJson(res, 200, { choices: [] });
    expect((await post("/v1/chat/completions", CHAT)).status).toBe(200);
  });
});

test("an exchange that waits for its upstream holds neither the texts of its request nor what writes it", async () => {
  const made: WeakRef<object>[] = [];
  await open({
    wrap: (gate) => ({
      ...gate,
      open(principal, intent, render) {
        made.push(new WeakRef(intent), new WeakRef(intent.segments), new WeakRef(render));
        return gate.open(principal, intent, render);
      },
    }),
  });
  let finish = (): void => undefined;
  upstream.answer = (_req, res) => {
    finish = () => sendJson(res, 200, { choices: [{ index: 0, message: { content: "To [EMAIL_1]." } }] });
  };
  const answered = post("/v1/chat/completions", CHAT);
  await vi.waitFor(() => expect(upstream.requests).toHaveLength(1), { timeout: 3_000 });
  await sleep(20);
  collectGarbage();
  expect(made.map((each) => each.deref())).toEqual([undefined, undefined, undefined]);
  finish();
  expect(await (await answered).text()).toContain(EMAIL);
});

test("draining waits for a stream under way and ends it well", async () => {
  await open();
  let finish = (): void => undefined;
  upstream.answer = (_req, res) => {
    beginStream(res);
    res.write(chunk("first "));
    finish = () => res.end(chunk("last", "stop") + DONE);
  };
  const answered = await post("/v1/chat/completions", { ...CHAT, stream: true });
  const drained = gateway.listener.drain(5_000);
  await sleep(50);
  finish();
  expect((await answered.text()).endsWith(DONE)).toBe(true);
  expect(await drained).toBe(0);
  expect(await outcomes()).toMatchObject([{ status: "completed" }]);
});
