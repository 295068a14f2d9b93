import { inspect } from "node:util";
import { expect, test } from "vitest";
import type { CustodySettings } from "../core/custody.ts";
import { Secret } from "../core/secret.ts";
import { custodyAhead, custodyFiles, custodyReferences, resolveCustody } from "./custody.ts";
import { valueAt } from "./plain.ts";
import { custodySchema } from "./sections/custody.ts";
import { parseSource, Report } from "./source.ts";

const FOUND: Readonly<Record<string, string>> = {
  "env:PIN": "1234",
  "env:TOKEN": "hvs.canary",
  "env:ROLE": "role",
  "file:id": "secret-canary",
  "file:ca.pem": "PEM",
};

interface Outcome {
  readonly settings: CustodySettings | undefined;
  readonly problems: readonly string[];
}

function read(text: string): Outcome {
  const source = parseSource(text, "sluice.yaml");
  const report = new Report(source);
  const document = custodySchema.parse(valueAt(source.value, ["custody"]) ?? {});
  const settings = resolveCustody(document, {
    report,
    baseDir: "/etc/sluice",
    evidenceDir: "/var/lib/sluice",
    secretOf(reference, path) {
      const value = FOUND[reference];
      if (value !== undefined) return new Secret(value);
      report.missing(path, `${reference} is not set`);
      return undefined;
    },
  });
  return { settings, problems: report.problems.map(({ path, message }) => `${path}: ${message}`) };
}

test("without a section the root key is a file beside the evidence", () => {
  expect(read("{}")).toEqual({
    settings: {
      dir: "/var/lib/sluice/custody",
      refreshMs: 300_000,
      keepMs: 86_400_000,
      cacheMs: 60_000,
      root: { provider: "file", path: "/var/lib/sluice/custody/root.key" },
      aws: {},
    },
    problems: [],
  });
});

test("each provider takes what it needs; paths start from the file", () => {
  const rootOf = (root: string): unknown => read(`custody: { dir: keys, root: ${root} }`).settings?.root;
  expect(rootOf("{ path: root.key }")).toEqual({ provider: "file", path: "/etc/sluice/root.key" });
  expect(rootOf("{ provider: aws-kms, key: alias/sluice }")).toEqual({ provider: "aws-kms", key: "alias/sluice" });
  expect(rootOf("{ provider: pkcs11, module: /lib/hsm.so, token: prod, pin: env:PIN }")).toMatchObject({
    provider: "pkcs11",
    module: "/lib/hsm.so",
    token: "prod",
    key: "sluice",
  });
  const vault = "vault: { url: https://vault.example.com:8200, token: env:TOKEN }";
  expect(read(`custody: { root: { provider: transit }, ${vault} }`).settings).toMatchObject({
    root: { provider: "transit", mount: "transit", key: "sluice" },
    vault: { url: new URL("https://vault.example.com:8200"), auth: { method: "token" } },
  });
});

test("an AppRole, a private authority and a namespace", () => {
  const { settings, problems } = read(`
custody:
  vault:
    url: https://vault.example.com
    ca: ca.pem
    namespace: team-a
    approle: { role_id: env:ROLE, secret_id: file:id }
`);
  expect(problems).toEqual([]);
  expect(settings?.vault).toMatchObject({
    ca: "PEM",
    namespace: "team-a",
    auth: { method: "approle", mount: "approle" },
  });
  expect(inspect(settings, { depth: Infinity }) + JSON.stringify(settings)).not.toMatch(/canary/);
});

test.each([
  ["root: { provider: pkcs11, module: /x.so }", "custody.root: the provider pkcs11 needs `token`"],
  ["root: { provider: aws-kms }", "custody.root: the provider aws-kms needs `key`"],
  ["root: { provider: file, pin: env:PIN }", "custody.root.pin: says nothing to the provider file"],
  ["root: { provider: transit }", "custody.root.provider: transit needs `custody.vault`"],
  ["vault: { url: https://v.example }", "custody.vault: needs either `token` or `approle`"],
  [
    "vault: { url: https://v.example, token: env:TOKEN, approle: { role_id: env:ROLE, secret_id: env:ROLE } }",
    "custody.vault: needs either `token` or `approle`",
  ],
  ["vault: { url: http://v.example, token: env:TOKEN }", "custody.vault.url: must be an https URL"],
  ["vault: { url: https://a:b@v.example, token: env:TOKEN }", "custody.vault.url: must not hold a user or password"],
  ["vault: { url: https://v.example/v1, token: env:TOKEN }", "custody.vault.url: must not hold a path"],
  ["vault: { url: https://v.example, token: env:NONE }", "custody.vault.token: env:NONE is not set"],
  ["aws: { endpoint: ftp://x }", "custody.aws.endpoint: must be an https URL"],
])("%s is a problem", (section, problem) => {
  const { settings, problems } = read(`custody: { ${section} }`);
  expect(problems).toContain(problem);
  expect(settings).toBeUndefined();
});

test.each([
  "root: { pin: hunter2 }",
  "vault: { url: https://v.example, token: hvs.AAAA }",
  "vault: { url: https://v.example, token: 'vault:kv/a#b' }",
  "root: { provider: magic }",
  "refresh: 10ms",
  "keep: forever",
  "unknown: 1",
])("%s has not the form", (section) => {
  const value = valueAt(parseSource(`custody: { ${section} }`, "sluice.yaml").value, ["custody"]);
  expect(custodySchema.safeParse(value).success).toBe(false);
});

test("what signs in to a secret service is known before the rest of the document", () => {
  const source = parseSource(
    `
evidence: { dir: ./evidence }
custody:
  root: { provider: pkcs11, module: /x.so, token: t, pin: env:PIN }
  vault: { url: https://v.example, ca: ca.pem, approle: { role_id: env:ROLE, secret_id: file:id } }
unknown: section
`,
    "sluice.yaml",
  );
  expect(custodyReferences(source.value)).toEqual(["env:PIN", "env:ROLE", "file:id"]);
  expect(custodyFiles(source.value)).toEqual(["file:ca.pem"]);
  const references = new Map(Object.entries(FOUND).map(([reference, value]) => [reference, { value }]));
  const settings = custodyAhead(source, references, { baseDir: "/etc/sluice" });
  expect(settings).toMatchObject({ dir: "/etc/sluice/evidence/custody", vault: { ca: "PEM" } });
  expect(custodyAhead(source, new Map(), { baseDir: "/etc/sluice" })).toBeUndefined();
});
