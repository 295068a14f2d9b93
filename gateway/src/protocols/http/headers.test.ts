import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { connectionFor } from "../../core/test/connection.ts";
import {
  addResponseHeaders,
  checkPassed,
  checkToken,
  countsHeader,
  credentialOf,
  readCredential,
  readHead,
  tokenHeader,
  upstreamHeaders,
} from "./headers.ts";

/** A request as the parser hands it over. */
function requestWith(...headers: [name: string, value: string][]): IncomingMessage {
  const req = new IncomingMessage(new Socket());
  req.rawHeaders = [["Host", "gateway.test"], ...headers].flat();
  return req;
}
const headWith = (...headers: [string, string][]) => readHead(requestWith(...headers));
const code = (expected: string): unknown => expect.objectContaining({ code: expected });

describe("a head is refused when two parsers could read it differently:", () => {
  test.each<[string, [string, string][]]>([
    ["a second Host", [["host", "other.test"]]],
    [
      "a second Content-Length",
      [
        ["Content-Length", "5"],
        ["content-length", "5"],
      ],
    ],
    [
      "Content-Length and Transfer-Encoding",
      [
        ["Content-Length", "5"],
        ["Transfer-Encoding", "chunked"],
      ],
    ],
    ["another Transfer-Encoding", [["Transfer-Encoding", "gzip, chunked"]]],
    ["a hidden Transfer-Encoding", [["Transfer-Encoding", "xchunked"]]],
    [
      "a second Transfer-Encoding",
      [
        ["Transfer-Encoding", "chunked"],
        ["transfer-encoding", "identity"],
      ],
    ],
    [
      "a second Authorization",
      [
        ["Authorization", "Bearer a"],
        ["authorization", "Bearer a"],
      ],
    ],
    ["Upgrade", [["Upgrade", "h2c"]]],
    ["an unknown Expect", [["Expect", "the-spanish-inquisition"]]],
    [
      "a second Content-Type",
      [
        ["content-type", "application/json"],
        ["Content-Type", "text/plain"],
      ],
    ],
  ])("%s", (_what, headers) => {
    expect(() => headWith(...headers)).toThrow(code("header_invalid"));
  });

  test.each(["", "a b", "user@host", "host/path", "[::1", "host:port", "a,b", "x".repeat(300)])(
    "the host %j",
    (host) => {
      const req = requestWith();
      req.rawHeaders = ["host", host];
      expect(() => readHead(req)).toThrow(code("header_invalid"));
    },
  );

  test("no Host at all, or more fields than anybody needs", () => {
    const req = requestWith();
    req.rawHeaders = [];
    expect(() => readHead(req)).toThrow(code("header_invalid"));
    expect(() => headWith(...Array.from({ length: 100 }, (_, at): [string, string] => [`x-${at}`, ""]))).toThrow(
      code("header_too_large"),
    );
  });

  test("ordinary heads pass", () => {
    for (const host of ["localhost", "127.0.0.1:8787", "[::1]:8787", "sluice.example.com"]) {
      const req = requestWith();
      req.rawHeaders = ["host", host, "Transfer-Encoding", "Chunked", "Expect", "100-Continue"];
      expect(readHead(req).host).toBe(host);
    }
  });
});

describe("the gateway credential", () => {
  test.each<[string, string]>([
    ["Authorization", "Bearer sluice_a"],
    ["authorization", "bearer  sluice_a"],
    ["x-api-key", "sluice_a"],
    ["Api-Key", "sluice_a"],
    ["x-goog-api-key", "sluice_a"],
  ])("is read from %s: %s", (name, value) => {
    expect(credentialOf(requestWith([name, value]))).toBe("sluice_a");
  });

  test("may stand in two places when it is the same, and not when it differs", () => {
    expect(readCredential(headWith(["authorization", "Bearer a"], ["x-api-key", "a"]))).toBe("a");
    expect(() => readCredential(headWith(["authorization", "Bearer a"], ["x-api-key", "b"]))).toThrow(
      code("header_invalid"),
    );
    expect(() => readCredential(headWith(["api-key", "a"], ["x-api-key", "b"]))).toThrow(code("header_invalid"));
  });

  test("is absent when nothing was sent, and invalid when it has no form of a key", () => {
    expect(readCredential(headWith())).toBeUndefined();
    for (const value of [
      "Basic YTpi",
      "Bearer",
      "Bearer a b",
      "Bearer \u00e9",
      "sluice_a",
      `Bearer ${"k".repeat(13_000)}`,
    ]) {
      expect(() => readCredential(headWith(["authorization", value])), value).toThrow(code("key_invalid"));
    }
  });
});

describe("our own request headers", () => {
  test("take tokens only", () => {
    expect(tokenHeader(requestWith(["Sluice-Purpose", "support"]), "sluice-purpose")).toBe("support");
    expect(tokenHeader(requestWith(), "sluice-session")).toBeUndefined();
    for (const value of ["", "a b", "john@example.com", "a,b", "-x", "x".repeat(129), "a\u00e9", "a/b"]) {
      expect(() => checkToken("sluice-session", value), value).toThrow(code("header_invalid"));
    }
  });

  test("may not stand twice", () => {
    expect(() => headWith(["sluice-purpose", "a"], ["Sluice-Purpose", "b"])).toThrow(code("header_invalid"));
  });
});

describe("towards the upstream", () => {
  test("travels the allow list and nothing else", () => {
    const head = headWith(
      ["user-agent", "John's laptop"],
      ["cookie", "session=1"],
      ["via", "1.1 inner.example"],
      ["x-forwarded-for", "10.0.0.7"],
      ["x-stainless-os", "Linux"],
      ["openai-organization", "org-1"],
      ["idempotency-key", "john@example.com"],
      ["sluice-purpose", "support"],
      ["authorization", "Bearer sluice_a"],
      ["accept-encoding", "br"],
      ["anthropic-version", "2023-06-01"],
      ["anthropic-beta", "a-2025-01-01"],
      ["anthropic-beta", "b"],
      ["OpenAI-Beta", "assistants=v2"],
    );
    checkPassed(head);
    expect(upstreamHeaders(head, connectionFor())).toEqual([
      "anthropic-version",
      "2023-06-01",
      "anthropic-beta",
      "a-2025-01-01,b",
      "openai-beta",
      "assistants=v2",
    ]);
  });

  test("the connection's own header wins", () => {
    const head = headWith(["anthropic-version", "2099-01-01"]);
    expect(upstreamHeaders(head, connectionFor({ headers: { "Anthropic-Version": "2023-06-01" } }))).toEqual([]);
  });

  test("a value with room for a person is refused", () => {
    for (const value of ["john@example.com", "a b", "a\r\nx: y", "", ",", "a".repeat(65)]) {
      expect(() => checkPassed(headWith(["anthropic-beta", value])), value).toThrow(code("header_invalid"));
    }
  });
});

describe("towards the client", () => {
  test("travels the allow list and nothing else", () => {
    const to: string[] = [];
    addResponseHeaders(to, {
      "set-cookie": ["a=b"],
      server: "cloudflare",
      "openai-organization": "our-org",
      "retry-after": "3",
      "x-request-id": "req_1",
      "x-ratelimit-remaining-tokens": "10",
      "anthropic-ratelimit-requests-limit": "5",
      "content-encoding": "gzip",
      location: "https://elsewhere.example",
    });
    expect(to).toEqual([
      "retry-after",
      "3",
      "x-request-id",
      "req_1",
      "x-ratelimit-remaining-tokens",
      "10",
      "anthropic-ratelimit-requests-limit",
      "5",
    ]);
  });

  test("no value can break out of its line", () => {
    const to: string[] = [];
    addResponseHeaders(to, {
      "x-request-id": "a\r\nset-cookie: b",
      "request-id": "\u00e9",
      "retry-after": "x".repeat(600),
    });
    expect(to).toEqual([]);
  });

  test("counts are a list of types", () => {
    expect(countsHeader({ EMAIL: 1, ORDER_NUMBER: 2, CARD: 0 })).toBe("EMAIL=1, ORDER_NUMBER=2");
    expect(countsHeader({})).toBe("");
  });
});
