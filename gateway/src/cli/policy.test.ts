/** The verbs of `sluice policy` as a user runs them. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { isObject } from "../config/plain.ts";
import { folder } from "./test/sluice.ts";

const here = folder();
afterAll(() => here.remove());

const CONFIG = `
controller: { name: Example Clinic, contact: privacy@clinic.example, country: DE }
purposes:
  support: { dpv: dpv:CustomerCare, basis: eu-gdpr:A6-1-b, retention: P30D }
  care: { dpv: dpv:ImproveHealthcare, basis: eu-gdpr:A6-1-b, condition: eu-gdpr:A9-2-h, retention: P90D }
recipients:
  eu: { name: EU AI, country: DE, role: processor, dpa: DPA-1 }
  us: { name: US AI, country: US, role: processor, dpa: DPA-2 }
connections:
  eu: { kind: openai, url: https://ai.example.eu/v1, credential: env:NOT_SET_HERE, recipient: eu, models: ["*"], tags: [trusted] }
  us: { kind: openai, url: https://ai.example.com/v1, credential: env:NOT_SET_HERE, recipient: us, models: ["*"] }
identity:
  providers:
    corp: { kind: oidc, issuer: https://login.example.com, audience: [sluice], groups_claim: groups }
  groups:
    staff: { from: ["corp:Staff"], purposes: [support] }
    doctors: { from: ["corp:Doctors"], purposes: [support, care] }
  agents:
    scribe: { from: ["corp:scribe"], purposes: [care] }
`;
const POLICIES = `
@id("staff") permit (principal in Group::"staff", action in Action::"request", resource);
@id("care") permit (principal in Group::"doctors", action in Action::"request", resource in Tag::"trusted")
when { context.purpose == Purpose::"care" };
@id("risky") @duty @approve("staff") permit (principal, action in Action::"request", resource) when { context.risk >= 30 };
@id("audit") permit (principal in Role::"auditor", action in Action::"control", resource);
`;
const TABLE = `
tests:
  - { it: a doctor may, as: { groups: [doctors] }, connection: eu, purpose: care, expect: allow }
`;

here.write("sluice.yaml", `${CONFIG}policies: {}\n`);
here.write("none.yaml", CONFIG);
mkdirSync(join(here.path, "policies"));
const setUp = (policies = POLICIES, table = TABLE): void => {
  here.write("policies/main.cedar", policies);
  here.write("policies/main.test.yaml", table);
};

async function json(...args: string[]): Promise<Record<string, unknown> & { code: number | null }> {
  const { code, out, err } = await here.sluice(["policy", ...args, "--json"]);
  expect(err).toBe("");
  const value: unknown = JSON.parse(out);
  if (!isObject(value)) throw new Error("not an object");
  return { ...value, code };
}

test("every verb explains itself with examples and exit codes", async () => {
  for (const verb of ["check", "test", "explain"]) {
    const { code, out } = await here.sluice(["policy", verb, "--help"]);
    expect(code).toBe(0);
    for (const part of ["--json", "\nExamples:\n  sluice policy", "\nExit codes:\n  0  done", "  1  "])
      expect(out).toContain(part);
  }
});

describe("policy check", () => {
  test("needs no secret of a target, and says that all is well", async () => {
    setUp();
    expect(await json("check")).toMatchObject({
      code: 0,
      ok: true,
      policies: 4,
      problems: [],
      hash: expect.stringMatching(/^[\w-]{43}$/) as unknown,
    });
    const { code, out } = await here.sluice(["policy", "check"]);
    expect(code).toBe(0);
    expect(out).toContain("policies: ok, 4 policies in 1 file\n");
  });

  test("ends with 1 when a rule does nothing, and names it with its place", async () => {
    setUp(
      `${POLICIES}\n@id("late") permit (principal, action in Action::"request", resource) when { context.hour > 23 };`,
    );
    const { code, out } = await here.sluice(["policy", "check"]);
    expect(code).toBe(1);
    expect(out).toContain("unreachable  main.cedar:8:1 late: its conditions contradict one another");
    expect(out).toContain("policies: 1 rule does nothing, 5 policies in 1 file");
  });

  test("ends with 2 when a policy is wrong, and names every place", async () => {
    setUp(
      `permit (principal in Group::"stuff", action, resource);\npermit (principal, action, resource) when { context.riks > 3 };`,
    );
    const { code, out } = await here.sluice(["policy", "check"]);
    expect(code).toBe(2);
    expect(out).toContain('error  main.cedar:1:29 unknown Group::"stuff"; did you mean "staff"?');
    expect(out).toContain("error  main.cedar:2:45 attribute `riks` in context not found");
  });

  test("prints the schema for editors, without a configuration", async () => {
    const { code, out } = await here.sluice(["policy", "check", "--schema", "--config", "nowhere.yaml"]);
    expect([code, out.includes("entity Connection in [Tag]")]).toEqual([0, true]);
  });

  test("without policies is a usage error", async () => {
    expect(await json("check", "--config", "none.yaml")).toMatchObject({
      code: 2,
      error: { code: "policies_missing" },
    });
  });
});

describe("policy test", () => {
  test("says which answers are as expected", async () => {
    setUp();
    const { code, out } = await here.sluice(["policy", "test"]);
    expect([code, out]).toEqual([0, "ok  main.test.yaml:3 a doctor may\n1 of 1 answer as expected\n"]);
  });

  test("ends with 1 when one is not, and says how", async () => {
    setUp(POLICIES, TABLE.replace("expect: allow", "expect: deny"));
    const { code, out } = await here.sluice(["policy", "test", "policies/main.test.yaml"]);
    expect(code).toBe(1);
    expect(out).toContain("not ok  main.test.yaml:3 a doctor may\n        expected deny, got allow (care)\n");
    expect(await json("test")).toMatchObject({
      code: 1,
      ok: false,
      passed: 0,
      rows: [{ it: "a doctor may", line: 3 }],
    });
  });

  test("ends with 2 when a row cannot be asked, or there is no table", async () => {
    setUp(POLICIES, TABLE.replace("doctors", "doktors"));
    const { code, out } = await here.sluice(["policy", "test"]);
    expect(code).toBe(2);
    expect(out).toContain('unknown group "doktors"; did you mean "doctors"?');
    expect(await json("test", "policies/none.test.yaml")).toMatchObject({ code: 3, error: { code: "ENOENT" } });
  });
});

describe("policy explain", () => {
  test("says for each connection what is decided and why", async () => {
    setUp();
    const { code, out } = await here.sluice([
      "policy",
      "explain",
      "--as",
      "jane",
      "--group",
      "doctors",
      "--purpose",
      "care",
      "--found",
      "health=2",
    ]);
    expect(code).toBe(0);
    expect(out).toBe(`jane, human, in doctors: infer for care

eu: allow
  permit "staff" does not apply: principal in Group::"staff" is false
  permit "care" applies
  duty "risky" applies
  needs a yes of 1 of staff
  risk 30 of 100: health found (2)

us: deny
  transfer_missing: recipient "us" is in US, outside the EEA, and no footing for the transfer is registered (GDPR Chapter V): write it to recipients.us.transfer in sluice.yaml
`);
  });

  test("gives a person what their groups give, and an agent's entry takes away", async () => {
    setUp();
    const asked = (...more: string[]): ReturnType<typeof json> =>
      json("explain", "--as", "jane", "--connection", "eu", ...more);
    expect(await asked("--group", "staff", "--purpose", "care")).toMatchObject({
      code: 1,
      answers: [{ decision: { code: "purpose_not_allowed" } }],
    });
    expect(await asked("--group", "doctors", "--agent", "scribe")).toMatchObject({ code: 0, purpose: "care" });
    expect(await asked("--group", "staff", "--agent", "scribe")).toMatchObject({
      code: 1,
      error: { code: "purpose_not_allowed" },
    });
  });

  test("of an action on the evidence, and of scrubbing, which goes to nobody", async () => {
    setUp();
    expect(await json("explain", "--as", "jane", "--role", "auditor", "--action", "export")).toMatchObject({
      code: 0,
      answers: [{ decision: { policies: ["audit"] } }],
    });
    expect(await json("explain", "--as", "jane", "--group", "staff", "--action", "scrub")).toMatchObject({
      code: 0,
      answers: [{ connection: "local" }],
    });
  });

  test("works without policies: then the credential is enough", async () => {
    const { code, out } = await here.sluice([
      "policy",
      "explain",
      "--as",
      "jane",
      "--purpose",
      "support",
      "--config",
      "none.yaml",
    ]);
    expect(code).toBe(0);
    expect(out).toContain("no policies: what the credential may do is enough");
  });

  test.each([
    [["--purpose", "suport"], "purpose_unknown"],
    [["--group", "stuff"], "group_unknown"],
    [["--found", "healt=1"], "found_invalid"],
    [["--consent", "maybe"], "consent_unknown"],
    [["--at", "noon"], "time_invalid"],
  ])("refuses %j", async (args, code) => {
    setUp();
    expect(await json("explain", "--as", "jane", ...args)).toMatchObject({ code: 2, error: { code } });
  });
});
