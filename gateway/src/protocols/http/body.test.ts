import http from "node:http";
import { connect } from "node:net";
import zlib from "node:zlib";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { SluiceError } from "../../core/errors.ts";
import { type BodyLimits, discardRest, readBody } from "./body.ts";
import { readHead } from "./headers.ts";
import { parseRaw, rawRequest } from "./test/raw.ts";

const LIMITS: BodyLimits = { bodyBytesMax: 200_000, decodedBytesMax: 3_000_000, bodyTimeoutMs: 400 };
const JSON_HEADERS = { "content-type": "application/json" };

let server: http.Server;
let port: number;
/** What `readBody` gave for the last request, in the order in which it settled. */
let results: (string | SluiceError)[] = [];

beforeAll(async () => {
  const onRequest = (req: http.IncomingMessage, res: http.ServerResponse): void => {
    readBody(req, res, readHead(req), LIMITS).then(
      ({ text, bytes }) => {
        results.push(text);
        res.end(JSON.stringify({ bytes, text }));
      },
      async (error: SluiceError) => {
        results.push(error);
        if (!res.destroyed) res.writeHead(400).end(error.code);
        if (!(await discardRest(req))) req.socket.destroy();
      },
    );
  };
  server = http.createServer(onRequest).on("checkContinue", onRequest);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as { port: number });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function send(body: string | Buffer, headers: Record<string, string> = {}): Promise<string> {
  const answered = await fetch(`http://127.0.0.1:${port}`, {
    method: "POST",
    body: new Uint8Array(Buffer.from(body)),
    headers: { ...JSON_HEADERS, ...headers },
  });
  const text = await answered.text();
  return answered.ok ? (JSON.parse(text) as { text: string }).text : text;
}
const rawPost = (headers: string, ...pieces: string[]) =>
  rawRequest(port, [`POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${headers}\r\n`, ...pieces]).then(
    parseRaw,
  );

const TEXT = JSON.stringify({ text: "Grüße 😀 ".repeat(50) });

describe("a body arrives whole", () => {
  test("in one piece, in many, and in chunks", async () => {
    expect(await send(TEXT)).toBe(TEXT);
    const large = JSON.stringify("é".repeat(90_000));
    expect(await send(large)).toBe(large);
    expect(
      (await rawPost("Transfer-Encoding: chunked\r\nConnection: close\r\n", '3\r\n{"a\r\n', '4\r\n":1}\r\n0\r\n\r\n'))
        .body,
    ).toContain('"bytes":7');
  });

  test.each([
    ["gzip", zlib.gzipSync],
    ["x-gzip", zlib.gzipSync],
    ["br", zlib.brotliCompressSync],
    ["zstd", zlib.zstdCompressSync],
    ["deflate", zlib.deflateSync],
  ] as const)("compressed with %s", async (encoding, compress) => {
    expect(await send(compress(TEXT), { "content-encoding": encoding })).toBe(TEXT);
    const large = JSON.stringify(Array.from({ length: 60_000 }, (_, at) => at));
    expect(await send(compress(large), { "content-encoding": encoding.toUpperCase() })).toBe(large);
  });

  test("not compressed, said explicitly", async () => {
    expect(await send(TEXT, { "content-encoding": "identity" })).toBe(TEXT);
  });

  test("without the byte order mark that some clients put before it", async () => {
    expect(await send(`\ufeff${TEXT}`)).toBe(TEXT);
    expect(await send(`\ufeff\ufeff${TEXT}`)).toBe(`\ufeff${TEXT}`);
  });

  test("after the client was told to go on", async () => {
    const text = await rawRequest(port, [
      "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
      "{}",
    ]);
    expect(text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  });
});

describe("a body is refused when", () => {
  test("it is too large, before a byte of it is read or wanted", async () => {
    expect(await send("x".repeat(200_001))).toBe("body_too_large");
    const { head, body } = await rawPost("Expect: 100-continue\r\nContent-Length: 99999999\r\n");
    expect([head.includes("100 Continue"), body]).toEqual([false, expect.stringContaining("body_too_large")]);
  });

  test("its chunks are too many", async () => {
    expect(
      (
        await rawPost(
          "Transfer-Encoding: chunked\r\n",
          ...Array.from({ length: 30 }, () => `2000\r\n${"x".repeat(0x2000)}\r\n`),
        )
      ).body,
    ).toContain("body_too_large");
  });

  test.each([
    ["gzip", zlib.gzipSync],
    ["br", zlib.brotliCompressSync],
    ["zstd", zlib.zstdCompressSync],
  ] as const)("it is a %s bomb, by size or by ratio", async (encoding, compress) => {
    const zeros = (bytes: number) => compress(Buffer.alloc(bytes, 0x20));
    expect(await send(zeros(100_000_000), { "content-encoding": encoding })).toBe("decoded_body_too_large");
    expect(await send(zeros(2_500_000), { "content-encoding": encoding })).toBe("decoded_body_too_large");
    expect((results.at(-1) as SluiceError).message).toContain("100 times");
  });

  test.each(["gzip", "br", "zstd", "deflate"])(
    "it is not what its content-encoding %s says, or cut",
    async (encoding) => {
      expect(await send("{}", { "content-encoding": encoding })).toBe("body_encoding_invalid");
      if (encoding === "gzip")
        expect(await send(zlib.gzipSync(TEXT).subarray(0, 40), { "content-encoding": encoding })).toBe(
          "body_encoding_invalid",
        );
    },
  );

  test.each(["compress", "gzip, gzip", "gzip, br", "aws-chunked", "__proto__", "toString"])(
    "its content-encoding is %s",
    async (encoding) => {
      expect(await send(TEXT, { "content-encoding": encoding })).toBe("content_encoding_unsupported");
    },
  );

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=iso-8859-1",
    "application/jsonp",
    "application/json, text/plain",
    "",
  ])("its content-type is %j", async (type) => {
    expect(await send(TEXT, { "content-type": type })).toBe("content_type_unsupported");
  });

  test("its content-type is written in an unusual but valid way it is not", async () => {
    for (const type of ["Application/JSON", "application/json;charset=UTF-8", 'application/json; charset="utf-8"']) {
      expect(await send(TEXT, { "content-type": type })).toBe(TEXT);
    }
  });

  test.each<[string, Buffer]>([
    ["a cut character", Buffer.from([0x22, 0xc3, 0x22])],
    ["an overlong slash", Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ["a surrogate", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ["latin1", Buffer.from([0x22, 0xe9, 0x22])],
    ["UTF-16", Buffer.from("\ufeff{}", "utf16le")],
    ["a character cut at the end of a compressed body", zlib.gzipSync(Buffer.from([0x22, 0xf0, 0x9f, 0x98]))],
  ])("it is not UTF-8: %s", async (what, bytes) => {
    expect(await send(bytes, what.includes("compressed") ? { "content-encoding": "gzip" } : {})).toBe("utf8_invalid");
  });

  test("there is none", async () => {
    expect(await send("")).toBe("body_missing");
    expect((await rawPost("Connection: close\r\n")).body).toContain("body_missing");
    expect((await rawPost("Connection: close\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")).body).toContain(
      "body_missing",
    );
    expect(await send(zlib.gzipSync(""), { "content-encoding": "gzip" })).toBe("body_missing");
  });

  test("it takes too long", async () => {
    const startedAt = performance.now();
    expect((await rawPost("Content-Length: 5\r\n", "{")).body).toContain("request_timeout");
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe("a client that leaves", () => {
  test.each([
    ["before", ""],
    ["in", "{"],
  ])("%s its body ends the reading at once", async (_when, piece) => {
    results = [];
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(
        `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n${piece}`,
      );
      setTimeout(() => socket.destroy(), 30);
    });
    await vi.waitFor(() => expect(results).toEqual([expect.objectContaining({ code: "client_closed" })]));
  });
});
