import { describe, expect, it } from "vitest";
import { contextBefore, hasWord, LOOKBACK_CHARS, meaningAt, releaseContext } from "./context.ts";
import { ACCOUNT, CUSTOMER, MARKER, NUMERAL, ORDER, PASSWORD, PHONE, WORDS } from "./words.ts";

/** Meanings of the words before the end of `text`, nearest first. */
function meanings(text: string): number[] {
  releaseContext();
  contextBefore(text, text.length);
  const all: number[] = [];
  for (let word = 0; hasWord(word); word++) all.push(meaningAt(word));
  return all;
}

const holds = (text: string, meaning: number): boolean => meanings(text).some((value) => (value & meaning) !== 0);

describe("context words are whole words", () => {
  it.each([
    ["order ", ORDER],
    ["ORDER: ", ORDER],
    ["Bestellung ", ORDER],
    ["ZAMÓWIENIE nr ", ORDER],
    ["zamo\u0301wienie ", ORDER],
    ["customerNumber=", CUSTOMER],
    ["DB_PASSWORD=", PASSWORD],
    ["Kunden-Nr. ", CUSTOMER],
    ["Tel. ", PHONE],
  ])("%j", (text, meaning) => {
    expect(holds(text, meaning)).toBe(true);
  });

  it.each([
    ["reorder ", ORDER],
    ["border ", ORDER],
    ["orders_table_x1y ", PHONE],
    ["re-order ", ORDER],
    ["intelligent tell ", PHONE],
    ["accountant ", ACCOUNT],
    ["passwords_v ", PHONE],
  ])("%j is another word", (text, meaning) => {
    expect(holds(text, meaning)).toBe(false);
  });
});

describe("context ends", () => {
  it("at the end of the line and of the sentence, but not at an abbreviation", () => {
    expect(meanings("order\n")).toEqual([]);
    expect(meanings("my order. Then ")).toHaveLength(1);
    expect(meanings("my order! ")).toEqual([]);
    expect(meanings("order; ")).toEqual([]);
    expect(holds("order no. ", ORDER)).toBe(true);
  });

  it("after four words, and within its bound", () => {
    expect(meanings("one two three four five ")).toHaveLength(4);
    expect(meanings(`order${" ".repeat(20)}`)).toEqual([]);
    expect(meanings(`${"x".repeat(LOOKBACK_CHARS * 2)} `).length).toBeLessThanOrEqual(4);
  });

  it("numbers count as words", () => {
    expect(meanings("order 12 ")[0]).toBe(NUMERAL);
  });
});

it("the number sign and the colon before the candidate are seen", () => {
  const signed = { ...contextBefore("order #", 7) };
  expect(signed.numberSign).toBe(true);
  const paired = { ...contextBefore("order id: ", 10) };
  expect([paired.numberSign, paired.pair, meaningAt(0) & MARKER]).toEqual([false, true, MARKER]);
});

it("every context word is lower case, and a word as the scanner reads it", () => {
  for (const word of WORDS.keys()) {
    expect(word).toBe(word.toLowerCase());
    expect(word).toMatch(/^[\p{L}\p{M}]+$/u);
  }
});
