/** Responses that must let nobody in: written by somebody else, changed on their way, or signed by a provider that errs. */
import { describe, expect, it, test } from "vitest";
import { signedAssertion } from "./saml-library.ts";
import type { SamlIdp } from "./test/saml-idp.ts";
import { ACS, base64, MINUTE, refusal, Scene } from "./test/saml-scene.ts";
import type { Signing } from "./test/saml-signer.ts";
import { WRAPPINGS } from "./test/saml-wrapping.ts";

const at = new Scene();

describe("nobody gets in", () => {
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
    ["another issuer", { issuer: "https://at.idp.evil.example" }, /^assertion_invalid: .*Issuer/],
    [
      "a status that is no success",
      { samlStatusCode: "urn:oasis:names:tc:SAML:2.0:status:Responder" },
      /^login_failed: .*Responder/,
    ],
    ["somebody else's request", { inResponseTo: "_0123456789" }, /^login_failed: .*another login/],
  ];
  test.each(provided)("with %s", async (_, change, why) => {
    at.idp.change = change;
    expect(await refusal(at.login())).toMatch(why);
  });

  it("with a signature of another key, whatever certificate comes with it", async () => {
    at.idp.change = { ...at.otherKey };
    const begun = await at.begin();
    expect(begun.xml).toContain(at.otherKey.cert.replaceAll(/-----.*-----|\s/g, "").slice(0, 60));
    expect(await refusal(at.finish(begun))).toMatch(/^assertion_invalid: /);
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
    at.idp.person = { ...at.idp.person, ...person };
    expect(await refusal(at.login())).toMatch(/^assertion_invalid: /);
  });

  test.each([
    ["no such attribute", {}],
    ["an empty one", { uid: "" }],
    ["two different values", { uid: ["a", "b"] }],
  ])("whose name is to stand in an attribute, with %s", async (_, attributes) => {
    at.settings = { ...at.settings, subjectAttribute: "uid" };
    at.idp.person = { ...at.idp.person, attributes };
    expect(await refusal(at.login())).toMatch(/^assertion_invalid: /);
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
    const begun = await at.begin();
    const changed = change(begun.xml);
    expect(changed).not.toBe(begun.xml);
    const refused = await refusal(at.finish({ ...begun, xml: changed }));
    expect(refused).toMatch(/^assertion_invalid: /);
    expect(refused).toContain(why);
  });

  it("by a comment that cuts a name that the provider did sign", async () => {
    at.idp.person.nameId = "admin@sluice.example.evil.example";
    const begun = await at.begin();
    // The signature holds over it: canonical XML has no comments.
    const cut = begun.xml.replace("example.evil", "example<!-- -->.evil");
    expect(await signedAssertion({ xml: cut, isSigned: false, ...at.settings })).toContain(
      "admin@sluice.example.evil.example<",
    );
    expect(await refusal(at.finish({ ...begun, xml: cut }))).toMatch(/^assertion_invalid: /);
    await expect(at.finish(begun)).resolves.toMatchObject({ asserted: { subject: at.idp.person.nameId } });
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
    const { cookie } = await at.begin();
    const started = performance.now();
    expect(await refusal(at.logins.finish(at.settings, ACS, posted, cookie))).toMatch(/^assertion_invalid: /);
    expect(performance.now() - started).toBeLessThan(500);
  });

  test.each(Object.entries(WRAPPINGS))("by wrapping a signature (%s)", async (name, wrap) => {
    if (/XSW[12]:/.test(name)) at.idp.change = { signResponse: true };
    const begun = await at.begin();
    const wrapped = wrap(begun.xml, "eve");
    expect(wrapped).toContain("eve");
    expect(await refusal(at.finish({ ...begun, xml: wrapped }))).toMatch(
      /^assertion_invalid: .*(more than one assertion|do not belong there)/,
    );
    // Nor would the library have been taken in without our look at the form.
    for (const isSigned of [false, true]) {
      const signed = await signedAssertion({ xml: wrapped, isSigned, ...at.settings });
      expect(signed ?? "").not.toContain("eve");
    }
  });
});

const same = (assertion: string): string => assertion;

describe("an assertion that is signed by hand", () => {
  it("ends the session when the provider does, skew included", async () => {
    const { asserted } = await at.loginByHand(same);
    expect(asserted.subject).toBe("mara");
    expect(Math.abs(asserted.expiresAt - at.clock() - 31 * MINUTE)).toBeLessThan(10_000);
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
    await expect(at.loginByHand(same, signing)).resolves.toMatchObject({ asserted: { subject: "mara" } });
  });

  it("counts for nothing when its method says more than its signature holds", async () => {
    const sha1: Signing["method"] = ["http://www.w3.org/2000/09/xmldsig#rsa-sha1", "sha1"];
    expect(await refusal(at.loginByHand(same, { method: sha1 }))).toMatch(/^assertion_invalid: .*SignatureMethod/);
    expect(
      await refusal(at.loginByHand(same, { method: ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "sha1"] })),
    ).toMatch(/^assertion_invalid: .*signed by no key/);
    expect(
      await refusal(at.loginByHand(same, { digest: ["http://www.w3.org/2001/04/xmlenc#sha256", "sha512"] })),
    ).toMatch(/^assertion_invalid: .*signed by no key/);
    expect(await refusal(at.loginByHand(same, { key: at.otherKey.key }))).toMatch(
      /^assertion_invalid: .*signed by no key/,
    );
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
    expect(await refusal(at.loginByHand((assertion) => assertion.replace(from, to)))).toMatch(why);
  });
});

function idOf(xml: string): string {
  return /<saml:Assertion[^>]* ID="([^"]+)/.exec(xml)?.[1] ?? "";
}
