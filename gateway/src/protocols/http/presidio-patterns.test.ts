import { describe, expect, test } from "vitest";
import { type AdHocRecognizer, AdHocRecognizers, compile, PYTHON_FLAGS_DEFAULT } from "./presidio-patterns.ts";
import { TimeBudget } from "./time-budget.ts";

const budget = (timeoutMs = 10_000) =>
  new TimeBudget({ timeoutMs, sliceMs: 4, clock: performance.now.bind(performance) });
const recognizer = (regex: string, more: Partial<AdHocRecognizer> = {}): AdHocRecognizer => ({
  name: "r",
  entity: "E",
  patterns: [{ name: "p", regex, score: 0.2 }],
  words: [],
  wordsScore: 1,
  context: [],
  flags: PYTHON_FLAGS_DEFAULT,
  ...more,
});
async function found(text: string, which: AdHocRecognizer, context: readonly string[] = []) {
  const findings = await (await AdHocRecognizers.of([which], budget())).find(text, context, budget());
  return findings.map(({ start, end, score }) => [text.slice(start, end), Number(score.toFixed(2))]);
}

describe("a pattern of a request", () => {
  test("matches wherever it stands, at the edges of windows too", async () => {
    for (const before of [0, 2038, 2042, 2046, 2048, 4090, 40_000]) {
      const text = `${"x ".repeat(before / 2)}12345-6789 y 54321`;
      expect(await found(text, recognizer(String.raw`\b\d{5}(?:-\d{4})?\b`))).toEqual([
        ["12345-6789", 0.2],
        ["54321", 0.2],
      ]);
    }
  });

  test("sees what stands before it, and line ends where there are some", async () => {
    expect(await found(`${"x".repeat(2047)}12`, recognizer(String.raw`\b\d\d`))).toEqual([]);
    expect(await found(`${"x".repeat(2047)}\n12\n`, recognizer(String.raw`^\d\d$`))).toEqual([["12", 0.2]]);
    expect(await found("id 7, no 8", recognizer(String.raw`(?<=id )\d`))).toEqual([["7", 0.2]]);
  });

  test("does not match nothing, nor half of a character", async () => {
    expect(await found("a😀b", recognizer("x*"))).toEqual([]);
    expect(await found("a😀b", recognizer("."))).toEqual([
      ["a", 0.2],
      ["😀", 0.2],
      ["b", 0.2],
    ]);
  });

  test("is surer with a context word before it, which must be a whole word", async () => {
    const zip = recognizer(String.raw`\d{5}`, { context: ["zip"] });
    expect(await found("my zip code is 12345", zip)).toEqual([["12345", 0.55]]);
    expect(await found("unzip it to 12345", zip)).toEqual([["12345", 0.2]]);
    expect(await found("zip one two three four five six 12345", zip)).toEqual([["12345", 0.2]]);
    expect(await found("12345", zip, ["ZIP"])).toEqual([["12345", 0.55]]);
    const weak = recognizer("x", { context: ["zip"], patterns: [{ name: "p", regex: "x", score: 0.01 }] });
    expect(await found("zip x", weak)).toEqual([["x", 0.4]]);
  });

  test.each([
    ["look-ahead", "a(?=b)"],
    ["a back-reference", String.raw`(a)\1`],
    ["an open bracket", "(secret"],
    ["more repetition than RE2 takes", "((a{1,100}){1,10}){1,1000}"],
    ["a program that is too large", "((a{1,40}){1,20})"],
  ])("with %s is refused without being repeated", (_, regex) => {
    expect(() => compile(regex, PYTHON_FLAGS_DEFAULT, "field")).toThrow(/^field /);
    expect(() => compile(regex, PYTHON_FLAGS_DEFAULT, "field")).not.toThrow(/secret|\{1,/);
    expect(() => compile("a", 4, "field")).toThrow("only the flags");
  });

  test.each([
    ["nested repetition", "(a+)+$", `${"a".repeat(50_000)}!`],
    ["alternatives of the same", "(a|aa|a?)*b", "a".repeat(50_000)],
    ["a long way for nothing", "x*y|x", "x".repeat(20_000)],
  ])("that would take others forever ends soon: %s", async (_, regex, text) => {
    const startedAt = performance.now();
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    await found(text, recognizer(regex)).finally(() => clearInterval(counting));
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    expect(turns).toBeGreaterThan(0);
  });

  test("ends with scrub_timeout when its time is over", async () => {
    const adHoc = await AdHocRecognizers.of([recognizer("x*y|x")], budget());
    await expect(adHoc.find("x".repeat(200_000), [], budget(50))).rejects.toMatchObject({ code: "scrub_timeout" });
  });
});

test("a list of words scores as it is told", async () => {
  expect(
    await found("Mr. Smith and mr Jones", recognizer("", { patterns: [], words: ["mr", "mr."], wordsScore: 0.7 })),
  ).toEqual([
    ["Mr.", 0.7],
    ["mr", 0.7],
  ]);
});
