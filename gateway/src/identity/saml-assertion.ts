/**
 * An assertion whose signature is proven → what its provider asserts, or the reason why it counts for nothing here (SAML Profiles
 * section 4.1.4.3, Core section 2). Pure: the provider's settings and the time are parameters. No message holds a name, an
 * attribute's value or an id of a person.
 */
import { SluiceError } from "../core/errors.ts";
import type { SamlProviderSettings } from "../core/identity.ts";
import { GROUP_CHARS_MAX, GROUPS_MAX, SUBJECT } from "./claims.ts";
import { cleanName, NAME_ATTRIBUTES } from "./person-name.ts";
import type { Expected } from "./saml-response.ts";
import { ASSERTION, childrenOf, invalid, is, onlyChild, readXml, type XmlElement } from "./saml-xml.ts";

export interface ProvenAssertion {
  readonly id: string;
  readonly subject: string;
  readonly groups: readonly string[];
  /** Cleaned. */
  readonly name?: string;
  /** When it was issued, in milliseconds since the epoch and not ahead of our clock. */
  readonly saidAt: number;
  /** When the person last proved who he is (AuthnInstant), the same way; absent: it does not say. */
  readonly authenticatedAt?: number;
  /** Milliseconds since the epoch from which the assertion counts for nothing, skew included. */
  readonly usableUntil: number;
  /** When the provider wants the session to end (SessionNotOnOrAfter), the same way. */
  readonly sessionUntil?: number;
}

const BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
const PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
/** Core section 2.5.1: a condition that is not understood makes the assertion count for nothing. */
const CONDITIONS: ReadonlySet<string> = new Set(["AudienceRestriction", "OneTimeUse", "ProxyRestriction"]);
/** Core section 1.3.3: "MUST be expressed in UTC form". */
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/** `xml`: what the signature covers. Throws assertion_invalid, login_failed, login_expired. `now` in milliseconds. */
export function checkAssertion(
  xml: string,
  provider: SamlProviderSettings,
  expected: Expected & { readonly assertionId: string },
  now: number,
): ProvenAssertion {
  const { root } = readXml(xml);
  const id = root.attributes.get("ID");
  if (!is(root, ASSERTION, "Assertion") || id !== expected.assertionId || root.attributes.get("Version") !== "2.0")
    throw invalid("has a signature over something else than its assertion");
  if (onlyChild(root, ASSERTION, "Issuer").text !== provider.issuer)
    throw invalid("has an assertion of another provider (Issuer)");
  const issued = timeOf(root, "IssueInstant");
  if (issued === undefined) throw invalid("does not say when its assertion was issued (IssueInstant)");
  checkBegun(issued, provider, now);
  checkConditions(onlyChild(root, ASSERTION, "Conditions"), provider, now);
  const subject = onlyChild(root, ASSERTION, "Subject");
  const usableUntil = confirmedUntil(subject, provider, expected, now);
  const sessionUntil = sessionEnd(root, provider, now);
  const authenticatedAt = authenticated(root, now);
  const attributes = attributesOf(root);
  const name = nameOf(attributes);
  return {
    id,
    subject: subjectOf(subject, attributes, provider),
    groups: groupsOf(attributes, provider),
    ...(name === undefined ? {} : { name }),
    saidAt: Math.min(issued, now),
    ...(authenticatedAt === undefined ? {} : { authenticatedAt }),
    usableUntil,
    ...(sessionUntil === undefined ? {} : { sessionUntil }),
  };
}

/** Core section 2.5.1. */
function checkConditions(conditions: XmlElement, provider: SamlProviderSettings, now: number): void {
  checkTimes(conditions, provider, now);
  const strange = conditions.children.find(({ namespace, name }) => namespace !== ASSERTION || !CONDITIONS.has(name));
  if (strange !== undefined) throw invalid("has a condition that is not understood here");
  const restrictions = childrenOf(conditions, ASSERTION, "AudienceRestriction");
  const isForUs = (restriction: XmlElement): boolean =>
    childrenOf(restriction, ASSERTION, "Audience").some(({ text }) => provider.audiences.includes(text));
  // Several restrictions must all hold; several audiences in one are alternatives.
  if (restrictions.length === 0 || !restrictions.every(isForUs))
    throw invalid("has an assertion for somebody else: the provider must put one of our audiences into it (Audience)");
}

/** Profiles section 4.1.4.2: a bearer confirmation says for whom, until when and in answer to what. */
function confirmedUntil(subject: XmlElement, provider: SamlProviderSettings, expected: Expected, now: number): number {
  const bearers = childrenOf(subject, ASSERTION, "SubjectConfirmation").filter(
    ({ attributes }) => attributes.get("Method") === BEARER,
  );
  const [bearer] = bearers;
  if (bearer === undefined || bearers.length > 1) throw invalid("does not confirm its subject, or twice");
  const data = onlyChild(bearer, ASSERTION, "SubjectConfirmationData");
  if (data.attributes.get("Recipient") !== expected.acsUrl)
    throw invalid("has an assertion that was to be sent to another place (Recipient)");
  const inResponseTo = data.attributes.get("InResponseTo");
  if (inResponseTo === undefined) throw invalid("was not asked for; begin at /login");
  if (inResponseTo !== expected.requestId)
    throw new SluiceError(
      "login_failed",
      "the assertion is for another login than the one that this browser began last",
    );
  checkTimes(data, provider, now);
  const ends = timeOf(data, "NotOnOrAfter");
  if (ends === undefined) throw invalid("does not say until when it may be used (NotOnOrAfter)");
  return ends + provider.clockSkewMs;
}

/** Core section 2.7.2. One statement that has not ended is enough, and none is too few. */
function sessionEnd(root: XmlElement, provider: SamlProviderSettings, now: number): number | undefined {
  const statements = childrenOf(root, ASSERTION, "AuthnStatement");
  if (statements.length === 0) throw invalid("does not say that anybody logged in (AuthnStatement)");
  const ends = statements.flatMap((each) => timeOf(each, "SessionNotOnOrAfter") ?? []);
  if (ends.length === 0) return undefined;
  const end = Math.min(...ends) + provider.clockSkewMs;
  if (now >= end) throw new SluiceError("login_expired", "the session at the provider is over; begin again");
  return end;
}

/** Core section 2.7.2. Of several statements the earliest counts. */
function authenticated(root: XmlElement, now: number): number | undefined {
  const instants = childrenOf(root, ASSERTION, "AuthnStatement").map((each) => timeOf(each, "AuthnInstant"));
  const said = instants.filter((each) => each !== undefined);
  return said.length === 0 || said.length < instants.length ? undefined : Math.min(...said, now);
}

function checkTimes(element: XmlElement, provider: SamlProviderSettings, now: number): void {
  const begins = timeOf(element, "NotBefore");
  const ends = timeOf(element, "NotOnOrAfter");
  if (begins !== undefined) checkBegun(begins, provider, now);
  if (ends !== undefined && now >= ends + provider.clockSkewMs)
    throw new SluiceError("login_expired", "the provider's assertion has expired; begin again");
}

function checkBegun(begins: number, { name, clockSkewMs }: SamlProviderSettings, now: number): void {
  if (now >= begins - clockSkewMs) return;
  throw invalid(
    `is not valid yet; the clocks of provider "${name}" and this gateway may be more than ${clockSkewMs / 1_000} s apart`,
  );
}

/** Milliseconds since the epoch; undefined where it says nothing. */
function timeOf({ attributes }: XmlElement, name: string): number | undefined {
  const written = attributes.get(name);
  if (written === undefined) return undefined;
  const time = TIME.test(written) ? Date.parse(written) : Number.NaN;
  if (Number.isNaN(time)) throw invalid(`has a time that is none (${name})`);
  return time;
}

/** What stands in a value, where it is a text. */
type Attributes = ReadonlyMap<string, readonly (string | undefined)[]>;

/** By name; some providers write one attribute of many values, some many attributes of one name. */
function attributesOf(root: XmlElement): Attributes {
  const attributes = new Map<string, (string | undefined)[]>();
  for (const statement of childrenOf(root, ASSERTION, "AttributeStatement")) {
    for (const attribute of childrenOf(statement, ASSERTION, "Attribute")) {
      const name = attribute.attributes.get("Name") ?? "";
      const values = attributes.get(name) ?? [];
      for (const value of childrenOf(attribute, ASSERTION, "AttributeValue"))
        values.push(value.children.length === 0 ? value.text : undefined);
      attributes.set(name, values);
    }
  }
  return attributes;
}

function subjectOf(subject: XmlElement, attributes: Attributes, provider: SamlProviderSettings): string {
  const { subjectAttribute } = provider;
  const found =
    subjectAttribute === undefined ? nameIdOf(subject, provider) : oneOf(attributes.get(subjectAttribute) ?? []);
  // White space at the ends is what two readers of one name differ by.
  if (found === undefined || !SUBJECT.test(found) || found.trim() !== found) {
    throw invalid(
      `does not name its subject where provider "${provider.name}" has to (${subjectAttribute === undefined ? "NameID" : "subject_attribute"})`,
    );
  }
  return found;
}

/** Two different ones are nobody's. */
function oneOf(values: readonly (string | undefined)[]): string | undefined {
  const different = new Set(values);
  return different.size === 1 ? [...different][0] : undefined;
}

/** Core sections 2.2.2 and 8.3: a name means something in its format alone. */
function nameIdOf(subject: XmlElement, provider: SamlProviderSettings): string | undefined {
  const [nameId, ...others] = childrenOf(subject, ASSERTION, "NameID");
  if (nameId === undefined || others.length > 0 || nameId.children.length > 0) return undefined;
  const { attributes, text } = nameId;
  if ((attributes.get("Format") ?? UNSPECIFIED) !== provider.nameIdFormat)
    throw invalid("names its subject in another format than name_id_format");
  if (provider.nameIdFormat === PERSISTENT) {
    const [by, at] = [attributes.get("NameQualifier"), attributes.get("SPNameQualifier")];
    if ((by ?? provider.issuer) !== provider.issuer || (at ?? provider.entityId) !== provider.entityId)
      throw invalid("names its subject as somebody else calls it (NameQualifier, SPNameQualifier)");
  }
  return text;
}

function nameOf(attributes: Attributes): string | undefined {
  for (const attribute of NAME_ATTRIBUTES) {
    const name = cleanName(oneOf(attributes.get(attribute) ?? []));
    if (name !== undefined) return name;
  }
  return undefined;
}

function groupsOf(attributes: Attributes, { groupsAttribute }: SamlProviderSettings): readonly string[] {
  const values = groupsAttribute === undefined ? [] : (attributes.get(groupsAttribute) ?? []);
  if (values.length > GROUPS_MAX) throw invalid(`names more than ${GROUPS_MAX} groups`);
  return [...new Set(values)].filter(
    (each): each is string => each !== undefined && each !== "" && each.length <= GROUP_CHARS_MAX,
  );
}
