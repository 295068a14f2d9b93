import { describe, expect, test } from "vitest";
import { type Present, type Progress, isDue } from "./schedule.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const NOON = Date.parse("2026-11-21T12:00:00Z");

const due = (progress: Partial<Progress>, present: Partial<Present>): boolean =>
  isDue(
    { size: 10, askedAt: NOON, failures: 0, ...progress },
    { now: NOON, everyMs: 10 * MINUTE_MS, published: 20, news: true, soon: 0, ...present },
  );

describe("an authority is asked", () => {
  test.each<[string, Partial<Progress>, Partial<Present>]>([
    ["in the next ten minutes of the clock, if entries came", { askedAt: NOON - 1 }, {}],
    ["as soon as it is known, and something to stamp", {}, { now: NOON + 10 * MINUTE_MS }],
    [
      "when a day ends, however long the time between stamps",
      { askedAt: NOON },
      { everyMs: 7 * DAY_MS, now: NOON + DAY_MS / 2 },
    ],
    ["at once after an event that asks for it", { askedAt: NOON }, { soon: 20, now: NOON + 10_000 }],
    ["five seconds after it failed", { failures: 1 }, { now: NOON + 5_000 }],
    ["ten minutes after it failed for the hundredth time", { failures: 100 }, { now: NOON + 10 * MINUTE_MS }],
    ["when the clock was set back", { askedAt: NOON + DAY_MS }, {}],
    [
      "without news, a month before its certificate expires",
      { until: NOON + 20 * DAY_MS },
      { news: false, now: NOON + DAY_MS },
    ],
  ])("%s", (_, progress, present) => {
    expect(due(progress, present)).toBe(true);
  });
});

describe("an authority is left alone", () => {
  test.each<[string, Partial<Progress>, Partial<Present>]>([
    ["within the same ten minutes", {}, { now: NOON + 9 * MINUTE_MS }],
    ["while only its own stamps are new", {}, { news: false, now: NOON + DAY_MS }],
    ["while there is nothing new at all", { size: 20 }, { now: NOON + DAY_MS }],
    ["until the event that asks for it is published", {}, { soon: 21, now: NOON + MINUTE_MS }],
    ["for ten seconds, however many events ask for it", {}, { soon: 20, now: NOON + 9_000 }],
    ["for a while after it failed", { failures: 4 }, { now: NOON + 39_000 }],
    ["for a day after it was asked to renew", { until: NOON + DAY_MS }, { news: false, now: NOON + DAY_MS - 1 }],
    [
      "without news, while its certificate has long to go",
      { until: NOON + 200 * DAY_MS },
      { news: false, now: NOON + DAY_MS },
    ],
  ])("%s", (_, progress, present) => {
    expect(due(progress, present)).toBe(false);
  });
});

test("whoever was never asked is asked", () => {
  const present = { now: NOON, everyMs: MINUTE_MS, published: 1, news: false, soon: 0 };
  expect(isDue({ size: 0, failures: 0 }, present)).toBe(true);
});
