import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IntentPairs } from "./intents.ts";
import { parseLeaf } from "./leaf.ts";
import { VerifierError } from "./errors.ts";
import { nearlyBytes } from "./test/arbitraries.ts";
import { leafBytes } from "./test/memory-log.ts";

describe("leaves", () => {
  test("a leaf of a type nobody knows is accepted", () => {
    expect(parseLeaf(leafBytes({ type: "from-the-future", v: 9 }))).toEqual({ type: "from-the-future", v: 9 });
  });

  test.each([
    "",
    "null",
    "[]",
    "1",
    '"x"',
    "{}",
    '{"type":1}',
    '{"type":""}',
    "{",
    '{"type":"x"}x',
    '\ufeff{"type":"x"}',
  ])("%j is not a leaf", (text) => {
    expect(() => parseLeaf(Buffer.from(text))).toThrow(expect.objectContaining({ code: "leaf_malformed" }));
  });

  test.each([
    '{"type": "x"}',
    '{"type":"x"}\n',
    '{"type":"x","a":1}',
    '{"a":1,"a":1,"type":"x"}',
    '{"a":1.0,"type":"x"}',
    '{"a":-0,"type":"x"}',
    '{"a":9007199254740993,"type":"x"}',
    String.raw`{"type":"\u0078"}`,
    String.raw`{"a":"\ud800","type":"x"}`,
  ])("%j is a leaf, but not in canonical JSON", (text) => {
    expect(() => parseLeaf(Buffer.from(text))).toThrow(expect.objectContaining({ code: "leaf_not_canonical" }));
  });

  test("any bytes either are a leaf or give a VerifierError", () => {
    fc.assert(
      fc.property(nearlyBytes, (bytes) => {
        try {
          expect(typeof parseLeaf(bytes).type).toBe("string");
        } catch (error) {
          expect(error).toBeInstanceOf(VerifierError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("pairs of intent and outcome", () => {
  test("an outcome closes its intent, and what is left open is an orphan", () => {
    const pairs = new IntentPairs();
    for (const index of [0, 31, 32, 65_535, 65_536, 2 ** 33]) pairs.see(index, { type: "intent" });
    expect(pairs.see(2 ** 33 + 1, { type: "outcome", intent: 65_535 })).toBeUndefined();
    expect(pairs.see(2 ** 33 + 2, { type: "outcome", intent: 31 })).toBeUndefined();
    expect(pairs.orphans()).toEqual([0, 32, 65_536, 2 ** 33]);
  });

  test("an outcome must name an earlier intent that has none yet", () => {
    const pairs = new IntentPairs();
    pairs.see(0, { type: "start" });
    pairs.see(1, { type: "intent" });
    for (const intent of [0, 2, 3, -1, 0.5, "1", null, undefined, Number.NaN, 2 ** 53]) {
      expect(pairs.see(2, { type: "outcome", intent })).toBe("outcome_without_intent");
    }
    expect(pairs.see(3, { type: "outcome", intent: 1 })).toBeUndefined();
    expect(pairs.see(4, { type: "outcome", intent: 1 })).toBe("outcome_repeated");
  });
});
