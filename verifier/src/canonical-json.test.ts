import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import { VerifierError } from "./errors.ts";
import { parseLeaf } from "./leaf.ts";

test("the example of RFC 8785 section 3.2.2 comes out as the RFC has it", () => {
  const value: unknown = JSON.parse(
    String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
  );
  expect(canonicalJson(value)).toBe(
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
});

test("keys are sorted by UTF-16 code units, as in RFC 8785 section 3.2.3", () => {
  const value = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\u{1f600}": 5, "\u0080": 6, "\u00f6": 7 };
  expect(Object.values(JSON.parse(canonicalJson(value)) as object)).toEqual([4, 2, 6, 7, 1, 5, 3]);
});

test("any JSON value keeps its meaning, and its canonical text is canonical", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }),
  );
});

test.each([
  [undefined],
  [Number.NaN],
  [Infinity],
  [1n],
  [() => 1],
  [Symbol("s")],
  ["\ud800"],
  [{ "\udc00": 1 }],
  [[undefined]],
  [{ a: undefined }],
])("case %# has no canonical form", (value) => {
  expect(() => canonicalJson(value)).toThrow(VerifierError);
});

test("nesting ends at 32, for a leaf as for any value", () => {
  const nested = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth));
  expect(canonicalJson(nested(32))).toHaveLength(64);
  expect(() => canonicalJson(nested(33))).toThrow(VerifierError);
  expect(() => parseLeaf(Buffer.from(`{"a":${"[".repeat(30_000)}${"]".repeat(30_000)},"type":"x"}`))).toThrow(
    VerifierError,
  );
});
