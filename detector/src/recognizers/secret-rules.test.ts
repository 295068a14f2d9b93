/** Every rule about secrets proves itself by its own examples, and none claims another's. */
import { describe, expect, it } from "vitest";
import { detect } from "../detect.ts";
import { classAt, DELIMITER, DIGIT, LONG } from "../scanner/characters.ts";
import { createIsland, resetIsland } from "../scanner/island.ts";
import { choices } from "../test/random.ts";
import { example, expand } from "../test/secret-examples.ts";
import { Sink } from "./recognizer.ts";
import { SECRET_RULES } from "./secret-rules/index.ts";
import type { SecretRule } from "./secret-rules/rule.ts";
import { parseParts, parseShape, SHAPE_CLASSES } from "./secret-shape.ts";
import { anchorTable, findAnchored } from "./secret-token.ts";

/** Random bodies differ from run to run of the generator, not from run to run of the test. */
const SEEDS = Array.from({ length: 12 }, (_, index) => 7919 * (index + 1));

const idOf = (why: string): string => why.slice(0, why.indexOf(":"));

/** What all rules together find: rule and value. */
function found(text: string): [string, string][] {
  return detect(text, { types: ["SECRET"] }).map(({ start, end, why }) => [idOf(why), text.slice(start, end)]);
}

const tables = new Map(SECRET_RULES.map((rule) => [rule.id, anchorTable([rule])]));

/** What one rule finds when it is asked alone. */
function foundBy(rule: SecretRule, text: string): string[] {
  const sink = new Sink(undefined, 0);
  const island = createIsland();
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if ((classAt(text, at) & DELIMITER) === 0) continue;
    resetIsland(island, text, start, at, DIGIT | LONG);
    const table = tables.get(rule.id);
    if (table !== undefined) findAnchored(table, island, sink);
    start = at + 1;
  }
  return sink.found.map((finding) => text.slice(finding.start, finding.end));
}

describe.each(SECRET_RULES.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
  it("finds its positive examples, each as one secret of this rule", () => {
    expect(rule.positive.length).toBeGreaterThan(0);
    for (const template of rule.positive) {
      for (const seed of SEEDS) {
        const { text, secret } = example(template, choices(seed));
        const all = found(text);
        expect(
          all.filter(([by]) => by === id),
          `${template} → ${text} → ${JSON.stringify(all)}`,
        ).toEqual([[id, secret]]);
      }
    }
  });

  it("finds nothing in its negative examples", () => {
    expect(rule.negative.length).toBeGreaterThan(0);
    for (const template of rule.negative) {
      for (const seed of SEEDS) {
        const text = expand(template, choices(seed));
        expect(
          found(text).filter(([by]) => by === id),
          `${template} → ${text}`,
        ).toEqual([]);
        expect(foundBy(rule, text), `${template} → ${text}`).toEqual([]);
      }
    }
  });

  it("claims no other rule's examples unless it says so", () => {
    const also = new Set([id, ...(rule.also ?? [])]);
    for (const other of SECRET_RULES) {
      if (also.has(other.id)) continue;
      for (const template of other.positive) {
        const { text } = example(template, choices(SEEDS[0] as number));
        expect(foundBy(rule, text), `${other.id}: ${template} → ${text}`).toEqual([]);
      }
    }
  });

  it("is written in the notation, names its source, and lists only rules that exist", () => {
    expect(id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
    expect(rule.source).toMatch(/^(?:https:\/\/|gateway\/)/);
    for (const shape of rule.shapes) (rule.beside === undefined ? parseShape : parseParts)(shape);
    if (rule.shapes.length === 0) expect(rule.form).toBeDefined();
    for (const other of rule.also ?? [])
      expect(
        SECRET_RULES.some((row) => row.id === other),
        other,
      ).toBe(true);
  });
});

it("ids are unique, and no class of the notation has a character twice", () => {
  expect(new Set(SECRET_RULES.map((rule) => rule.id)).size).toBe(SECRET_RULES.length);
  for (const characters of Object.values(SHAPE_CLASSES)) expect(new Set(characters).size).toBe(characters.length);
});

it("no example is written so that a scanner of repositories would take it for a leak", () => {
  for (const rule of SECRET_RULES) {
    for (const template of [...rule.positive, ...rule.negative]) {
      const exact = found(template.replaceAll(/[‹›]/g, "")).filter(
        ([by]) => by !== "named-password" && by !== "command-line-password",
      );
      expect(
        exact.filter(([, value]) => !value.includes("{")),
        template,
      ).toEqual([]);
    }
  }
});
