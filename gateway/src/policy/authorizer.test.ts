import { describe, expect, it } from "vitest";
import type { Decision, FoundFacts } from "../core/decision.ts";
import type { Principal } from "../core/principal.ts";
import { principalFor } from "../core/test/connection.ts";
import { type AdmitRequest, createAuthorizer, type Surroundings } from "./authorizer.ts";
import { admit, EU_CONNECTION, MONDAY, NOTHING, REGISTER, setOf, US_CONNECTION } from "./test/setup.ts";

const person = principalFor({
  kind: "human",
  groups: ["staff"],
  purposes: ["support", "care", "study", "fraud", "marketing"],
});

interface Asked extends Partial<AdmitRequest> {
  readonly found?: Partial<FoundFacts>;
  readonly surroundings?: Partial<Surroundings>;
}

function decide(policies: string | undefined, asked: Asked = {}): Decision {
  const { found = {}, surroundings = {}, ...request } = asked;
  const authorizer = createAuthorizer(REGISTER, policies === undefined ? undefined : setOf(policies));
  const admitted = admit(authorizer, { principal: person, ...request });
  return authorizer.decide(admitted, { ...NOTHING, ...found }, { now: MONDAY, ...surroundings });
}

const PERMIT = "permit (principal, action, resource);";

describe("without policies", () => {
  it("the credential's own grant is enough", () => {
    expect(decide(undefined)).toMatchObject({ effect: "allow", purpose: { id: "support" }, policies: [] });
  });

  it("the version is empty", () => {
    expect(createAuthorizer(REGISTER, undefined).version).toBe("");
  });
});

describe("with policies", () => {
  it("denies by default", () => {
    const decision = decide('permit (principal in Group::"doctors", action, resource);');
    expect(decision).toMatchObject({ effect: "deny", code: "policy_denied", policies: [] });
    expect(decision).toMatchObject({
      message: expect.stringContaining('no policy permits infer on connection "eu"') as unknown,
    });
  });

  it("denies by default when there is no policy in the files", () => {
    expect(decide("// nothing yet")).toMatchObject({ effect: "deny", code: "policy_denied" });
  });

  it("a forbid wins over every permit and is named", () => {
    const decision = decide(`
      @id("everything") ${PERMIT}
      @id("no-lab-at-night") forbid (principal, action == Action::"infer", resource) when { context.hour < 10 };
    `);
    expect(decision).toMatchObject({ effect: "deny", policies: ["no-lab-at-night"] });
    expect(decision).toMatchObject({
      message: 'policy "no-lab-at-night" forbids infer on connection "eu" for purpose "support"',
    });
  });

  it("names the policies that allowed, in the order of the file", () => {
    const text = `@id("z") ${PERMIT} @id("b") permit (principal in Group::"staff", action, resource); @id("c") permit (principal in Group::"doctors", action, resource);`;
    expect(decide(text)).toMatchObject({ effect: "allow", policies: ["z", "b"] });
  });

  it("a policy without @id goes by its file and number", () => {
    expect(decide(`// first\n${PERMIT}`)).toMatchObject({ policies: ["main.cedar:1"] });
  });

  it("a policy that cannot be evaluated denies", () => {
    const overflow = `${PERMIT} @id("adds") forbid (principal, action in Action::"request", resource)
      when { context.risk * 9007199254740991 * 9007199254740991 > 3 };`;
    expect(decide(overflow, { found: { found: { EMAIL: 1 }, categories: { contact: 1 } } })).toMatchObject({
      effect: "deny",
      code: "policy_failed",
      policies: ["adds"],
    });
  });

  it("cannot lift the checks of the law", () => {
    expect(decide(PERMIT, { found: { special: { health: 1 } } })).toMatchObject({ code: "condition_missing" });
  });

  it("the version is the hash of the texts", () => {
    const version = (text: string): string => createAuthorizer(REGISTER, setOf(text)).version;
    expect(version(PERMIT)).toMatch(/^[\w-]{43}$/);
    expect(version(PERMIT)).toBe(version(PERMIT));
    expect(version(PERMIT)).not.toBe(version(`${PERMIT}\n`));
  });

  it("evidence is closed too until a policy opens it", () => {
    const auditor = principalFor({ roles: ["auditor"] });
    const ask = (text: string): unknown =>
      createAuthorizer(REGISTER, setOf(text)).control(auditor, "read-evidence", { now: MONDAY });
    expect(ask('permit (principal, action in Action::"request", resource);')).toMatchObject({ code: "policy_denied" });
    expect(ask('@id("a") permit (principal in Role::"auditor", action == Action::"read-evidence", resource);')).toEqual(
      {
        effect: "allow",
        policies: ["a"],
      },
    );
  });
});

describe("facts that policies see", () => {
  const permitted = (condition: string, asked: Asked = {}, scope = "principal, action, resource"): boolean =>
    decide(`permit (${scope.replace("action", 'action in Action::"request"')}) when { ${condition} };`, asked)
      .effect === "allow";

  it.each([
    ["purpose", 'context.purpose == Purpose::"support"', {}],
    ["basis", 'context.basis == "eu-gdpr:A6-1-b"', {}],
    ["condition", 'context has condition && context.condition == "eu-gdpr:A9-2-h"', { purpose: "care" }],
    ["categories", 'context.categories.contains("contact")', { found: { categories: { contact: 2 } } }],
    ["types", 'context.types.containsAll(["EMAIL", "IBAN"])', { found: { found: { IBAN: 1, EMAIL: 2 } } }],
    ["special", 'context.special.contains("health")', { purpose: "care", found: { special: { health: 1 } } }],
    [
      "special of a health number",
      'context.special.contains("health")',
      { purpose: "care", found: { found: { HEALTH_ID: 1 } } },
    ],
    [
      "counts",
      'context.counts.contact == 2 && context.counts["national-id"] == 0',
      { found: { categories: { contact: 2 } } },
    ],
    ["total", "context.counts.total == 5", { found: { found: { EMAIL: 2, PHONE: 3 } } }],
    ["counts, capped", "context.counts.total == 1000", { found: { found: { EMAIL: 123_456 } } }],
    ["risk", "context.risk == 5", { found: { categories: { contact: 1 }, found: { EMAIL: 1 } } }],
    ["hour and weekday", "context.hour == 9 && context.weekday == 1", {}],
    [
      "network",
      'context has network && context.network.isInRange(ip("10.0.0.0/8"))',
      { surroundings: { network: "::ffff:10.1.2.3" } },
    ],
    [
      "consent",
      'context has consent && context.consent == "given"',
      { purpose: "study", hasSubject: true, surroundings: { consent: { state: "given", optedOut: false } } },
    ],
    ["recipient", 'resource.recipient == "eu" && resource.recipientRole == "processor" && resource.dpa', {}],
    [
      "country and transfer",
      'resource.country == "US" && !resource.eea && resource has transfer && resource.transfer == "scc"',
      { connection: US_CONNECTION },
    ],
    ["tags", 'resource.tags.contains("trusted") && resource in Tag::"trusted"', {}],
    [
      "the principal",
      'principal.kind == "human" && !(principal has provider) && principal.purposes.contains(Purpose::"care")',
      {},
    ],
    ["the whole context", "context == context", {}],
  ] satisfies [string, string, Asked][])("%s", (_, condition, asked) => {
    expect(permitted(condition, asked)).toBe(true);
    expect(permitted(`!(${condition})`, asked)).toBe(false);
  });

  it("what is no address is no network", () => {
    expect(permitted("context has network", { surroundings: { network: "not an address" } })).toBe(false);
    expect(permitted("context has network", { surroundings: { network: "fe80::1%eth0" } })).toBe(true);
  });

  it.each([
    ['principal in Group::"staff"', true],
    ['principal in Group::"doctors"', false],
    ['principal in Role::"user"', true],
    ['principal == Principal::"service:tests"', true],
    ['principal == Principal::"service:other"', false],
    ['principal is Principal in Group::"staff"', true],
    ['principal == Group::"staff"', false],
    ["principal is Connection", false],
  ])("%s", (scope, holds) => {
    expect(permitted("true", {}, `${scope}, action, resource`)).toBe(holds);
  });

  it.each([
    ['resource == Connection::"eu"', true],
    ['resource == Connection::"us"', false],
    ['resource in Tag::"production"', true],
    ['resource in Tag::"lab"', false],
    ['resource is Connection in Tag::"trusted"', true],
    ['resource == Tag::"production"', false],
    ['resource == Evidence::"log"', false],
  ])("%s", (scope, holds) => {
    expect(permitted("true", {}, `principal, action, ${scope}`)).toBe(holds);
  });

  it("an agent acting for a person is told from the person", () => {
    const acting: Principal = { ...person, actors: [{ id: "agent:crm-bot", kind: "agent" }] };
    const policies = `
      @id("staff") permit (principal in Group::"staff", action in Action::"request", resource);
      @id("agents-stay-in-the-eea") forbid (principal, action in Action::"request", resource)
        when { context.agent && !resource.eea };
      @id("not-this-one") forbid (principal, action in Action::"request", resource)
        when { context.actors.contains("agent:rogue") };
    `;
    expect(decide(policies, { connection: US_CONNECTION })).toMatchObject({ effect: "allow" });
    expect(decide(policies, { principal: acting })).toMatchObject({ effect: "allow" });
    expect(decide(policies, { principal: acting, connection: US_CONNECTION })).toMatchObject({
      policies: ["agents-stay-in-the-eea"],
    });
    const rogue: Principal = { ...acting, actors: [...acting.actors, { id: "agent:rogue", kind: "agent" }] };
    expect(decide(policies, { principal: rogue })).toMatchObject({ policies: ["not-this-one"] });
  });
});

describe("obligations of a decision", () => {
  const POLICIES = `
    @id("support") @retain("14d") @mask("contact=redact") permit (principal, action, resource);
    @id("risky") @approve("2 of privacy-officers") @limit("20/h") @mask("contact=placeholder,EMAIL=drop")
    permit (principal, action in Action::"request", resource) when { context.risk >= 5 };
  `;

  it("are those of every policy that determined it, the strictest of each kind", () => {
    expect(decide(POLICIES, { found: { found: { EMAIL: 1 }, categories: { contact: 1 } } })).toMatchObject({
      policies: ["support", "risky"],
      risk: { score: 5, reasons: ["contact found (1)"] },
      obligations: {
        approvals: [{ group: "privacy-officers", people: 2 }],
        masks: { EMAIL: "drop", contact: "redact" },
        retention: "P14D",
        limits: [{ policy: "risky", requests: 20, perMs: 3_600_000 }],
      },
    });
  });

  it("of a policy whose conditions do not hold are not asked for", () => {
    expect(decide(POLICIES)).toMatchObject({ obligations: { approvals: [], limits: [] } });
  });

  it("a retention that is no shorter than the purpose's is left out", () => {
    expect(decide(`@retain("30d") ${PERMIT}`)).not.toHaveProperty("obligations.retention");
    expect(decide(`@retain("29d") ${PERMIT}`)).toHaveProperty("obligations.retention", "P29D");
  });

  it("a signal that must be blocked denies, since there is no value to mask", () => {
    const policies = `@id("care") @mask("special=block") ${PERMIT}`;
    expect(decide(policies, { purpose: "care", found: { special: { health: 2 } } })).toMatchObject({
      effect: "deny",
      code: "category_blocked",
      policies: ["care"],
      message: 'the request holds health, which policy "care" blocks on connection "eu"',
    });
    expect(decide(policies, { purpose: "care" })).toMatchObject({ effect: "allow" });
  });
});

describe("admit", () => {
  const authorizer = createAuthorizer(REGISTER, setOf(PERMIT));
  const request: AdmitRequest = {
    principal: person,
    action: "infer",
    connection: EU_CONNECTION,
    hasSubject: false,
    opaqueParts: {},
    now: MONDAY,
  };

  it("asks the credential's grant first", () => {
    expect(authorizer.admit({ ...request, purpose: "nobody-knows" })).toMatchObject({ code: "purpose_unknown" });
    expect(authorizer.admit({ ...request, opaqueParts: { image: 1 } })).toMatchObject({ code: "part_not_scannable" });
  });

  it("then what the register lacks", () => {
    expect(authorizer.admit({ ...request, purpose: "marketing" })).toMatchObject({ code: "assessment_missing" });
    expect(authorizer.admit({ ...request, purpose: "study" })).toMatchObject({ code: "subject_missing" });
  });

  it("and gives what decide needs", () => {
    expect(authorizer.admit(request)).toMatchObject({ effect: "allow", resolved: { id: "support" } });
  });
});

describe("a duty", () => {
  const DUTY =
    '@id("risky") @duty @approve("privacy-officers") permit (principal, action in Action::"request", resource) when { context.risk >= 5 };';
  const found = { found: { EMAIL: 1 }, categories: { contact: 1 } };

  it("permits nothing by itself", () => {
    expect(decide(DUTY, { found })).toMatchObject({ effect: "deny", code: "policy_denied", policies: [] });
  });

  it("adds its obligations where another policy permits", () => {
    const policies = `@id("all") ${PERMIT} ${DUTY}`;
    expect(decide(policies, { found })).toMatchObject({
      policies: ["all", "risky"],
      obligations: { approvals: [{ group: "privacy-officers", people: 1 }] },
    });
    expect(decide(policies)).toMatchObject({ policies: ["all"], obligations: { approvals: [] } });
  });
});
