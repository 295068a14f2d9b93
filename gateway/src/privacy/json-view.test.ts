import fc from "fast-check";
import { expect, it } from "vitest";
import { JsonView } from "./json-view.ts";

function viewOf(raw: string, sliceChars = 1_000): JsonView | undefined {
  const steps = JsonView.of(raw, sliceChars);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

it("shows escapes as the characters they stand for, and writes the original back", () => {
  fc.assert(
    fc.property(fc.json(), fc.integer({ min: 1, max: 50 }), (raw, sliceChars) => {
      const view = viewOf(raw, sliceChars);
      expect(view?.written()).toBe(raw);
      expect(view?.text).toBe(viewOf(raw)?.text);
    }),
  );
  expect(viewOf('{"a\\n":"\\u0041\\ud83d\\ude00\\"", "b":[1,2]}')?.text).toBe('{"a\n":"A😀""; "b":[1;2]}');
});

it("finds the values that a finding covers, and cuts it at their ends", () => {
  const view = viewOf('["ab\\ncd", -12.5e3, 7, "x"]');
  const text = view?.text ?? "";
  const old = (start: number, end: number) =>
    view?.places(start, end).map((place) => [text.slice(place.start, place.end), place.number]);
  expect(old(3, 6)).toEqual([["b\nc", false]]);
  expect(old(6, 12)).toEqual([
    ["d", false],
    ["-12.5e3", true],
  ]);
  expect(old(12, 13)).toEqual([]);
  expect(old(17, text.length)).toEqual([
    ["7", true],
    ["x", false],
  ]);
});

it("writes replacements escaped, and numbers as strings", () => {
  const view = viewOf('{"a":"1\\u00412", "b": 34, "c":"\\\\"}');
  for (const [start, end, text] of [
    [7, 8, '"'],
    [17, 19, "n\n"],
  ] as const) {
    for (const place of view?.places(start, end) ?? []) view?.replace(place, text);
  }
  expect(view?.written()).toBe('{"a":"1\\"2", "b": "n\\n", "c":"\\\\"}');
});

it("is undefined for what is not JSON", () => {
  for (const raw of ["", "{", "x", '{"a":1}}']) expect(viewOf(raw)).toBeUndefined();
});
