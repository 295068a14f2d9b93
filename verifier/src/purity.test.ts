import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { expect, test } from "vitest";

const files = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".ts") && !/\.test\.ts$|(?:^|\/)test\//.test(file));
const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8")) as Record<
  string,
  unknown
>;

test("the package depends on nothing", () => {
  expect(files.length).toBeGreaterThan(15);
  for (const kind of ["dependencies", "peerDependencies", "optionalDependencies"]) {
    expect(Object.keys((manifest[kind] as object | undefined) ?? {})).toEqual([]);
  }
});

test.each(files)("%s imports nothing from outside and uses nothing of Node's", (file) => {
  const text = readFileSync(join(import.meta.dirname, file), "utf8");
  for (const [, from] of text.matchAll(/\bfrom\s+"([^"]*)"|\bimport\s*\(\s*"([^"]*)"/g)) {
    expect(from).toMatch(/^\.\.?\/(?:[a-z0-9-]+\/)*[a-z0-9-]+\.ts$/);
    expect(files).toContain(posix.join(dirname(file), from ?? ""));
  }
  expect(text).not.toMatch(/node:|\bBuffer\b|\bprocess\b|\brequire\b|\b__dirname\b|\bsetImmediate\b/);
});
