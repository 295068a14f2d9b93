/** What a provider may sign and still must not be believed: assertions whose signature is proven already. */
import { describe, expect, it, test } from "vitest";
import { SluiceError } from "../core/errors.ts";
import type { SamlProviderSettings } from "../core/identity.ts";
import { checkAssertion } from "./saml-assertion.ts";
import { UsedAssertions } from "./saml-replay.ts";

const NOW = Date.parse("2026-05-04T10:00:00Z");
const MINUTE = 60_000;
const PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
const EXPECTED = { requestId: "_request", acsUrl: "https://sluice.example/login/saml/acs", assertionId: "_a" };

const PROVIDER: SamlProviderSettings = {
  name: "corp",
  issuer: "https://idp.example",
  entryPoint: "https://idp.example/sso",
  certificates: [],
  entityId: "https://sluice.example/saml",
  audiences: ["https://sluice.example/saml", "sluice"],
  nameIdFormat: PERSISTENT,
  groupsAttribute: "groups",
  clockSkewMs: MINUTE,
};

const WHOLE = `<a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a" Version="2.0" IssueInstant="2026-05-04T09:59:59.5Z">
  <a:Issuer>https://idp.example</a:Issuer>
  <a:Subject>
    <a:NameID Format="${PERSISTENT}">mara</a:NameID>
    <a:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
      <a:SubjectConfirmationData Recipient="${EXPECTED.acsUrl}" InResponseTo="_request" NotOnOrAfter="2026-05-04T10:05:00Z"/>
    </a:SubjectConfirmation>
  </a:Subject>
  <a:Conditions NotBefore="2026-05-04T09:59:00Z" NotOnOrAfter="2026-05-04T11:00:00Z">
    <a:AudienceRestriction><a:Audience>https://other.example</a:Audience><a:Audience>sluice</a:Audience></a:AudienceRestriction>
    <a:OneTimeUse/>
  </a:Conditions>
  <a:AuthnStatement AuthnInstant="2026-05-04T08:00:00Z" SessionNotOnOrAfter="2026-05-04T18:00:00Z"/>
  <a:AttributeStatement>
    <a:Attribute Name="groups"><a:AttributeValue>Support EMEA</a:AttributeValue></a:Attribute>
    <a:Attribute Name="groups"><a:AttributeValue>Works council</a:AttributeValue></a:Attribute>
    <a:Attribute Name="nested"><a:AttributeValue><a:NameID>mara</a:NameID></a:AttributeValue></a:Attribute>
  </a:AttributeStatement>
</a:Assertion>`;

const checked = (xml = WHOLE, change: Partial<SamlProviderSettings> = {}, now = NOW) =>
  checkAssertion(xml, { ...PROVIDER, ...change }, EXPECTED, now);

/** Changes the first place only, which must be there. */
function changed(from: string | RegExp, to: string): string {
  const xml = WHOLE.replace(from, to);
  expect(xml).not.toBe(WHOLE);
  return xml;
}

function refusal(attempt: () => unknown): string {
  try {
    attempt();
  } catch (thrown) {
    if (!(thrown instanceof SluiceError)) throw thrown;
    expect(thrown.message).not.toMatch(/mara|Support/);
    return `${thrown.code}: ${thrown.message}`;
  }
  throw new Error("let through");
}

describe("an assertion", () => {
  it("says who somebody is, in which groups and until when", () => {
    expect(checked()).toEqual({
      id: "_a",
      subject: "mara",
      groups: ["Support EMEA", "Works council"],
      saidAt: Date.parse("2026-05-04T09:59:59.5Z"),
      authenticatedAt: Date.parse("2026-05-04T08:00:00Z"),
      usableUntil: Date.parse("2026-05-04T10:06:00Z"),
      sessionUntil: Date.parse("2026-05-04T18:01:00Z"),
    });
  });

  it("counts from a minute before its beginning to a minute behind its end, and not a millisecond longer", () => {
    const begins = Date.parse("2026-05-04T09:59:59.5Z") - MINUTE;
    const ends = Date.parse("2026-05-04T10:05:00Z") + MINUTE;
    for (const now of [begins, ends - 1]) expect(checked(WHOLE, {}, now)).toMatchObject({ subject: "mara" });
    expect(refusal(() => checked(WHOLE, {}, begins - 1))).toMatch(/^assertion_invalid: .*not valid yet/);
    expect(refusal(() => checked(WHOLE, {}, ends))).toMatch(/^login_expired: /);
    for (const minutes of [-10, 10])
      expect(refusal(() => checked(WHOLE, { clockSkewMs: 0 }, NOW + minutes * MINUTE))).toMatch(
        /assertion_invalid|login_expired/,
      );
  });

  it("may say persistent names of us by us", () => {
    const qualified = changed(
      "<a:NameID ",
      `<a:NameID NameQualifier="${PROVIDER.issuer}" SPNameQualifier="${PROVIDER.entityId}" `,
    );
    expect(checked(qualified)).toMatchObject({ subject: "mara" });
  });

  it("says what the person is called, by the attribute that is meant for it before a user name or an address", () => {
    const named = (...attributes: readonly (readonly [name: string, value: string])[]) =>
      checked(
        changed(
          "</a:AttributeStatement>",
          `${attributes.map(([name, value]) => `<a:Attribute Name="${name}"><a:AttributeValue>${value}</a:AttributeValue></a:Attribute>`).join("")}</a:AttributeStatement>`,
        ),
      ).name;
    const address = ["urn:oid:0.9.2342.19200300.100.1.3", "mara@example.org"] as const;
    expect(named(address)).toBe("mara@example.org");
    expect(named(address, ["urn:oid:2.16.840.1.113730.3.1.241", "Mara \u202eOtt"])).toBe("Mara Ott");
    // Two names are none.
    expect(named(["cn", "Mara"], ["cn", "Otto"])).toBeUndefined();
    expect(named(["nothing", "Mara"])).toBeUndefined();
  });

  it("is as old as it says, and never younger than now", () => {
    const ahead = changed('IssueInstant="2026-05-04T09:59:59.5Z"', 'IssueInstant="2026-05-04T10:00:30Z"');
    expect(checked(ahead).saidAt).toBe(NOW);
  });

  it("names no groups where the configuration asks for none", () => {
    const { groupsAttribute: _, ...without } = PROVIDER;
    expect(checkAssertion(WHOLE, without, EXPECTED, NOW).groups).toEqual([]);
  });

  it("leaves out values that are no text", () => {
    expect(checked(WHOLE, { groupsAttribute: "nested" }).groups).toEqual([]);
  });

  const refused: readonly (readonly [name: string, from: string | RegExp, to: string, why: RegExp])[] = [
    ["that is another than the one in the response", 'ID="_a"', 'ID="_b"', /^assertion_invalid: .*over something else/],
    ["without id", ' ID="_a"', "", /^assertion_invalid: .*over something else/],
    ["that is something else", /a:Assertion/g, "a:Advice", /^assertion_invalid: .*over something else/],
    ["of another namespace", "SAML:2.0:assertion", "SAML:1.0:assertion", /^assertion_invalid: .*over something else/],
    ["of SAML 1.1", "2.0", "1.1", /^assertion_invalid: /],
    ["of another issuer", ">https://idp.example<", ">https://idp.example.evil<", /^assertion_invalid: .*Issuer/],
    [
      "of an issuer that ends otherwise",
      ">https://idp.example<",
      ">https://idp.example <",
      /^assertion_invalid: .*Issuer/,
    ],
    ["of nobody", /<a:Issuer>.*<\/a:Issuer>/, "", /^assertion_invalid: .*no Issuer/],
    ["of two issuers", /<a:Issuer>/, "<a:Issuer>x</a:Issuer><a:Issuer>", /^assertion_invalid: .*more than one/],
    ["issued at no time", / IssueInstant="[^"]*"/, "", /^assertion_invalid: .*IssueInstant/],
    ["issued at a time without zone", "59.5Z", "59.5", /^assertion_invalid: .*IssueInstant/],
    ["issued at a time that is none", "09:59:59.5Z", "25:59:59.5Z", /^assertion_invalid: .*IssueInstant/],
    ["issued tomorrow", "2026-05-04T09:59:59.5Z", "2026-05-05T09:59:59Z", /^assertion_invalid: .*not valid yet/],
    ["about nobody", /<a:Subject>[^]*<\/a:Subject>/, "", /^assertion_invalid: .*no Subject/],
    ["without a name", /<a:NameID.*<\/a:NameID>/, "", /^assertion_invalid: .*NameID/],
    ["with two names", "<a:NameID ", "<a:NameID>eve</a:NameID><a:NameID ", /^assertion_invalid: .*NameID/],
    ["with an empty name", ">mara<", "><", /^assertion_invalid: .*NameID/],
    ["with a name of two lines", ">mara<", ">mara\neve<", /^assertion_invalid: .*NameID/],
    ["with a name in parts", ">mara<", "><b>mara</b><", /^assertion_invalid: .*NameID/],
    ["with a name of no format", ` Format="${PERSISTENT}"`, "", /^assertion_invalid: .*name_id_format/],
    [
      "with a name by somebody else",
      "<a:NameID ",
      '<a:NameID NameQualifier="x" ',
      /^assertion_invalid: .*NameQualifier/,
    ],
    [
      "with a name for somebody else",
      "<a:NameID ",
      '<a:NameID SPNameQualifier="x" ',
      /^assertion_invalid: .*NameQualifier/,
    ],
    [
      "that nothing confirms",
      /<a:SubjectConfirmation [^]*<\/a:SubjectConfirmation>/,
      "",
      /^assertion_invalid: .*confirm/,
    ],
    ["that is confirmed by a key", "cm:bearer", "cm:holder-of-key", /^assertion_invalid: .*confirm/],
    ["that vouches for itself", "cm:bearer", "cm:sender-vouches", /^assertion_invalid: .*confirm/],
    ["for another place", "/login/saml/acs", "/login/saml/acs/", /^assertion_invalid: .*Recipient/],
    ["for no place", / Recipient="[^"]*"/, "", /^assertion_invalid: .*Recipient/],
    ["that nobody asked for", ' InResponseTo="_request"', "", /^assertion_invalid: .*not asked for/],
    ["that somebody else asked for", '"_request"', '"_other"', /^login_failed: /],
    ["that may be used for ever", / NotOnOrAfter="2026-05-04T10:05:00Z"/, "", /^assertion_invalid: .*NotOnOrAfter/],
    [
      "that may not be used yet",
      ' InResponseTo="',
      ' NotBefore="2026-05-04T10:02:00Z" InResponseTo="',
      /^assertion_invalid: .*not valid yet/,
    ],
    ["without conditions", /<a:Conditions [^]*<\/a:Conditions>/, "", /^assertion_invalid: .*no Conditions/],
    ["whose conditions are over", "2026-05-04T11:00:00Z", "2026-05-04T09:58:00Z", /^login_expired: /],
    [
      "whose conditions come later",
      'NotBefore="2026-05-04T09:59:00Z"',
      'NotBefore="2026-05-04T10:02:00Z"',
      /^assertion_invalid: .*not valid yet/,
    ],
    ["for everybody", /<a:AudienceRestriction>.*<\/a:AudienceRestriction>/, "", /^assertion_invalid: .*Audience/],
    ["for no audience of ours", ">sluice<", ">sluice2<", /^assertion_invalid: .*Audience/],
    ["for an empty audience", ">sluice<", "><", /^assertion_invalid: .*Audience/],
    [
      "for us and, in another restriction, not for us",
      "<a:OneTimeUse/>",
      "<a:AudienceRestriction><a:Audience>x</a:Audience></a:AudienceRestriction>",
      /^assertion_invalid: .*Audience/,
    ],
    [
      "with a condition that nobody knows",
      "<a:OneTimeUse/>",
      '<a:Condition type="x"/>',
      /^assertion_invalid: .*condition/,
    ],
    ["about nobody who logged in", /<a:AuthnStatement .*\/>/, "", /^assertion_invalid: .*AuthnStatement/],
    ["of a session that is over", "2026-05-04T18:00:00Z", "2026-05-04T09:59:00Z", /^login_expired: /],
  ];
  test.each(refused)("%s counts for nothing", (_, from, to, why) => {
    expect(refusal(() => checked(changed(from, to)))).toMatch(why);
  });

  it("counts for nothing when an attribute is to name the person and names none", () => {
    for (const subjectAttribute of ["uid", "nested", "groups", "toString", "__proto__"])
      expect(refusal(() => checked(WHOLE, { subjectAttribute }))).toMatch(/^assertion_invalid: .*subject_attribute/);
  });
});

describe("used assertions", () => {
  it("are remembered by provider until they end, and make nobody else wait for ever", () => {
    const used = new UsedAssertions(2);
    used.use("corp", "_a", NOW + 10, NOW);
    used.use("partner", "_a", NOW + 20, NOW);
    expect(refusal(() => used.use("corp", "_a", NOW + 10, NOW))).toMatch(/^assertion_replayed: /);
    expect(refusal(() => used.use("corp", "_b", NOW + 10, NOW + 9))).toMatch(/^overloaded: /);
    used.use("corp", "_b", NOW + 30, NOW + 10);
    expect(refusal(() => used.use("partner", "_a", NOW + 20, NOW + 19))).toMatch(/^assertion_replayed: /);
  });
});
