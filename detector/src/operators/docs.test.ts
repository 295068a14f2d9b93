import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { TYPES } from "../types.ts";
import { OPERATORS } from "./operators.ts";
import { EXAMPLES, TABLES, withTables } from "./test/tables.ts";

const page = readFileSync(new URL("../../../docs/operators.md", import.meta.url), "utf8");

it("docs/operators.md has the tables that the operators print", async () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual(Object.keys(TYPES).sort());
  for (const name of Object.keys(TABLES)) expect(page).toContain(`<!-- ${name} -->`);
  await expect(withTables(page)).toMatchFileSnapshot("../../../docs/operators.md");
});

it("docs/operators.md says of every operator what it protects against, and of none more than it can", () => {
  const weaknesses = page.slice(page.indexOf("## What protects against what"));
  for (const name of Object.keys(OPERATORS)) expect(weaknesses, name).toContain(`\`${name}\``);
  expect(page).not.toMatch(/anonym/i);
});
