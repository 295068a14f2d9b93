/** Logins at a real SAML provider: who gets in, and that it is the browser that began. */
import { randomBytes } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import { describe, expect, it, test } from "vitest";
import { spMetadata } from "./saml-library.ts";
import { samlCookie } from "./saml-login.ts";
import { PERSISTENT } from "./test/saml-idp.ts";
import { ACS, base64, MINUTE, refusal, Scene, SESSION_MS } from "./test/saml-scene.ts";

const at = new Scene();

describe("a login with SAML", () => {
  it("ends with what the provider says of the person, and where it wanted to go", async () => {
    const begun = await at.begin();
    expect(at.logins.providerOf(begun.cookie)).toBe("corp");
    const before = at.clock();
    const { asserted, returnTo } = await at.finish(begun);
    const { expiresAt, saidAt, ...rest } = asserted;
    expect(saidAt).toBeLessThanOrEqual(at.clock());
    expect(rest).toEqual({
      provider: "corp",
      subject: "mara",
      kind: "human",
      groups: ["Support EMEA", "Works council"],
      actors: [],
    });
    expect(expiresAt).toBeGreaterThanOrEqual(before + SESSION_MS);
    expect(returnTo).toBe("/reviews/7");
  });

  it("knows one person in every spelling, where the provider tells no case", async () => {
    at.settings = { ...at.settings, foldsCase: true };
    at.idp.person = { ...at.idp.person, nameId: "OLGA@Example.org" };
    expect((await at.login()).asserted.subject).toBe("olga@example.org");
  });

  it("asks in a way that the provider understands, and tells it nothing of the person", async () => {
    const { url } = await at.logins.begin(at.settings, ACS, "/reviews/7");
    const request = inflateRawSync(Buffer.from(url.searchParams.get("SAMLRequest") ?? "", "base64")).toString();
    expect(request).toContain(`AssertionConsumerServiceURL="${ACS}"`);
    expect(request).toContain(at.settings.entityId);
    expect(request).toContain(PERSISTENT);
    expect(request).not.toContain("RequestedAuthnContext");
    expect(url.searchParams.get("tenant")).toBe("1");
    expect(url.searchParams.has("RelayState")).toBe(false);
  });

  it("is told by its metadata, without a secret", async () => {
    const metadata = await spMetadata(at.settings, ACS);
    expect(metadata).toContain(`entityID="${at.settings.entityId}"`);
    expect(metadata).toContain(`Location="${ACS}"`);
    expect(metadata).toContain('WantAssertionsSigned="true"');
  });

  it("may come back to another gateway that has the same key", async () => {
    const begun = await at.begin();
    at.restart();
    await expect(at.finish(begun)).resolves.toMatchObject({ returnTo: "/reviews/7" });
  });

  it("leads to no other site", async () => {
    const begun = await at.begin("//evil.example/");
    await expect(at.finish(begun)).resolves.toMatchObject({ returnTo: "/" });
  });

  it("keeps its cookie from scripts and from plain HTTP, and lets the provider's page post with it", () => {
    expect(samlCookie("x")).toMatch(/^__Host-.*; Path=\/; Max-Age=600; Secure; HttpOnly; SameSite=None$/);
    expect(samlCookie("")).toContain("Max-Age=0");
  });

  it("may have its response signed too", async () => {
    at.idp.change = { signResponse: true };
    await expect(at.login()).resolves.toMatchObject({ asserted: { subject: "mara" } });
  });

  it("accepts the old key of the provider and the new one", async () => {
    at.settings = { ...at.settings, certificates: [at.otherKey.cert, at.idp.signing.cert] };
    await expect(at.login()).resolves.toMatchObject({ asserted: { subject: "mara" } });
  });

  test.each([
    ["one value", "Support EMEA", ["Support EMEA"]],
    ["one value with a comma", "Support, EMEA", ["Support, EMEA"]],
    ["many values", ["a", "b", "a"], ["a", "b"]],
    ["no value", [], []],
    ["markup in a value", ["<b>&amp;</b>", "\"'"], ["<b>&amp;</b>", "\"'"]],
  ])("reads groups of %s", async (_, groups, read) => {
    at.idp.person.attributes = { groups };
    expect((await at.login()).asserted.groups).toEqual(read);
  });

  it("takes the person's name from an attribute where the configuration says so", async () => {
    at.settings = { ...at.settings, subjectAttribute: "uid" };
    at.idp.person = {
      nameId: "a1",
      format: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
      attributes: { uid: "u-17" },
    };
    expect((await at.login()).asserted).toMatchObject({ subject: "u-17", groups: [] });
  });

  it("counts within the skew and not beyond it", async () => {
    for (const minutes of [-0.9, 5.9]) {
      const begun = await at.begin();
      at.ahead = minutes * MINUTE;
      await expect(at.finish(begun)).resolves.toMatchObject({ asserted: { subject: "mara" } });
      at.ahead = 0;
    }
  });
});
describe("nobody gets in", () => {
  it("with a response that nobody asked for", async () => {
    const begun = await at.begin();
    for (const cookie of [undefined, "", "x", `${begun.cookie.slice(0, -2)}AA`])
      expect(await refusal(at.logins.finish(at.settings, ACS, base64(begun.xml), cookie))).toMatch(/^login_failed: /);
    const unsolicited = begun.xml.replaceAll(/ InResponseTo="[^"]*"/g, "");
    expect(await refusal(at.finish({ ...begun, xml: unsolicited }))).toMatch(/^assertion_invalid: /);
    const outside = begun.xml.replace(/ InResponseTo="[^"]*"/, "");
    expect(await refusal(at.finish({ ...begun, xml: outside }))).toMatch(/^assertion_invalid: /);
  });

  it("with the answer to another browser's request, or to an earlier one", async () => {
    const [mine, other] = [await at.begin(), await at.begin()];
    expect(await refusal(at.finish({ xml: other.xml, cookie: mine.cookie }))).toMatch(/^login_failed: /);
    const [theirs] = /(?<= InResponseTo=")[^"]+/.exec(other.xml) ?? [""];
    const [ours] = /(?<= InResponseTo=")[^"]+/.exec(mine.xml) ?? [""];
    // The envelope may say what it likes: what is signed counts too.
    expect(await refusal(at.finish({ xml: other.xml.replace(theirs, ours), cookie: mine.cookie }))).toMatch(
      /^login_failed: /,
    );
    await expect(at.finish(mine)).resolves.toMatchObject({ asserted: { subject: "mara" } });
  });

  it("at a gateway with another key", async () => {
    const begun = await at.begin();
    at.restart(randomBytes(32));
    expect(await refusal(at.finish(begun))).toMatch(/^login_failed: /);
  });

  it("at another provider than where it began", async () => {
    const begun = await at.begin();
    at.settings = { ...at.settings, name: "partner" };
    expect(await refusal(at.finish(begun))).toMatch(/^login_failed: /);
  });

  it("twice with one assertion", async () => {
    const begun = await at.begin();
    await at.finish(begun);
    expect(await refusal(at.finish(begun))).toMatch(/^assertion_replayed: /);
    const rewrapped = begun.xml.replace(/(<samlp:Response[^>]* ID=")[^"]+/, "$1_another");
    expect(await refusal(at.finish({ ...begun, xml: rewrapped }))).toMatch(/^assertion_replayed: /);
  });

  it("twice with one assertion, however many try at once", async () => {
    const begun = await at.begin();
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => at.finish(begun)));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const each of tries)
      if (each.status === "rejected") expect(each.reason).toMatchObject({ code: "assertion_replayed" });
  });

  it("when the login took too long", async () => {
    const begun = await at.begin();
    at.ahead = 10 * MINUTE;
    expect(await refusal(at.finish(begun))).toMatch(/^login_expired: /);
  });

  it("with an assertion of ten minutes ago or ahead", async () => {
    at.ahead = 10 * MINUTE;
    expect(await refusal(at.login())).toMatch(/^login_expired: /);
    at.ahead = -10 * MINUTE;
    expect(await refusal(at.login())).toMatch(/^assertion_invalid: /);
  });
});

describe("a login with SAML that has to be fresh", () => {
  const requestIn = (url: URL): string =>
    inflateRawSync(Buffer.from(url.searchParams.get("SAMLRequest") ?? "", "base64")).toString();
  const instant = (ms: number) => (assertion: string) =>
    assertion.replace(/ AuthnInstant="[^"]+"/, ` AuthnInstant="${new Date(at.clock() - ms).toISOString()}"`);

  it("has the provider ask anew, and ends with the time at which it did; no other login does", async () => {
    const ordinary = await at.begin();
    expect(requestIn(ordinary.url)).not.toContain("ForceAuthn");
    at.fresh = true;
    const begun = await at.begin("/passkeys");
    expect(requestIn(begun.url)).toContain('ForceAuthn="true"');
    const { authenticatedAt = 0, returnTo } = await at.finish(begun);
    expect(returnTo).toBe("/passkeys");
    expect(at.clock() - authenticatedAt).toBeLessThan(10_000);
    expect(authenticatedAt).toBeLessThanOrEqual(at.clock());
  });

  it("is none where the provider lets somebody in who has logged in there before", async () => {
    at.fresh = true;
    expect(await refusal(at.loginByHand(instant(5 * MINUTE)))).toMatch(/^login_not_fresh: .*AuthnInstant/);
    await expect(at.loginByHand(instant(4 * MINUTE))).resolves.toMatchObject({ asserted: { subject: "mara" } });
  });

  it("is none where the provider does not say when it was", async () => {
    const silent = (assertion: string): string => assertion.replace(/ AuthnInstant="[^"]+"/, "");
    await expect(at.loginByHand(silent)).resolves.not.toHaveProperty("authenticatedAt");
    at.fresh = true;
    expect(await refusal(at.loginByHand(silent))).toMatch(/^login_time_missing: .*AuthnInstant in its assertions/);
  });

  it("is as old as the oldest of several statements", async () => {
    at.fresh = true;
    const twice = (assertion: string): string =>
      assertion.replace(
        "<saml:AuthnStatement",
        `<saml:AuthnStatement AuthnInstant="${new Date(at.clock() - 60 * MINUTE).toISOString()}"></saml:AuthnStatement>$&`,
      );
    expect(await refusal(at.loginByHand(twice))).toMatch(/^login_not_fresh: /);
  });
});
