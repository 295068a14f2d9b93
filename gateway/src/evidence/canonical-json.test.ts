import { canonicalJson as verifiersCanonicalJson } from "@sluice/verifier";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type JsonValue, canonicalJson, canonicalJsonWith, inOrder } from "./canonical-json.ts";

test("the example of RFC 8785 section 3.2.2 comes out as the RFC has it", () => {
  const value = JSON.parse(String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`) as JsonValue;
  expect(canonicalJson(value)).toBe(
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
});

test("the example of RFC 8785 section 3.2.4 comes out in the RFC's bytes", () => {
  const value: JsonValue = { literals: [null, true, false], numbers: [333333333.3333333, 1e30, 4.5, 0.002, 1e-27] };
  const rfc =
    "7b 22 6c 69 74 65 72 61 6c 73 22 3a 5b 6e 75 6c 6c 2c 74 72 75 65 2c 66 61 6c 73 65 5d 2c 22 6e 75 6d 62 65 72 73 22 3a 5b 33 33 33 33 33 33 33 33 33 2e 33 33 33 33 33 33 33 2c 31 65 2b 33 30 2c 34 2e 35 2c 30 2e 30 30 32 2c 31 65 2d 32 37 5d 7d";
  expect(Buffer.from(canonicalJson(value)).toString("hex")).toBe(rfc.replaceAll(" ", ""));
});

test("keys are sorted by UTF-16 code units, as in RFC 8785 section 3.2.3", () => {
  const value: JsonValue = {
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\u{1f600}": "Emoji: Grinning Face",
    "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis",
  };
  expect(Object.values(JSON.parse(canonicalJson(value)) as object)).toHaveLength(7);
  expect(canonicalJson(value)).toBe(
    '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign","\u{1f600}":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
  );
});

// RFC 8785 appendix B: IEEE 754 bits and their text.
test.each([
  ["0000000000000000", "0"],
  ["8000000000000000", "0"],
  ["0000000000000001", "5e-324"],
  ["8000000000000001", "-5e-324"],
  ["7fefffffffffffff", "1.7976931348623157e+308"],
  ["ffefffffffffffff", "-1.7976931348623157e+308"],
  ["4340000000000000", "9007199254740992"],
  ["c340000000000000", "-9007199254740992"],
  ["4430000000000000", "295147905179352830000"],
  ["44b52d02c7e14af5", "9.999999999999997e+22"],
  ["44b52d02c7e14af6", "1e+23"],
  ["44b52d02c7e14af7", "1.0000000000000001e+23"],
  ["444b1ae4d6e2ef4e", "999999999999999700000"],
  ["444b1ae4d6e2ef4f", "999999999999999900000"],
  ["444b1ae4d6e2ef50", "1e+21"],
  ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
  ["3eb0c6f7a0b5ed8d", "0.000001"],
  ["41b3de4355555553", "333333333.3333332"],
  ["41b3de4355555554", "333333333.33333325"],
  ["41b3de4355555555", "333333333.3333333"],
  ["41b3de4355555556", "333333333.3333334"],
  ["41b3de4355555557", "333333333.33333343"],
  ["becbf647612f3696", "-0.0000033333333333333333"],
  ["43143ff3c1cb0959", "1424953923781206.2"],
])("the double %s is written as %s", (bits, text) => {
  expect(canonicalJson(Buffer.from(bits, "hex").readDoubleBE())).toBe(text);
});

test("any JSON value is written as the verifier writes it", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      expect(canonicalJson(value as JsonValue)).toBe(verifiersCanonicalJson(value));
    }),
  );
});

test("an object with one more member is written as if it had been there", () => {
  const names = fc.oneof(fc.string(), fc.constantFrom("a", "m", "m\u0000", "\n", "\u20ac", '"', "__proto__"));
  const objects = fc.dictionary(names, fc.jsonValue({ maxDepth: 2 }));
  fc.assert(
    fc.property(objects, names, fc.string(), (value, key, added) => {
      fc.pre(!Object.hasOwn(value, key));
      // A computed name of a literal is an own member, `__proto__` too.
      const expected = verifiersCanonicalJson({ ...value, [key]: added });
      expect(canonicalJsonWith(value as Record<string, JsonValue>, key, added)).toBe(expected);
      expect(canonicalJson(inOrder(value as Record<string, JsonValue>))).toBe(verifiersCanonicalJson(value));
    }),
  );
});

test.each([
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
  ["\ud800"],
  [{ "\udc00": 1 }],
  [undefined],
  [{ a: undefined }],
  [[undefined]],
  [1n],
  [() => 1],
  [JSON.parse("[".repeat(33) + "]".repeat(33))],
])("case %# has no canonical form and is an assertion", (value) => {
  expect(() => canonicalJson(value as JsonValue)).toThrow(expect.objectContaining({ code: "ERR_ASSERTION" }));
});
