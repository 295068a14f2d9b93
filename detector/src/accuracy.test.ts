/**
 * How well generated personal data is found among hard negatives. Exact spans and types count, nothing else. The floors
 * are promises; the texts are our own, so they say nothing about other people's texts.
 */
import { expect, it } from "vitest";
import { detect } from "./detect.ts";
import { impersonalLine } from "./test/impersonal.ts";
import { personalText } from "./test/personal.ts";
import { choices } from "./test/random.ts";

const TEXTS = 3000;
const PRECISION_MIN = 0.99;
const RECALL_MIN = 0.97;

interface Counts {
  right: number;
  found: number;
  expected: number;
}

function measure(): { byType: Map<string, Counts>; misses: string[] } {
  const random = choices(20_261_121);
  const byType = new Map<string, Counts>();
  const misses: string[] = [];
  const countsOf = (type: string): Counts => {
    const counts = byType.get(type) ?? { right: 0, found: 0, expected: 0 };
    byType.set(type, counts);
    return counts;
  };
  for (let i = 0; i < TEXTS; i++) {
    const before = `${impersonalLine(random)}\n`;
    const { text, expected } = personalText(random);
    const whole = `${before}${text}\n${impersonalLine(random)}`;
    const keyOf = (type: string, start: number, end: number): string => `${type} ${start} ${end}`;
    const wanted = new Set(
      expected.map(({ type, start, end }) => keyOf(type, start + before.length, end + before.length)),
    );
    for (const { type } of expected) countsOf(type).expected++;
    for (const { type, start, end } of detect(whole)) {
      const counts = countsOf(type);
      counts.found++;
      if (wanted.delete(keyOf(type, start, end))) counts.right++;
      else misses.push(`${type} «${whole.slice(start, end)}» found in: ${whole}`);
    }
    for (const key of wanted) misses.push(`${key} not found in: ${whole}`);
  }
  return { byType, misses };
}

it("generated structured data is found with precision ≥ .99 and recall ≥ .97, and with .95 for every type", () => {
  const { byType, misses } = measure();
  const total: Counts = { right: 0, found: 0, expected: 0 };
  for (const [type, counts] of byType) {
    total.right += counts.right;
    total.found += counts.found;
    total.expected += counts.expected;
    // Types that these texts do not hold: what is found of them counts against the whole, and has no share of its own.
    if (counts.expected === 0) continue;
    expect(counts.right / counts.found, `precision of ${type}`).toBeGreaterThanOrEqual(0.95);
    expect(counts.right / counts.expected, `recall of ${type}`).toBeGreaterThanOrEqual(0.95);
  }
  expect(total.expected).toBeGreaterThan(TEXTS);
  expect(total.right / total.found, misses.slice(0, 5).join("\n")).toBeGreaterThanOrEqual(PRECISION_MIN);
  expect(total.right / total.expected, misses.slice(0, 5).join("\n")).toBeGreaterThanOrEqual(RECALL_MIN);
});
