import { expect, test } from "vitest";
import type { ExportSettings } from "../core/export.ts";
import { Secret } from "../core/secret.ts";
import { selfSigned } from "../core/test/pki.ts";
import { exportReferences, resolveExport } from "./export.ts";
import type { formatProblem } from "./problem.ts";
import { exportSchema } from "./sections/export.ts";
import { parseSource, Report } from "./source.ts";

const DAY_MS = 86_400_000;
const US = selfSigned();
const FOUND: Readonly<Record<string, string>> = {
  "file:ca.pem": US.cert,
  "file:us.crt": US.cert,
  "file:us.key": US.key,
  "file:other.key": selfSigned().key,
  "file:text": "no PEM",
  "env:TOKEN": "canary-token",
  "env:HOOK": `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
  "env:SHORT": "whsec_c2hvcnQ=",
};

function read(text: string): { config: ExportSettings; problems: string[]; warnings: string[]; references: string[] } {
  const source = parseSource(`export:\n  destinations:\n${text}`, "sluice.yaml");
  const report = new Report(source);
  const { export: section } = source.value as { export: unknown };
  const config = resolveExport(exportSchema.parse(section), {
    report,
    metadataMs: 365 * DAY_MS,
    secretOf(reference, path) {
      const value = FOUND[reference];
      if (value !== undefined) return new Secret(value);
      report.missing(path, `${reference} is not set`);
      return undefined;
    },
  });
  const lines = (all: readonly Parameters<typeof formatProblem>[0][]): string[] =>
    all.map(({ path, message }) => `${path.replace("export.destinations.", "")}: ${message}`);
  return {
    config,
    problems: lines(report.problems),
    warnings: lines(report.warnings),
    references: exportReferences(source.value),
  };
}

test("a destination of each kind, with its defaults", () => {
  const { config, problems, warnings, references } = read(`
    siem: { kind: syslog, address: siem.example.com, ca: "file:ca.pem", certificate: "file:us.crt", key: "file:us.key" }
    near: { kind: syslog, address: "[::1]:7000", server_name: near.example.com, format: cef, settle: 10s, from: now }
    splunk: { kind: splunk, url: "https://splunk.example.com:8088", token: "env:TOKEN" }
    collector: { kind: otlp, url: "https://otel.example.com/v1/logs", headers: { Authorization: "env:TOKEN" } }
    hook: { kind: webhook, url: "https://hook.example.com/in", secret: "env:HOOK" }
    vault: { kind: s3, endpoint: "https://s3.example.com", bucket: evidence, access_key: "env:TOKEN", secret_key: "env:TOKEN", lock: { mode: compliance, days: 365 } }
`);
  expect([problems, warnings]).toEqual([[], []]);
  expect(config.destinations).toMatchObject([
    {
      name: "siem",
      kind: "syslog",
      host: "siem.example.com",
      port: 6514,
      serverName: "siem.example.com",
      format: "ocsf",
      settleMs: 5_000,
      messageBytesMax: 8_192,
      enterprise: 32_473,
      from: "beginning",
    },
    {
      name: "near",
      host: "::1",
      port: 7_000,
      serverName: "near.example.com",
      format: "cef",
      settleMs: 10_000,
      from: "now",
    },
    { name: "splunk", acknowledged: true, ackMs: 120_000 },
    { name: "collector" },
    { name: "hook", allowPrivateAddress: false },
    { name: "vault", region: "us-east-1", prefix: "", lock: { mode: "COMPLIANCE", days: 365 }, everyMs: 60_000 },
  ]);
  for (const secret of ["canary", "PRIVATE KEY"]) expect(JSON.stringify(config)).not.toContain(secret);
  expect(new Set(references)).toEqual(new Set(["file:ca.pem", "file:us.crt", "file:us.key", "env:TOKEN", "env:HOOK"]));
});

test.each([
  [`a: { kind: syslog, address: "siem.example.com/x" }`, "a.address: must be a host, or host:port"],
  [`a: { kind: syslog, address: siem, certificate: "file:us.crt" }`, "a: has only one of `certificate` and `key`"],
  [`a: { kind: syslog, address: siem, ca: "file:none" }`, "a.ca: file:none is not set"],
  [`a: { kind: syslog, address: siem, ca: "file:text" }`, "a.ca: does not lead to certificates in PEM"],
  [
    `a: { kind: syslog, address: siem, certificate: "file:us.crt", key: "file:other.key" }`,
    "a.key: does not lead to the key of `certificate`",
  ],
  [
    `a: { kind: syslog, address: siem, certificate: "file:text", key: "file:us.key" }`,
    "a.certificate: does not lead to a certificate in PEM",
  ],
  [`a: { kind: splunk, url: "http://splunk.example.com", token: "env:TOKEN" }`, "a.url: must be an https URL"],
  [`a: { kind: splunk, url: "http://localhost", token: "env:TOKEN" }`, "a.url: must be an https URL"],
  [`a: { kind: otlp, url: "https://u:p@x.example" }`, "a.url: must not hold a user or password"],
  [`a: { kind: otlp, url: "https://x.example/?token=1" }`, "a.url: must have no query and no fragment"],
  [
    `a: { kind: webhook, url: "https://x.example", secret: "env:SHORT" }`,
    "a.secret: does not lead to whsec_ and 24 to 64 bytes in base64",
  ],
  [`a: { kind: webhook, url: "https://x.example", secret: "env:NONE" }`, "a.secret: env:NONE is not set"],
  [
    `a: { kind: s3, endpoint: "https://x.example", bucket: abc, access_key: "env:TOKEN", secret_key: "env:TOKEN", lock: { mode: governance, days: 366 } }`,
    "a.lock.days: is longer than `retention.metadata`: nobody could delete it when it is due",
  ],
])("%s is a problem", (text, problem) => {
  expect(read(`    ${text}\n`).problems).toEqual([problem]);
});

test.each([
  [
    `a: { kind: splunk, url: "https://x.example", token: "env:TOKEN", acknowledged: false }`,
    "a.acknowledged: what Splunk has taken and then lost is not sent again",
  ],
  [
    `a: { kind: s3, endpoint: "https://x.example", bucket: abc, access_key: "env:TOKEN", secret_key: "env:TOKEN" }`,
    "a: has no `lock`",
  ],
])("%s is worth a word", (text, warning) => {
  const { warnings, problems } = read(`    ${text}\n`);
  expect(problems).toEqual([]);
  expect(warnings.join()).toContain(warning);
});

test("plaintext is for this machine alone", () => {
  expect(
    read(`    a: { kind: otlp, url: "http://127.0.0.1:4318/v1/logs", allow_private_address: true }\n`).problems,
  ).toEqual([]);
});
