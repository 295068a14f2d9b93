import fc from "fast-check";
import { expect, test } from "vitest";
import { own, parseObject } from "./strict-json.ts";

const parse = (text: string): unknown => parseObject(Buffer.from(text));

test("every object that JSON.stringify writes is read as it was", () => {
  // No deeper than what is read; `__proto__` is a name like any other.
  const value = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 10 }));
  fc.assert(
    fc.property(value, (object) => {
      expect(parse(JSON.stringify(object))).toEqual(JSON.parse(JSON.stringify(object)));
    }),
  );
});

test("a name that stands twice in one object is refused at every depth, and not in two objects", () => {
  for (const twice of [
    '{"a":1,"a":1}',
    '{"a":1 , "\\u0061" : 2}',
    '{"x":[{"a":1,"b":{"c":1,"c":2}}]}',
    '{"a":"}","b":{},"a":2}',
    '{"":1,"":2}',
    '{"__proto__":1,"__proto__":2}',
    '{"a\\"":1,"a\\"":2}',
  ])
    expect(parse(twice), twice).toBeUndefined();
  expect(parse('{"a":{"a":1},"b":[{"a":1},{"a":2}],"c":"\\"a\\":1,\\"a\\":"}')).toBeDefined();
});

test("what is no object, no JSON, no UTF-8 or too deep is refused", () => {
  for (const text of ["", "null", "[]", '"a"', "1", "{", '{"a":1}x', "{'a':1}", '{"a":1,}', '\ufeff{"a":1}'])
    expect(parse(text), text).toBeUndefined();
  expect(parseObject(Buffer.from('{"a":"\xff"}', "latin1"))).toBeUndefined();
  const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
  expect(parse(deep(16))).toBeDefined();
  expect(parse(deep(17))).toBeUndefined();
});

test("a claim reaches no prototype", () => {
  const value = parse('{"__proto__":{"sub":"root"},"a":{"constructor":1}}');
  expect(own(value, "sub")).toBeUndefined();
  expect(own(value, "toString")).toBeUndefined();
  expect(own("text", "length")).toBeUndefined();
  expect(own(own(value, "a"), "constructor")).toBe(1);
});
