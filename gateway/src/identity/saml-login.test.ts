/** Logins at a real SAML provider, and everything that must not be one. */
import { randomBytes } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import { SluiceError } from "../core/errors.ts";
import type { SamlProviderSettings } from "../core/identity.ts";
import type { LoggedIn } from "./login.ts";
import { signedAssertion, spMetadata } from "./saml-library.ts";
import { samlCookie, SamlLogins } from "./saml-login.ts";
import { answerTo, newSigningKey, PERSISTENT, type SamlIdp, type SigningKey, startSamlIdp } from "./test/saml-idp.ts";
import { canonicalAssertion, requestIdIn, responseAround, signed, type Signing } from "./test/saml-signer.ts";
import { WRAPPINGS } from "./test/saml-wrapping.ts";

const ACS = "https://sluice.example/login/saml/acs";
const SESSION_MS = 3_600_000;
const KEY = randomBytes(32);
const MINUTE = 60_000;

let idp: SamlIdp;
let otherKey: SigningKey;
let settings: SamlProviderSettings;
/** How far our clock is from the provider's. */
let ahead: number;
let logins: SamlLogins;

const clock = (): number => Date.now() + ahead;
const newLogins = (key: Uint8Array = KEY): SamlLogins =>
  new SamlLogins({ key, random: randomBytes, clock, sessionMs: SESSION_MS });

beforeAll(async () => {
  idp = await startSamlIdp();
  otherKey = newSigningKey();
});
afterAll(() => idp.close());
beforeEach(() => {
  ahead = 0;
  idp.person = { nameId: "mara", format: PERSISTENT, attributes: { groups: ["Support EMEA", "Works council"] } };
  idp.change = {};
  settings = {
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
  logins = newLogins();
});

interface Begun {
  readonly url: URL;
  readonly cookie: string;
  /** The provider's answer, XML. */
  readonly xml: string;
}

async function begin(returnTo = "/reviews/7"): Promise<Begun> {
  const { url, cookie } = await logins.begin(settings, ACS, returnTo);
  const { action, response } = await answerTo(url);
  expect(action).toBe(ACS);
  return { url, cookie, xml: Buffer.from(response, "base64").toString() };
}

const base64 = (xml: string): string => Buffer.from(xml).toString("base64");
const finish = ({ xml, cookie }: Pick<Begun, "xml" | "cookie">): Promise<LoggedIn> =>
  logins.finish(settings, ACS, base64(xml), cookie);

/** Code and message of the refusal; fails when somebody got in, or when what is said holds something of the person. */
async function refusal(attempt: Promise<LoggedIn>): Promise<string> {
  const thrown: unknown = await attempt.then(
    () => new Error("let through"),
    (each: unknown) => each,
  );
  if (!(thrown instanceof SluiceError)) throw thrown;
  expect(`${thrown.message} ${String(thrown.cause)}`).not.toMatch(/mara|eve|Support EMEA/);
  return `${thrown.code}: ${thrown.message}`;
}

describe("a login with SAML", () => {
  it("ends with what the provider says of the person, and where it wanted to go", async () => {
    const begun = await begin();
    expect(logins.providerOf(begun.cookie)).toBe("corp");
    const before = clock();
    const { asserted, returnTo } = await finish(begun);
    const { expiresAt, ...rest } = asserted;
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

  it("asks in a way that the provider understands, and tells it nothing of the person", async () => {
    const { url } = await logins.begin(settings, ACS, "/reviews/7");
    const request = inflateRawSync(Buffer.from(url.searchParams.get("SAMLRequest") ?? "", "base64")).toString();
    expect(request).toContain(`AssertionConsumerServiceURL="${ACS}"`);
    expect(request).toContain(settings.entityId);
    expect(request).toContain(PERSISTENT);
    expect(request).not.toContain("RequestedAuthnContext");
    expect(url.searchParams.get("tenant")).toBe("1");
    expect(url.searchParams.has("RelayState")).toBe(false);
  });

  it("is told by its metadata, without a secret", async () => {
    const metadata = await spMetadata(settings, ACS);
    expect(metadata).toContain(`entityID="${settings.entityId}"`);
    expect(metadata).toContain(`Location="${ACS}"`);
    expect(metadata).toContain('WantAssertionsSigned="true"');
  });

  it("may come back to another gateway that has the same key", async () => {
    const begun = await begin();
    logins = newLogins();
    await expect(finish(begun)).resolves.toMatchObject({ returnTo: "/reviews/7" });
  });

  it("leads to no other site", async () => {
    const begun = await begin("//evil.example/");
    await expect(finish(begun)).resolves.toMatchObject({ returnTo: "/" });
  });

  it("keeps its cookie from scripts and from plain HTTP, and lets the provider's page post with it", () => {
    expect(samlCookie("x")).toMatch(/^__Host-.*; Path=\/; Max-Age=600; Secure; HttpOnly; SameSite=None$/);
    expect(samlCookie("")).toContain("Max-Age=0");
  });

  it("may have its response signed too", async () => {
    idp.change = { signResponse: true };
    await expect(begin().then(finish)).resolves.toMatchObject({ asserted: { subject: "mara" } });
  });

  it("accepts the old key of the provider and the new one", async () => {
    settings = { ...settings, certificates: [otherKey.cert, idp.signing.cert] };
    await expect(begin().then(finish)).resolves.toMatchObject({ asserted: { subject: "mara" } });
  });

  test.each([
    ["one value", "Support EMEA", ["Support EMEA"]],
    ["one value with a comma", "Support, EMEA", ["Support, EMEA"]],
    ["many values", ["a", "b", "a"], ["a", "b"]],
    ["no value", [], []],
    ["markup in a value", ["<b>&amp;</b>", "\"'"], ["<b>&amp;</b>", "\"'"]],
  ])("reads groups of %s", async (_, groups, read) => {
    idp.person.attributes = { groups };
    expect((await begin().then(finish)).asserted.groups).toEqual(read);
  });

  it("takes the person's name from an attribute where the configuration says so", async () => {
    settings = { ...settings, subjectAttribute: "uid" };
    idp.person = {
      nameId: "a1",
      format: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
      attributes: { uid: "u-17" },
    };
    expect((await begin().then(finish)).asserted).toMatchObject({ subject: "u-17", groups: [] });
  });

  it("counts within the skew and not beyond it", async () => {
    for (const minutes of [-0.9, 5.9]) {
      const begun = await begin();
      ahead = minutes * MINUTE;
      await expect(finish(begun)).resolves.toMatchObject({ asserted: { subject: "mara" } });
      ahead = 0;
    }
  });
});

/** A login whose answer is signed by hand, with something in it that the provider library never writes. */
async function byHand(change: (assertion: string) => string, signing: Partial<Signing> = {}): Promise<LoggedIn> {
  const { url, cookie } = await logins.begin(settings, ACS, "/");
  const requestId = requestIdIn(url);
  const now = clock();
  const assertion = canonicalAssertion({
    issuer: settings.issuer,
    audience: settings.entityId,
    acsUrl: ACS,
    requestId,
    nameId: "mara",
    groups: ["Support EMEA"],
    sessionEnd: now + 30 * MINUTE,
    now,
  });
  const element = signed(change(assertion), { key: idp.signing.key, ...signing });
  return logins.finish(settings, ACS, base64(responseAround(element, requestId)), cookie);
}

const same = (assertion: string): string => assertion;

describe("an assertion that is signed by hand", () => {
  it("ends the session when the provider does, skew included", async () => {
    const { asserted } = await byHand(same);
    expect(asserted.subject).toBe("mara");
    expect(Math.abs(asserted.expiresAt - clock() - 31 * MINUTE)).toBeLessThan(10_000);
  });

  const methods: readonly (readonly [name: string, method: Signing["method"], digest: Signing["digest"]])[] = [
    [
      "SHA-512",
      ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", "sha512"],
      ["http://www.w3.org/2001/04/xmlenc#sha512", "sha512"],
    ],
    ["RSA-PSS", ["http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", "sha256"], undefined],
  ];
  test.each(methods)("may be signed with %s", async (_, method, digest) => {
    const signing = { ...(method === undefined ? {} : { method }), ...(digest === undefined ? {} : { digest }) };
    await expect(byHand(same, signing)).resolves.toMatchObject({ asserted: { subject: "mara" } });
  });

  it("counts for nothing when its method says more than its signature holds", async () => {
    const sha1: Signing["method"] = ["http://www.w3.org/2000/09/xmldsig#rsa-sha1", "sha1"];
    expect(await refusal(byHand(same, { method: sha1 }))).toMatch(/^assertion_invalid: .*SignatureMethod/);
    expect(
      await refusal(byHand(same, { method: ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "sha1"] })),
    ).toMatch(/^assertion_invalid: .*signed by no key/);
    expect(await refusal(byHand(same, { digest: ["http://www.w3.org/2001/04/xmlenc#sha256", "sha512"] }))).toMatch(
      /^assertion_invalid: .*signed by no key/,
    );
    expect(await refusal(byHand(same, { key: otherKey.key }))).toMatch(/^assertion_invalid: .*signed by no key/);
  });

  test.each([
    ["has no name", /<saml:NameID.*<\/saml:NameID>/, "", /^assertion_invalid: .*NameID/],
    ["has an empty name", ">mara<", "><", /^assertion_invalid: .*NameID/],
    ["names somebody by an encrypted id", /saml:NameID/g, "saml:EncryptedID", /^assertion_invalid: .*NameID/],
    ["has no conditions", /<saml:Conditions>.*<\/saml:Conditions>/, "", /^assertion_invalid: .*Conditions/],
    ["may be used for ever", / NotOnOrAfter="[^"]*" Recipient/, " Recipient", /^assertion_invalid: /],
    ["is confirmed by a key", "cm:bearer", "cm:holder-of-key", /^assertion_invalid: .*confirm/],
    ["was not asked for", / InResponseTo="[^"]*"/, "", /^assertion_invalid: .*not asked for/],
  ])("counts for nothing when it %s", async (_, from, to, why) => {
    expect(await refusal(byHand((assertion) => assertion.replace(from, to)))).toMatch(why);
  });
});

describe("nobody gets in", () => {
  it("with a response that nobody asked for", async () => {
    const begun = await begin();
    for (const cookie of [undefined, "", "x", `${begun.cookie.slice(0, -2)}AA`])
      expect(await refusal(logins.finish(settings, ACS, base64(begun.xml), cookie))).toMatch(/^login_failed: /);
    const unsolicited = begun.xml.replaceAll(/ InResponseTo="[^"]*"/g, "");
    expect(await refusal(finish({ ...begun, xml: unsolicited }))).toMatch(/^assertion_invalid: /);
    const outside = begun.xml.replace(/ InResponseTo="[^"]*"/, "");
    expect(await refusal(finish({ ...begun, xml: outside }))).toMatch(/^assertion_invalid: /);
  });

  it("with the answer to another browser's request, or to an earlier one", async () => {
    const [mine, other] = [await begin(), await begin()];
    expect(await refusal(finish({ xml: other.xml, cookie: mine.cookie }))).toMatch(/^login_failed: /);
    const [theirs] = /(?<= InResponseTo=")[^"]+/.exec(other.xml) ?? [""];
    const [ours] = /(?<= InResponseTo=")[^"]+/.exec(mine.xml) ?? [""];
    // The envelope may say what it likes: what is signed counts too.
    expect(await refusal(finish({ xml: other.xml.replace(theirs, ours), cookie: mine.cookie }))).toMatch(
      /^login_failed: /,
    );
    await expect(finish(mine)).resolves.toMatchObject({ asserted: { subject: "mara" } });
  });

  it("at a gateway with another key", async () => {
    const begun = await begin();
    logins = newLogins(randomBytes(32));
    expect(await refusal(finish(begun))).toMatch(/^login_failed: /);
  });

  it("at another provider than where it began", async () => {
    const begun = await begin();
    settings = { ...settings, name: "partner" };
    expect(await refusal(finish(begun))).toMatch(/^login_failed: /);
  });

  it("twice with one assertion", async () => {
    const begun = await begin();
    await finish(begun);
    expect(await refusal(finish(begun))).toMatch(/^assertion_replayed: /);
    const rewrapped = begun.xml.replace(/(<samlp:Response[^>]* ID=")[^"]+/, "$1_another");
    expect(await refusal(finish({ ...begun, xml: rewrapped }))).toMatch(/^assertion_replayed: /);
  });

  it("when the login took too long", async () => {
    const begun = await begin();
    ahead = 10 * MINUTE;
    expect(await refusal(finish(begun))).toMatch(/^login_expired: /);
  });

  it("with an assertion of ten minutes ago or ahead", async () => {
    ahead = 10 * MINUTE;
    expect(await refusal(begin().then(finish))).toMatch(/^login_expired: /);
    ahead = -10 * MINUTE;
    expect(await refusal(begin().then(finish))).toMatch(/^assertion_invalid: /);
  });

  const provided: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    ["an assertion that is not signed", { signAssertion: false }, /^assertion_invalid: .*assertion that is not signed/],
    [
      "a signed response whose assertion is not signed",
      { signAssertion: false, signResponse: true },
      /^assertion_invalid: .*assertion that is not signed/,
    ],
    ["a signature with SHA-1", { signatureAlgorithm: "rsa-sha1" }, /^assertion_invalid: .*SignatureMethod/],
    ["a digest with SHA-1", { digestAlgorithm: "sha1" }, /^assertion_invalid: .*DigestMethod/],
    [
      "a response signature with SHA-1 only",
      { signResponse: true, signatureAlgorithm: "rsa-sha1" },
      /^assertion_invalid: .*SignatureMethod/,
    ],
    ["another audience", { audience: "https://other.example" }, /^assertion_invalid: .*Audience/],
    ["no audience", { audience: [] }, /^assertion_invalid: .*Audience/],
    ["another recipient", { recipient: "https://other.example/acs" }, /^assertion_invalid: .*Recipient/],
    ["no recipient", { recipient: undefined }, /^assertion_invalid: .*Recipient/],
    ["another destination", { destination: "https://other.example/acs" }, /^assertion_invalid: .*Destination/],
    ["another issuer", { issuer: "https://idp.evil.example" }, /^assertion_invalid: .*Issuer/],
    [
      "a status that is no success",
      { samlStatusCode: "urn:oasis:names:tc:SAML:2.0:status:Responder" },
      /^login_failed: .*Responder/,
    ],
    ["somebody else's request", { inResponseTo: "_0123456789" }, /^login_failed: .*another login/],
  ];
  test.each(provided)("with %s", async (_, change, why) => {
    idp.change = change;
    expect(await refusal(begin().then(finish))).toMatch(why);
  });

  it("with a signature of another key, whatever certificate comes with it", async () => {
    idp.change = { ...otherKey };
    const begun = await begin();
    expect(begun.xml).toContain(otherKey.cert.replaceAll(/-----.*-----|\s/g, "").slice(0, 60));
    expect(await refusal(finish(begun))).toMatch(/^assertion_invalid: /);
  });

  const people: readonly (readonly [string, Partial<SamlIdp["person"]>])[] = [
    ["a name that is blank", { nameId: " " }],
    ["a name with white space at its end", { nameId: "mara " }],
    ["a name that is too long", { nameId: "m".repeat(256) }],
    ["a transient name", { format: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient" }],
    ["a name of another format", { format: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress" }],
    ["too many groups", { attributes: { groups: Array.from({ length: 1_001 }, (_, at) => `g${at}`) } }],
  ];
  test.each(people)("who has %s", async (_, person) => {
    idp.person = { ...idp.person, ...person };
    expect(await refusal(begin().then(finish))).toMatch(/^assertion_invalid: /);
  });

  test.each([
    ["no such attribute", {}],
    ["an empty one", { uid: "" }],
    ["two different values", { uid: ["a", "b"] }],
  ])("whose name is to stand in an attribute, with %s", async (_, attributes) => {
    settings = { ...settings, subjectAttribute: "uid" };
    idp.person = { ...idp.person, attributes };
    expect(await refusal(begin().then(finish))).toMatch(/^assertion_invalid: /);
  });

  /** Changes to a genuine response on its way. */
  const changes: readonly (readonly [name: string, why: string, change: (xml: string) => string])[] = [
    ["another name", "signed by no key", (xml) => xml.replace(">mara<", ">eve<")],
    ["a comment in the name", "a comment", (xml) => xml.replace(">mara<", ">ma<!-- -->ra<")],
    ["a comment anywhere", "a comment", (xml) => `${xml}<!-- -->`],
    ["a processing instruction in the name", "processing instruction", (xml) => xml.replace(">mara<", ">ma<?x?>ra<")],
    ["a CDATA section", "CDATA", (xml) => xml.replace(">mara<", "><![CDATA[mara]]><")],
    ["a document type", "document type", (xml) => `<!DOCTYPE Response>${xml}`],
    [
      "an external entity",
      "document type",
      (xml) => `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>${xml.replace(">mara<", ">&x;<")}`,
    ],
    [
      "an entity that grows",
      "document type",
      (xml) =>
        `<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "${"&a;".repeat(99)}"><!ENTITY c "${"&b;".repeat(99)}">]>${xml.replace(">mara<", ">&c;<")}`,
    ],
    ["an entity of nobody", "entity or character", (xml) => xml.replace(">mara<", ">&mara;<")],
    ["a character that XML does not have", "entity or character", (xml) => xml.replace(">mara<", ">ma&#0;ra<")],
    [
      "a NameID more",
      "signed by no key",
      (xml) => xml.replace("<saml:NameID", "<saml:NameID>eve</saml:NameID><saml:NameID"),
    ],
    ["an id twice", "id twice", (xml) => xml.replace("<samlp:Status>", `<samlp:Status Id="${idOf(xml)}">`)],
    ["its status gone", "no status", (xml) => xml.replace(/<samlp:Status>.*<\/samlp:Status>/, "")],
    ["its assertion gone", "no assertion", (xml) => xml.replace(/<saml:Assertion.*<\/saml:Assertion>/, "")],
    ["its signature gone", "not signed", (xml) => xml.replace(/<Signature.*<\/Signature>/, "")],
    ["its signature empty", "signed by no key", (xml) => xml.replace(/<SignatureValue>[^<]*/, "<SignatureValue>")],
    ["a signature over all that there is", "over something else", (xml) => xml.replace(/URI="#[^"]+"/, 'URI=""')],
    ["a signature over nothing", "strange form", (xml) => xml.replace(/<Reference.*<\/Reference>/, "")],
    ["two references", "strange form", (xml) => xml.replace(/(<Reference.*<\/Reference>)/, "$1$1")],
    [
      "a transform that selects",
      "(Transform)",
      (xml) => xml.replace(/xml-exc-c14n#"\/><\/Transforms>/, 'REC-xpath-19991116"/></Transforms>'),
    ],
    [
      "a shared secret as signature",
      "SignatureMethod",
      (xml) => xml.replace(/xmldsig-more#rsa-sha256/, "xmldsig-more#hmac-sha256"),
    ],
    ["its assertion twice", "id twice", (xml) => xml.replace(/(<saml:Assertion.*<\/saml:Assertion>)/, "$1$1")],
    ["another SAML", "not of SAML 2.0", (xml) => xml.replace(' Version="2.0"', ' Version="1.1"')],
    [
      "an encrypted assertion",
      "encrypted",
      (xml) =>
        xml.replace(
          "<saml:Assertion",
          '<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/><saml:Assertion',
        ),
    ],
    ["another document behind it", "behind its end", (xml) => xml + xml],
    ["its end cut off", "tag that is none", (xml) => xml.slice(0, -20)],
    ["another root", "no SAML response", (xml) => xml.replaceAll("samlp:Response", "samlp:LogoutResponse")],
    [
      "ten thousand elements",
      "too many elements",
      (xml) => xml.replace("<samlp:Status>", `${"<x/>".repeat(10_000)}<samlp:Status>`),
    ],
    [
      "elements a thousand deep",
      "too many elements",
      (xml) => xml.replace("<samlp:Status>", `${"<x>".repeat(1_000)}<samlp:Status>`),
    ],
  ];
  test.each(changes)("with a response that has %s", async (_, why, change) => {
    const begun = await begin();
    const changed = change(begun.xml);
    expect(changed).not.toBe(begun.xml);
    const refused = await refusal(finish({ ...begun, xml: changed }));
    expect(refused).toMatch(/^assertion_invalid: /);
    expect(refused).toContain(why);
  });

  it("by a comment that cuts a name that the provider did sign", async () => {
    idp.person.nameId = "admin@sluice.example.evil.example";
    const begun = await begin();
    // The signature holds over it: canonical XML has no comments.
    const cut = begun.xml.replace("example.evil", "example<!-- -->.evil");
    expect(await signedAssertion({ xml: cut, isSigned: false }, settings, ACS)).toContain(
      "admin@sluice.example.evil.example<",
    );
    expect(await refusal(finish({ ...begun, xml: cut }))).toMatch(/^assertion_invalid: /);
    await expect(finish(begun)).resolves.toMatchObject({ asserted: { subject: idp.person.nameId } });
  });

  test.each([
    ["nothing", ""],
    ["no base64", "<samlp:Response>"],
    ["no UTF-8", Buffer.from([0x3c, 0xff, 0xfe]).toString("base64")],
    ["no XML", base64("hello")],
    ["nothing but a declaration", base64('<?xml version="1.0"?>')],
    ["JSON", base64('{"subject":"mara"}')],
    ["five megabytes", "A".repeat(5_242_880)],
    ["a bomb of attributes", base64(`<a ${Array.from({ length: 9_000 }, (_, at) => `a${at}="x"`).join(" ")}/>`)],
    ["a tag that never ends", base64(`<a${" ".repeat(190_000)}`)],
    ["tags that are none", base64("<".repeat(190_000))],
  ])("by posting %s", async (_, posted) => {
    const { cookie } = await begin();
    const started = performance.now();
    expect(await refusal(logins.finish(settings, ACS, posted, cookie))).toMatch(/^assertion_invalid: /);
    expect(performance.now() - started).toBeLessThan(500);
  });

  test.each(Object.entries(WRAPPINGS))("by wrapping a signature (%s)", async (name, wrap) => {
    if (/XSW[12]:/.test(name)) idp.change = { signResponse: true };
    const begun = await begin();
    const wrapped = wrap(begun.xml, "eve");
    expect(wrapped).toContain("eve");
    expect(await refusal(finish({ ...begun, xml: wrapped }))).toMatch(
      /^assertion_invalid: .*(more than one assertion|do not belong there)/,
    );
    // Nor would the library have been taken in without our look at the form.
    for (const isSigned of [false, true]) {
      const signed = await signedAssertion({ xml: wrapped, isSigned }, settings, ACS).catch(() => "refused");
      expect(signed).not.toContain("eve");
    }
  });
});

function idOf(xml: string): string {
  return /<saml:Assertion[^>]* ID="([^"]+)/.exec(xml)?.[1] ?? "";
}
