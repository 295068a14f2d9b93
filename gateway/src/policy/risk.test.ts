import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { FoundFacts } from "../core/decision.ts";
import { connectionFor, principalFor } from "../core/test/connection.ts";
import { createHabits } from "./habits.ts";
import { type RiskFacts, riskOf } from "./risk.ts";
import { specialFound } from "./special.ts";
import { EU, MONDAY, NOTHING, US } from "./test/setup.ts";

function risk(change: Partial<RiskFacts> = {}): ReturnType<typeof riskOf> {
  const found = change.found ?? NOTHING;
  return riskOf({
    principal: principalFor(),
    action: "infer",
    connection: connectionFor({ recipient: EU }),
    special: specialFound(found),
    opaqueParts: 0,
    ...change,
    found,
  });
}

const found = (change: Partial<FoundFacts>): FoundFacts => ({ ...NOTHING, ...change });

describe("risk", () => {
  it("of nothing found and nobody told is 0", () => {
    expect(risk()).toEqual({ score: 0, reasons: [] });
  });

  it.each<[string, Partial<RiskFacts>, number, string]>([
    ["a special category", { found: found({ special: { health: 2 } }) }, 30, "health found (2)"],
    ["a category", { found: found({ categories: { secret: 1 } }) }, 25, "secret found (1)"],
    ["volume", { found: found({ found: { EMAIL: 99, PHONE: 1 } }) }, 20, "100 findings"],
    ["destination", { connection: connectionFor({ recipient: US }) }, 15, "outside the EEA: US by scc"],
    [
      "a recipient of its own mind",
      { connection: connectionFor({ recipient: { ...EU, role: "controller" } }) },
      10,
      "recipient is a controller",
    ],
    ["an agent", { principal: principalFor({ actors: [{ id: "agent:x", kind: "agent" }] }) }, 5, "an agent acts"],
    ["an unusual hour", { habit: { unusualHour: true, unusualPurpose: false } }, 10, "unusual hour for this principal"],
    [
      "an unusual purpose",
      { habit: { unusualHour: false, unusualPurpose: true } },
      10,
      "unusual purpose for this principal",
    ],
  ])("of %s has its weight and its reason", (_, facts, score, reason) => {
    expect(risk(facts)).toEqual({ score, reasons: [reason] });
  });

  it("of parts that nobody scanned counts where they are sent", () => {
    const rules = (opaqueParts: "withhold" | "allow") =>
      connectionFor({ recipient: EU, rules: { ...connectionFor().rules, opaqueParts } });
    expect(risk({ opaqueParts: 2, connection: rules("allow") }).score).toBe(15);
    expect(risk({ opaqueParts: 2, connection: rules("withhold") }).score).toBe(0);
  });

  it("does not count a destination that nothing goes to", () => {
    expect(risk({ action: "scrub", connection: connectionFor({ recipient: US }) }).score).toBe(0);
    expect(risk({ connection: connectionFor({ recipient: US, rehearsal: true }) }).score).toBe(0);
  });

  it("is never above 100, and never less for more that is found", () => {
    const counts = (names: string[]) => fc.dictionary(fc.constantFrom(...names), fc.integer({ min: 0, max: 3_000 }));
    const any = fc.record({
      found: counts(["EMAIL", "IBAN", "HEALTH_ID"]),
      categories: counts(["contact", "financial", "secret", "health"]),
      special: counts(["health", "religion", "genetic"]),
    });
    fc.assert(
      fc.property(any, any, (a, b) => {
        const sum = (x: Record<string, number>, y: Record<string, number>): Record<string, number> =>
          Object.fromEntries(
            [...Object.keys(x), ...Object.keys(y)].map((name) => [name, (x[name] ?? 0) + (y[name] ?? 0)]),
          );
        const both = {
          found: sum(a.found, b.found),
          categories: sum(a.categories, b.categories),
          special: sum(a.special, b.special),
        };
        expect(risk({ found: both }).score).toBeGreaterThanOrEqual(risk({ found: a }).score);
        expect(risk({ found: both }).score).toBeLessThanOrEqual(100);
      }),
    );
  });
});

describe("habits", () => {
  const HOUR = 3_600_000;
  const USUAL = { unusualHour: false, unusualPurpose: false };

  it("call nothing unusual before enough was sent", () => {
    const habits = createHabits(10);
    for (let at = 0; at < 20; at++) {
      expect(habits.look("a", `purpose-${at}`, MONDAY + at * HOUR)).toEqual(USUAL);
      habits.learn("a", `purpose-${at}`, MONDAY + at * HOUR);
    }
  });

  it("then tell the hours and purposes that are new, until one was sent", () => {
    const habits = createHabits(10);
    for (let at = 0; at < 20; at++) habits.learn("a", "support", MONDAY);
    expect(habits.look("a", "support", MONDAY + HOUR)).toEqual(USUAL);
    for (let tries = 0; tries < 3; tries++) {
      expect(habits.look("a", "fraud", MONDAY + 12 * HOUR)).toEqual({ unusualHour: true, unusualPurpose: true });
    }
    habits.learn("a", "fraud", MONDAY + 12 * HOUR);
    expect(habits.look("a", "fraud", MONDAY + 12 * HOUR)).toEqual(USUAL);
  });

  it("take midnight as an hour like others", () => {
    const habits = createHabits(10);
    const midnight = Date.UTC(2026, 10, 3);
    for (let at = 0; at < 20; at++) habits.learn("a", "support", midnight);
    expect(habits.look("a", "support", midnight - HOUR)).toMatchObject({ unusualHour: false });
    expect(habits.look("a", "support", midnight + 12 * HOUR)).toMatchObject({ unusualHour: true });
  });
});

test("habits are of a bounded number of principals, those that sent last", () => {
  const habits = createHabits(2);
  const unusual = (principal: string): boolean => habits.look(principal, "other", MONDAY).unusualPurpose;
  for (let at = 0; at < 20; at++) habits.learn("a", "support", MONDAY);
  for (let at = 0; at < 20; at++) habits.learn("b", "support", MONDAY);
  habits.learn("c", "support", MONDAY);
  expect(unusual("b")).toBe(true);
  expect(unusual("a")).toBe(false);
});
