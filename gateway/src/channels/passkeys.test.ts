import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { person } from "../reviews/test/setup.ts";
import { SCRIPT, SCRIPT_PATH } from "./script.ts";
import { Authenticator, type Lies } from "./test/authenticator.ts";
import { type Answer, ORIGIN, openChannels, questionIn, type TestChannels } from "./test/setup.ts";

const CSRF = { csrf: "csrf of bob" };

let approving: TestChannels;
let key: Authenticator;

beforeEach(async () => {
  approving = await openChannels({ passkeys: { risk: 70 } });
  key = new Authenticator(ORIGIN);
});
afterEach(() => approving.close());

async function register(authenticator: Authenticator = key, lies: Lies = {}, who = "bob"): Promise<Answer> {
  const answer = authenticator.create(questionIn(await approving.get(who, "/passkeys")), lies);
  return approving.post(who, "/passkeys", { csrf: `csrf of ${who}`, answer });
}

/** Says yes on the review's page; resolves with the question for the passkey. */
async function askYes(review: string, who = "bob"): Promise<string> {
  const page = await approving.post(who, `/reviews/${review}/votes`, {
    csrf: `csrf of ${who}`,
    decision: "approve",
    comment: "fine",
  });
  expect(page.status).toBe(403);
  return questionIn(page);
}

const stepUp = (review: string, answer: string, who = "bob"): Promise<Answer> =>
  approving.post(who, `/reviews/${review}/step-up`, { csrf: `csrf of ${who}`, answer, comment: "fine" });
const refusals = (): unknown[] => approving.named("channel.refused").map(({ facts }) => facts?.["code"]);

describe("registering a passkey", () => {
  test("is for a person who has just logged in, and on record", async () => {
    expect(await register()).toMatchObject({ status: 303, headers: { location: "/passkeys" } });
    expect(await approving.channels.passkeys.of("corp:bob")).toMatchObject([{ id: key.id, counter: 1 }]);
    expect(await approving.channels.passkeys.of("corp:carl")).toEqual([]);
    expect(approving.named("passkey.registered")).toMatchObject([
      { actor: "corp:bob", target: expect.stringMatching(/^pk-[0-9a-f]{16}$/) as string },
    ]);
    expect((await approving.get("bob", "/passkeys")).body).toContain("never used");
  });

  test("is refused five minutes after the login, and the page says what to do", async () => {
    const question = questionIn(await approving.get("bob", "/passkeys"));
    approving.sessionMs = 300_000;
    expect(await approving.post("bob", "/passkeys", { ...CSRF, answer: key.create(question) })).toMatchObject({
      status: 403,
      body: expect.stringContaining("login_not_fresh") as string,
    });
    const page = await approving.get("bob", "/passkeys");
    expect(page.body).toContain("Log in again");
    expect(questionIn(page)).toBe("");
    expect(refusals()).toEqual(["login_not_fresh"]);
  });

  const lies: [string, Lies][] = [
    ["from another origin", { origin: "https://evil.example" }],
    ["for another relying party", { rpId: "evil.example" }],
    ["to another question", { challenge: Buffer.alloc(32).toString("base64url") }],
    ["that did not verify the person", { unverified: true }],
    ["that was meant as an assertion", { type: "webauthn.get" }],
  ];
  test.each(lies)("with an answer %s is refused", async (_, lie) => {
    expect((await register(key, lie)).body).toContain("passkey_invalid");
    expect(await approving.channels.passkeys.of("corp:bob")).toEqual([]);
    expect(refusals()).toEqual(["passkey_invalid"]);
  });

  test("holds once: neither the answer nor the credential is taken again, by anybody", async () => {
    const answer = key.create(questionIn(await approving.get("bob", "/passkeys")));
    expect((await approving.post("bob", "/passkeys", { ...CSRF, answer })).status).toBe(303);
    expect((await approving.post("bob", "/passkeys", { ...CSRF, answer })).body).toContain("passkey_invalid");
    expect((await register(key, {}, "carl")).body).toContain("passkey_invalid");
    expect(await approving.channels.passkeys.of("corp:carl")).toEqual([]);
  });

  test("to another person's question is refused", async () => {
    const answer = key.create(questionIn(await approving.get("carl", "/passkeys")));
    expect((await approving.post("bob", "/passkeys", { ...CSRF, answer })).body).toContain("passkey_invalid");
  });

  test("needs the form's token, and is not for services or agents", async () => {
    const answer = key.create(questionIn(await approving.get("bob", "/passkeys")));
    expect((await approving.post("bob", "/passkeys", { csrf: "wrong", answer })).status).toBe(403);
    approving.people.set("corp:bot", person("corp:bot", ["privacy"], { kind: "service" }));
    expect((await approving.get("bot", "/passkeys")).status).toBe(403);
  });

  test.each(["", "{}", "null", "[1]", '{"id":"x","rawId":"x","type":"public-key","response":{}}'])(
    "with %j as the answer is refused",
    async (answer) => {
      expect((await approving.post("bob", "/passkeys", { ...CSRF, answer })).body).toContain("passkey_invalid");
    },
  );

  test("is possible ten times, and twenty questions are open at most", async () => {
    for (let at = 0; at < 10; at++) expect((await register(new Authenticator(ORIGIN))).status).toBe(303);
    expect((await approving.get("bob", "/passkeys")).body).toContain("passkeys_limited");
    for (let at = 0; at < 20; at++) await approving.get("carl", "/passkeys");
    expect((await approving.get("carl", "/passkeys")).body).toContain("rate_limited");
    approving.desk.laterMs += 300_001;
    expect((await approving.get("carl", "/passkeys")).status).toBe(200);
  });

  test("can be undone, by its owner alone", async () => {
    await register();
    const remove = (who: string): Promise<Answer> =>
      approving.post(who, "/passkeys/remove", { csrf: `csrf of ${who}`, passkey: key.id });
    expect((await remove("carl")).body).toContain("passkey_invalid");
    expect((await remove("bob")).status).toBe(303);
    expect(await approving.channels.passkeys.of("corp:bob")).toEqual([]);
  });
});

describe("a yes to a risky request", () => {
  test("asks for the passkey, and counts with it, comment included", async () => {
    await register();
    const review = await approving.hold();
    const question = await askYes(review);
    expect(await approving.stateOf(review)).toBe("pending");
    expect(await stepUp(review, key.get(question))).toMatchObject({
      status: 303,
      headers: { location: `/reviews/${review}` },
    });
    const reviewed = await approving.desk.store.read(review);
    const said = { person: "corp:bob", decision: "approve", passkey: true };
    expect(reviewed).toMatchObject({ state: "granted", votes: [said] });
    expect(await approving.desk.store.readGrant(reviewed?.grant ?? "")).toMatchObject({ stepUp: true });
    expect((await approving.desk.store.comments(review)).get("corp:bob")).toBe("fine");
    expect(approving.named("passkey.used")).toMatchObject([{ actor: "corp:bob", facts: { review } }]);
    expect(approving.named("channel.decided")).toMatchObject([{ facts: { channel: "browser", passkey: true } }]);
  });

  test("from a program is refused with the place where it can be said", async () => {
    const review = await approving.hold();
    const { statusCode, body } = await approving.app.inject({
      method: "POST",
      url: `/api/reviews/${review}/votes`,
      headers: { "x-person": "bob" },
      payload: { decision: "approve" },
    });
    expect([statusCode, body]).toEqual([403, expect.stringContaining("step_up_required")]);
    expect(await approving.stateOf(review)).toBe("pending");
    expect(refusals()).toEqual(["step_up_required"]);
  });

  test("by somebody without a passkey says how to get one", async () => {
    const review = await approving.hold();
    const page = await approving.post("bob", `/reviews/${review}/votes`, { ...CSRF, decision: "approve" });
    expect(page.body).toContain('href="/passkeys"');
    expect(page.body).not.toContain("<script");
    expect(await approving.stateOf(review)).toBe("pending");
  });

  const lies: [string, Lies][] = [
    ["from another origin", { origin: "https://evil.example" }],
    ["for another relying party", { rpId: "evil.example" }],
    ["to another question", { challenge: Buffer.alloc(32).toString("base64url") }],
    ["that did not verify the person", { unverified: true }],
    ["that was meant as a registration", { type: "webauthn.create" }],
    ["signed with another key", { forged: true }],
    ["with a counter that stands", { counter: 1 }],
    ["with a counter that has fallen", { counter: 0 }],
  ];
  test.each(lies)("with an answer %s does not count", async (_, lie) => {
    await register();
    const review = await approving.hold();
    expect(await stepUp(review, key.get(await askYes(review), lie))).toMatchObject({
      status: 403,
      body: expect.stringContaining("passkey_invalid") as string,
    });
    expect(await approving.stateOf(review)).toBe("pending");
    expect(refusals()).toEqual(["step_up_required", "passkey_invalid"]);
  });

  test("by a copy of a passkey is an alarm", async () => {
    await register();
    const review = await approving.hold();
    await stepUp(review, key.get(await askYes(review), { counter: 1 }));
    expect(approving.named("passkey.cloned")).toMatchObject([{ actor: "corp:bob", facts: { alarm: true, review } }]);
  });

  test("by an authenticator that does not count (always zero) counts each time", async () => {
    key.counter = 0;
    const uncounted = { counter: 0 };
    await register(key, uncounted);
    for (const text of ["1", "2"]) {
      const review = await approving.hold(text);
      await stepUp(review, key.get(await askYes(review), uncounted));
      expect(await approving.stateOf(review)).toBe("granted");
    }
  });

  test("holds for one review, one person, once, and five minutes", async () => {
    await register();
    const other = new Authenticator(ORIGIN);
    approving.people.set("corp:carl", person("corp:carl"));
    await register(other, {}, "carl");
    const two = [{ group: "privacy", people: 2 }];
    const [first, second] = [await approving.hold("1", { approvals: two }), await approving.hold("2")];
    const answer = key.get(await askYes(first));
    expect((await stepUp(second, answer)).status).toBe(403);
    expect((await stepUp(first, answer, "carl")).status).toBe(403);
    expect((await stepUp(first, answer)).status).toBe(303);
    expect((await stepUp(first, answer)).status).toBe(403);
    const late = key.get(await askYes(second));
    approving.desk.laterMs += 300_001;
    expect((await stepUp(second, late)).body).toContain("passkey_invalid");
    expect((await approving.desk.store.read(first))?.votes).toHaveLength(1);
    expect((await approving.desk.store.read(second))?.votes).toHaveLength(0);
  });

  test("said by a hundred at once with one answer counts once", async () => {
    await register();
    const review = await approving.hold("{}", { approvals: [{ group: "privacy", people: 2 }] });
    const answer = key.get(await askYes(review));
    const all = await Promise.all(Array.from({ length: 100 }, () => stepUp(review, answer)));
    expect(all.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(approving.named("passkey.used")).toHaveLength(1);
  });

  test("by the requester, or without the group, is refused with a passkey too", async () => {
    for (const who of ["alice", "eve"]) {
      const theirs = new Authenticator(ORIGIN);
      await register(theirs, {}, who);
      const review = await approving.hold(who);
      // Their page does not ask for it: the question is one that was left from before.
      expect(await askYes(review, who)).toBe("");
      const question = (await approving.channels.passkeys.question(`corp:${who}`, review)) ?? "";
      expect((await stepUp(review, theirs.get(question), who)).status).toBe(403);
      expect(await approving.stateOf(review)).toBe("pending");
    }
    expect(refusals().filter((code) => code !== "step_up_required")).toEqual(["approval_self", "permission_missing"]);
  });
});

describe("what needs no passkey", () => {
  test("is a no, however risky", async () => {
    const review = await approving.hold();
    await approving.post("bob", `/reviews/${review}/votes`, { ...CSRF, decision: "deny" });
    expect(await approving.stateOf(review)).toBe("denied");
  });

  test("is a yes below the threshold", async () => {
    const review = await approving.hold("{}", { risk: { score: 69, reasons: [] } });
    await approving.post("bob", `/reviews/${review}/votes`, { ...CSRF, decision: "approve" });
    expect(await approving.stateOf(review)).toBe("granted");
  });
});

describe("the page", () => {
  test("lets one script run, by its hash, and says what to do without it", async () => {
    const { headers, body } = await approving.get("bob", "/passkeys");
    const hash = `sha256-${createHash("sha256").update(SCRIPT).digest("base64")}`;
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src '${hash}' ${ORIGIN}${SCRIPT_PATH}`);
    expect(policy).not.toContain("unsafe");
    expect(body).toContain(`<script src="${SCRIPT_PATH}" integrity="${hash}" defer></script>`);
    expect(body).toContain("<noscript>");
    expect(body).not.toMatch(/<script>|onclick|javascript:/);
  });

  test("gets the script as a file that nobody has to guess the type of", async () => {
    const { status, headers, body } = await approving.get("nobody", SCRIPT_PATH);
    expect([status, headers["content-type"], body]).toEqual([200, "text/javascript; charset=utf-8", SCRIPT]);
  });

  test("asks for what the device has to check, from this host alone", async () => {
    const question = JSON.parse(questionIn(await approving.get("bob", "/passkeys"))) as object;
    expect(question).toMatchObject({
      rp: { id: "sluice.example" },
      authenticatorSelection: { userVerification: "required" },
      attestation: "none",
    });
    expect(JSON.stringify(question)).not.toContain("corp:bob");
  });
});
