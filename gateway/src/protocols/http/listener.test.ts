import http from "node:http";
import https from "node:https";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type tls from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import type { SluiceError } from "../../core/errors.ts";
import { type Listener, type ListenerLimits, type ListenerOptions, listen, readTarget } from "./listener.ts";
import { selfSigned } from "../../core/test/pki.ts";
import { parseRaw, rawRequest } from "./test/raw.ts";
import { KEY_EXCHANGE_GROUPS } from "./tls.ts";

const LIMITS: ListenerLimits = {
  headerBytesMax: 4_096,
  headersTimeoutMs: 1_000,
  requestTimeoutMs: 1_500,
  keepAliveTimeoutMs: 5_000,
  connectionsMax: 50,
};

let listener: Listener;
let refused: SluiceError[];
let handled: string[];
/** What the handlers do with a request; by default they answer "ok" with the name of the handler. */
let answer: (req: http.IncomingMessage, res: http.ServerResponse, by: string) => void;

async function open(change: Partial<ListenerOptions> = {}): Promise<Listener> {
  refused = [];
  handled = [];
  answer = (_req, res, by) => res.end(`ok ${by}`);
  listener = await listen({
    host: "127.0.0.1",
    port: 0,
    limits: LIMITS,
    inference: {
      owns: (pathname) => pathname.startsWith("/v1/"),
      handle: (req, res, _head, { pathname, query }) => {
        handled.push(`${pathname}|${query}`);
        answer(req, res, "inference");
      },
    },
    fallback: (req, res) => {
      handled.push(req.url ?? "");
      answer(req, res, "fallback");
    },
    refuse: (error) => {
      refused.push(error);
      error.evidence = "7";
      return Promise.resolve("7");
    },
    ...change,
  });
  return listener;
}
afterEach(() => listener.drain(0));

const send = (text: string | readonly string[], timeoutMs = 3_000) =>
  rawRequest(listener.port, text, timeoutMs).then(parseRaw);
const codeOf = (body: string): unknown => (JSON.parse(body) as { code: unknown }).code;

describe("requests go", () => {
  test("to inference or to the control API, by path alone", async () => {
    await open();
    const get = async (path: string) => (await fetch(listener.url + path)).text();
    expect(await get("/v1/models?limit=5")).toBe("ok inference");
    expect(await get("/health?a=b")).toBe("ok fallback");
    expect(handled).toEqual(["/v1/models|limit=5", "/health?a=b"]);
  });

  test("to the control API with leave to send the body, to inference without it", async () => {
    await open();
    const expecting = (path: string) =>
      send(
        `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}`,
      );
    expect((await expecting("/api/scrub")).status).toBe(100);
    expect((await expecting("/v1/chat/completions")).status).toBe(200);
  });
});

describe("shapes over which two parsers could disagree are refused, with a code, on record, and the connection ends:", () => {
  const POST = "POST /v1/x HTTP/1.1\r\nHost: a\r\n";
  test.each<[string, string, string]>([
    [
      "Content-Length and Transfer-Encoding",
      `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      "header_invalid",
    ],
    [
      "Transfer-Encoding and Content-Length",
      `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
      "header_invalid",
    ],
    ["two Content-Lengths", `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, "header_invalid"],
    ["two equal Content-Lengths", `${POST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`, "header_invalid"],
    ["a signed Content-Length", `${POST}Content-Length: +5\r\n\r\nhello`, "header_invalid"],
    ["two Hosts", `${POST}Host: b\r\n\r\n`, "header_invalid"],
    ["no Host", "GET / HTTP/1.1\r\n\r\n", "header_invalid"],
    ["a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "header_invalid"],
    ["two Authorizations", `${POST}Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n`, "header_invalid"],
    ["an Upgrade", "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", "header_invalid"],
    [
      "a second Transfer-Encoding",
      `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`,
      "header_invalid",
    ],
    ["an obfuscated Transfer-Encoding", `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, "header_invalid"],
    ["a space before the colon", `${POST}Content-Length : 5\r\n\r\nhello`, "header_invalid"],
    ["a folded header", `${POST}X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n`, ""],
    ["bare line feeds", "GET / HTTP/1.1\nHost: a\n\n", "header_invalid"],
    ["a NUL in a header", `${POST}X-A: a\0b\r\n\r\n`, "header_invalid"],
    ["CONNECT", "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", "method_not_allowed"],
    ["the absolute form", "GET http://elsewhere.example/ HTTP/1.1\r\nHost: a\r\n\r\n", "header_invalid"],
    ["the asterisk form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "header_invalid"],
    ["a dot segment", "GET /v1/../admin HTTP/1.1\r\nHost: a\r\n\r\n", "header_invalid"],
    ["an encoded dot segment", "GET /v1/%2e%2E/admin HTTP/1.1\r\nHost: a\r\n\r\n", "header_invalid"],
    ["an empty segment", "GET //v1/models HTTP/1.1\r\nHost: a\r\n\r\n", "header_invalid"],
    ["an encoded line break", "GET /v1/%0d%0aX:1 HTTP/1.1\r\nHost: a\r\n\r\n", "header_invalid"],
    ["bytes beyond ASCII", "GET /v1/\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n", "header_invalid"],
    ["another protocol", "SSH-2.0-OpenSSH_9.9\r\n\r\n", "header_invalid"],
    ["a TLS hello on the plaintext port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "header_invalid"],
    ["HTTP/2 by prior knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "header_invalid"],
    ["too large a head", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(5_000)}\r\n\r\n`, "header_too_large"],
    ["too many fields", `GET / HTTP/1.1\r\nHost: a\r\n${"a:\r\n".repeat(120)}\r\n`, "header_too_large"],
  ])("%s", async (_what, request, code) => {
    await open();
    const { status, head, body } = await send(request);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(head.toLowerCase()).toContain("connection: close");
    if (code !== "") expect(codeOf(body)).toBe(code);
    expect(refused).toHaveLength(1);
    expect(handled).toEqual([]);
  });

  test("what stands behind a refused request on the same connection is never read as one", async () => {
    await open();
    const smuggled = "GET /v1/smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    const body = `0\r\n\r\n${smuggled}`;
    await send(
      `POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
    );
    await send([`GET /v1/a/../b HTTP/1.1\r\nHost: a\r\n\r\n`, smuggled]);
    expect(handled).toEqual([]);
  });
});

describe("a path", () => {
  test("is split at the first question mark, and dots inside of segments are ordinary", () => {
    expect(readTarget("/a.b/c..d/.well-known?x=/../y")).toEqual({
      pathname: "/a.b/c..d/.well-known",
      query: "x=/../y",
    });
    expect(readTarget("/evidence/tile/entries/x001/234.p/7").query).toBe("");
  });
  test.each([
    "",
    "a",
    "*",
    "http://a/",
    "/a/./b",
    "/a/..",
    "/..",
    "/%2F",
    "/a\\b",
    "/a#b",
    "/a b",
    "/a\u007f",
    "/%00",
    "/a//b",
  ])("%j is refused", (url) => {
    expect(() => readTarget(url)).toThrow(expect.objectContaining({ code: "header_invalid" }));
  });
});

describe("slow and many clients", () => {
  test("a head that does not come is answered with 408", async () => {
    await open();
    const { status, body } = await send("GET / HTTP/1.1\r\nHost: a\r\n", 5_000);
    expect(status).toBe(408);
    expect(codeOf(body)).toBe("request_timeout");
  });

  test("a body that does not come is answered with 408", async () => {
    await open();
    answer = (req, res) => void req.resume().on("end", () => res.end());
    const { status } = await send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe", 6_000);
    expect(status).toBe(408);
  });

  test("connections beyond the limit are closed", async () => {
    await open({ limits: { ...LIMITS, connectionsMax: 2 } });
    const sockets = [0, 1].map(() => connect(listener.port, "127.0.0.1"));
    await sleep(50);
    expect(await rawRequest(listener.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")).toBe("");
    for (const socket of sockets) socket.destroy();
  });

  test("pipelined requests end the connection after the first answer, and none is left hanging", async () => {
    await open();
    answer = (_req, res) => void setTimeout(() => res.end("answered"), 50);
    const text = await rawRequest(
      listener.port,
      "GET /v1/a HTTP/1.1\r\nHost: a\r\n\r\nGET /v1/b HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    expect(text.match(/answered/g)).toHaveLength(1);
    expect(handled).toEqual(["/v1/a|"]);
    expect(listener.inFlight).toBe(0);
  });

  test("one connection carries many requests, one after the other", async () => {
    await open();
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set<unknown>();
    for (let at = 0; at < 200; at++) {
      await new Promise<void>((resolve, reject) => {
        http
          .get(`${listener.url}/v1/${at}`, { agent }, (res) => res.resume().on("end", resolve))
          .on("error", reject)
          .on("socket", (socket) => sockets.add(socket));
      });
    }
    expect(handled).toHaveLength(200);
    expect(sockets.size).toBe(1);
    agent.destroy();
  });

  test("garbage behind a good request never lands in the middle of its answer", async () => {
    await open();
    answer = (_req, res) => {
      res.write("begun");
      setTimeout(() => res.end(" done"), 50);
    };
    const text = await rawRequest(listener.port, ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\0garbage\r\n\r\n"]);
    expect(text.match(/HTTP\/1\.1/g) ?? []).toHaveLength(text === "" ? 0 : 1);
  });
});

describe("draining", () => {
  test("waits for answers under way, refuses new requests, and closes", async () => {
    await open();
    let finish = (): void => undefined;
    answer = (_req, res) => {
      res.write("first");
      finish = () => res.end(" last");
    };
    const slow = fetch(`${listener.url}/v1/x`);
    await sleep(50);
    const kept = connect(listener.port, "127.0.0.1");
    kept.write("GET / HTTP/1.1\r\nHost: a\r\n");
    await sleep(50);
    const drained = listener.drain(5_000);
    const late = new Promise<string>((resolve) => kept.once("data", (chunk: Buffer) => resolve(chunk.toString())));
    kept.write("\r\n");
    const { status, head, body } = parseRaw(await late);
    expect([status, codeOf(body)]).toEqual([503, "draining"]);
    expect(head.toLowerCase()).toContain("connection: close");
    expect(head).toContain("sluice-evidence: 7");
    await expect(fetch(`${listener.url}/health`)).rejects.toThrow();
    finish();
    expect(await (await slow).text()).toBe("first last");
    expect(await drained).toBe(0);
  });

  test("cuts what is not over in time, and says how much", async () => {
    await open();
    answer = (_req, res) => void res.write("endless");
    const cut = fetch(`${listener.url}/v1/x`).then((answered) => answered.text());
    const failed = expect(cut).rejects.toThrow();
    await sleep(50);
    expect(listener.inFlight).toBe(1);
    const startedAt = performance.now();
    expect(await listener.drain(100)).toBe(1);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    await failed;
  });

  test("is over at once when nothing is under way, also with idle connections", async () => {
    await open();
    await (await fetch(`${listener.url}/health`)).text();
    const startedAt = performance.now();
    expect(await listener.drain(5_000)).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(2_500); // half of what it would have waited
  });
});

describe("TLS", () => {
  const certificate = selfSigned();
  const get = (options: https.RequestOptions): Promise<{ protocol: string | null; body: string }> =>
    new Promise((resolve, reject) => {
      const req = https.get(
        { host: "127.0.0.1", port: listener.port, path: "/health", ca: certificate.cert, ...options },
        (res) => {
          const protocol = (res.socket as tls.TLSSocket).getProtocol();
          res.setEncoding("utf8");
          res.on("data", (body: string) => resolve({ protocol, body }));
        },
      );
      req.on("error", reject);
    });

  test("is 1.3 and nothing less, with a post-quantum hybrid where the runtime has one", async () => {
    await open({ tls: certificate });
    expect(listener.url).toMatch(/^https:/);
    expect(await get({ agent: false })).toEqual({ protocol: "TLSv1.3", body: "ok fallback" });
    const first = KEY_EXCHANGE_GROUPS === undefined ? "X25519" : "X25519MLKEM768";
    expect(await get({ agent: false, ecdhCurve: first })).toMatchObject({ body: "ok fallback" });
    expect(await get({ agent: false, ecdhCurve: "prime256v1" })).toMatchObject({ body: "ok fallback" });
    await expect(get({ agent: false, maxVersion: "TLSv1.2" })).rejects.toThrow();
    await expect(get({ agent: false, ecdhCurve: "secp521r1" })).rejects.toThrow();
  });

  test("is demanded for every host that others can reach", async () => {
    for (const host of ["0.0.0.0", "::", "192.168.1.1", "sluice.example.com"]) {
      await expect(open({ host })).rejects.toMatchObject({ code: "config_invalid" });
    }
    await open();
  });

  test("a plaintext request on the TLS port gets nothing", async () => {
    await open({ tls: certificate });
    expect(await rawRequest(listener.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")).not.toContain("ok");
    expect(handled).toEqual([]);
    expect(refused).toEqual([]);
  });
});
