import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { classTable, ruleTable } from "../test/secret-table.ts";
import { SECRET_RULES } from "./secret-rules/index.ts";

const page = readFileSync(new URL("../../../docs/secrets.md", import.meta.url), "utf8");

it("docs/secrets.md has the table of rules as they are", () => {
  for (const row of ruleTable().split("\n")) expect(page, row).toContain(`${row}\n`);
  expect(page.split("\n").filter((line) => line.startsWith("| `") && line.split(" | ").length === 5)).toHaveLength(
    SECRET_RULES.length,
  );
});

it("docs/secrets.md explains every class of the notation, and says how many rules there are", () => {
  expect(page).toContain(classTable());
  expect(page).toContain(`${SECRET_RULES.length} rules`);
});
