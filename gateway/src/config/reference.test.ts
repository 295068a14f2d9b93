import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = new URL("../../../", import.meta.url);

test("docs/configuration.md has every key; `node scripts/configuration.ts > docs/configuration.md` writes it anew", () => {
  const keysOf = (page: string): string[] => [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key = ""]) => key);
  const script = fileURLToPath(new URL("scripts/configuration.ts", ROOT));
  const made = keysOf(execFileSync(process.execPath, [script], { encoding: "utf8" }));
  expect(made.length).toBeGreaterThan(300);
  expect(keysOf(readFileSync(new URL("docs/configuration.md", ROOT), "utf8"))).toEqual(made);
});
