import { createPublicKey } from "node:crypto";
import { beforeEach, describe, expect, it, test } from "vitest";
import { Secret } from "../core/secret.ts";
import { spMetadata } from "./saml-library.ts";
import { encrypted, OAEP_SHA1, OAEP_SHA256, type Transport } from "./test/saml-encrypter.ts";
import { newSigningKey } from "./test/saml-idp.ts";
import { ACS, refusal, Scene } from "./test/saml-scene.ts";
import { WRAPPINGS } from "./test/saml-wrapping.ts";

const at = new Scene();
const ours = newSigningKey();
const WHOLE_ASSERTION = /<saml:Assertion[^]*<\/saml:Assertion>/;
const XSW4 = "XSW4: the signed assertion inside of a forged one";

describe("an encrypted assertion", () => {
  const GCM128 = "http://www.w3.org/2009/xmlenc11#aes128-gcm";
  const CBC = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";

  /** What the provider's options are when it has read our metadata. */
  const encrypting = (change: object = {}) => ({
    encryptionCert: ours.cert,
    encryptionPublicKey: createPublicKey(ours.cert).export({ type: "spki", format: "pem" }),
    ...change,
  });
  beforeEach(() => {
    at.settings = { ...at.settings, decryption: { key: new Secret(ours.key), certificate: ours.cert } };
  });

  test.each([
    ["as the provider does it by itself", {}],
    ["with AES of 128 bits", { encryptionAlgorithm: GCM128 }],
    ["in a signed response", { signResponse: true }],
  ])("is opened (%s)", async (_, change) => {
    at.idp.change = encrypting(change);
    const begun = await at.begin();
    expect(begun.xml).not.toContain("mara");
    expect((await at.finish(begun)).asserted).toMatchObject({
      subject: "mara",
      groups: ["Support EMEA", "Works council"],
    });
    expect(await refusal(at.finish(begun))).toMatch(/^assertion_replayed: /);
  });

  test.each([
    ["SHA-1", OAEP_SHA1],
    ["SHA-256", OAEP_SHA256],
  ])("is opened with a key beside it (RSA-OAEP with %s)", async (_, transport) => {
    const begun = await at.begin();
    const xml = begun.xml.replace(WHOLE_ASSERTION, (assertion) => encrypted(assertion, ours.cert, transport));
    expect(xml).not.toContain("mara");
    await expect(at.finish({ ...begun, xml })).resolves.toMatchObject({ asserted: { subject: "mara" } });
  });

  it("is refused where there is no key for it", async () => {
    const { decryption: _, ...without } = at.settings;
    at.settings = without;
    at.idp.change = encrypting();
    expect(await refusal(at.login())).toMatch(/^assertion_invalid: .*no key for it/);
  });

  const insecure = { disallowEncryptionWithInsecureAlgorithm: false, warnOnInsecureEncryptionAlgorithm: false };
  const ways: readonly (readonly [name: string, change: Record<string, unknown>, why: RegExp])[] = [
    ["with AES-CBC", { ...insecure, encryptionAlgorithm: CBC }, /AES-GCM is/],
    ["and not signed", { signAssertion: false }, /not signed/],
    ["and not signed, in a signed response", { signAssertion: false, signResponse: true }, /not signed/],
    ["and signed with SHA-1", { signatureAlgorithm: "rsa-sha1" }, /SignatureMethod/],
    ["and for another audience", { audience: "https://other.example" }, /Audience/],
  ];
  test.each(ways)("is refused when it is encrypted %s", async (_, change, why) => {
    at.idp.change = encrypting(change);
    const refused = await refusal(at.login());
    expect(refused).toMatch(/^assertion_invalid: /);
    expect(refused).toMatch(why);
  });

  const digest = (uri: string): string =>
    `<DigestMethod xmlns="http://www.w3.org/2000/09/xmldsig#" Algorithm="${uri}"/>`;
  const transports: readonly (readonly [name: string, change: Partial<Transport>])[] = [
    ["by RSA of PKCS #1 v1.5", { algorithm: "http://www.w3.org/2001/04/xmlenc#rsa-1_5" }],
    ["with a hash that its mask does not have", { children: digest("http://www.w3.org/2001/04/xmlenc#sha256") }],
    ["with a label", { children: "<x:OAEPparams>AAAA</x:OAEPparams>" }],
    ["with SHA-1 where nothing else is said", { algorithm: OAEP_SHA256.algorithm }],
  ];
  test.each(transports)("is refused when its key is encrypted %s", async (_, change) => {
    const begun = await at.begin();
    const transport = { ...OAEP_SHA1, ...change };
    const xml = begun.xml.replace(WHOLE_ASSERTION, (assertion) => encrypted(assertion, ours.cert, transport));
    expect(await refusal(at.finish({ ...begun, xml }))).toMatch(/^assertion_invalid: .*RSA-OAEP is/);
  });

  it("is refused when it is for somebody else's key, or was changed, and one answer is given for both", async () => {
    const begun = await at.begin();
    const whole = (cert: string) => begun.xml.replace(WHOLE_ASSERTION, (assertion) => encrypted(assertion, cert));
    const changed = whole(ours.cert).replace(/(<x:CipherValue>[^<]{40})[^<]{4}/, "$1AAAA");
    const short = whole(ours.cert).replace(/(<x:CipherValue>)[^<]+/, "$1AAAA");
    const attempts = [whole(at.otherKey.cert), changed, short].map((xml) => refusal(at.finish({ ...begun, xml })));
    expect(new Set(await Promise.all(attempts)).size).toBe(1);
    expect(await attempts[0]).toMatch(/^assertion_invalid: .*does not open/);
  });

  const forged: readonly (readonly [name: string, change: (assertion: string) => string, why: RegExp])[] = [
    ["says something else than what was signed", (each) => each.replace(">mara<", ">eve<"), /signed by no key/],
    ["is no assertion", () => "<x/>", /no assertion/],
    ["is no XML", () => "eve", /text outside/],
    ["is two", (each) => each + each, /behind its end/],
    ["reaches out of its place", (each) => `${each}</samlp:Response><samlp:Response>${each}`, /behind its end/],
    ["has a comment in it", (each) => each.replace(">mara<", ">ma<!-- -->ra<"), /a comment/],
    ["has a document type", (each) => `<!DOCTYPE x>${each}`, /document type/],
    ["is encrypted once more", (each) => encrypted(each, ours.cert), /no assertion/],
    ["wraps the signed one", (each) => WRAPPINGS[XSW4]?.(each, "eve") ?? "", /more than one assertion/],
  ];
  test.each(forged)("is refused when what is in it %s", async (_, change, why) => {
    const begun = await at.begin();
    const xml = begun.xml.replace(WHOLE_ASSERTION, (assertion) => encrypted(change(assertion), ours.cert));
    expect(await refusal(at.finish({ ...begun, xml }))).toMatch(why);
  });

  it("is refused beside another one, and in another place", async () => {
    const begun = await at.begin();
    const sealed = encrypted(WHOLE_ASSERTION.exec(begun.xml)?.[0] ?? "", ours.cert);
    for (const change of [
      (assertion: string) => sealed + assertion,
      () => sealed + sealed,
      () => `<samlp:Extensions>${sealed}</samlp:Extensions>`,
    ])
      expect(await refusal(at.finish({ ...begun, xml: begun.xml.replace(WHOLE_ASSERTION, change) }))).toMatch(
        /^assertion_invalid: .*(id twice|more than one assertion)/,
      );
  });

  it("is offered in the metadata with what is accepted alone", async () => {
    const metadata = await spMetadata(at.settings, ACS);
    expect(metadata).toContain('use="encryption"');
    expect(metadata).toContain("aes256-gcm");
    expect(metadata).not.toMatch(/-cbc|PRIVATE/);
  });
});
