/** What surrounds a term decides: fields, persons, code, the language, how far is read; and that time is linear. Sentences: sentences.test.ts. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Finding } from "../types.ts";
import { SIGNAL_LANGUAGES, SIGNAL_REACH_CHARS, type SignalOptions, signals } from "./signals.ts";
import { EAST } from "./test/east.ts";
import { NORTH } from "./test/north.ts";
import { SOUTH } from "./test/south.ts";
import { WEST } from "./test/west.ts";

const found = (text: string, options?: SignalOptions): string[] =>
  signals(text, options).map(({ category, start, end }) => `${category}: ${text.slice(start, end)}`);

const person = (start: number, end: number): Finding => ({
  type: "PERSON",
  category: "direct-identifier",
  dpv: "pd:Name",
  start,
  end,
  score: 0.9,
  recognizer: "names",
  why: "",
});

describe("a field's value", () => {
  it.each([
    ["religion: Catholic", "religion: Catholic"],
    ['{"religion": "Zoroastrian", "id": 7}', "religion: Zoroastrian"],
    ["<religion>Zoroastrian</religion>", "religion: Zoroastrian"],
    ["Konfession:\trömisch-katholisch\nNr.: 5", "religion: katholisch"],
    ["sexual_orientation=bisexual", "sexual-orientation: bisexual"],
    ['"sexualOrientation": "gay"', "sexual-orientation: gay"],
    ["Diagnosis: F32.1", "health: F32.1"],
    ["diagnosis: chronic asthma", "health: asthma"],
    ["Allergies: peanuts, bee stings.", "health: peanuts, bee stings"],
    ["Gewerkschaft: IG Metall", "union-membership: IG Metall"],
    ["blood_type: AB negative", "health: AB negative"],
    ["Origine ethnique : inconnue de nos services", "ethnicity: inconnue de nos services"],
    ["Etnia: gitana", "ethnicity: gitana"],
  ])("is a signal: %j", (text, expected) => {
    expect(found(text)).toEqual([expected]);
  });

  it.each([
    "religion: string;",
    '"religion": null',
    "religion: ",
    "religion: n/a",
    "religion = user.religion",
    "religion: Religion | undefined",
    "const ethnicity = row[3];",
    "if (religion == 5) return",
    "diagnosis: the build was slow",
    "Diagnosis: timeout in worker 3",
    "union: { a: 1 }",
    "race: condition between two threads",
  ])("is none: %j", (text) => {
    expect(found(text)).toEqual([]);
  });
});

describe("a person near", () => {
  const text = "Suzanne Harper: asthma, since 2019.";

  it("may be a finding", () => {
    expect(found(text)).toEqual([]);
    expect(found(text, { findings: [person(0, 14)] })).toEqual(["health: asthma"]);
  });

  it("is none when the finding is far away or of another type", () => {
    expect(
      found(`${text.slice(0, 14)}. ${"It rained. ".repeat(20)}The asthma clinic.`, { findings: [person(0, 14)] }),
    ).toEqual([]);
    expect(found(text, { findings: [{ ...person(0, 14), type: "ORGANIZATION" }] })).toEqual([]);
  });

  it("is none in another sentence", () => {
    expect(found("My mother called. The asthma clinic opens at nine.")).toEqual([]);
  });

  it("raises what says so by itself over the default threshold", () => {
    expect(found("Muslims live in the city.")).toEqual([]);
    expect(found("Muslims live in the city.", { scoreMin: 0.4 })).toEqual(["religion: Muslims"]);
    expect(found("My neighbours are Muslims.")).toEqual(["religion: Muslims"]);
  });

  it("is of the term's language", () => {
    // Polish "ja" and Finnish "ja", English "invalid" and Czech "invalida".
    expect(found("The field is invalid and my request was refused.")).toEqual([]);
    expect(found("ja siitä on tullut uskonto")).toEqual([]);
  });
});

describe("ambiguous terms", () => {
  it.each([
    ["My sister is being treated for cancer.", ["health: cancer"]],
    ["My sister is a Cancer, born in July.", []],
    ["The patient had surgery in May.", ["health: surgery"]],
    ["I vote for the Democrats, she is a member too.", ["politics: Democrats"]],
    ["My black jacket is gone.", []],
  ])("%j", (text, expected) => {
    expect(found(text)).toEqual(expected);
  });
});

it.each([
  "my file src/health/asthma/index.ts",
  "he opened https://example.org/atheist/muslim.html",
  "my call asthma(patient)",
  "see patient.asthma and @atheist",
])("no signal in code, paths and addresses: %j", (text) => {
  expect(found(text)).toEqual([]);
});

describe("options", () => {
  const text = "My mother is a Muslim and has asthma.";

  it("categories and languages choose", () => {
    expect(found(text)).toEqual(["religion: Muslim", "health: asthma"]);
    expect(found(text, { categories: ["health"] })).toEqual(["health: asthma"]);
    expect(found(text, { languages: ["en"] })).toEqual(["religion: Muslim", "health: asthma"]);
    expect(found(text, { languages: ["el"] })).toEqual([]);
  });

  it("of a wrong type are refused by name", () => {
    const wrong =
      (options: unknown): (() => unknown) =>
      () =>
        signals("x", options as SignalOptions);
    expect(() => signals(7 as unknown as string)).toThrow(new TypeError("text must be a string"));
    expect(wrong({ categories: "health" })).toThrow("options.categories");
    expect(wrong({ categories: ["illness"] })).toThrow("options.categories");
    expect(wrong({ languages: ["tlh"] })).toThrow("options.languages");
  });
});

it("why never holds the text", () => {
  for (const { why } of signals("My mother is a Muslim, has asthma. religion: Zoroastrian")) {
    for (const word of ["Muslim", "asthma", "Zoroastrian"]) expect(why).not.toContain(word);
  }
});

const ALL = Object.values({ ...WEST, ...SOUTH, ...NORTH, ...EAST })
  .join("\n")
  .replaceAll(/[«»]/gu, "");

it("signals are in order, do not overlap and do not split a surrogate pair", () => {
  const pieces = fc.constantFrom(
    "😀",
    "my mother ",
    "has ",
    "asthma",
    "ü",
    "HIV-positive",
    ". ",
    "\n",
    "religion: ",
    "cancer ",
    "trade union ",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      const text = parts.join("");
      let end = 0;
      for (const signal of signals(text)) {
        expect(signal.start).toBeGreaterThanOrEqual(end);
        expect(signal.end).toBeGreaterThan(signal.start);
        expect(text.isWellFormed() && text.slice(signal.start, signal.end).isWellFormed()).toBe(true);
        ({ end } = signal);
      }
    }),
    { numRuns: 300 },
  );
});

it("text farther away than the reach has no part in a signal", () => {
  const whole = signals(ALL);
  expect(whole.length).toBeGreaterThan(400);
  for (let index = 0; index < whole.length; index += 7) {
    const signal = whole[index];
    if (signal === undefined) continue;
    for (const extra of [0, 1, 13]) {
      const from = Math.max(0, signal.start - SIGNAL_REACH_CHARS - extra);
      const cut = signals(ALL.slice(from, signal.end + SIGNAL_REACH_CHARS + extra));
      expect(cut).toContainEqual({ ...signal, start: signal.start - from, end: signal.end - from });
    }
  }
});

describe("time is linear", () => {
  const cpu = (text: string): number => {
    let best = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 3; run++) {
      const before = process.cpuUsage();
      signals(text);
      const { user, system } = process.cpuUsage(before);
      best = Math.min(best, user + system);
    }
    return Math.max(best, 500);
  };

  it.each([
    ["asthma ", 1_500],
    ["my asthma ", 1_500],
    ["religion: ", 1_500],
    ["religion:a,", 1_500],
    ["a", 20_000],
    ["multiple ", 1_500],
    ["trade union trade ", 700],
    ["asthma/", 1_500],
    ["genetic-", 1_500],
    ["\u0301", 20_000],
  ])("on %j", (unit, count) => {
    signals(unit.repeat(count));
    expect(cpu(unit.repeat(count * 4)) / cpu(unit.repeat(count))).toBeLessThan(12);
  });

  // What is measured with the built package is in docs/signals.md; a test runner is several times slower.
  it("prose without a term is read at megabytes a second", () => {
    const text = "The committee met on Tuesday and put off what it had meant to decide about the bridge. ".repeat(
      4_000,
    );
    expect(signals(text)).toEqual([]);
    expect(Buffer.byteLength(text) / cpu(text)).toBeGreaterThan(3);
  });
});

it("knows the languages of the detector", () => {
  expect([...SIGNAL_LANGUAGES].sort()).toEqual(
    "bg cs da de el en es et fi fr hr hu it lt lv nb nl pl pt ro sk sl sv".split(" "),
  );
});
