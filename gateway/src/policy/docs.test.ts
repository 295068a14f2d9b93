import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CODES } from "../core/errors.ts";
import { loadPolicies } from "./load.ts";
import { TABLES, withTables } from "./test/tables.ts";
import { CONNECTIONS, PURPOSES } from "./test/setup.ts";

const page = readFileSync(new URL("../../../docs/policy.md", import.meta.url), "utf8");

it("docs/policy.md has the tables that the code makes", async () => {
  const made = withTables(page);
  for (const [name, table] of Object.entries(TABLES))
    expect(made).toContain(`<!-- ${name} -->\n${table}\n<!-- end -->`);
  await expect(made).toMatchFileSnapshot("../../../docs/policy.md");
});

it("docs/policy.md names every refusal of the law by its code, and no other", () => {
  const named = [...page.slice(page.indexOf("## Lawful basis")).matchAll(/^\| `(\w+_\w+)` \|/gm)].map(
    ([, code]) => code,
  );
  expect(named.toSorted()).toEqual(
    [
      "agreement_missing",
      "assessment_missing",
      "condition_missing",
      "consent_missing",
      "consent_withdrawn",
      "subject_missing",
      "subject_opted_out",
      "transfer_missing",
    ].toSorted(),
  );
  for (const code of named) expect(CODES).toHaveProperty(code ?? "");
});

it("every policy that docs/policy.md shows loads", () => {
  const texts = [...page.matchAll(/^```cedar\n([\s\S]*?)^```$/gm)].map(([, text]) => text ?? "");
  expect(texts.length).toBeGreaterThan(0);
  const [connection] = CONNECTIONS;
  if (connection === undefined) throw new Error("no connection");
  const vocabulary = {
    connections: [{ ...connection, tags: ["trusted"] }],
    groups: ["staff", "doctors", "privacy-officers"],
    purposes: PURPOSES,
  };
  for (const text of texts) loadPolicies({ files: [{ name: "docs.cedar", text }] }, vocabulary);
});

it("docs/policy.md claims nothing that only people can judge", () => {
  expect(page).not.toMatch(/\b(compliant|anonymous)\b/i);
});
