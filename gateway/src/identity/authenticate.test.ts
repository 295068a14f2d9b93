import { performance } from "node:perf_hooks";
import { describe, expect, test } from "vitest";
import type { Principal } from "../core/principal.ts";
import {
  agentFor,
  authenticatorFor,
  codeOf,
  groupFor,
  providerFor,
  refusal,
  settingsFor,
} from "./test/authenticator.ts";
import { SUPPORT, withIdp } from "./test/forge.ts";
import { startIdp } from "./test/idp.ts";

const given = withIdp();
const { corp, claims, signed } = given;

describe("a token of a real provider", () => {
  test("proves the person, with the rights of the mapped groups, and is then found without waiting", async () => {
    const gate = corp();
    const token = await given.idp.token(SUPPORT);
    const first = await gate.authenticate(token);
    expect(first).toMatchObject({
      id: "corp:alice",
      kind: "human",
      provider: "corp",
      groups: ["support"],
      roles: ["user"],
      purposes: ["support"],
      defaultPurpose: "support",
      actors: [],
    });
    expect(first.credential).toMatch(/^corp:[A-Za-z0-9-]{12}$/);
    expect(gate.authenticate(token)).toBe(first);
  });

  test.each(["ES256", "EdDSA", "PS256"])("signed with %s is as good", async (alg) => {
    const other = await startIdp({ alg: alg === "EdDSA" ? "Ed25519" : alg });
    try {
      const gate = corp({ algorithms: ["ES256", "EdDSA", "Ed25519", "PS256"] }, {}, other);
      expect((await gate.authenticate(await other.token(SUPPORT))).id).toBe("corp:alice");
    } finally {
      await other.stop();
    }
  });

  test("a hundred first requests with one token cost one verification and one fetch of the keys", async () => {
    const gate = corp();
    const token = await given.idp.token(SUPPORT);
    const before = given.idp.requests.get("/jwks") ?? 0;
    const all = await Promise.all(Array.from({ length: 100 }, async () => gate.authenticate(token)));
    expect(new Set(all).size).toBe(1);
    expect((given.idp.requests.get("/jwks") ?? 0) - before).toBe(1);
  });

  test("the memory of verified tokens is bounded", async () => {
    const gate = corp({}, { cacheMax: 2 });
    const [one, two, three] = [
      await given.idp.token(SUPPORT),
      await given.idp.token(SUPPORT),
      await given.idp.token(SUPPORT),
    ];
    for (const token of [one, two, three]) await gate.authenticate(token);
    expect(gate.authenticate(three)).not.toBeInstanceOf(Promise);
    expect(gate.authenticate(one)).toBeInstanceOf(Promise);
  });

  test("a client's own token is a service, a person's is not", async () => {
    const gate = corp();
    expect(await gate.authenticate(await given.idp.token({ sub: "portal", ...SUPPORT }))).toMatchObject({
      kind: "service",
    });
    expect(await gate.authenticate(await given.idp.token(SUPPORT))).toMatchObject({ kind: "human" });
  });

  test("groups are found at a nested path, whatever the names on it", async () => {
    const gate = corp({ groupsClaim: ["https://example.com/access", "roles.v2"] });
    const token = await given.idp.token({ "https://example.com/access": { "roles.v2": ["Other", "Support"] } });
    expect((await gate.authenticate(token)).groups).toEqual(["support"]);
    expect(
      (await corp({ groupsClaim: ["group"] }).authenticate(await given.idp.token({ group: "Support" }))).groups,
    ).toEqual(["support"]);
  });

  test.each([
    ["no groups at all", {}],
    ["groups that are not mapped", { groups: ["support", "Support ", "corp:Support"] }],
    ["groups that are no texts", { groups: [{ name: "Support" }, 1] }],
    ["groups that are an object", { groups: { Support: true } }],
  ])("a person with %s is told that none has rights here", async (_, extra) => {
    const error = await refusal(async () => corp().authenticate(await given.idp.token(extra)));
    expect(error).toMatchObject({ code: "group_missing", kind: "denied" });
  });

  test("two providers at once: each vouches for its own, and the same subject of both is two people", async () => {
    const other = await startIdp({ alg: "ES256" });
    try {
      const gate = authenticatorFor(
        settingsFor({
          providers: [providerFor(given.idp.issuer), providerFor(other.issuer, { name: "partner" })],
          groups: [groupFor(), groupFor({ name: "guests", from: ["partner:Support"], purposes: ["research"] })],
        }),
      );

      expect(await gate.authenticate(await given.idp.token(SUPPORT))).toMatchObject({
        id: "corp:alice",
        groups: ["support"],
      });
      expect(await gate.authenticate(await other.token(SUPPORT))).toMatchObject({
        id: "partner:alice",
        purposes: ["research"],
      });
      // Signed by one and in the name of the other.
      const posed = await signed(claims({ iss: other.issuer }));
      expect(await codeOf(() => gate.authenticate(posed))).toBe("token_invalid");
    } finally {
      await other.stop();
    }
  });
});

describe("other settings", () => {
  test("take effect with the next request: groups, audiences, and a provider that is gone", async () => {
    const gate = corp();
    const token = await given.idp.token(SUPPORT);
    await gate.authenticate(token);
    const fetched = given.idp.requests.get("/jwks");
    const configure = (change: Parameters<typeof settingsFor>[0]): Principal | Promise<Principal> => {
      gate.configure(settingsFor(change));
      return gate.authenticate(token);
    };
    const providers = [providerFor(given.idp.issuer)];
    const research = await configure({ providers, groups: [groupFor({ purposes: ["research"] })] });
    expect(research.purposes).toEqual(["research"]);
    expect(given.idp.requests.get("/jwks")).toBe(fetched);
    expect(await codeOf(() => configure({ providers, groups: [] }))).toBe("group_missing");
    expect(await codeOf(() => configure({ providers: [providerFor(given.idp.issuer, { audiences: ["x"] })] }))).toBe(
      "token_audience",
    );
    expect(await codeOf(() => configure({}))).toBe("token_issuer_unknown");
  });
});

test("a provider that begins to fold case folds what it said before: of a session, and of whoever acts in it", () => {
  const heard: string[] = [];
  const gate = authenticatorFor(settingsFor({ providers: [providerFor("https://idp.test")] }), {
    heard: ({ subject }) => heard.push(subject),
  });
  const said = {
    provider: "corp",
    subject: "Mara@Example.org",
    kind: "human",
    groups: ["Support"],
    actors: [],
    expiresAt: Date.now() + 60_000,
  } as const;
  expect(gate.known(said, "session:1").id).toBe("corp:Mara@Example.org");
  gate.configure(
    settingsFor({
      providers: [providerFor("https://idp.test", { foldsCase: true })],
      agents: [agentFor({ from: ["corp:bot"] })],
    }),
  );
  expect(gate.known(said, "session:1").id).toBe("corp:mara@example.org");
  expect(heard.at(-1)).toBe("mara@example.org");
  expect(gate.known({ ...said, client: "corp:BOT" }, "session:2").actors).toMatchObject([{ from: ["corp:bot"] }]);
  gate.disabled.disable("corp:mara@example.org");
  expect(() => gate.known(said, "session:1")).toThrow(/disabled/);
});

describe("somebody who is disabled", () => {
  test("is refused at once, with a token that is in memory and with a new one, and is told to whoever ends what runs", async () => {
    const gate = corp();
    const token = await given.idp.token(SUPPORT);
    await gate.authenticate(token);
    const ended: string[] = [];
    const stop = gate.disabled.onDisabled((id) => ended.push(id));
    expect(gate.disabled.disable("corp:alice")).toBe(true);
    expect(gate.disabled.disable("corp:alice")).toBe(false);
    expect(ended).toEqual(["corp:alice"]);
    for (const each of [token, await given.idp.token(SUPPORT)]) {
      expect(await refusal(() => gate.authenticate(each))).toMatchObject({ code: "account_disabled", kind: "denied" });
    }
    expect((await gate.authenticate(await given.idp.token({ ...SUPPORT, sub: "bob" }))).id).toBe("corp:bob");
    stop();
    gate.disabled.enable("corp:alice");
    expect((await gate.authenticate(token)).id).toBe("corp:alice");
  });
});

test("a verified token costs a few microseconds", async () => {
  const gate = corp();
  const token = await given.idp.token(SUPPORT);
  await gate.authenticate(token);
  const rounds = 20_000;
  const best = Math.min(
    ...Array.from({ length: 5 }, () => {
      const start = performance.now();
      for (let round = 0; round < rounds; round++) void gate.authenticate(token);
      return (performance.now() - start) / rounds;
    }),
  );
  // Some 3 µs on an idle machine.
  expect(best * 1_000).toBeLessThan(60);
});
