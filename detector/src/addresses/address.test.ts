/** What is an address and what is not; the hand-written ones by country, the generated ones by locale. */
import { describe, expect, it } from "vitest";
import { Sink } from "../recognizers/recognizer.ts";
import type { Finding } from "../types.ts";
import { findAddresses } from "./address.ts";
import { COUNTRIES } from "./countries.ts";
import { NEGATIVES, WRITTEN } from "./test/countries.ts";

function find(text: string): Finding[] {
  const sink = new Sink(undefined, 0.5);
  findAddresses(text, 0, text.length, sink);
  return sink.found;
}

/** The text with what was found between « and ». */
function marked(text: string): string {
  let out = "";
  let at = 0;
  for (const { start, end } of find(text)) {
    out += `${text.slice(at, start)}«${text.slice(start, end)}»`;
    at = end;
  }
  return out + text.slice(at);
}

const plain = (text: string): string => text.replaceAll(/[«»]/gu, "");

describe.each(Object.entries(WRITTEN))("addresses of %s", (_, texts) => {
  it.each(texts.map((text) => [text]))("%j", (text) => {
    expect(marked(plain(text))).toBe(text);
  });

  it("are found in decomposed text too", () => {
    for (const text of texts) expect(find(plain(text).normalize("NFD")), text).not.toEqual([]);
  });
});

it("every country has at least six", () => {
  for (const { code } of COUNTRIES) expect(WRITTEN[code]?.length ?? 0, code).toBeGreaterThanOrEqual(6);
});

describe("no address", () => {
  it.each(NEGATIVES.map((text) => [text]))("%j", (text) => {
    expect(marked(text)).toBe(text);
  });
});
