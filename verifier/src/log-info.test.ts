import fc from "fast-check";
import { expect, test } from "vitest";
import { VerifierError } from "./errors.ts";
import { formatLogInfo, parseLogInfo } from "./log-info.ts";
import { nearlyBytes } from "./test/arbitraries.ts";

const VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

test("log.json reads back, and members it does not know are ignored", () => {
  const info = { origin: "example.com/log", vkeys: [VKEY] };
  expect(parseLogInfo(formatLogInfo(info))).toEqual(info);
  expect(parseLogInfo(JSON.stringify({ ...info, later: true }))).toEqual(info);
});

test.each([
  {},
  [],
  null,
  1,
  { origin: "", vkeys: [VKEY] },
  { origin: "o", vkeys: [] },
  { origin: "o", vkeys: [1] },
  { origin: "o", vkeys: ["x"] },
])("%j is refused", (value) => {
  expect(() => parseLogInfo(JSON.stringify(value))).toThrow(VerifierError);
});

test("any bytes either are log.json or give a VerifierError", () => {
  fc.assert(
    fc.property(nearlyBytes, (bytes) => {
      expect(() => parseLogInfo(bytes)).toThrow(VerifierError);
    }),
  );
});
