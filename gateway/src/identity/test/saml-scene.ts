/** A provider, our settings for it and one browser: what tests of logins with SAML begin with. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import type { Pair } from "../../core/test/pki.ts";
import { SluiceError } from "../../core/errors.ts";
import type { SamlProviderSettings } from "../../core/identity.ts";
import type { LoggedIn } from "../login.ts";
import { SamlLogins } from "../saml-login.ts";
import { SignatureThread } from "../saml-signature.ts";
import { answerTo, newSigningKey, PERSISTENT, type SamlIdp, startSamlIdp } from "./saml-idp.ts";
import { canonicalAssertion, requestIdIn, responseAround, signed, type Signing } from "./saml-signer.ts";

export const ACS = "https://sluice.example/login/saml/acs";
export const SESSION_MS = 3_600_000;
export const MINUTE = 60_000;
const KEY = randomBytes(32);

export interface Begun {
  readonly url: URL;
  readonly cookie: string;
  /** The provider's answer, XML. */
  readonly xml: string;
}

export const base64 = (xml: string): string => Buffer.from(xml).toString("base64");

/** The same before each test of a file; tests change it as they like. */
export class Scene {
  idp!: SamlIdp;
  /** Of nobody whom we know. */
  otherKey!: Pair;
  settings!: SamlProviderSettings;
  readonly signatures = new SignatureThread();
  logins!: SamlLogins;
  /** How far our clock is ahead of the provider's. */
  ahead = 0;
  /** Logins ask the provider to have the person log in anew. */
  fresh = false;

  constructor() {
    beforeAll(async () => {
      this.idp = await startSamlIdp();
      this.otherKey = newSigningKey();
    });
    afterAll(async () => {
      await this.signatures.close();
      await this.idp.close();
    });
    beforeEach(() => this.#reset());
  }

  #reset(): void {
    const { idp } = this;
    this.ahead = 0;
    this.fresh = false;
    idp.person = { nameId: "mara", format: PERSISTENT, attributes: { groups: ["Support EMEA", "Works council"] } };
    idp.change = {};
    this.settings = {
      name: "corp",
      issuer: idp.issuer,
      entryPoint: idp.entryPoint,
      certificates: [idp.signing.cert],
      entityId: "https://sluice.example/saml",
      audiences: ["https://sluice.example/saml"],
      nameIdFormat: PERSISTENT,
      groupsAttribute: "groups",
      clockSkewMs: MINUTE,
    };
    this.restart();
  }

  /** Another gateway, with the same key or another. */
  restart(key: Uint8Array = KEY): void {
    this.logins = new SamlLogins(
      { key, random: randomBytes, clock: this.clock, sessionMs: SESSION_MS },
      this.signatures,
    );
  }

  clock = (): number => Date.now() + this.ahead;

  /** Up to the provider's answer. */
  async begin(returnTo = "/reviews/7"): Promise<Begun> {
    const { url, cookie } = await this.logins.begin(this.settings, ACS, returnTo, this.fresh);
    const { action, response } = await answerTo(url);
    expect(action).toBe(ACS);
    return { url, cookie, xml: Buffer.from(response, "base64").toString() };
  }

  finish({ xml, cookie }: Pick<Begun, "xml" | "cookie">): Promise<LoggedIn> {
    return this.logins.finish(this.settings, ACS, base64(xml), cookie);
  }

  async login(): Promise<LoggedIn> {
    return this.finish(await this.begin());
  }

  /** A login whose answer is signed by hand, with something in it that the provider library never writes. */
  async loginByHand(change: (assertion: string) => string, signing: Partial<Signing> = {}): Promise<LoggedIn> {
    const { url, cookie } = await this.logins.begin(this.settings, ACS, "/", this.fresh);
    const [requestId, now] = [requestIdIn(url), this.clock()];
    const assertion = canonicalAssertion({
      issuer: this.settings.issuer,
      audience: this.settings.entityId,
      acsUrl: ACS,
      requestId,
      nameId: "mara",
      groups: ["Support EMEA"],
      sessionEnd: now + 30 * MINUTE,
      now,
    });
    const element = signed(change(assertion), { key: this.idp.signing.key, ...signing });
    return this.finish({ xml: responseAround(element, requestId), cookie });
  }
}

/** Code and message of the refusal; fails when somebody got in, or when what is said holds something of the person. */
export async function refusal(attempt: Promise<LoggedIn>): Promise<string> {
  const thrown: unknown = await attempt.then(
    () => new Error("let through"),
    (each: unknown) => each,
  );
  if (!(thrown instanceof SluiceError)) throw thrown;
  expect(`${thrown.message} ${String(thrown.cause)}`).not.toMatch(/mara|eve|Support EMEA/);
  return `${thrown.code}: ${thrown.message}`;
}
