/**
 * Signs what the provider library would never write. The assertion comes in exclusive canonical form already (attributes in order,
 * no empty-element tags), so that its bytes are what is signed.
 */
import { constants, createHash, sign } from "node:crypto";
import { inflateRawSync } from "node:zlib";

const DSIG = "http://www.w3.org/2000/09/xmldsig#";
const C14N = "http://www.w3.org/2001/10/xml-exc-c14n#";

export interface Signing {
  /** PEM. */
  readonly key: string;
  /** URI of the signature method, and what Node calls its hash. */
  readonly method?: readonly [uri: string, hash: string];
  readonly digest?: readonly [uri: string, hash: string];
}

const SHA256: NonNullable<Signing["method"]> = ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "sha256"];
const DIGEST256: NonNullable<Signing["digest"]> = ["http://www.w3.org/2001/04/xmlenc#sha256", "sha256"];

/** The assertion with its signature behind its issuer. */
export function signed(canonical: string, { key, method = SHA256, digest = DIGEST256 }: Signing): string {
  const id = / ID="([^"]+)"/.exec(canonical)?.[1] ?? "";
  const value = createHash(digest[1]).update(canonical).digest("base64");
  const part = (name: string, algorithm: string): string => `<${name} Algorithm="${algorithm}"></${name}>`;
  const inner = [
    part("CanonicalizationMethod", C14N),
    part("SignatureMethod", method[0]),
    `<Reference URI="#${id}"><Transforms>${part("Transform", `${DSIG}enveloped-signature`)}${part("Transform", C14N)}</Transforms>`,
    `${part("DigestMethod", digest[0])}<DigestValue>${value}</DigestValue></Reference>`,
  ].join("");
  const bytes = Buffer.from(`<SignedInfo xmlns="${DSIG}">${inner}</SignedInfo>`);
  const isPss = method[0].endsWith("MGF1");
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  const signature = sign(method[1], bytes, { key, ...(isPss ? pss : {}) }).toString("base64");
  const element = `<Signature xmlns="${DSIG}"><SignedInfo>${inner}</SignedInfo><SignatureValue>${signature}</SignatureValue></Signature>`;
  return canonical.replace("</saml:Issuer>", `</saml:Issuer>${element}`);
}

export interface Stated {
  readonly issuer: string;
  readonly audience: string;
  readonly acsUrl: string;
  /** Id of the request that it answers. */
  readonly requestId: string;
  readonly nameId: string;
  readonly groups: readonly string[];
  /** When the session at the provider ends; milliseconds since the epoch. */
  readonly sessionEnd: number;
  readonly now: number;
}

/** An assertion as a provider writes it, in canonical form; good for five minutes. */
export function canonicalAssertion(stated: Stated): string {
  const { requestId, acsUrl, now } = stated;
  const at = (time: number): string => new Date(time).toISOString();
  const values = stated.groups.map((group) => `<saml:AttributeValue>${group}</saml:AttributeValue>`);
  return [
    `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a${requestId}" IssueInstant="${at(now)}" Version="2.0">`,
    `<saml:Issuer>${stated.issuer}</saml:Issuer><saml:Subject>`,
    `<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">${stated.nameId}</saml:NameID>`,
    `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData`,
    ` InResponseTo="${requestId}" NotOnOrAfter="${at(now + 300_000)}" Recipient="${acsUrl}"></saml:SubjectConfirmationData>`,
    `</saml:SubjectConfirmation></saml:Subject><saml:Conditions><saml:AudienceRestriction>`,
    `<saml:Audience>${stated.audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>`,
    `<saml:AuthnStatement AuthnInstant="${at(now)}" SessionNotOnOrAfter="${at(stated.sessionEnd)}"></saml:AuthnStatement>`,
    `<saml:AttributeStatement><saml:Attribute Name="groups">${values.join("")}</saml:Attribute></saml:AttributeStatement>`,
    `</saml:Assertion>`,
  ].join("");
}

/** Id of the request in a URL that a browser is sent to. */
export function requestIdIn(url: URL): string {
  const deflated = Buffer.from(url.searchParams.get("SAMLRequest") ?? "", "base64");
  return / ID="([^"]+)"/.exec(inflateRawSync(deflated).toString())?.[1] ?? "";
}

/** A whole response, unsigned, around an assertion. */
export function responseAround(assertion: string, requestId: string): string {
  return [
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_response" InResponseTo="${requestId}" Version="2.0">`,
    `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>`,
    `${assertion}</samlp:Response>`,
  ].join("");
}
