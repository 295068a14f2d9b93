/**
 * What is wrong with a request or an answer, sent through the real gateway over real sockets: each shape has one named error in
 * the family of its route, stands on the public log under the same code, ends in time, and repeats nothing of what was sent.
 */
import type { Socket } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseRaw, rawRequest } from "../protocols/http/test/raw.ts";
import { type Answered, type Sent, send } from "./test/client.ts";
import { type Configured, documentFor } from "./test/config.ts";
import { leafAt, leafWhere, outcomeOf } from "./test/recorded.ts";
import { type Started, startForTest } from "./test/running.ts";
import { type RawUpstream, startRawUpstream } from "./test/upstream.ts";

const EMAIL = "jane.roe@planted.example";
const KIB = 1024;
const FAMILIES = [
  ["openai", "/v1/chat/completions"],
  ["anthropic", "/v1/messages"],
] as const;
type Family = (typeof FAMILIES)[number][0];

let sluice: Started;
let upstream: RawUpstream;
let answer: (socket: Socket) => void;
let keys: Record<Family | "expired", Configured>;

beforeAll(async () => {
  upstream = await startRawUpstream((socket) => answer(socket));
  const connection = (kind: Family, models: string[], more: object = {}) => ({
    kind,
    url: upstream.url,
    credential: "none",
    recipient: "acme",
    models,
    allow_private_address: true,
    limits: {
      response_bytes_max: "64KiB",
      event_bytes_max: "8KiB",
      connect_seconds: 1,
      first_byte_seconds: 0.15,
      idle_seconds: 0.15,
      total_seconds: 0.4,
      retries_max: 0,
    },
    ...more,
  });
  const each = (name: string, models: string[], more: object = {}) =>
    Object.fromEntries(FAMILIES.map(([kind]) => [`${name}-${kind}`, connection(kind, models, more)]));
  keys = { openai: await documentFor({}), anthropic: await documentFor({}), expired: await documentFor({}) };
  const [expired = ""] = Object.keys(keys.expired.document.keys);
  const document = {
    ...keys.openai.document,
    connections: {
      ...each("main", ["m"]),
      ...each("inner", ["inner"], { allow_private_address: false }),
      // Nothing listens on the discard port of this machine.
      ...each("gone", ["gone"], { url: "http://127.0.0.1:9" }),
    },
    keys: {
      ...keys.openai.document.keys,
      ...keys.anthropic.document.keys,
      [expired]: { ...keys.expired.document.keys[expired], expires: "2020-01-01" },
    },
    limits: {
      body_bytes_max: "64KiB",
      decoded_bytes_max: "256KiB",
      header_bytes_max: "4KiB",
      json_depth_max: 16,
      request_seconds: 1,
    },
    evidence: { ...(keys.openai.document["evidence"] as object), checkpoint_interval: "20ms" },
  };
  sluice = await startForTest(() => JSON.stringify(document));
});
afterAll(async () => {
  await sluice.stop();
  await upstream.close();
});

const request = (more: object = {}): Record<string, unknown> => ({
  model: "m",
  max_tokens: 20,
  messages: [{ role: "user", content: `write to ${EMAIL}` }],
  ...more,
});

function post(family: Family, sent: Partial<Sent> & { readonly body?: string | Buffer }): Promise<Answered> {
  const path = family === "openai" ? "/v1/chat/completions" : "/v1/messages";
  return send(sluice.url, {
    path,
    ...sent,
    headers: {
      authorization: `Bearer ${keys[family].token}`,
      "content-type": "application/json",
      ...sent.headers,
    },
  });
}

/** The error in the words of the family; anything else fails. */
function codeIn(family: Family | "problem", text: string): string {
  const body = JSON.parse(text) as Record<string, unknown>;
  const error = body["error"] as Record<string, unknown>;
  if (family === "problem") {
    expect(Object.keys(body).sort()).toEqual(["code", "detail", "status", "title", "type"]);
    return String(body["code"]);
  }
  if (family === "openai") expect(Object.keys(error).sort()).toEqual(["code", "message", "param", "type"]);
  else expect([body["type"], ...Object.keys(error).sort()]).toEqual(["error", "code", "message", "type"]);
  return String(error["code"]);
}

async function expectDenied(
  family: Family | "problem",
  answered: Answered,
  status: number,
  code: string,
): Promise<void> {
  expect([answered.status, codeIn(family, answered.text)]).toEqual([status, code]);
  expect(answered.text).not.toContain("planted");
  const leaf = await leafAt(sluice.url, answered.evidence);
  expect(leaf).toMatchObject({ type: "denial", code });
  expect(JSON.stringify(leaf)).not.toContain("planted");
}

const json = (value: unknown): string => JSON.stringify(value);
const nested = (levels: number): string =>
  `{"model":"m","messages":${"[".repeat(levels)}"${EMAIL}"${"]".repeat(levels)}}`;
const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
const text = json(request());
const BOMB = json(request({ note: "0".repeat(8_000_000) }));
const packed = (coding: string, body: Buffer): Partial<Sent> => ({ headers: { "content-encoding": coding }, body });

/** What, status, code, how the request differs from a good one. */
type Row = readonly [what: string, status: number, code: string, sent: Partial<Sent>];
const REQUESTS: readonly Row[] = [
  ["JSON that breaks off", 400, "json_invalid", { body: text.slice(0, -5) }],
  ["JSON with something behind it", 400, "json_invalid", { body: `${text}{}` }],
  ["JSON with a comment", 400, "json_invalid", { body: `/* ${EMAIL} */${text}` }],
  ["text that is no JSON", 400, "json_invalid", { body: EMAIL }],
  ["nesting beyond the limit", 400, "json_too_deep", { body: nested(17) }],
  ["nesting that would exhaust a stack", 400, "json_too_deep", { body: nested(30_000) }],
  ["a key named twice", 400, "json_duplicate_key", { body: `{"model":"${EMAIL}",${text.slice(1)}` }],
  ["a key named twice, once in escapes", 400, "json_duplicate_key", { body: `{"mod\\u0065l":"x",${text.slice(1)}` }],
  ["an array", 400, "field_invalid", { body: json([EMAIL]) }],
  ["no messages", 400, "field_invalid", { body: json({ model: "m", note: EMAIL }) }],
  ["messages that are null", 400, "field_invalid", { body: json(request({ messages: null })) }],
  ["a model that is a number", 400, "field_invalid", { body: json(request({ model: 5 })) }],
  ["an empty model", 400, "field_invalid", { body: json(request({ model: "" })) }],
  ["a stream that is a text", 400, "field_invalid", { body: json(request({ stream: EMAIL })) }],
  ["bytes that are not UTF-8", 400, "utf8_invalid", { body: bytes(text.replace("write", "\xff\xfe")) }],
  ["an overlong character", 400, "utf8_invalid", { body: bytes(text.replace("write", "\xc0\xaf")) }],
  ["half a surrogate pair, raw", 400, "utf8_invalid", { body: bytes(text.replace("write", "\xed\xa0\x80")) }],
  ["half a surrogate pair, escaped", 400, "json_lone_surrogate", { body: text.replace("write", "\\ud800") }],
  ["no body", 400, "body_missing", {}],
  ["no content-type", 415, "content_type_unsupported", { headers: { "content-type": undefined }, body: text }],
  ["a form", 415, "content_type_unsupported", { headers: { "content-type": "multipart/form-data" }, body: text }],
  [
    "another charset",
    415,
    "content_type_unsupported",
    { headers: { "content-type": "application/json; charset=utf-16" }, body: text },
  ],
  ["a body over the limit", 413, "body_too_large", { body: json(request({ note: "x".repeat(65 * KIB) })) }],
  [
    "chunks over the limit",
    413,
    "body_too_large",
    { headers: { "transfer-encoding": "chunked" }, body: json(request({ note: "x".repeat(65 * KIB) })) },
  ],
  ["a gzip bomb", 413, "decoded_body_too_large", packed("gzip", gzipSync(BOMB))],
  ["a brotli bomb", 413, "decoded_body_too_large", packed("br", brotliCompressSync(BOMB))],
  ["a zstd bomb", 413, "decoded_body_too_large", packed("zstd", zstdCompressSync(BOMB))],
  ["a deflate bomb", 413, "decoded_body_too_large", packed("deflate", deflateSync(BOMB))],
  ["gzip that is none", 400, "body_encoding_invalid", packed("gzip", Buffer.from(text))],
  ["brotli that is none", 400, "body_encoding_invalid", packed("br", Buffer.from(text))],
  ["zstd that is none", 400, "body_encoding_invalid", packed("zstd", Buffer.from(text))],
  ["gzip that breaks off", 400, "body_encoding_invalid", packed("gzip", gzipSync(text).subarray(0, -9))],
  ["gzip in gzip", 415, "content_encoding_unsupported", packed("gzip, gzip", gzipSync(gzipSync(text)))],
  ["an unknown coding", 415, "content_encoding_unsupported", packed("compress", Buffer.from(text))],
  ["a purpose that is no token", 400, "header_invalid", { headers: { "sluice-purpose": `a ${EMAIL}` }, body: text }],
  ["a session that is no token", 400, "header_invalid", { headers: { "sluice-session": EMAIL }, body: text }],
  ["a beta that is another header", 400, "header_invalid", { headers: { "openai-beta": "a: b" }, body: text }],
  ["two keys", 400, "header_invalid", { headers: { "x-api-key": "sluice_other" }, body: text }],
  ["a purpose nobody knows", 403, "purpose_unknown", { headers: { "sluice-purpose": "planted" }, body: text }],
  ["an unknown model", 404, "model_unknown", { body: json(request({ model: EMAIL })) }],
  ["a model with a line break", 404, "model_unknown", { body: json(request({ model: "m\r\nx: planted" })) }],
  ["no key", 401, "key_missing", { headers: { authorization: undefined }, body: text }],
  ["a key of another scheme", 401, "key_invalid", { headers: { authorization: `Basic ${EMAIL}` }, body: text }],
  ["an unknown key", 401, "key_invalid", { headers: { authorization: `Bearer ${EMAIL}` }, body: text }],
];

describe.each(FAMILIES)("a request of the %s family", (family, path) => {
  it.each(REQUESTS)("with %s is refused: %i %s", async (_what, status, code, sent) => {
    const dialled = upstream.accepted();
    await expectDenied(family, await post(family, sent), status, code);
    expect(upstream.accepted()).toBe(dialled);
  });

  it("with an expired key is refused by that name", async () => {
    const headers = { authorization: `Bearer ${keys.expired.token}` };
    await expectDenied(family, await post(family, { headers, body: text }), 401, "key_expired");
  });

  it("to an endpoint that is not served is refused, and so is another method", async () => {
    const unknown = await post(family, { path: `${path}/planted`, body: text });
    await expectDenied(family, unknown, 404, "endpoint_unknown");
    const wrong = await post(family, { method: "GET" });
    await expectDenied(family, wrong, 405, "method_not_allowed");
    expect(wrong.headers["allow"]).toBe("POST");
    await expectDenied(family, await post(family, { path: `${path}?planted=1`, body: text }), 400, "field_invalid");
  });

  it.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
    ["zstd", zstdCompressSync],
    ["deflate", deflateSync],
  ] as const)("that is good is taken in %s, and an answer in it is read", async (coding, pack) => {
    answer = (socket) => {
      const body = pack(json({ choices: [{ index: 0, message: { role: "assistant", content: "to [EMAIL_1]" } }] }));
      socket.write(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: ${coding}\r\n`);
      socket.write(`Content-Length: ${body.length}\r\n\r\n`);
      socket.write(body);
    };
    const answered = await post(family, packed(coding, pack(text)));
    expect([answered.status, answered.text.includes(`to ${EMAIL}`)]).toEqual([200, true]);
    expect(await outcomeOf(sluice.url, answered.evidence)).toMatchObject({ status: "completed" });
  });
});

describe("a request to the control API", () => {
  const scrub = json({ text: `write to ${EMAIL}` });
  it.each<Row>([
    ["JSON that breaks off", 400, "json_invalid", { body: scrub.slice(0, -3) }],
    ["nesting beyond the limit", 400, "json_too_deep", { body: nested(30_000) }],
    ["a key named twice", 400, "json_duplicate_key", { body: `{"text":"x",${scrub.slice(1)}` }],
    ["a text that is a number", 400, "field_invalid", { body: json({ text: 5 }) }],
    ["a field nobody knows", 400, "field_invalid", { body: json({ text: EMAIL, [EMAIL]: 1 }) }],
    ["bytes that are not UTF-8", 400, "utf8_invalid", { body: bytes(scrub.replace("write", "\xff")) }],
    ["half a surrogate pair", 400, "json_lone_surrogate", { body: scrub.replace("write", "\\ud800") }],
    ["no body", 400, "body_missing", { headers: { "content-length": "0" } }],
    ["no content-type", 415, "content_type_unsupported", { headers: { "content-type": undefined }, body: scrub }],
    ["a form", 415, "content_type_unsupported", { headers: { "content-type": "text/plain" }, body: scrub }],
    ["a gzip body", 415, "content_encoding_unsupported", packed("gzip", gzipSync(scrub))],
    ["a body over the limit", 413, "body_too_large", { body: json({ text: "x".repeat(65 * KIB) }) }],
    ["a purpose that is no token", 400, "header_invalid", { headers: { "sluice-purpose": "a b" }, body: scrub }],
    ["no key", 401, "key_missing", { headers: { authorization: undefined }, body: scrub }],
    ["an unknown key", 401, "key_invalid", { headers: { authorization: `Bearer ${EMAIL}` }, body: scrub }],
    ["an unknown endpoint", 404, "endpoint_unknown", { path: "/api/planted", body: scrub }],
    [
      "an unknown provider",
      404,
      "model_unknown",
      { path: "/api/proxy", body: json({ provider: EMAIL, model: "m", messages: [] }) },
    ],
  ])("with %s is refused: %i %s", async (_what, status, code, sent) => {
    await expectDenied("problem", await post("openai", { path: "/api/scrub", ...sent }), status, code);
  });
});

describe("bytes that are no request, or could be read as two, are refused in one answer, on record:", () => {
  const POST = "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n";
  const HIDDEN = "GET /v1/models HTTP/1.1\r\nHost: planted\r\n\r\n";
  it.concurrent.each<[what: string, status: number, code: string, bytes: string]>([
    ["two lengths", 400, "header_invalid", `${POST}Content-Length: 5\r\nContent-Length: 0\r\n\r\n${HIDDEN}`],
    [
      "a length and chunks",
      400,
      "header_invalid",
      `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
    ],
    ["an obfuscated coding", 400, "header_invalid", `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ["two codings", 400, "header_invalid", `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ["a negative length", 400, "header_invalid", `${POST}Content-Length: -1\r\n\r\n${HIDDEN}`],
    ["a space before the colon", 400, "header_invalid", `${POST}Content-Length : 5\r\n\r\n${HIDDEN}`],
    ["bare line feeds", 400, "header_invalid", "GET /planted HTTP/1.1\nHost: a\n\n"],
    ["a NUL in a header", 400, "header_invalid", `${POST}X: planted\0\r\n\r\n`],
    ["a line break in a header", 400, "header_invalid", `${POST}Sluice-Purpose: a\rX: planted\r\n\r\n`],
    ["two hosts", 400, "header_invalid", `${POST}Host: planted\r\n\r\n`],
    ["no host", 400, "header_invalid", "GET /planted HTTP/1.1\r\n\r\n"],
    ["the absolute form", 400, "header_invalid", "GET http://planted/ HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a dot segment", 400, "header_invalid", "GET /v1/../planted HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["an upgrade", 400, "header_invalid", "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"],
    ["CONNECT", 405, "method_not_allowed", "CONNECT planted:443 HTTP/1.1\r\nHost: planted:443\r\n\r\n"],
    ["HTTP/2", 400, "header_invalid", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["another protocol", 400, "header_invalid", "SSH-2.0-planted\r\n\r\n"],
    ["an oversized header", 431, "header_too_large", `${POST}X: ${"planted".repeat(1_000)}\r\n\r\n`],
    ["a header without end", 431, "header_too_large", `${POST}X: ${"planted".repeat(1_000)}`],
    ["too many headers", 431, "header_too_large", `${POST}${"a:\r\n".repeat(120)}\r\n`],
    ["a head that does not come", 408, "request_timeout", "POST /planted HTTP/1.1\r\nHost:"],
  ])("%s (%i %s)", async (_what, status, code, request) => {
    const raw = await rawRequest(Number(new URL(sluice.url).port), request);
    const parsed = parseRaw(raw);
    expect([parsed.status, codeIn("problem", parsed.body)]).toEqual([status, code]);
    expect(parsed.head.toLowerCase()).toContain("connection: close");
    expect(raw).not.toContain("planted");
    expect(raw.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
    const leaf = await leafAt(sluice.url, /\r\nsluice-evidence: (\d+)/i.exec(parsed.head)?.[1] ?? null);
    expect(leaf).toMatchObject({ type: "denial", code });
    expect(JSON.stringify(leaf)).not.toContain("planted");
  });

  it.concurrent.each<[what: string, status: number, code: string, head: string, body: string]>([
    ["a body that does not come", 408, "request_timeout", "Content-Length: 500\r\n", "{"],
    ["chunks that do not come", 408, "request_timeout", "Transfer-Encoding: chunked\r\n", "5\r\n{"],
    ["chunks without a size", 400, "body_incomplete", "Transfer-Encoding: chunked\r\n", "planted\r\n"],
  ])("%s (%i %s)", async (_what, status, code, head, body) => {
    const key = `Authorization: Bearer ${keys.openai.token}\r\nContent-Type: application/json\r\n`;
    const parsed = parseRaw(await rawRequest(Number(new URL(sluice.url).port), `${POST}${key}${head}\r\n${body}`));
    expect([parsed.status, JSON.stringify(JSON.parse(parsed.body)).includes(`"code":"${code}"`)]).toEqual([
      status,
      true,
    ]);
    const evidence = /\r\nsluice-evidence: (\d+)/i.exec(parsed.head)?.[1] ?? null;
    expect(await leafAt(sluice.url, evidence)).toMatchObject({ type: "denial", code });
  });

  it("garbage behind a request, which gets no answer of its own beside that of the request", async () => {
    const raw = await rawRequest(
      Number(new URL(sluice.url).port),
      `GET /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${keys.openai.token}\r\n\r\nplanted garbage`,
      500,
    );
    expect(raw.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
    expect(raw).toMatch(/"code":"(method_not_allowed|header_invalid)"/);
  });

  it("a client that leaves in the middle of its body", async () => {
    const key = `Authorization: Bearer ${keys.openai.token}\r\nContent-Type: application/json\r\n`;
    await rawRequest(Number(new URL(sluice.url).port), `${POST}${key}Content-Length: 500\r\n\r\n{`, 50);
    const leaf = await leafWhere(sluice.url, "its denial", (each) => each.code === "client_closed");
    expect(leaf).toMatchObject({ type: "denial", family: "openai", endpoint: "chat.completions" });
  });
});

const reply = (status: string, headers: string, body = ""): ((socket: Socket) => void) => {
  return (socket) =>
    void socket.write(
      `HTTP/1.1 ${status}\r\n${headers}Content-Length: ${Buffer.byteLength(body, "latin1")}\r\n\r\n${body}`,
      "latin1",
    );
};
const JSON_HEAD = "Content-Type: application/json\r\n";
const HTML = "Content-Type: text/html\r\n";
const SSE = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
const writes =
  (...pieces: (string | Buffer)[]): ((socket: Socket) => void) =>
  (socket) => {
    for (const piece of pieces) socket.write(piece, "latin1");
  };
const ends =
  (...pieces: (string | Buffer)[]): ((socket: Socket) => void) =>
  (socket) => {
    writes(...pieces)(socket);
    socket.end();
  };
const resets =
  (...pieces: (string | Buffer)[]): ((socket: Socket) => void) =>
  (socket) => {
    writes(...pieces)(socket);
    setTimeout(() => socket.resetAndDestroy(), 20);
  };
const endless =
  (head: string, piece: string, pauseMs = 1): ((socket: Socket) => void) =>
  (socket) => {
    socket.write(head);
    const timer = setInterval(() => socket.write(piece), pauseMs);
    socket.on("close", () => clearInterval(timer));
  };
const bomb = gzipSync(Buffer.alloc(1_000_000));
const said = `planted by the upstream, about ${EMAIL}`;

/** What, status, code, what the upstream does. */
const ANSWERS: readonly (readonly [string, number, string, (socket: Socket) => void])[] = [
  ["401", 502, "upstream_error", reply("401 Unauthorized", JSON_HEAD, `{"error":"${said}"}`)],
  ["403", 502, "upstream_error", reply("403 Forbidden", JSON_HEAD, `{"error":"${said}"}`)],
  ["404 in HTML", 404, "upstream_error", reply("404 Not Found", HTML, said)],
  ["429 in HTML", 429, "upstream_error", reply("429 Too Many Requests", `${HTML}Retry-After: 7\r\n`, said)],
  ["500 in HTML", 500, "upstream_error", reply("500 Internal Server Error", HTML, said)],
  ["500 without a body", 500, "upstream_protocol", reply("500 Internal Server Error", JSON_HEAD)],
  ["503 in HTML", 503, "upstream_error", reply("503 Service Unavailable", HTML, said)],
  ["200 without a body", 502, "upstream_protocol", reply("200 OK", JSON_HEAD)],
  ["200 in HTML", 502, "upstream_protocol", reply("200 OK", HTML, said)],
  ["200 without a type", 502, "upstream_protocol", reply("200 OK", "", said)],
  ["204", 502, "upstream_protocol", writes("HTTP/1.1 204 No Content\r\n\r\n")],
  ["301", 502, "upstream_redirect", reply("301 Moved", "Location: http://127.0.0.1:9/planted\r\n")],
  ["307", 502, "upstream_redirect", reply("307 Temporary Redirect", "Location: https://planted.example/\r\n")],
  ["JSON that breaks off", 502, "upstream_protocol", reply("200 OK", JSON_HEAD, `{"choices":["${said}`)],
  ["JSON that is too deep", 502, "upstream_protocol", reply("200 OK", JSON_HEAD, "[".repeat(5_000))],
  ["a key named twice", 502, "upstream_protocol", reply("200 OK", JSON_HEAD, '{"planted":1,"planted":2}')],
  ["bytes that are not UTF-8", 502, "upstream_encoding_invalid", reply("200 OK", JSON_HEAD, '{"a":"\xff\xfe"}')],
  ["no answer", 504, "upstream_timeout", writes()],
  ["half a head", 504, "upstream_timeout", writes("HTTP/1.1 200 OK\r\nContent-")],
  ["half a body", 504, "upstream_timeout", writes(`HTTP/1.1 200 OK\r\n${JSON_HEAD}Content-Length: 99\r\n\r\n{`)],
  ["interim answers without end", 504, "upstream_timeout", endless("", "HTTP/1.1 103 Early Hints\r\n\r\n", 20)],
  ["JSON that trickles", 504, "upstream_timeout", endless(`HTTP/1.1 200 OK\r\n${JSON_HEAD}\r\n[`, " ", 50)],
  ["a reset before the head", 502, "upstream_reset", resets()],
  ["a reset in the head", 502, "upstream_reset", resets("HTTP/1.1 200 OK\r\nContent-")],
  ["a reset after the head", 502, "upstream_reset", resets(`HTTP/1.1 200 OK\r\n${JSON_HEAD}Content-Length: 9\r\n\r\n`)],
  [
    "a reset in the body",
    502,
    "upstream_reset",
    resets(`HTTP/1.1 200 OK\r\n${JSON_HEAD}Content-Length: 9\r\n\r\n{"a"`),
  ],
  [
    "a reset in a chunk",
    502,
    "upstream_reset",
    resets(`HTTP/1.1 200 OK\r\n${JSON_HEAD}Transfer-Encoding: chunked\r\n\r\n9\r\n{"a"`),
  ],
  ["an end before the head", 502, "upstream_reset", ends()],
  [
    "a length that is too long",
    502,
    "upstream_reset",
    ends(`HTTP/1.1 200 OK\r\n${JSON_HEAD}Content-Length: 99\r\n\r\n{}`),
  ],
  [
    "a length that is too short",
    502,
    "upstream_protocol",
    writes(`HTTP/1.1 200 OK\r\n${JSON_HEAD}Content-Length: 3\r\n\r\n{"a":1}`),
  ],
  ["two lengths", 502, "upstream_protocol", reply("200 OK", `${JSON_HEAD}Content-Length: 1\r\n`, "{}")],
  [
    "a length and chunks",
    502,
    "upstream_protocol",
    reply("200 OK", `${JSON_HEAD}Transfer-Encoding: chunked\r\n`, "{}"),
  ],
  [
    "a chunk without a size",
    502,
    "upstream_protocol",
    writes(`HTTP/1.1 200 OK\r\n${JSON_HEAD}Transfer-Encoding: chunked\r\n\r\nplanted\r\n`),
  ],
  ["another protocol", 502, "upstream_protocol", writes("SSH-2.0-planted\r\n")],
  ["a header without end", 502, "upstream_protocol", endless("HTTP/1.1 200 OK\r\nX: ", "planted".repeat(2_000))],
  [
    "another protocol from here on",
    502,
    "upstream_reset",
    writes("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"),
  ],
  [
    "more than it may, announced",
    502,
    "upstream_body_too_large",
    writes(`HTTP/1.1 200 OK\r\n${JSON_HEAD}Content-Length: 99999999\r\n\r\n`),
  ],
  [
    "more than it may",
    502,
    "upstream_body_too_large",
    endless(`HTTP/1.1 200 OK\r\n${JSON_HEAD}\r\n`, " ".repeat(9_000)),
  ],
  [
    "a gzip bomb",
    502,
    "upstream_body_too_large",
    writes(`HTTP/1.1 200 OK\r\n${JSON_HEAD}Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`, bomb),
  ],
  [
    "gzip that is none",
    502,
    "upstream_encoding_invalid",
    reply("200 OK", `${JSON_HEAD}Content-Encoding: gzip\r\n`, said),
  ],
  [
    "an unknown coding",
    502,
    "upstream_encoding_invalid",
    reply("200 OK", `${JSON_HEAD}Content-Encoding: planted\r\n`, said),
  ],
];

/** Streams: the code of the event that ends them. */
const STREAMS: readonly (readonly [string, string, (socket: Socket) => void])[] = [
  ["an event that is no JSON", "upstream_protocol", writes(SSE, "data: {planted}\n\n")],
  ["an event that is not UTF-8", "upstream_encoding_invalid", writes(SSE, 'data: {"a":"\xff"}\n\n')],
  ["an event without end", "upstream_event_too_large", endless(SSE, "data: planted\n".repeat(200))],
  ["events without end", "upstream_body_too_large", endless(SSE, 'data: {"a":1}\n\n'.repeat(500))],
  ["comments without end", "upstream_timeout", endless(SSE, ": planted\n\n", 50)],
  ["silence", "upstream_timeout", writes(SSE, 'data: {"a":1}\n\n')],
  ["an end without end marker", "upstream_reset", ends(SSE, 'data: {"a":1}\n\n')],
  ["an end in the middle of an event", "upstream_protocol", ends(SSE, 'data: {"a":')],
  ["a reset", "upstream_reset", resets(SSE, 'data: {"a":1}\n\n')],
];

describe.each(FAMILIES)("an upstream of the %s family", (family) => {
  it.each(ANSWERS)("that answers with %s: %i %s", async (what, status, code, does) => {
    answer = does;
    const answered = await post(family, { body: text });
    expect([answered.status, codeIn(family, answered.text), answered.whole]).toEqual([status, code, true]);
    expect(JSON.stringify(answered)).not.toContain("planted");
    expect(answered.headers["retry-after"]).toBe(what.startsWith("429") ? "7" : undefined);
    const outcome = await outcomeOf(sluice.url, answered.evidence);
    expect(outcome).toMatchObject({ status: "failed", code });
    expect(JSON.stringify(outcome)).not.toContain("planted");
    expect(await leafAt(sluice.url, answered.evidence)).toMatchObject({ type: "intent", family });
  });

  it.each(STREAMS)("that streams %s: %s, and no end is made up", async (_what, code, does) => {
    answer = does;
    const answered = await post(family, { body: json(request({ stream: true })) });
    const last = answered.text.slice(answered.text.lastIndexOf("data: ") + "data: ".length);
    expect(codeIn(family, last)).toBe(code);
    expect(answered.text).not.toMatch(/\[DONE\]|message_stop/);
    // What never came far enough to be a stream is an error in one piece.
    if (answered.status === 200) expect(answered.whole).toBe(false);
    expect(await outcomeOf(sluice.url, answered.evidence)).toMatchObject({ status: "failed", code });
  });

  it.each([
    ["400", 400, "400 Bad Request", ""],
    ["422", 422, "422 Unprocessable", ""],
    ["429 with a time to wait", 429, "429 Too Many Requests", "Retry-After: 7\r\n"],
    ["500", 500, "500 Internal Server Error", ""],
    ["529", 529, "529 Overloaded", ""],
  ])("that answers %s in its own words is passed on, restored", async (_what, status, line, head) => {
    answer = reply(line, JSON_HEAD + head, '{"error":{"message":"not [EMAIL_1]","type":"x"}}');
    const answered = await post(family, { body: text });
    expect([answered.status, JSON.parse(answered.text)]).toEqual([
      status,
      { error: { message: `not ${EMAIL}`, type: "x" } },
    ]);
    expect(answered.headers["retry-after"]).toBe(head === "" ? undefined : "7");
    expect(await outcomeOf(sluice.url, answered.evidence)).toMatchObject({ type: "outcome", upstreamStatus: status });
  });

  it("at a private address is not dialled, and one that cannot be reached is named", async () => {
    for (const [model, code] of [
      ["inner", "upstream_address_private"],
      ["gone", "upstream_unreachable"],
    ]) {
      const dialled = upstream.accepted();
      const answered = await post(family, { body: json(request({ model })) });
      expect([answered.status, codeIn(family, answered.text)]).toEqual([502, code]);
      expect(await outcomeOf(sluice.url, answered.evidence)).toMatchObject({ status: "failed", code });
      expect(upstream.accepted()).toBe(dialled);
    }
  });
});
