import { expect, it } from "vitest";
import { UrlGuard } from "./url-guard.ts";

/** Marks the text with `1` where a value would become part of a URL. */
function marks(text: string): string {
  const guard = new UrlGuard();
  let out = "";
  for (const unit of text.split("")) {
    out += guard.inside ? "1" : "0";
    guard.advance(unit.charCodeAt(0));
  }
  return out;
}

it.each([
  ["a http://b c", "000000011110"],
  ["x: y", "0000"],
  ["xhttp: y", "00000000"],
  ["www.a b", "0000110"],
  ["[a](b) c", "00000100"],
  ["[a](b(c)d) e", "000001111100"],
  ["[a](b\\)c) d", "00000111100"],
  ["[a]( b) d", "000000100"],
  ['[a]("b") c', "0000000000"],
  ["[a](tel:1) c", "000001110000"],
  ['href="" x', "000000000"],
])("%s", (text, expected) => {
  expect(marks(text)).toBe(expected);
});

it("is outside again after reset", () => {
  const guard = new UrlGuard();
  for (const unit of "https://a") guard.advance(unit.charCodeAt(0));
  expect(guard.inside).toBe(true);
  guard.reset();
  expect(guard.inside).toBe(false);
});
