import { expect, test } from "vitest";
import type { ErasureSettings } from "../core/rights.ts";
import { Secret } from "../core/secret.ts";
import { SUPPORT } from "../core/test/connection.ts";
import { erasureReferences, resolveErasure, resolveRetention } from "./erasure.ts";
import { erasureSchema, retentionSchema } from "./sections/erasure.ts";
import { parseSource, Report } from "./source.ts";

const FOUND: Readonly<Record<string, string>> = {
  "env:CRM": "postgres://crm:canary@127.0.0.1/crm",
  "env:FAR": "postgres://crm:canary@db.example.com/crm",
  "env:FAR_TLS": "postgres://crm:canary@db.example.com/crm?sslmode=verify-full",
  "env:HOOK": `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
  "env:SHORT": "whsec_c2hvcnQ=",
  "env:KEY": "AKID",
};

function read(text: string): { config: ErasureSettings; problems: string[] } {
  const source = parseSource(`erasure: ${text}`, "sluice.yaml");
  const report = new Report(source);
  const { erasure } = source.value as { erasure: unknown };
  const config = resolveErasure(erasureSchema.parse(erasure), {
    report,
    purposeNames: ["support"],
    secretOf(reference, path) {
      const value = FOUND[reference];
      if (value !== undefined) return new Secret(value);
      report.missing(path, `${reference} is not set`);
      return undefined;
    },
  });
  return { config, problems: report.problems.map(({ path, message }) => `${path}: ${message}`) };
}

const isShape = (sinks: unknown): boolean => erasureSchema.safeParse({ sinks: { one: sinks } }).success;

test("without a section nobody is called, and what is asked again is known for 90 days", () => {
  const day = 86_400_000;
  expect(read("{}")).toEqual({
    config: { sinks: [], datasets: [], giveUpMs: 7 * day, rememberMs: 90 * day, holdLongestMs: 365 * day },
    problems: [],
  });
});

test("each kind of sink is read, and its secrets are not shown", () => {
  const { config, problems } = read(`
  sinks:
    crm: { kind: sql, url: env:CRM, statement: "delete from notes where email = $1", types: [EMAIL] }
    far: { kind: vector, url: env:FAR_TLS, table: rag.documents, key: email }
    hook: { kind: http, url: "https://hook.example.com/erase", secret: env:HOOK }
    files: { kind: s3, endpoint: "https://s3.example.com", bucket: files, prefix: "users/{value}/", access_key: env:KEY, secret_key: env:KEY }
    tapes: { kind: backup, keep: P35D }
  datasets: { tuned: { purposes: [support] } }
`);
  expect(problems).toEqual([]);
  expect(config.sinks.map(({ name, kind }) => [name, kind])).toEqual([
    ["crm", "sql"],
    ["far", "vector"],
    ["hook", "http"],
    ["files", "s3"],
    ["tapes", "backup"],
  ]);
  expect(JSON.stringify(config)).not.toContain("canary");
});

test("what would send identifiers in clear, to the wrong place or unsigned is a problem", () => {
  const sink = (text: string): string[] => read(`{ sinks: { one: ${text} } }`).problems;
  const sql = (url: string): string[] => sink(`{ kind: sql, url: "${url}", statement: "delete from a where b = $1" }`);
  expect(sql("env:FAR")).toEqual([expect.stringContaining("sslmode=verify-full") as string]);
  expect(sql("env:NONE")).toEqual(["erasure.sinks.one.url: env:NONE is not set"]);
  expect(sql("env:HOOK")).toEqual([expect.stringContaining("does not lead to a URL") as string]);
  const http = (url: string, secret: string): string[] => sink(`{ kind: http, url: "${url}", secret: "${secret}" }`);
  expect(http("http://hook.example.com/", "env:HOOK")).toEqual([expect.stringContaining("in clear") as string]);
  expect(http("https://a:b@hook.example.com/", "env:HOOK")).toEqual([expect.stringContaining("user") as string]);
  expect(http("https://hook.example.com/", "env:SHORT")).toEqual([expect.stringContaining("24 to 64 bytes") as string]);
  expect(read("{ datasets: { tuned: { purposes: [suport] } } }").problems).toEqual([
    expect.stringContaining("support") as string,
  ]);
});

test("a prefix without an end, a statement that is two, and a secret that stands there are not of the form", () => {
  const s3 = {
    kind: "s3",
    endpoint: "https://s3.example.com",
    bucket: "files",
    access_key: "env:A",
    secret_key: "env:A",
  };
  for (const prefix of ["users/{value}", "users/", "{value}x/", "{value}/{value}/"])
    expect([prefix, isShape({ ...s3, prefix })]).toEqual([prefix, false]);
  expect(isShape({ ...s3, prefix: "users/{value}/" })).toBe(true);
  const sql = { kind: "sql", url: "env:A" };
  for (const statement of ["drop table a", "delete from a; drop table a", ""])
    expect([statement, isShape({ ...sql, statement })]).toEqual([statement, false]);
  expect(isShape({ ...sql, statement: "delete from a where b = $1;" })).toBe(true);
  expect(isShape({ ...sql, url: "postgres://u:p@h/d", statement: "delete from a where b = $1" })).toBe(false);
  expect(isShape({ kind: "vector", url: "env:A", table: 'a"; drop table b', key: "c" })).toBe(false);
});

test("references are found wherever they stand", () => {
  const document = {
    erasure: {
      sinks: { a: { url: "env:A" }, b: { secret: "file:b" }, c: { access_key: "env:C", secret_key: "vault:d#e" } },
    },
  };
  expect(erasureReferences(document)).toEqual(["env:A", "file:b", "env:C", "vault:d#e"]);
  expect(erasureReferences("nothing")).toEqual([]);
});

test("recordings that would outlive the log are a problem", () => {
  const report = new Report(parseSource("purposes: {}", "sluice.yaml"));
  const purposes = new Map([["support", { ...SUPPORT, retention: "P40D" }]]);
  resolveRetention(retentionSchema.parse({ metadata: "P30D" }), { report, purposes });
  expect(report.problems.map(({ path }) => path)).toEqual(["purposes.support.retention"]);
  expect(retentionSchema.safeParse({ metadata: "1h" }).success).toBe(false);
});
