import { createHash } from "node:crypto";
import dns from "node:dns";
import https from "node:https";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";
import zlib from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Connection, ConnectionLimits } from "../../core/connection.ts";
import type { SluiceError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { connectionFor } from "../../core/test/connection.ts";
import type { Permit } from "../../gate/index.ts";
import { mintPermit, revokePermit } from "../../gate/permit.ts";
import { Forwarder, type Forwarding, type ForwardRequest } from "./forward.ts";
import { selfSigned } from "../../core/test/pki.ts";
import { type RawUpstream, sendJson, startRawUpstream, startUpstream, type Upstream } from "./test/upstream.ts";
import { upstreamPath } from "./upstream.ts";
import { KEY_EXCHANGE_GROUPS } from "./tls.ts";

const REQUEST: ForwardRequest = {
  method: "POST",
  path: "/v1/chat/completions",
  query: "",
  streaming: false,
  headers: [],
  body: Buffer.from('{"a":1}'),
};

let upstream: Upstream;
let raw: RawUpstream;
let forwarder: Forwarder;
beforeAll(async () => {
  upstream = await startUpstream();
  raw = await startRawUpstream();
});
afterAll(() => Promise.all([upstream.close(), raw.close()]));
beforeEach(() => {
  forwarder = new Forwarder();
  upstream.requests.length = 0;
  raw.accepted = 0;
});
afterEach(() => forwarder.close());

const to = (url: URL, limits: Partial<ConnectionLimits> = {}, change: Partial<Connection> = {}): Connection =>
  connectionFor({ url, limits: { ...connectionFor().limits, ...limits }, ...change });

interface Ended {
  readonly status?: number;
  readonly headers?: Record<string, unknown>;
  readonly body: string;
  readonly code?: string;
  readonly error?: SluiceError;
  readonly forwarding: Forwarding;
}

/** Forwards and gathers what the sink is told; checks that it is told of one end only. */
function call(connection: Connection, request: Partial<ForwardRequest> = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    let head: { status?: number; headers?: Record<string, unknown> } = {};
    const chunks: Buffer[] = [];
    let ends = 0;
    const end = (error?: SluiceError): void => {
      ends += 1;
      if (ends > 1) return reject(new Error("told of the end twice"));
      // Later callbacks would come within the next turns.
      setTimeout(() => {
        const failed = error === undefined ? {} : { code: error.code, error };
        resolve({ ...head, ...failed, body: Buffer.concat(chunks).toString(), forwarding });
      }, 20);
    };
    const forwarding = forwarder.forward(
      mintPermit(connection, "1"),
      { ...REQUEST, ...request },
      {
        onHead: (status, headers) => {
          head = { status, headers };
        },
        onData: (chunk) => {
          if (ends > 0) reject(new Error("data after the end"));
          return chunks.push(chunk) > 0;
        },
        onEnd: () => end(),
        onFail: end,
      },
    );
  });
}

describe("a permit", () => {
  test("is demanded, from the gate's own hand, and live", () => {
    const sink = { onHead: vi.fn(), onData: () => true, onEnd: vi.fn(), onFail: vi.fn() };
    const forged = { connection: to(upstream.url), exchange: "1" } as unknown as Permit;
    expect(() => forwarder.forward(forged, REQUEST, sink)).toThrow(/permit/);
    const ended = mintPermit(to(upstream.url), "1");
    revokePermit(ended);
    expect(() => forwarder.forward(ended, REQUEST, sink)).toThrow(/permit/);
    expect(upstream.requests).toEqual([]);
  });
});

describe("the request", () => {
  test("carries the connection's credential and headers, the allow-listed ones, and nothing else", async () => {
    const connection = to(
      upstream.url,
      {},
      {
        credential: { header: "Authorization", prefix: "Bearer ", secret: new Secret("sk-target") },
        headers: { "X-Version": "7" },
        query: { "api-version": "2026-01-01" },
      },
    );
    const { status, body } = await call(connection, { headers: ["openai-beta", "a=v1"], query: "beta=true" });
    expect([status, body]).toEqual([200, '{"ok":true}']);
    const [{ req, body: sent } = {}] = upstream.requests;
    expect(req?.method).toBe("POST");
    expect(req?.url).toBe("/v1/chat/completions?api-version=2026-01-01&beta=true");
    expect(sent).toBe('{"a":1}');
    expect(req?.headers).toEqual({
      host: `127.0.0.1:${upstream.port}`,
      connection: "keep-alive",
      "content-type": "application/json",
      "content-length": "7",
      "user-agent": "sluice",
      "accept-encoding": "identity",
      accept: "application/json",
      "x-version": "7",
      authorization: "Bearer sk-target",
      "openai-beta": "a=v1",
    });
  });

  test("says that it wants a stream, and reuses its connection", async () => {
    const connection = to(upstream.url);
    for (let at = 0; at < 3; at++) await call(connection, { streaming: true });
    expect(upstream.requests[0]?.req.headers.accept).toBe("text/event-stream");
    expect(new Set(upstream.requests.map(({ req }) => req.socket.remotePort)).size).toBe(1);
  });

  test("goes to base URLs with and without a version", () => {
    const path = (url: string, below: string, query = {}) =>
      upstreamPath(connectionFor({ url: new URL(url), query }), below);
    expect(path("https://api.example/v1", "/v1/chat/completions")).toBe("/v1/chat/completions");
    expect(path("https://api.example/v1/", "/v1/chat/completions")).toBe("/v1/chat/completions");
    expect(path("https://api.example", "/v1/messages")).toBe("/v1/messages");
    expect(path("https://api.example/openai/v1", "/v1/embeddings", { a: "b c" })).toBe("/openai/v1/embeddings?a=b+c");
    expect(path("https://api.example/proxy", "/v1/messages")).toBe("/proxy/v1/messages");
    expect(path("https://api.example/models/m1", "/generate")).toBe("/models/m1/generate");
  });
});

describe("an answer", () => {
  test("is handed over as it comes, with its digest, size and time", async () => {
    upstream.answer = (_req, res) => {
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.write("one ");
      setTimeout(() => res.end("two"), 40);
    };
    const { body, forwarding } = await call(to(upstream.url));
    expect(body).toBe("one two");
    expect(forwarding).toMatchObject({ status: 200, bytes: 7 });
    expect(forwarding.elapsedMs).toBeGreaterThan(30);
    expect(forwarding.digest()).toEqual(createHash("sha256").update("one two").digest());
  });

  test.each([
    ["gzip", zlib.gzipSync],
    ["br", zlib.brotliCompressSync],
    ["zstd", zlib.zstdCompressSync],
    ["deflate", zlib.deflateSync],
  ] as const)(
    "that is compressed with %s all the same is decoded; its digest is of the bytes as received",
    async (encoding, compress) => {
      const text = JSON.stringify(Array.from({ length: 30_000 }, (_, at) => at));
      const bytes = compress(text);
      upstream.answer = (_req, res) => res.writeHead(200, { "content-encoding": encoding }).end(bytes);
      const { body, forwarding } = await call(to(upstream.url));
      expect(body).toBe(text);
      expect(forwarding.bytes).toBe(bytes.length);
      expect(forwarding.digest()).toEqual(createHash("sha256").update(bytes).digest());
    },
  );

  test("may come slowly compressed, piece by piece", async () => {
    upstream.answer = (_req, res) => {
      res.writeHead(200, { "content-encoding": "gzip" });
      const gzip = zlib.createGzip();
      gzip.pipe(res);
      gzip.write("first ");
      gzip.flush();
      setTimeout(() => gzip.end("second"), 60);
    };
    const heard: number[] = [];
    const startedAt = performance.now();
    await new Promise<void>((resolve, reject) => {
      forwarder.forward(mintPermit(to(upstream.url), "1"), REQUEST, {
        onHead: () => undefined,
        onData: () => heard.push(performance.now() - startedAt) > 0,
        onEnd: resolve,
        onFail: reject,
      });
    });
    expect(heard[0]).toBeLessThan(50);
  });

  test("that is a redirect is refused, and not followed", async () => {
    for (const status of [301, 302, 303, 307, 308, 304]) {
      upstream.answer = (_req, res) => res.writeHead(status, { location: `http://127.0.0.1:${raw.port}/` }).end();
      expect(await call(to(upstream.url))).toMatchObject({ code: "upstream_redirect" });
    }
    expect(raw.accepted).toBe(0);
  });

  test.each<[string, string]>([
    ["gzip", "not gzip"],
    ["br", "not brotli"],
    ["rot13", "uryyb"],
    ["gzip, br", "x"],
  ])("with the broken or unknown content-encoding %s is refused", async (encoding, text) => {
    upstream.answer = (_req, res) => res.writeHead(200, { "content-encoding": encoding }).end(text);
    expect(await call(to(upstream.url))).toMatchObject({ code: "upstream_encoding_invalid" });
  });

  test("with a cut compressed body is refused", async () => {
    upstream.answer = (_req, res) =>
      res.writeHead(200, { "content-encoding": "gzip" }).end(zlib.gzipSync("x".repeat(500)).subarray(0, 20));
    expect(await call(to(upstream.url))).toMatchObject({ code: "upstream_encoding_invalid" });
  });

  test("larger than the limit is cut off: announced, streamed, and after decoding", async () => {
    const connection = to(upstream.url, { responseBytesMax: 1_000 });
    upstream.answer = (_req, res) => res.writeHead(200, { "content-length": "5000" }).write("x");
    expect(await call(connection)).toMatchObject({ code: "upstream_body_too_large", body: "" });
    upstream.answer = (_req, res) => {
      const timer = setInterval(() => res.write("x".repeat(100)), 1);
      res.on("close", () => clearInterval(timer));
    };
    const endless = await call(connection);
    expect(endless.code).toBe("upstream_body_too_large");
    expect(endless.body.length).toBeLessThanOrEqual(1_000);
    upstream.answer = (_req, res) =>
      res.writeHead(200, { "content-encoding": "br" }).end(zlib.brotliCompressSync(Buffer.alloc(50_000_000)));
    expect(await call(connection)).toMatchObject({ code: "upstream_body_too_large", body: "" });
  });
});

test("a bug of ours in the middle of an answer is not blamed on the upstream", async () => {
  const failed = new Promise<SluiceError>((resolve) => {
    forwarder.forward(mintPermit(to(upstream.url), "1"), REQUEST, {
      onHead: () => {
        throw new TypeError("oops");
      },
      onData: () => true,
      onEnd: () => undefined,
      onFail: resolve,
    });
  });
  expect(await failed).toMatchObject({ code: "internal" });
});

describe("an upstream that breaks off", () => {
  const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
  test.each<[string, string, string]>([
    ["before its head", "", "upstream_reset"],
    ["in the middle of its head", "HTTP/1.1 200 OK\r\ncontent-ty", "upstream_reset"],
    ["after its head", `${HEAD}content-length: 10\r\n\r\n`, "upstream_reset"],
    ["in the middle of its body", `${HEAD}content-length: 10\r\n\r\n12345`, "upstream_reset"],
    ["in the middle of a chunk", `${HEAD}transfer-encoding: chunked\r\n\r\na\r\n12345`, "upstream_reset"],
    [
      "in the middle of the last answer of a connection",
      `${HEAD}connection: close\r\ntransfer-encoding: chunked\r\n\r\na\r\n12345`,
      "upstream_reset",
    ],
    ["between two chunks", `${HEAD}transfer-encoding: chunked\r\n\r\n5\r\n12345\r\n`, "upstream_reset"],
    [
      "in the middle of an event",
      'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n9\r\ndata: {"a\r\n',
      "upstream_reset",
    ],
  ])("%s: the failure is named, whether by FIN or by RST", async (_when, bytes, code) => {
    for (const how of ["end", "resetAndDestroy"] as const) {
      raw.answer = (socket) => {
        if (how === "end") socket.end(bytes);
        else if (bytes === "") socket.resetAndDestroy();
        // A reset discards what is on its way, so it has to arrive first.
        else socket.write(bytes, () => setTimeout(() => socket.resetAndDestroy(), 20));
      };
      expect(await call(to(raw.url))).toMatchObject({ code });
    }
  });

  test.each<[string, string]>([
    ["no HTTP at all", "SSH-2.0-OpenSSH\r\n"],
    ["two lengths", `${HEAD}content-length: 5\r\ncontent-length: 6\r\n\r\n12345`],
    ["a length and chunks", `${HEAD}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n`],
    ["a chunk size that is none", `${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n`],
    ["an endless head", `HTTP/1.1 200 OK\r\n${"x: 0123456789\r\n".repeat(20_000)}`],
  ])("or does not speak HTTP: %s", async (_what, bytes) => {
    raw.answer = (socket) => void socket.write(bytes);
    expect(await call(to(raw.url))).toMatchObject({ code: "upstream_protocol" });
  });

  test("whose bytes behind the announced length are dropped", async () => {
    raw.answer = (socket) => void socket.write(`${HEAD}content-length: 2\r\n\r\n{}{"smuggled":1}`);
    expect(await call(to(raw.url))).toMatchObject({ status: 200, body: "{}" });
  });

  test("and whose message holds no payload", async () => {
    raw.answer = (socket) => void socket.write("john.doe@example.com\r\n");
    const { error } = await call(to(raw.url));
    expect(`${error?.message} ${error?.stack} ${String(error?.cause)}`).not.toContain("john.doe");
  });
});

describe("retries", () => {
  test("happen before the first byte only: after a reset, a refused connection, 502, 503, 504", async () => {
    let calls = 0;
    raw.answer = (socket) => {
      calls += 1;
      if (calls === 1) return void socket.destroy();
      if (calls === 2) return void socket.end("HTTP/1.1 503 No\r\ncontent-length: 2\r\n\r\n{}");
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    };
    expect(await call(to(raw.url, { retriesMax: 2 }))).toMatchObject({ status: 200, body: "{}" });
    expect(calls).toBe(3);
  });

  test("end with the last answer as it is", async () => {
    upstream.answer = (_req, res) => sendJson(res, 504, { late: true });
    expect(await call(to(upstream.url, { retriesMax: 2 }))).toMatchObject({ status: 504, body: '{"late":true}' });
    expect(upstream.requests).toHaveLength(3);
  });

  test("never happen after the first byte, for other statuses, or when the upstream says when to come back", async () => {
    raw.answer = (socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{");
    expect(await call(to(raw.url, { retriesMax: 3 }))).toMatchObject({ code: "upstream_reset" });
    expect(raw.accepted).toBe(1);
    for (const [status, headers] of [
      [500, {}],
      [429, {}],
      [400, {}],
      [503, { "retry-after": "7" }],
    ] as const) {
      upstream.requests.length = 0;
      upstream.answer = (_req, res) => sendJson(res, status, {}, headers);
      expect(await call(to(upstream.url, { retriesMax: 3 }))).toMatchObject({ status });
      expect(upstream.requests).toHaveLength(1);
    }
  });

  test("stop when the client has left", async () => {
    upstream.answer = (_req, res) => sendJson(res, 503, {});
    const forwarding = forwarder.forward(mintPermit(to(upstream.url, { retriesMax: 5 }), "1"), REQUEST, {
      onHead: () => undefined,
      onData: () => true,
      onEnd: () => undefined,
      onFail: () => undefined,
    });
    await sleep(25);
    forwarding.cancel();
    const before = upstream.requests.length;
    await sleep(300);
    expect(upstream.requests).toHaveLength(before);
  });
});

describe("time", () => {
  test("until a connection stands is limited", async () => {
    // A listener whose queue is full accepts nothing more: the SYN stays unanswered.
    const full = net.createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 });
    await new Promise((resolve) => full.once("listening", resolve));
    const silent = net.createServer((socket) => socket.pause()).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const { port } = silent.address() as net.AddressInfo;
    // TLS counts as part of the connection, so a server that never says hello is enough.
    const url = new URL(`https://127.0.0.1:${port}/`);
    const { code, forwarding } = await call(to(url, { connectTimeoutMs: 200 }));
    expect(code).toBe("upstream_timeout");
    expect(forwarding.elapsedMs).toBeLessThan(2_000);
    full.close();
    silent.close();
  });

  test("until the first byte is limited", async () => {
    upstream.answer = () => undefined;
    const { code, error, forwarding } = await call(to(upstream.url, { firstByteTimeoutMs: 100 }));
    expect([code, error?.message]).toEqual([
      "upstream_timeout",
      'connection "main" did not begin to answer within 100 ms',
    ]);
    expect(forwarding.elapsedMs).toBeLessThan(2_000);
  });

  test("between two chunks is limited", async () => {
    upstream.answer = (_req, res) => void res.write("data");
    const { code, error } = await call(to(upstream.url, { idleTimeoutMs: 100 }));
    expect([code, error?.message]).toEqual(["upstream_timeout", 'connection "main" sent nothing for 100 ms']);
  });

  test("in all is limited, also for a stream that never ends and never pauses", async () => {
    let closed = false;
    upstream.answer = (_req, res) => {
      const timer = setInterval(() => res.write("data: x\n\n"), 5);
      res.on("close", () => {
        clearInterval(timer);
        closed = true;
      });
    };
    const { code, forwarding } = await call(to(upstream.url, { totalTimeoutMs: 250, idleTimeoutMs: 100 }));
    expect(code).toBe("upstream_timeout");
    expect(forwarding.elapsedMs).toBeLessThan(2_000);
    await vi.waitFor(() => expect(closed).toBe(true));
  });
});

describe("addresses", () => {
  test("that are private are not dialled: literal, IPv6-mapped and by name", async () => {
    for (const host of ["127.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "0x7f.1", "2130706433", "localhost"]) {
      const url = new URL(`http://${host}:${upstream.port}/`);
      const { code } = await call(to(url, {}, { allowPrivateAddress: false }));
      expect([host, code]).toEqual([host, "upstream_address_private"]);
    }
    expect(upstream.requests).toEqual([]);
  });

  test("are looked up once: what was checked is what is dialled", async () => {
    const lookup = vi
      .spyOn(dns, "lookup")
      .mockImplementation(((_host: string, _options: unknown, done: (fault: null, list: dns.LookupAddress[]) => void) =>
        done(null, [{ address: "127.0.0.1", family: 4 }])) as unknown as typeof dns.lookup);
    const url = new URL(`http://rebinding.example:${upstream.port}/`);
    expect(await call(to(url, {}, { allowPrivateAddress: false }))).toMatchObject({ code: "upstream_address_private" });
    expect(lookup).toHaveBeenCalledTimes(1);
    lookup.mockRestore();
    expect(upstream.requests).toEqual([]);
  });

  test("that nobody listens on, or that do not exist, are unreachable", async () => {
    const free = net.createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => free.once("listening", resolve));
    const { port } = free.address() as net.AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    expect(await call(to(new URL(`http://127.0.0.1:${port}/`), { retriesMax: 1 }))).toMatchObject({
      code: "upstream_unreachable",
    });
    expect(await call(to(new URL("http://no-such-host.invalid/")))).toMatchObject({ code: "upstream_unreachable" });
  });
});

describe("TLS", () => {
  test("is verified, whatever the environment says, and its session may be post-quantum", async () => {
    const certificate = selfSigned();
    let groups: string | undefined;
    const server = https.createServer(
      {
        ...certificate,
        minVersion: "TLSv1.3",
        ecdhCurve: KEY_EXCHANGE_GROUPS === undefined ? "X25519" : "X25519MLKEM768",
      },
      (req, res) => {
        groups = (req.socket as tls.TLSSocket).getProtocol() ?? undefined;
        sendJson(res, 200, { tls: true });
      },
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as net.AddressInfo;
    const url = new URL(`https://localhost:${port}/`);
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    const refused = await call(to(url));
    vi.unstubAllEnvs();
    expect(refused.code).toBe("upstream_protocol");
    expect(refused.error?.message).toContain("DEPTH_ZERO_SELF_SIGNED_CERT");
    const trusted = tls.getCACertificates("default");
    tls.setDefaultCACertificates([...trusted, certificate.cert]);
    expect(await call(to(url))).toMatchObject({ status: 200, body: '{"tls":true}' });
    expect(groups).toBe("TLSv1.3");
    const wrongName = new URL(`https://127.0.0.2:${port}/`);
    expect((await call(to(wrongName))).code).toMatch(/upstream_(unreachable|protocol)/);
    tls.setDefaultCACertificates(trusted);
    server.closeAllConnections();
    server.close();
  });
});

describe("a client", () => {
  test("that leaves closes the upstream within 100 ms: while waiting, and in the middle of a stream", async () => {
    for (const begin of [
      (): void => undefined,
      (_req: unknown, res: { write(text: string): unknown }): void => void res.write("data: x\n\n"),
    ]) {
      upstream.answer = begin;
      const sink = { onHead: vi.fn(), onData: () => true, onEnd: vi.fn(), onFail: vi.fn() };
      const forwarding = forwarder.forward(mintPermit(to(upstream.url), "1"), REQUEST, sink);
      await vi.waitFor(() => expect(upstream.requests.length).toBeGreaterThan(0));
      await sleep(20);
      const { req } = upstream.requests.at(-1) ?? {};
      const closed = new Promise<number>((resolve) => req?.socket.once("close", () => resolve(performance.now())));
      const leftAt = performance.now();
      forwarding.cancel();
      forwarding.cancel();
      expect((await closed) - leftAt).toBeLessThan(100);
      expect(sink.onEnd).not.toHaveBeenCalled();
      expect(sink.onFail).not.toHaveBeenCalled();
      upstream.requests.length = 0;
    }
  });

  test("that leaves before the connection stands causes no request", async () => {
    const forwarding = forwarder.forward(mintPermit(to(upstream.url), "1"), REQUEST, {
      onHead: vi.fn(),
      onData: () => true,
      onEnd: vi.fn(),
      onFail: vi.fn(),
    });
    forwarding.cancel();
    await sleep(100);
    expect(upstream.requests).toEqual([]);
  });

  test.each(["identity", "gzip"])(
    "that is slow slows the upstream down instead of filling memory (%s)",
    async (encoding) => {
      const piece = Buffer.from(createHash("sha512").update("x").digest("hex").repeat(512));
      let sent = 0;
      upstream.answer = (_req, res) => {
        res.writeHead(200, { "content-encoding": encoding });
        const out = encoding === "gzip" ? zlib.createGzip({ level: 0 }) : res;
        if (out !== res) (out as zlib.Gzip).pipe(res);
        const pump = (): void => {
          while (sent < 20_000_000) {
            sent += piece.length;
            if (!out.write(piece)) return void out.once("drain", pump);
          }
          out.end();
        };
        pump();
      };
      let received = 0;
      const connection = to(upstream.url, { responseBytesMax: 100_000_000 });
      await new Promise<void>((resolve, reject) => {
        const forwarding = forwarder.forward(mintPermit(connection, "1"), REQUEST, {
          onHead: () => undefined,
          onData: (chunk) => {
            received += chunk.length;
            // Stops twice: for long enough to see that nothing runs on, then for each chunk for a moment.
            if (received < 200_000) {
              setTimeout(() => {
                expect(sent - received).toBeLessThan(12_000_000);
                forwarding.resume();
              }, 100);
            } else {
              setImmediate(() => forwarding.resume());
            }
            return false;
          },
          onEnd: resolve,
          onFail: reject,
        });
      });
      expect(received).toBe(sent);
    },
  );

  test("that takes nothing at all is given up, and it is not the upstream's fault", async () => {
    upstream.answer = (_req, res) => void res.write("data");
    const failed = new Promise<SluiceError>((resolve) => {
      forwarder.forward(mintPermit(to(upstream.url, { idleTimeoutMs: 100 }), "1"), REQUEST, {
        onHead: () => undefined,
        onData: () => false,
        onEnd: () => undefined,
        onFail: resolve,
      });
    });
    expect(await failed).toMatchObject({ code: "client_closed" });
  });
});

describe("after a reload", () => {
  test("a pool that is no longer wanted closes once its last answer is over", async () => {
    const old = to(upstream.url);
    let finish = (): void => undefined;
    upstream.answer = (_req, res) => {
      res.write("a");
      finish = () => res.end("b");
    };
    const running = call(old);
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(1));
    await sleep(20);
    forwarder.retain([to(upstream.url)]);
    await sleep(30);
    expect(await upstream.connections()).toBe(1);
    finish();
    expect(await running).toMatchObject({ status: 200, body: "ab" });
    await vi.waitFor(async () => expect(await upstream.connections()).toBe(0));
  });
});
