/** What is an address and what is not; the hand-written ones by country, the generated ones by locale. */
import { describe, expect, it } from "vitest";
import { Sink } from "../recognizers/recognizer.ts";
import type { Finding } from "../types.ts";
import { chunksOf } from "../scanner/chunks.ts";
import { findAddresses } from "./address.ts";
import { COUNTRIES } from "./countries.ts";
import { NEGATIVES, WRITTEN } from "./test/countries.ts";

function find(text: string): Finding[] {
  const sink = new Sink(undefined, 0.5);
  for (const [from, to] of chunksOf(text)) findAddresses(text, from, to, sink);
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

describe("a block of lines", () => {
  it.each([
    "Anna Huber\n«Am Plattenbusch 47b»\n«38073 Juridorf»\n",
    "Lieferadresse:\r\n«Forellental 63»\r\n«25389 Winkelmannscheid»\r\n",
    "Jana Nováková\n«Dlouhá 12/34»\n«602 00 Brno»\nČeská republika",
    "Matti Virtanen\n«Salotie 574»\n«00100 Helsinki»",
    "Νίκος Παπαδόπουλος\n«Ζάππα 5»\n«105 63 Αθήνα»",
    "Jean Dupont\n«5 rue Lepic»\n«75018 Paris»\nFrance",
    "Rechnung an:\n«Hauptstraße 5»\n«10115 Berlin, Deutschland»",
    "Ms Jane Roe\n«12 Oak Drive»\n«Leeds LS6 2AB»",
  ])("is found line by line: %j", (text) => {
    expect(marked(plain(text))).toBe(text);
  });

  it.each([
    "Besucher im Museum\n10115 Berlin\n",
    "Kapitel 3\n10115 Besucher kamen\n",
    "Erste Schritte\nKapitel 12\n",
    "Getting Started\nWindows 10\nUbuntu 22\n",
    "Amtliches Kennzeichen\nKÖ-XW 30\n",
    "what came before\nForellental 63\n",
    "Anna Huber\n\nForellental 63\n",
  ])("is none: %j", (text) => {
    expect(marked(text)).toBe(text);
  });

  it("needs the line before to be there as a whole", () => {
    const street = "Am Plattenbusch 47b\n38073 Juridorf\n";
    for (const before of [0, 1, 200, 255, 256, 257, 300, 2000]) {
      const text = `${"x".repeat(before)} Huber\n${street}`;
      const cut = Math.max(0, text.length - street.length - 256);
      const whole = find(text).map(({ start, end }) => [start - cut, end - cut]);
      expect(find(text.slice(cut)).map(({ start, end }) => [start, end])).toEqual(whole);
    }
  });
});

describe("time is linear", () => {
  const cpu = (text: string): number => {
    let best = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 3; run++) {
      const before = process.cpuUsage();
      find(text);
      const { user, system } = process.cpuUsage(before);
      best = Math.min(best, user + system);
    }
    return Math.max(best, 500);
  };

  it.each([
    "1 ",
    "Aa 1 Bb ",
    "12 Main Street, ",
    "via ",
    "1,",
    "Flat 2, ",
    "P.O. Box ",
    "Anna Huber\nDorf 5\n",
    "10115 Berlin\n",
    "   1",
  ])("on %j", (unit) => {
    const text = unit.repeat(Math.ceil(16_000 / unit.length));
    find(text);
    expect(cpu(text.repeat(4)) / cpu(text)).toBeLessThan(12);
  });
});
