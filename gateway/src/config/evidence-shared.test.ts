import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { checkConfig, loadConfig } from "./load.ts";

const dir = mkdtempSync(join(tmpdir(), "sluice-shared-config-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const ENV = { DB: "postgres://u:p@127.0.0.1/sluice", ID: "AKIDEXAMPLE", SECRET: "very-secret" };
const S3 = "{ url: 'https://log.s3.eu-central-1.amazonaws.com/sluice/', access_key: env:ID, secret_key: env:SECRET }";

function options(shared: string, database = "database: { url: env:DB }") {
  const file = join(dir, "sluice.yaml");
  writeFileSync(file, `rehearsal: true\n${database}\nevidence:\n  shared: ${shared}\n`);
  return { file, detections: { types: {} }, env: ENV };
}

test("a shared folder is relative to the file", async () => {
  const { evidence } = await loadConfig(options("{ folder: ./log }"));
  expect(evidence.shared).toEqual({ kind: "folder", dir: join(dir, "log") });
});

test("storage that speaks S3 is signed in with what its references lead to", async () => {
  const { evidence } = await loadConfig(options(`{ s3: ${S3} }`));
  const { shared } = evidence;
  if (shared?.kind !== "s3") throw new Error("it is S3");
  expect([shared.url, shared.region]).toEqual(["https://log.s3.eu-central-1.amazonaws.com/sluice", "us-east-1"]);
  expect([shared.accessKey.reveal(), shared.secretKey.reveal()]).toEqual([ENV.ID, ENV.SECRET]);
  expect(JSON.stringify(evidence)).not.toContain(ENV.SECRET);
});

test.each([
  ["without a database", "{ folder: ./log }", "", /needs `database\.url`/],
  ["with neither place", "{}", undefined, /has either `folder` or `s3`/],
  ["with both places", `{ folder: ./log, s3: ${S3} }`, undefined, /has either `folder` or `s3`/],
  ["over plaintext", `{ s3: ${S3.replace("https", "http")} }`, undefined, /must be an https URL/],
  [
    "with a key instead of a reference",
    "{ s3: { url: 'https://a.example/b', access_key: AKID, secret_key: env:SECRET } }",
    undefined,
    /a reference such as env:NAME/,
  ],
  [
    "with a reference to nothing",
    "{ s3: { url: 'https://a.example/b', access_key: env:NONE, secret_key: env:SECRET } }",
    undefined,
    /NONE/,
  ],
])("a shared log %s is refused, with the reason", async (_, shared, database, reason) => {
  const { problems } = await checkConfig(options(shared, database));
  expect(problems.map(({ message }) => message).join("\n")).toMatch(reason);
});
