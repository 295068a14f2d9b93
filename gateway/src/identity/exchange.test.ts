import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { principalFor } from "../core/test/connection.ts";
import { type ExchangeRequest, readExchange } from "./exchange.ts";
import { newKey, type Key } from "./keys.ts";
import { createTokenSealer } from "./sealed-token.ts";
import {
  agentFor,
  authenticatorFor,
  codeOf,
  groupFor,
  providerFor,
  refusal,
  settingsFor,
} from "./test/authenticator.ts";
import { AUDIENCE, type Idp, startIdp } from "./test/idp.ts";

let idp: Idp;
let other: Idp;
let agentKey: { token: string; key: Key };
beforeAll(async () => {
  [idp, other] = await Promise.all([startIdp({ clients: ["crm-bot", "planner"] }), startIdp({ alg: "ES256" })]);
  const { id, token, hash } = await newKey(randomBytes);
  agentKey = { token, key: { id, hash, principal: principalFor({ id: "service:mailer", credential: id }) } };
});
afterAll(() => Promise.all([idp.stop(), other.stop()]));

/** Alice may do three things on two connections; each agent some of them. */
const STAFF = groupFor({
  name: "staff",
  from: ["corp:Staff"],
  roles: ["user", "approver", "operator"],
  purposes: ["support", "research", "billing"],
  defaultPurpose: "research",
  connections: ["openai", "local-model"],
});

function gate(change: Parameters<typeof settingsFor>[0] = {}, setup: Parameters<typeof authenticatorFor>[1] = {}) {
  return authenticatorFor(
    settingsFor({
      providers: [providerFor(idp.issuer), providerFor(other.issuer, { name: "partner" })],
      groups: [STAFF],
      agents: [
        agentFor({ purposes: ["support", "research"], connections: ["openai", "sql"] }),
        agentFor({ name: "planner", from: ["corp:planner", "partner:planner"], purposes: ["support"] }),
        agentFor({ name: "mailer", from: [`key:${agentKey.key.id}`], purposes: ["billing", "support"] }),
        agentFor({ name: "auditor-bot", from: ["corp:auditor-bot"], purposes: ["audit"] }),
      ],
      ...change,
    }),
    { keys: [agentKey.key], ...setup },
  );
}

const staff = (claims: Record<string, unknown> = {}): Promise<string> => idp.token({ groups: ["Staff"], ...claims });
const TYPE = "urn:ietf:params:oauth:token-type:access_token";

describe("a token with an act claim", () => {
  test("is the person, with the agent acting: both their purposes and connections, and of the roles only user", async () => {
    const principal = await gate().authenticate(await staff({ act: { sub: "crm-bot" } }));
    expect(principal).toMatchObject({
      id: "corp:alice",
      kind: "human",
      roles: ["user"],
      purposes: ["support", "research"],
      defaultPurpose: "research",
      connections: ["openai"],
      actors: [{ id: "agent:crm-bot", kind: "agent" }],
    });
  });

  test("of a chain has what all of them have in common, whoever came first", async () => {
    const both = await staff({ act: { sub: "crm-bot", act: { sub: "planner" } } });
    expect(await gate().authenticate(both)).toMatchObject({
      purposes: ["support"],
      defaultPurpose: "support",
      connections: ["openai"],
      actors: [{ id: "agent:crm-bot" }, { id: "agent:planner" }],
    });
  });

  test("may name an actor of another configured provider, and of no other", async () => {
    const partner = await staff({ act: { sub: "planner", iss: other.issuer } });
    expect((await gate().authenticate(partner)).actors).toMatchObject([{ id: "agent:planner", kind: "agent" }]);
    const evil = await staff({ act: { sub: "planner", iss: "https://evil.test" } });
    expect(await codeOf(() => gate().authenticate(evil))).toBe("token_invalid");
    // The same name at a provider where nobody registered it.
    const wrong = await staff({ act: { sub: "crm-bot", iss: other.issuer } });
    expect(await codeOf(() => gate().authenticate(wrong))).toBe("actor_unknown");
  });

  test.each([
    ["an actor that is not registered", { sub: "stranger" }, "actor_unknown"],
    ["a registered actor behind whom another stands", { sub: "crm-bot", act: { sub: "stranger" } }, "actor_unknown"],
    ["an actor with whom the person has no purpose in common", { sub: "auditor-bot" }, "purpose_not_allowed"],
    ["an actor without a name", { act: { sub: "crm-bot" } }, "token_invalid"],
    ["an actor that is a text", "crm-bot", "token_invalid"],
    ["an actor that is null", null, "token_invalid"],
    ["an actor whose name is a list", { sub: ["crm-bot"] }, "token_invalid"],
    [
      "more than four actors",
      {
        sub: "crm-bot",
        act: { sub: "planner", act: { sub: "crm-bot", act: { sub: "planner", act: { sub: "crm-bot" } } } },
      },
      "token_invalid",
    ],
  ])("with %s is refused", async (_, act, code) => {
    const token = await staff({ act });
    expect(await codeOf(() => gate().authenticate(token))).toBe(code);
  });

  test("a token that was issued to a registered agent is that agent's, though no act says so", async () => {
    const token = await staff({ client_id: "crm-bot" });
    expect(await gate().authenticate(token)).toMatchObject({
      purposes: ["support", "research"],
      actors: [{ id: "agent:crm-bot" }],
    });
    const chained = await staff({ client_id: "planner", act: { sub: "crm-bot" } });
    expect((await gate().authenticate(chained)).actors.map(({ id }) => id)).toEqual(["agent:planner", "agent:crm-bot"]);
  });

  test("an agent that asks for itself has the rights of its groups, and no more than its entry", async () => {
    const token = await idp.clientToken("crm-bot");
    expect(await codeOf(() => gate().authenticate(token))).toBe("group_missing");
    const grouped = await idp.token({ sub: "crm-bot", client_id: "crm-bot", groups: ["Staff"] });
    expect(await gate().authenticate(grouped)).toMatchObject({
      id: "corp:crm-bot",
      kind: "agent",
      roles: ["user"],
      purposes: ["support", "research"],
      actors: [],
    });
  });

  test("is refused when the agent is disabled, and the person without the agent is not", async () => {
    const made = gate();
    const token = await staff({ act: { sub: "crm-bot" } });
    await made.authenticate(token);
    made.disabled.disable("agent:crm-bot");
    expect(await codeOf(() => made.authenticate(token))).toBe("account_disabled");
    expect((await made.authenticate(await staff())).id).toBe("corp:alice");
  });
});

describe("token exchange", () => {
  test("gives the agent a token that is the person with the agent acting, for a quarter of an hour at most", async () => {
    const made = gate();
    const { reply, principal } = await made.exchange({ subjectToken: await staff() }, agentKey.token);
    expect(reply).toMatchObject({ issued_token_type: TYPE, token_type: "Bearer" });
    expect(reply.expires_in).toBeGreaterThan(590);
    expect(reply.expires_in).toBeLessThanOrEqual(600);
    expect(reply.access_token).toMatch(/^sluicex_[A-Za-z0-9_-]+$/);
    expect(principal).toMatchObject({
      id: "corp:alice",
      purposes: ["support", "billing"],
      actors: [{ id: "agent:mailer" }],
    });
    const used = await made.authenticate(reply.access_token);
    expect(used).toEqual({ ...principal, credential: used.credential });
    expect(used.credential).toMatch(/^exchanged:/);
    expect(made.authenticate(reply.access_token)).toBe(used);
    const long = await staff({ exp: Math.floor(Date.now() / 1_000) + 86_400 });
    expect((await made.exchange({ subjectToken: long }, agentKey.token)).reply.expires_in).toBe(900);
  });

  test("takes the agent's own token of a provider as well as its API key", async () => {
    const made = gate();
    const subjectToken = await staff();
    const { principal } = await made.exchange(
      { subjectToken, actorToken: await idp.clientToken("planner") },
      undefined,
    );
    expect(principal.actors).toMatchObject([{ id: "agent:planner", kind: "agent" }]);
    expect(await codeOf(() => made.exchange({ subjectToken }, undefined))).toBe("key_missing");
    expect(await codeOf(() => made.exchange({ subjectToken }, `${agentKey.token}x`))).toBe("key_invalid");
    const person = await staff({ sub: "bob" });
    expect(await codeOf(() => made.exchange({ subjectToken, actorToken: person }, undefined))).toBe("actor_unknown");
  });

  test("of a token that was exchanged already puts the new actor before the others", async () => {
    const made = gate();
    const first = await made.exchange(
      { subjectToken: await staff(), actorToken: await idp.clientToken("crm-bot") },
      undefined,
    );
    const second = await made.exchange({ subjectToken: first.reply.access_token }, agentKey.token);
    expect(second.principal).toMatchObject({ purposes: ["support"], connections: ["openai"] });
    expect(second.principal.actors.map(({ id }) => id)).toEqual(["agent:mailer", "agent:crm-bot"]);
    let { access_token: token } = second.reply;
    for (const client of ["crm-bot", "planner"])
      token = (await made.exchange({ subjectToken: token, actorToken: await idp.clientToken(client) }, undefined)).reply
        .access_token;
    expect(await codeOf(() => made.exchange({ subjectToken: token }, agentKey.token))).toBe("actor_not_allowed");
  });

  test("an exchanged token has the rights of the configuration in force when it is used", async () => {
    const made = gate();
    const { reply } = await made.exchange({ subjectToken: await staff() }, agentKey.token);
    const providers = [providerFor(idp.issuer)];
    const mailer = agentFor({ name: "mailer", from: [`key:${agentKey.key.id}`], purposes: ["billing"] });
    made.configure(settingsFor({ providers, groups: [STAFF], agents: [mailer] }));
    expect((await made.authenticate(reply.access_token)).purposes).toEqual(["billing"]);
    made.configure(settingsFor({ providers, groups: [STAFF] }));
    expect(await codeOf(() => made.authenticate(reply.access_token))).toBe("actor_unknown");
    made.configure(settingsFor({ providers, agents: [mailer] }));
    expect(await codeOf(() => made.authenticate(reply.access_token))).toBe("group_missing");
  });

  test("a person who is disabled loses the exchanged tokens too, and an agent cannot exchange any more", async () => {
    const made = gate();
    const { reply } = await made.exchange({ subjectToken: await staff() }, agentKey.token);
    made.disabled.disable("corp:alice");
    expect(await codeOf(() => made.authenticate(reply.access_token))).toBe("account_disabled");
    const subjectToken = await staff({ sub: "bob" });
    made.disabled.disable("service:mailer");
    expect(await codeOf(() => made.exchange({ subjectToken }, agentKey.token))).toBe("account_disabled");
    made.disabled.disable("corp:planner");
    const actorToken = await idp.clientToken("planner");
    expect(await codeOf(() => made.exchange({ subjectToken, actorToken }, undefined))).toBe("account_disabled");
  });

  test("is refused to anybody but whom the person's provider lets act (may_act)", async () => {
    const made = gate();
    const subjectToken = await staff({ may_act: { sub: "planner" } });
    expect(await codeOf(() => made.exchange({ subjectToken }, agentKey.token))).toBe("actor_not_allowed");
    const actorToken = await idp.clientToken("planner");
    expect((await made.exchange({ subjectToken, actorToken }, undefined)).principal.actors).toHaveLength(1);
  });

  test("an exchanged token ends, and one that was changed, cut or made elsewhere is refused", async () => {
    let now = Date.now();
    const made = gate({}, { clock: () => now });
    const { reply } = await made.exchange({ subjectToken: await staff() }, agentKey.token);
    const token = reply.access_token;
    const elsewhere = createTokenSealer(randomBytes(32), AUDIENCE);
    const asserted = {
      provider: "corp",
      subject: "alice",
      kind: "human",
      groups: ["Staff"],
      actors: [],
      expiresAt: now * 2,
    } as const;
    const bad = [
      elsewhere.seal(asserted, randomBytes),
      token.slice(0, 60),
      "sluicex_",
      `sluicex_${"A".repeat(9_000)}`,
      `${token}AAAA`,
    ];
    for (let at = 8; at < token.length; at += 7)
      bad.push(`${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`);
    for (const each of bad) expect(await codeOf(() => made.authenticate(each))).toBe("token_invalid");
    expect((await made.authenticate(token)).id).toBe("corp:alice");
    now += 900_000;
    expect(await codeOf(() => made.authenticate(token))).toBe("token_expired");
  });

  test("a token of a gateway of another name is refused, though the key is the same", () => {
    const key = randomBytes(32);
    const asserted = {
      provider: "corp",
      subject: "alice",
      kind: "human",
      groups: [],
      actors: [],
      expiresAt: 1,
    } as const;
    const token = createTokenSealer(key, "https://a.test").seal(asserted, randomBytes);
    expect(createTokenSealer(key, "https://a.test").open(token)).toEqual(asserted);
    expect(() => createTokenSealer(key, "https://b.test").open(token)).toThrow("not one of this gateway");
  });

  test("a token holds nothing that its carrier could read, and only the groups that mean something here", async () => {
    const made = gate();
    const groups = ["Staff", ...Array.from({ length: 400 }, (_, n) => `group ${n}`)];
    const { reply } = await made.exchange({ subjectToken: await staff({ groups }) }, agentKey.token);
    expect(reply.access_token.length).toBeLessThan(600);
    expect(Buffer.from(reply.access_token.slice(8), "base64url").toString("latin1")).not.toContain("alice");
  });

  test("somebody's API key is no person's token", async () => {
    const made = gate();
    expect(await codeOf(() => made.exchange({ subjectToken: agentKey.token }, agentKey.token))).toBe("token_invalid");
  });
});

describe("the parameters of an exchange", () => {
  const FORM = {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token: "ey",
    subject_token_type: TYPE,
  };

  test("are those of RFC 8693; what it does not know is ignored", () => {
    expect(readExchange({ ...FORM, resource: `${AUDIENCE}/`, extra: "x" }, AUDIENCE)).toEqual<ExchangeRequest>({
      subjectToken: "ey",
    });
    expect(readExchange({ ...FORM, actor_token: "a", actor_token_type: TYPE }, AUDIENCE).actorToken).toBe("a");
  });

  test.each([
    ["another grant type", { grant_type: "password" }, "grant_type_unsupported"],
    ["no subject token", { subject_token: "", subject_token_type: "" }, "field_invalid"],
    [
      "a subject token of a type that is not read",
      { subject_token_type: "urn:ietf:params:oauth:token-type:saml2" },
      "field_invalid",
    ],
    ["an actor token without a type", { actor_token: "a" }, "field_invalid"],
    ["an actor's type without a token", { actor_token_type: TYPE }, "field_invalid"],
    ["another audience", { audience: "https://other.test" }, "token_audience"],
    ["a scope", { scope: "everything" }, "field_invalid"],
    [
      "a wish for another kind of token",
      { requested_token_type: "urn:ietf:params:oauth:token-type:jwt" },
      "field_invalid",
    ],
  ])("with %s are refused", async (_, change, code) => {
    expect((await refusal(() => readExchange({ ...FORM, ...change }, AUDIENCE))).code).toBe(code);
  });
});
