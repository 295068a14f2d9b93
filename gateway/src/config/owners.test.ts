import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { checkConfig } from "./load.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-owners-"));
mkdirSync(join(folder, "policies"));
afterAll(() => rmSync(folder, { recursive: true }));

const HASH = `scrypt$32768$8$1$${"A".repeat(22)}$${"B".repeat(43)}`;
const CREDENTIAL = { purposes: ["support"] };
const WARNING = "has no `owners`";

interface Setup {
  readonly key?: object;
  readonly certificate?: object;
  readonly agent?: object;
  readonly roles?: readonly string[];
  readonly policy?: string;
}

/** A key and a certificate with owners, officers who approve, and a policy that asks them; changed as said. */
async function check({ key, certificate, agent, roles = ["approver"], policy = '@approve("officers")' }: Setup = {}) {
  writeFileSync(join(folder, "policies", "a.cedar"), `${policy} permit (principal, action, resource);`);
  const owners = ["corp:olga"];
  const document = {
    rehearsal: true,
    purposes: { support: { dpv: "dpv:CustomerCare", basis: "eu-gdpr:A6-1-b", retention: "P30D" } },
    policies: { dir: "./policies" },
    keys: {
      "crm-main": { hash: HASH, principal: "service:crm", expires: "2999-01-01", owners, ...CREDENTIAL, ...key },
    },
    identity: {
      providers: {
        corp: { kind: "oidc", issuer: "https://login.example", audience: ["sluice"], groups_claim: "groups" },
      },
      groups: { officers: { from: ["corp:DP"], roles, purposes: ["support"] } },
      certificates: {
        batch: { san: "DNS:batch", principal: "service:batch", owners, ...CREDENTIAL, ...certificate },
      },
      ...(agent === undefined ? {} : { agents: { bot: { purposes: ["support"], ...agent } } }),
    },
  };
  writeFileSync(join(folder, "sluice.yaml"), JSON.stringify(document));
  const checked = await checkConfig({ file: join(folder, "sluice.yaml"), detections: { types: {} }, env: {} });
  const warnings = checked.warnings.filter(({ message }) => message.startsWith(WARNING)).map(({ path }) => path);
  return { ...checked, warnings, problems: checked.problems.map(({ path, message }) => `${path}: ${message}`) };
}

describe("owners of keys and certificates", () => {
  test("are people of a provider", async () => {
    const { config, problems, warnings } = await check();
    expect([problems, warnings]).toEqual([[], []]);
    expect(config?.keys[0]?.owners).toEqual(["corp:olga"]);
    expect(config?.identity.certificates[0]?.owners).toEqual(["corp:olga"]);
    const wrong = await check({ key: { owners: ["crop:olga"] } });
    expect(wrong.problems).toEqual(['keys.crm-main.owners[0]: unknown provider "crop"; did you mean "corp"?']);
  });

  test.each<[string, Setup, readonly string[]]>([
    ["a key without", { key: { owners: [] } }, ["keys.crm-main"]],
    ["a certificate without", { certificate: { owners: [] } }, ["identity.certificates.batch"]],
    ["a key whose agent has one", { key: { owners: [] }, agent: { from: "key:crm-main", owners: ["corp:olga"] } }, []],
    ["a key whose agent has none", { key: { owners: [] }, agent: { from: "key:crm-main" } }, ["keys.crm-main"]],
    ["a key that asks for nothing", { key: { owners: [], connections: [], roles: [] } }, []],
    ["a key where nobody approves", { key: { owners: [] }, roles: ["user"] }, []],
    ["a key where nothing has to be approved", { key: { owners: [] }, policy: "" }, []],
  ])("are missed where somebody could approve his own: %s", async (_, setup, warned) => {
    expect((await check(setup)).warnings).toEqual(warned);
  });

  test("say of a key that is an agent's that an agent asks", async () => {
    expect((await check()).config?.keys[0]?.principal.kind).toBe("service");
    expect((await check({ agent: { from: "key:crm-main" } })).config?.keys[0]?.principal.kind).toBe("agent");
  });
});
