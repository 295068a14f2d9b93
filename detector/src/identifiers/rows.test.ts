import { describe, expect, it } from "vitest";
import { detect } from "../detect.ts";
import { choices } from "../test/random.ts";
import type { Finding } from "../types.ts";
import { IDENTIFIERS } from "./countries/all.ts";
import { chanceOf, tableOf } from "./test/table.ts";
import { placesOf, valueOf } from "./test/generate.ts";
import { listed, VECTORS } from "./test/vectors.ts";

/** https://europa.eu/european-union/about-eu/countries, https://www.efta.int/eea, Switzerland, the United Kingdom; EU: cards of the Union. */
const COUNTRIES =
  "AT BE BG CH CY CZ DE DK EE ES EU FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split(" ");
const UNPROVEN = 0.65;

/** What is found at the value behind the row's first label. */
function found(id: string, value: string): Finding | undefined {
  const row = IDENTIFIERS.find((one) => one.id === id);
  const text = `Ref. ${row?.labels.find((label) => label.length > 3)}: ${value}; end`;
  const start = text.indexOf(value, 5 + (row?.labels[0]?.length ?? 0));
  return detect(text, { defaultRegion: row?.country ?? "" }).find(
    (finding) => finding.start === start && finding.end === start + value.length,
  );
}

describe("the rows", () => {
  it("cover every country, with ids that are used once and name it", () => {
    expect([...new Set(IDENTIFIERS.map(({ country }) => country))].sort()).toEqual(COUNTRIES);
    expect(new Set(IDENTIFIERS.map(({ id }) => id)).size).toBe(IDENTIFIERS.length);
    for (const { id, country } of IDENTIFIERS) expect(id.startsWith(`${country.toLowerCase()}-`), id).toBe(true);
  });

  it("have a label, forms that differ, a source, and words for what they check", () => {
    for (const { id, labels, shapes, source, check, checkDigits, structure } of IDENTIFIERS) {
      expect(labels.length, id).toBeGreaterThan(0);
      expect(new Set(shapes.map((form) => form.replace("!", ""))).size, id).toBe(shapes.length);
      expect(source, id).toMatch(/^https:\/\//);
      expect(check !== undefined, id).toBe(checkDigits !== undefined || structure !== undefined);
    }
  });

  it("docs/identifiers.md is their table", async () => {
    // Written anew by `vitest run detector/src/identifiers/rows.test.ts --update`.
    await expect(tableOf(IDENTIFIERS)).toMatchFileSnapshot("../../../docs/identifiers.md");
  });
});

describe("examples", () => {
  it("are there for every row, three of each kind", () => {
    expect(Object.keys(VECTORS)).toEqual(IDENTIFIERS.map(({ id }) => id));
    for (const [id, { published, made, wrong }] of Object.entries(VECTORS)) {
      expect(listed(published).length + listed(made).length, id).toBeGreaterThanOrEqual(3);
      expect(listed(wrong).length, id).toBeGreaterThanOrEqual(3);
    }
  });

  it.each(Object.entries(VECTORS))(
    "%s: right ones are found behind their label, wrong ones are not believed",
    (id, vectors) => {
      const row = IDENTIFIERS.find((one) => one.id === id);
      for (const value of [...listed(vectors.published), ...listed(vectors.made)]) {
        const finding = found(id, value);
        expect(finding?.type, value).toBe(row?.type);
        expect(finding?.score, value).toBeGreaterThan(UNPROVEN);
      }
      for (const value of listed(vectors.wrong)) {
        const finding = found(id, value);
        if (finding?.recognizer === id) expect(finding.score, value).toBeLessThanOrEqual(UNPROVEN);
      }
    },
  );
});

describe("check digits catch a digit that was mistyped", () => {
  const rows = IDENTIFIERS.filter(({ checkDigits, check }) => checkDigits !== undefined && check !== undefined);
  it.each(rows.map((row) => [row.id, row] as const))("%s", (_, row) => {
    const random = choices(41);
    let wrong = 0;
    let caught = 0;
    for (let i = 0; i < 400; i++) {
      const value = valueOf(row, random);
      if (row.check?.(placesOf(value)) !== true) continue;
      const at = random.int(0, value.length - 1);
      const digit = Number(value[at]);
      if (Number.isNaN(digit)) continue;
      const other = value.slice(0, at) + String((digit + random.int(1, 9)) % 10) + value.slice(at + 1);
      wrong++;
      if (row.check?.(placesOf(other)) !== true) caught++;
    }
    expect(wrong).toBeGreaterThan(50);
    // A health card need not have a check digit; a Dutch number for value added tax may have either of two.
    if (row.id !== "eu-ehic") expect(caught / wrong).toBeGreaterThan(row.id === "nl-btw" ? 0.75 : 0.9);
  });
});

describe("what stands alone is seldom there by chance", () => {
  const rows = IDENTIFIERS.filter(({ shapes }) => shapes.some((form) => form.startsWith("!")));
  it.each(rows.map((row) => [row.id, row] as const))("%s", (_, row) => {
    if (row.particular === undefined) expect(chanceOf(row)).toBeLessThanOrEqual(1 / 1000);
    else expect(chanceOf(row)).toBeLessThanOrEqual(1 / 10);
  });

  it("and only those are particular that need to be", () => {
    for (const row of IDENTIFIERS) if (row.particular !== undefined) expect(chanceOf(row)).toBeGreaterThan(1 / 1000);
  });
});
