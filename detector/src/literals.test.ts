import { describe, expect, it } from "vitest";
import { findBareWords, findLiterals, mergeLiterals } from "./literals.ts";

function literals(text: string, isType?: (type: string) => boolean): string[] {
  return findLiterals(text, isType).map(({ start, end }) => text.slice(start, end));
}

describe("findLiterals", () => {
  it("finds every spelling that the restorer would accept", () => {
    const spellings = [
      "[EMAIL_1]",
      "[email_12]",
      "[Order Number 3]",
      "[ORDER-NUMBER-3]",
      "\\[EMAIL\\_1\\]",
      "&#91;EMAIL_1&rbrack;",
      "%5BEMAIL_1%5D",
      "【EMAIL_1】",
      "［LITERAL_1］",
    ];
    expect(literals(`a ${spellings.join(" b ")} c`)).toEqual(spellings);
    expect(literals("[[EMAIL_1]][EMAIL_2]")).toEqual(["[EMAIL_1]", "[EMAIL_2]"]);
  });

  it("leaves alone what names no type", () => {
    expect(
      literals(
        "df[col_1] x[i_2] [Smith 2020] [RFC 2119] [1] [EMAIL_] [EMAIL] EMAIL_1 [EMAIL_1 [EMAIL_12345678] [EMAIL_x1]",
      ),
    ).toEqual([]);
  });

  it("leaves alone the types that the caller excludes", () => {
    expect(literals("[EMAIL_1] [SECRET_1]", (type) => type === "EMAIL")).toEqual(["[EMAIL_1]"]);
  });
});

describe("findBareWords", () => {
  it("finds bare words, in brackets or not, escaped or not", () => {
    expect(findBareWords("EMAIL_1, [PHONE_22] ORDER\\_NUMBER\\_3 x_1 FOO_1 EMAIL_ email_1")).toEqual([
      "EMAIL_1",
      "PHONE_22",
      "ORDER_NUMBER_3",
    ]);
  });
});

describe("mergeLiterals", () => {
  const finding = (start: number, end: number) => ({ start, end, type: "X", category: "contact" as const });
  const shape = (findings: [number, number][], spans: [number, number][]) =>
    mergeLiterals(
      findings.map(([start, end]) => finding(start, end)),
      spans.map(([start, end]) => ({ start, end })),
    ).map(({ start, end, type }) => `${type}${start}-${end}`);

  it("orders what does not overlap", () => {
    expect(
      shape(
        [
          [0, 2],
          [8, 9],
        ],
        [
          [3, 5],
          [6, 7],
          [10, 12],
        ],
      ),
    ).toEqual(["X0-2", "LITERAL3-5", "LITERAL6-7", "X8-9", "LITERAL10-12"]);
  });

  it("F14 lets a literal swallow the findings within it, and a finding the literals that it reaches beyond", () => {
    expect(
      shape(
        [
          [3, 5],
          [6, 8],
        ],
        [[2, 9]],
      ),
    ).toEqual(["LITERAL2-9"]);
    expect(
      shape(
        [[0, 10]],
        [
          [2, 4],
          [5, 7],
        ],
      ),
    ).toEqual(["X0-10"]);
    expect(
      shape(
        [
          [3, 6],
          [8, 9],
        ],
        [[4, 9]],
      ),
    ).toEqual(["X3-6", "X8-9"]);
    expect(shape([[3, 6]], [[3, 6]])).toEqual(["LITERAL3-6"]);
  });
});

describe("cost", () => {
  it("is linear on text made of openings and underscores", () => {
    for (const unit of ["[", "[EMAIL ", "EMAIL_", "_1", "A_1_", "\\", "&#91;A"]) {
      const text = unit.repeat(Math.ceil(500_000 / unit.length));
      const started = performance.now();
      findLiterals(text);
      findBareWords(text);
      expect(performance.now() - started).toBeLessThan(5_000);
    }
  });
});
