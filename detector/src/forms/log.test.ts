import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logHead } from "./log.ts";
import { everywhere, saying, written } from "./test/written.ts";

const KEY = `-----BEGIN PRIVATE KEY-----\n${"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n".repeat(3)}-----END PRIVATE KEY-----`;
const LOG = `2026-11-21T10:13:58.537Z INFO  http: user jane@example.org signed in from 203.0.113.7
2026-11-21 10:13:59,001 [WARN] cannot read\n  at read (file.js:48213)\n  mail=joe@example.org
Nov 21 10:14:00 host app[48213]: order 48213 paid
[21/Nov/2026:10:14:01 +0100] "GET /x?mail=jim%40example.org" 200
2026-11-21T10:14:02Z {"level":"info","customerNumber":"48213","msg":"to \\"jan@example.org\\""}
2026-11-21T10:14:03Z {"level": broken jill@example.org
{"ts":1763719999,"order_id":48213}
2026-11-21T10:14:04Z key ${KEY} end
`;

describe("a log", () => {
  it("is read line by line: times are structure, messages keep together, JSON is read as JSON", () => {
    const { text, found, notes } = written("log", LOG);
    expect(found.map(saying)).toEqual([
      "EMAIL jane@example.org @ ",
      "IP_ADDRESS 203.0.113.7 @ ",
      "EMAIL joe@example.org @ ",
      "ORDER_NUMBER 48213 @ ",
      expect.stringMatching(/^(EMAIL|URL)/) as unknown as string,
      "CUSTOMER_NUMBER 48213 @ customerNumber",
      "EMAIL jan@example.org @ msg",
      "EMAIL jill@example.org @ ",
      "ORDER_NUMBER 48213 @ order_id",
      `SECRET ${KEY} @ `,
    ]);
    expect(text).toMatch(/\{"level":"info","customerNumber":"\[CUSTOMER_NUMBER_1\]","msg":"to \\"\[EMAIL_\d\]\\""\}/);
    expect(text.split("\n")).toHaveLength(LOG.split("\n").length - KEY.split("\n").length + 1);
    expect(notes).toEqual([]);
    expect(written("log", LOG, { cuts: everywhere(LOG) }).text).toBe(text);
  });

  it.each([
    ["2026-11-21T10:13:58.537Z INFO x", "2026-11-21T10:13:58.537Z INFO"],
    ["2026-11-21 10:13:58,537 +0100 - DEBUG: x", "2026-11-21 10:13:58,537 +0100 - DEBUG:"],
    ["[2026-11-21 10:13] [error] x", "[2026-11-21 10:13] [error]"],
    ["10:13:58 x", "10:13:58"],
    ["Nov  1 10:14:00 host x", "Nov  1 10:14:00"],
    ["203.0.113.7 - - [21/Nov/2026:10:14:01 +0100]", ""],
    ["2026-11-21 jane", ""],
    ["INFO x", ""],
  ])("begins %j with %j", (line, head) => {
    expect(line.slice(0, logHead(line))).toBe(head);
  });

  it("comes out byte for byte when nothing is replaced, and the same however it is cut", () => {
    const lines = fc.constantFrom(
      ...LOG.split("\n"),
      "",
      "{",
      '  "a": "jane@example.org"',
      "\r",
      `10:13:58 ${" ".repeat(120)}{"a":"order 48213"}`,
    );
    const texts = fc.array(lines, { maxLength: 12 }).map((parts) => parts.join("\n"));
    fc.assert(
      fc.property(texts, fc.array(fc.nat(), { maxLength: 8 }), (source, cuts) => {
        expect(written("log", source, { cuts, replace: () => undefined }).text).toBe(source);
        const whole = written("log", source);
        expect(whole.text).not.toContain("@example.org");
        expect(written("log", source, { cuts }).text).toBe(whole.text);
      }),
    );
  });
});
