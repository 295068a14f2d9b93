/**
 * CMS SignedData (RFC 5652) in the one shape that time-stamp tokens have (RFC 3161 section 2.4.2): one signer, named by
 * issuer and serial number, with signed attributes. Reads only and checks no signature.
 */

import { concatBytes } from "../bytes.ts";
import { VerifierError } from "../errors.ts";
import { hashOf, readAlgorithm } from "./algorithms.ts";
import type { Algorithm, HashName } from "./algorithms.ts";
import { readCertificate } from "./certificate.ts";
import type { Certificate } from "./certificate.ts";
import { Fields, TAG, elementsInOrder, explicitTag, inner, readNumber, readOid } from "./der.ts";
import type { Der } from "./der.ts";

const SIGNED_DATA = "1.2.840.113549.1.7.2";
const CERTIFICATES_MAX = 20;

export interface SignedData {
  readonly contentType: string;
  readonly content: Uint8Array<ArrayBuffer>;
  readonly certificates: readonly Certificate[];
  readonly signer: SignerInfo;
}

export interface SignerInfo {
  /** Name of the issuer as DER, and content of the serial number. */
  readonly issuer: Uint8Array;
  readonly serial: Uint8Array;
  readonly digest: HashName;
  readonly algorithm: Algorithm;
  readonly signature: Uint8Array<ArrayBuffer>;
  /** Type → its one value. */
  readonly attributes: ReadonlyMap<string, Der>;
  /** What is signed: the attributes as a SET OF, not as they are tagged here (RFC 5652 section 5.4). */
  readonly signed: Uint8Array<ArrayBuffer>;
}

/** Throws der_malformed, timestamp_malformed or timestamp_algorithm_unsupported. */
export function readSignedData(der: Der): SignedData {
  const info = new Fields(der, "ContentInfo");
  const type = readOid(info.take(TAG.oid));
  const wrapped = info.take(explicitTag(0));
  info.end();
  if (type !== SIGNED_DATA) throw malformed("a time-stamp token is signed data");

  const fields = new Fields(inner(wrapped, TAG.sequence, "SignedData"), "SignedData");
  // RFC 5652 section 5.1: 3, since the content is not of the type data.
  if (readNumber(fields.take(TAG.integer)) !== 3) throw malformed("the signed data of a token has version 3");
  const digests = new Fields(fields.take(TAG.set), "digestAlgorithms", TAG.set).rest(TAG.sequence);
  const content = new Fields(fields.take(TAG.sequence), "EncapsulatedContentInfo");
  const contentType = readOid(content.take(TAG.oid));
  const octets = inner(content.take(explicitTag(0)), TAG.octetString, "eContent").content;
  content.end();
  const certificates = fields.optional(explicitTag(0));
  // Lists of revoked certificates, which are not evaluated here.
  fields.optional(explicitTag(1));
  const signers = new Fields(fields.take(TAG.set), "signerInfos", TAG.set).rest(TAG.sequence);
  fields.end();

  const [only, ...more] = signers;
  // RFC 3161 section 2.4.2: "The time-stamp token MUST NOT contain any signatures other than the signature of the TSA."
  if (only === undefined || more.length > 0) throw malformed("a time-stamp token has one signer");
  const signer = readSignerInfo(only);
  const named = digests.map((each) => hashOf(readAlgorithm(each)));
  if (named.length !== 1 || named[0] !== signer.digest) throw malformed("the digest is not the one the token names");
  return { contentType, content: octets, certificates: readCertificates(certificates), signer };
}

function readCertificates(der: Der | undefined): Certificate[] {
  if (der === undefined) return [];
  const certificates = new Fields(der, "certificates", der.tag).rest(TAG.sequence);
  if (certificates.length > CERTIFICATES_MAX) throw malformed("a token has at most 20 certificates");
  return certificates.map(readCertificate);
}

function readSignerInfo(der: Der): SignerInfo {
  const fields = new Fields(der, "SignerInfo");
  // RFC 5652 section 5.3: 1, where the signer is named by issuer and serial number.
  if (readNumber(fields.take(TAG.integer)) !== 1) throw malformed("a signer is named by issuer and serial number");
  const name = new Fields(fields.take(TAG.sequence), "IssuerAndSerialNumber");
  const issuer = name.take(TAG.sequence).bytes;
  const serial = name.take(TAG.integer).content;
  name.end();
  const digest = hashOf(readAlgorithm(fields.take(TAG.sequence)));
  const attributes = fields.optional(explicitTag(0));
  if (attributes === undefined)
    throw new VerifierError("timestamp_attributes_invalid", "the token signs no attributes");
  const algorithm = readAlgorithm(fields.take(TAG.sequence));
  const signature = fields.take(TAG.octetString).content;
  // Attributes that are not signed say nothing.
  fields.optional(explicitTag(1));
  fields.end();
  const signed = concatBytes(Uint8Array.of(TAG.set), attributes.bytes.subarray(1));
  return { issuer, serial, digest, algorithm, signature, attributes: readAttributes(attributes), signed };
}

function readAttributes(der: Der): ReadonlyMap<string, Der> {
  const attributes = new Map<string, Der>();
  for (const element of elementsInOrder(der)) {
    const fields = new Fields(element, "Attribute");
    const type = readOid(fields.take(TAG.oid));
    const values = new Fields(fields.take(TAG.set), "AttributeValue", TAG.set);
    fields.end();
    const value = values.any();
    values.end();
    // RFC 5652 section 5.3: "signedAttributes … MUST NOT include multiple instances" of those that are read here.
    if (attributes.has(type)) {
      throw new VerifierError("timestamp_attributes_invalid", "the token signs an attribute twice");
    }
    attributes.set(type, value);
  }
  return attributes;
}

function malformed(message: string): VerifierError {
  return new VerifierError("timestamp_malformed", message);
}
