/**
 * Numbers that mean nothing: 200,000 random ones, without a label, in lines like those of logs and in sentences. And that time is
 * linear: on the worst texts for this recognizer, the detector takes at most three times what it takes without it.
 */
import { describe, expect, it } from "vitest";
import { detect } from "../detect.ts";
import { type Choices, choices } from "../test/random.ts";
import { TYPES as ALL_TYPES } from "../types.ts";
import { IDENTIFIERS } from "./countries/all.ts";
import { identifier } from "./identifier.ts";

const NUMBERS = 200_000;
const TYPES = ["NATIONAL_ID", "TAX_ID", "SOCIAL_SECURITY_NUMBER", "HEALTH_ID", "ID_CARD_NUMBER"];

/** A number, and around it words that call it nothing. */
const LINES: readonly ((n: string) => string)[] = [
  (n) => `2026-11-21 14:30:00,123 INFO [main-1] worker ${n} finished in 35 ms`,
  (n) => `GET /a/b?c=d 200 ${n} "-" "curl/8.5.0"`,
  (n) => `{"a":${n},"b":[1,2,3],"c":"x"}`,
  (n) => `row;${n};ok;0.5`,
  (n) => `As we said, ${n} of them came on Monday, and the others later.`,
  (n) => `Das sind ${n} oder mehr.`,
  (n) => `see ${n} (and below)`,
];

/** Every form that may stand alone, as digits at random. */
const FORMS: readonly string[] = [
  ...new Set(
    IDENTIFIERS.flatMap(({ shapes }) => shapes)
      .filter((form) => form.startsWith("!") && !/[@*A-Z]/.test(form))
      .map((form) => form.slice(1)),
  ),
];

function randomNumber({ int, pick, digits }: Choices, i: number): string {
  if (i % 2 === 0) return digits(int(8, 20));
  return pick(FORMS).replaceAll("#", () => String(int(0, 9)));
}

describe("of 200,000 random numbers without a label", () => {
  const counts = new Map<string, number>();
  const random = choices(20_261_122);
  for (let i = 0; i < NUMBERS; i++) {
    const line = (LINES[i % LINES.length] as (n: string) => string)(randomNumber(random, i));
    for (const { recognizer } of detect(line, { types: TYPES }))
      counts.set(recognizer, (counts.get(recognizer) ?? 0) + 1);
  }

  it("no row takes one in a thousand for its own", () => {
    for (const { id } of IDENTIFIERS) expect(counts.get(id) ?? 0, id).toBeLessThanOrEqual(NUMBERS / 1000);
  });

  it("only rows that may stand alone take any, and all of them together not one in a thousand", () => {
    const alone = new Set(
      IDENTIFIERS.filter(({ shapes }) => shapes.some((form) => form.startsWith("!"))).map(({ id }) => id),
    );
    for (const id of counts.keys()) expect(alone.has(id), id).toBe(true);
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(NUMBERS / 1000);
  });
});

describe("of 300,000 times that computers write", () => {
  it("few are taken for identifiers, whatever the unit", () => {
    let found = 0;
    const random = choices(20_261_123);
    const lines = 60_000;
    for (let i = 0; i < lines; i++) {
      // From 2015 to 2030, in seconds and in milliseconds, and written out.
      const seconds = random.int(1_420_070_400, 1_893_456_000);
      const written = new Date(seconds * 1000).toISOString().replaceAll(/[-:T]|\..*/g, "");
      const line = `${seconds} ${seconds}${random.digits(3)} ${written} ${written.slice(0, 8)}-${written.slice(8, 12)} ${written.slice(0, 12)} x`;
      found += detect(line, { types: TYPES }).length;
    }
    expect(found).toBeLessThanOrEqual((5 * lines) / 100_000);
  });
});

const CHARS = 50_000;
const SLOWER_MAX = 3;
const ADVERSARIAL: readonly string[] = [
  "0123456789",
  "123456789 ",
  "1234567890,",
  "12345678901 ",
  "1234567890123;",
  "1111 ",
  "12 ",
  "1 1 ",
  "1-1-",
  "12.34.56-789.01 ",
  "123456-7890 ",
  "12345678A ",
  "AB123456C ",
  "AB 12 ",
  "AB 12 34 56 ",
  "A1",
  "ΑΒ 123456 ",
  "номер123",
];

describe("50 KB of digits cost at most three times as much as without this recognizer", () => {
  const others = Object.keys(ALL_TYPES).filter((type) => identifier.types?.includes(type) === false);
  /** CPU time, because other processes take the machine's: the least of several runs, in milliseconds. */
  const best = (run: () => void): number => {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 9; i++) {
      const before = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(before);
      least = Math.min(least, (user + system) / 1000);
    }
    return least;
  };

  it.each(ADVERSARIAL.map((fragment) => [fragment]))("%j", (fragment) => {
    const text = fragment.repeat(Math.ceil(CHARS / fragment.length)).slice(0, CHARS);
    for (let i = 0; i < 4; i++) detect(text);
    const withIt = best(() => detect(text));
    const without = best(() => detect(text, { types: others }));
    // Half a millisecond of slack: without it, some of these texts cost next to nothing.
    expect(withIt).toBeLessThan(without * SLOWER_MAX + 0.5);
  });
});
