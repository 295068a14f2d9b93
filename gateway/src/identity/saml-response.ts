/**
 * The form of a SAML response before anything of it is proven: exactly one assertion, in its place; signatures where the standard
 * puts them, each over its own parent and nothing else, with algorithms that hold; every id once. Signature wrapping needs one of
 * these to be otherwise. Nothing that is read here says who somebody is: that is read from what the signature covers, once it
 * is verified.
 */
import { SluiceError } from "../core/errors.ts";
import type { SamlProviderSettings } from "../core/identity.ts";
import { decryptAssertion } from "./saml-decrypt.ts";
import {
  ASSERTION,
  childrenOf,
  DSIG,
  everyElement,
  invalid,
  is,
  PROTOCOL,
  readXml,
  type XmlDocument,
  type XmlElement,
} from "./saml-xml.ts";

const EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED = `${DSIG}enveloped-signature`;
const SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success";

/** In base64. A person in 1,000 groups with long names has some 150 KB. */
export const RESPONSE_CHARS_MAX = 262_144;
const ID = /^[A-Za-z_][A-Za-z0-9_.-]{0,255}$/;

/** RFC 9231 section 2.3.2 and RFC 6931 section 2.3.10. What is not listed is refused: SHA-1 above all. */
const SIGNATURES: ReadonlySet<string> = new Set([
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
  "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
]);
const DIGESTS: ReadonlySet<string> = new Set([
  "http://www.w3.org/2001/04/xmlenc#sha256",
  "http://www.w3.org/2001/04/xmlenc#sha512",
]);

export interface UnprovenResponse {
  /** The very text that was read, for whoever verifies its signatures. */
  readonly xml: string;
  readonly assertionId: string;
  /** The response has a signature of its own, which must hold too. */
  readonly isSigned: boolean;
}

/** What the answer to a request must say. */
export interface Expected {
  /** Id of our request. */
  readonly requestId: string;
  /** Where the response was to be sent. */
  readonly acsUrl: string;
}

/** `encoded`: base64 as the browser posts it. Throws assertion_invalid, and login_failed when the provider says no. */
export function readResponse(encoded: string, provider: SamlProviderSettings, expected: Expected): UnprovenResponse {
  const received = readXml(decode(encoded));
  if (!is(received.root, PROTOCOL, "Response")) throw invalid("is no SAML response");
  checkEnvelope(received.root, provider, expected);
  checkStatus(received.root, provider);
  const { text: xml, root } = decrypted(received, provider);
  checkIds(root);
  const assertion = onlyAssertion(root);
  const signatures = [root, assertion].map((signed) => signatureOf(signed));
  const all = [...everyElement(root)].filter((each) => is(each, DSIG, "Signature"));
  if (all.length !== signatures.filter((each) => each !== undefined).length)
    throw invalid("has a signature where none belongs");
  if (signatures[1] === undefined) throw invalid("has an assertion that is not signed");
  return { xml, assertionId: assertion.attributes.get("ID") ?? "", isSigned: signatures[0] !== undefined };
}

function decode(encoded: string): string {
  if (encoded.length > RESPONSE_CHARS_MAX) throw invalid(`is longer than ${RESPONSE_CHARS_MAX} characters`);
  if (!/^[A-Za-z0-9+/\r\n]+={0,2}\s*$/.test(encoded)) throw invalid("is not base64");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(encoded, "base64"));
  } catch {
    throw invalid("is not UTF-8");
  }
}

/** What signatures refer to. The names are all that a reader of XML may take for an id. */
function checkIds(root: XmlElement): void {
  const seen = new Set<string>();
  for (const element of everyElement(root)) {
    for (const [name, value] of element.attributes) {
      if (!/^(?:\{.*\})?id$/i.test(name)) continue;
      if (seen.has(value)) throw invalid("has an id twice");
      seen.add(value);
    }
  }
}

/** SAML Core section 3.2.2, and Bindings section 3.5.5.2 for the destination. Signed or not, it must not say otherwise. */
function checkEnvelope(root: XmlElement, { issuer }: SamlProviderSettings, { requestId, acsUrl }: Expected): void {
  const { attributes } = root;
  if (attributes.get("Version") !== "2.0") throw invalid("is not of SAML 2.0");
  const destination = attributes.get("Destination");
  const isSigned = childrenOf(root, DSIG, "Signature").length > 0;
  if (destination === undefined ? isSigned : destination !== acsUrl)
    throw invalid("was to be sent to another place (Destination)");
  const inResponseTo = attributes.get("InResponseTo");
  if (inResponseTo === undefined) throw invalid("was not asked for; begin at /login");
  if (inResponseTo !== requestId) {
    throw new SluiceError(
      "login_failed",
      "the response is for another login than the one that this browser began last",
    );
  }
  const issuers = childrenOf(root, ASSERTION, "Issuer");
  if (issuers.length > 1 || issuers.some(({ text }) => text !== issuer))
    throw invalid("is of another provider (Issuer)");
  const strange = root.children.find(
    ({ namespace, name }) =>
      !(namespace === PROTOCOL && (name === "Status" || name === "Extensions")) &&
      !(namespace === ASSERTION && (name === "Issuer" || name === "Assertion" || name === "EncryptedAssertion")) &&
      !(namespace === DSIG && name === "Signature"),
  );
  if (strange !== undefined) throw invalid("has elements that do not belong there");
}

/** Unsigned when it is no success, and written by the provider for people: only words of the standard are passed on. */
function checkStatus(root: XmlElement, provider: SamlProviderSettings): void {
  const [status, ...others] = childrenOf(root, PROTOCOL, "Status");
  const [code] = status === undefined ? [] : childrenOf(status, PROTOCOL, "StatusCode");
  const said = code?.attributes.get("Value");
  if (others.length > 0 || said === undefined) throw invalid("has no status");
  if (said === SUCCESS) return;
  const [inner] = code === undefined ? [] : childrenOf(code, PROTOCOL, "StatusCode");
  const words = [said, inner?.attributes.get("Value")].flatMap((value) => STATUS.exec(value ?? "")?.[1] ?? []);
  throw new SluiceError("login_failed", `provider "${provider.name}" did not let you in (${words.join(", ") || "?"})`);
}

/** SAML Core section 3.2.2.2. */
const STATUS =
  /^urn:oasis:names:tc:SAML:2\.0:status:(Requester|Responder|VersionMismatch|AuthnFailed|InvalidNameIDPolicy|NoAuthnContext|NoAvailableIDP|NoPassive|NoSupportedIDP|RequestDenied|RequestUnsupported|UnknownPrincipal|UnsupportedBinding)$/;

/**
 * With the assertion where the encrypted one stood. The response's own signature covers what was encrypted and goes with it; the
 * assertion's is demanded as ever.
 */
function decrypted(received: XmlDocument, provider: SamlProviderSettings): XmlDocument {
  const { text, root } = received;
  const [encrypted, ...others] = [...everyElement(root)].filter(({ name }) => name === "EncryptedAssertion");
  if (encrypted === undefined) return received;
  if (others.length > 0 || !is(encrypted, ASSERTION, "EncryptedAssertion") || !root.children.includes(encrypted))
    throw invalid("has more than one assertion, or one in a wrong place");
  // Read by itself first: it is one element, and cannot reach out of its place.
  const assertion = readXml(decryptAssertion(encrypted, provider)).text;
  let opened = "";
  let at = 0;
  for (const child of root.children) {
    if (child !== encrypted && !is(child, DSIG, "Signature")) continue;
    opened += text.slice(at, child.start) + (child === encrypted ? assertion : "");
    at = child.end;
  }
  return readXml(opened + text.slice(at));
}

function onlyAssertion(root: XmlElement): XmlElement {
  // By its name alone, in whatever namespace and depth: a second one is what every wrapping needs.
  const all = [...everyElement(root)].filter(({ name }) => name === "Assertion");
  const [assertion] = all;
  if (assertion === undefined) throw invalid("has no assertion");
  if (all.length > 1 || !is(assertion, ASSERTION, "Assertion") || !root.children.includes(assertion))
    throw invalid("has more than one assertion, or one in a wrong place");
  return assertion;
}

/** SAML Core section 5.4: one reference, to the parent; two transforms at most, of these. Undefined where there is none. */
function signatureOf(parent: XmlElement): XmlElement | undefined {
  const id = parent.attributes.get("ID");
  if (id === undefined || !ID.test(id)) throw invalid("has no id to refer to");
  const [signature, ...others] = childrenOf(parent, DSIG, "Signature");
  if (signature === undefined) return undefined;
  if (others.length > 0) throw invalid("has two signatures in one place");
  const [signedInfo, value, keyInfo, ...more] = signature.children;
  const isWhole =
    signedInfo !== undefined &&
    is(signedInfo, DSIG, "SignedInfo") &&
    value !== undefined &&
    is(value, DSIG, "SignatureValue") &&
    (keyInfo === undefined || is(keyInfo, DSIG, "KeyInfo")) &&
    more.length === 0;
  if (!isWhole) throw invalid("has a signature of a strange form");
  const [canonicalization, method, reference, ...rest] = signedInfo.children;
  if (canonicalization === undefined || method === undefined || reference === undefined || rest.length > 0)
    throw invalid("has a signature of a strange form");
  checkAlgorithm(canonicalization, "CanonicalizationMethod", new Set([EXCLUSIVE_C14N]));
  checkAlgorithm(method, "SignatureMethod", SIGNATURES);
  if (!is(reference, DSIG, "Reference") || reference.attributes.get("URI") !== `#${id}`)
    throw invalid("has a signature over something else than what it stands in");
  const [transforms, digest, digestValue, ...beyond] = reference.children;
  if (transforms === undefined || digest === undefined || digestValue === undefined || beyond.length > 0)
    throw invalid("has a signature of a strange form");
  const [first, second, third] = is(transforms, DSIG, "Transforms") ? transforms.children : [];
  if (first === undefined || third !== undefined) throw invalid("has a signature of a strange form");
  checkAlgorithm(first, "Transform", new Set([ENVELOPED]));
  if (second !== undefined) checkAlgorithm(second, "Transform", new Set([EXCLUSIVE_C14N]));
  checkAlgorithm(digest, "DigestMethod", DIGESTS);
  if (!is(digestValue, DSIG, "DigestValue")) throw invalid("has a signature of a strange form");
  return signature;
}

function checkAlgorithm(element: XmlElement, name: string, allowed: ReadonlySet<string>): void {
  if (!is(element, DSIG, name)) throw invalid("has a signature of a strange form");
  if (!allowed.has(element.attributes.get("Algorithm") ?? ""))
    throw invalid(`is signed in a way that is not accepted (${name}); SHA-256 and SHA-512 with RSA are`);
}
