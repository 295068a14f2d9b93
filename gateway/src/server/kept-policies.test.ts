import { hash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepPolicy, readPolicy } from "./kept-policies.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "policies-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const config = (effective: string): { hash: string; effective: string } => ({
  effective,
  hash: hash("sha256", effective, "base64url"),
});

test("a configuration is kept once, under its hash, and only its owner can read it", () => {
  const one = config('{"a":1}');
  keepPolicy(dir, one);
  keepPolicy(dir, one);
  expect(readdirSync(join(dir, "policies"))).toEqual([`${one.hash}.json`]);
  expect(statSync(join(dir, "policies", `${one.hash}.json`)).mode & 0o777).toBe(0o600);
  expect(readPolicy(dir, one.hash)?.toString()).toBe('{"a":1}');
});

test("what is not what its name says is not shown, and is put right by the next start", () => {
  const one = config('{"a":1}');
  keepPolicy(dir, one);
  writeFileSync(join(dir, "policies", `${one.hash}.json`), '{"a":2}');
  expect(readPolicy(dir, one.hash)).toBeUndefined();
  keepPolicy(dir, one);
  expect(readPolicy(dir, one.hash)?.toString()).toBe('{"a":1}');
});

test("a hash that is none names no file", () => {
  expect(readPolicy(dir, "../../../etc/passwd")).toBeUndefined();
  expect(readPolicy(dir, "A".repeat(43))).toBeUndefined();
});
