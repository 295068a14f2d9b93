import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Secret } from "../core/secret.ts";
import { Logins } from "./login.ts";
import type { ProviderSettings } from "../core/identity.ts";
import { addressRefusal, checkedLookup } from "../protocols/http/address.ts";
import { createProviderFetch } from "./provider-fetch.ts";
import {
  browse,
  CLIENT_ID,
  CLIENT_SECRET,
  type LoginProvider,
  startLoginProvider,
  TestBrowser,
} from "./test/login-provider.ts";

const CALLBACK = "https://sluice.example/login/callback";
const SESSION_MS = 3_600_000;
const KEY = randomBytes(32);
const fetching = createProviderFetch({ lookup: checkedLookup, refusal: addressRefusal });

let provider: LoginProvider;
let settings: ProviderSettings;
let now: number;
let logins: Logins;

beforeAll(async () => {
  provider = await startLoginProvider([CALLBACK]);
});
afterAll(async () => {
  await fetching.close();
  await provider.close();
});
beforeEach(() => {
  provider.account = "mara";
  provider.sinceSeconds = 0;
  provider.profile = {};
  now = Date.now();
  settings = {
    name: "corp",
    issuer: provider.issuer,
    audiences: ["sluice"],
    clientId: CLIENT_ID,
    clientSecret: new Secret(CLIENT_SECRET),
    algorithms: ["RS256"],
    clockSkewMs: 60_000,
    subjectClaim: "sub",
    groupsClaim: ["groups"],
  };
  logins = newLogins();
});

const newLogins = (key: Uint8Array = KEY): Logins =>
  new Logins({ key, random: randomBytes, clock: () => now, sessionMs: SESSION_MS }, fetching.fetchFor);

const begin = (returnTo = "/reviews/7") => logins.begin(settings, CALLBACK, returnTo);
const refused = (code: string): Error => expect.objectContaining({ code }) as Error;

describe("a login with a browser", () => {
  it("ends with what the provider says of the person, and where it wanted to go", async () => {
    const { url, cookie } = await begin();
    expect(logins.providerOf(cookie)).toBe("corp");
    const back = await browse(url, CALLBACK);
    const { asserted, returnTo, providerSession } = await logins.finish(settings, back, cookie);
    expect(asserted).toEqual({
      provider: "corp",
      subject: "mara",
      kind: "human",
      groups: ["Support EMEA"],
      // The provider counts in seconds.
      saidAt: expect.closeTo(now, -5) as number,
      actors: [],
      expiresAt: now + SESSION_MS,
    });
    expect(asserted.saidAt).toBeLessThanOrEqual(now);
    expect(returnTo).toBe("/reviews/7");
    expect(providerSession).toMatch(/\S/);
  });

  it("gives the name of the person, cleaned, and nothing else of a profile", async () => {
    settings = { ...settings, scope: "openid profile" };
    provider.profile = { name: "Mara\u202e <Ott>", preferred_username: "mara@example.org", birthdate: "1980-01-01" };
    const { url, cookie } = await begin();
    const { asserted } = await logins.finish(settings, await browse(url, CALLBACK), cookie);
    expect(asserted).toMatchObject({ name: "Mara Ott", groups: ["Support EMEA"] });
    expect(JSON.stringify(asserted)).not.toContain("1980");
  });

  it("asks with PKCE, state and nonce, and tells the browser none of their secrets", async () => {
    const { url, cookie } = await begin();
    expect(url.searchParams.get("code_challenge_method")).toBe("S256");
    for (const name of ["code_challenge", "state", "nonce"]) expect(url.searchParams.get(name)).toMatch(/^\S{20,}$/);
    expect(Buffer.from(cookie, "base64url").toString("latin1")).not.toContain("verifier");
  });

  it("is finished by the browser that began it alone", async () => {
    const [mine, other] = [await begin(), await begin()];
    const back = await browse(mine.url, CALLBACK);
    const changed = `${mine.cookie.slice(0, -2)}AA`;
    for (const cookie of [undefined, "", "x", other.cookie, changed]) {
      await expect(logins.finish(settings, back, cookie)).rejects.toThrow(refused("login_failed"));
    }
    logins = newLogins(randomBytes(32));
    await expect(logins.finish(settings, back, mine.cookie)).rejects.toThrow(refused("login_failed"));
  });

  it("may come back to another gateway that has the same key", async () => {
    const { url, cookie } = await begin();
    const back = await browse(url, CALLBACK);
    expect((await newLogins().finish(settings, back, cookie)).asserted.subject).toBe("mara");
  });

  it("takes a code once", async () => {
    const { url, cookie } = await begin();
    const back = await browse(url, CALLBACK);
    await logins.finish(settings, back, cookie);
    await expect(logins.finish(settings, back, cookie)).rejects.toThrow(refused("login_failed"));
  });

  it("does not last for ever", async () => {
    const { url, cookie } = await begin();
    const back = await browse(url, CALLBACK);
    now += 10 * 60_000;
    await expect(logins.finish(settings, back, cookie)).rejects.toThrow(refused("login_expired"));
  });

  it("says so when the provider lets nobody in, and repeats nothing that it said", async () => {
    provider.account = undefined;
    const { url, cookie } = await begin();
    const back = await browse(url, CALLBACK);
    const error: unknown = await logins.finish(settings, back, cookie).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "login_failed", message: expect.stringContaining("access_denied") as string });
    expect(String(error)).not.toContain("said no");
  });

  it("is refused with a wrong secret, and where there is no client", async () => {
    const { url, cookie } = await begin();
    const back = await browse(url, CALLBACK);
    logins.forget();
    const wrong = { ...settings, clientSecret: new Secret("another secret, as long as it is wrong") };
    await expect(logins.finish(wrong, back, cookie)).rejects.toThrow(refused("login_failed"));
    const { clientId: _, ...none } = { ...settings, name: "none" };
    await expect(logins.begin(none, CALLBACK, "/")).rejects.toThrow(refused("login_failed"));
  });

  it("says that the provider is away, and tries again at the next login", async () => {
    const away = { ...settings, issuer: "http://127.0.0.1:9" };
    await expect(logins.begin(away, CALLBACK, "/")).rejects.toThrow(refused("provider_unavailable"));
    expect((await begin()).cookie).toMatch(/\S/);
  });

  it.each(["//evil.example", "/\\evil.example", "https://evil.example", "", "/a b", `/${"x".repeat(600)}`])(
    "leads nowhere but to a path of this gateway: %s",
    async (path) => {
      const { url, cookie } = await begin(path);
      const back = await browse(url, CALLBACK);
      expect((await logins.finish(settings, back, cookie)).returnTo).toBe("/");
    },
  );
});

describe("a login that has to be fresh", () => {
  const beginFresh = () => logins.begin(settings, CALLBACK, "/passkeys", true);

  /** A browser with a session at the provider, which lets whoever sits before it in unasked. */
  async function returning(sinceSeconds: number): Promise<TestBrowser> {
    const browser = new TestBrowser();
    provider.sinceSeconds = sinceSeconds;
    await browser.follow((await begin()).url, CALLBACK);
    provider.sinceSeconds = 0;
    return browser;
  }

  it("has the provider ask anew, whatever session it has, and ends with the time at which it did", async () => {
    const browser = await returning(280);
    const { url, cookie } = await beginFresh();
    const back = await browser.follow(url, CALLBACK);
    const { authenticatedAt, returnTo } = await logins.finish(settings, back, cookie);
    expect(returnTo).toBe("/passkeys");
    // The provider counts in seconds.
    expect(authenticatedAt).toBeGreaterThan(now - 10_000);
    expect(authenticatedAt).toBeLessThanOrEqual(now);
  });

  it("is none when the browser takes the question out of the request and the provider lets it in unasked", async () => {
    const browser = await returning(280);
    const { url, cookie } = await beginFresh();
    url.searchParams.delete("prompt");
    const back = await browser.follow(url, CALLBACK);
    now += 30_000;
    const error: unknown = await logins.finish(settings, back, cookie).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "login_not_fresh", message: expect.stringContaining("auth_time") as string });
  });

  it("is none where the provider does not say when it was, and the refusal says what it has to send", async () => {
    const browser = await returning(0);
    const { url, cookie } = await beginFresh();
    // Without it a provider need not say.
    for (const name of ["prompt", "max_age"]) url.searchParams.delete(name);
    const back = await browser.follow(url, CALLBACK);
    const error: unknown = await logins.finish(settings, back, cookie).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "login_time_missing",
      message: expect.stringContaining("auth_time in its ID tokens") as string,
    });
  });

  it("is asked of nobody who logs in for something else", async () => {
    const { url, cookie } = await begin();
    for (const name of ["prompt", "max_age"]) expect(url.searchParams.has(name)).toBe(false);
    const loggedIn = await logins.finish(settings, await browse(url, CALLBACK), cookie);
    expect(loggedIn.authenticatedAt).toBeUndefined();
  });
});
