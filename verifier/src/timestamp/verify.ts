/**
 * Whether a time-stamp (RFC 3161, RFC 5816) is to be believed: every rule here is mandatory, and what was verified comes back
 * only when all of them held. Revocation is not looked at. Works offline, through WebCrypto.
 */

import { encodeHex, equalBytes } from "../bytes.ts";
import { VerifierError } from "../errors.ts";
import type { VerifierErrorCode } from "../errors.ts";
import { describeAlgorithm, hashOf, readAlgorithm, verifySignature } from "./algorithms.ts";
import type { HashName } from "./algorithms.ts";
import { bearsName, printName, readDirectoryName } from "./certificate.ts";
import type { Certificate } from "./certificate.ts";
import { TIME_STAMPING, findChain } from "./chain.ts";
import { Fields, TAG, readOid } from "./der.ts";
import type { Der } from "./der.ts";
import { readResponse } from "./response.ts";
import { readSignedData } from "./signed-data.ts";
import type { SignedData, SignerInfo } from "./signed-data.ts";
import { readTokenInfo } from "./token-info.ts";
import type { TokenInfo } from "./token-info.ts";

const TOKEN_INFO = "1.2.840.113549.1.9.16.1.4";
const CONTENT_TYPE = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
const SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12";
const SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47";
const SKEW_MS = 60_000;

export interface TimestampOptions {
  /** What must have been stamped. */
  readonly imprint: { readonly algorithm: HashName; readonly hash: Uint8Array };
  /** The nonce of the request. Absent, for who reads a stamp later: not compared. */
  readonly nonce?: Uint8Array;
  /** Policies that are accepted, in dotted decimal. Absent: any. */
  readonly policies?: readonly string[];
  /** Pinned certificates, from `parseCertificates`: those that issued themselves are trusted, others may lead to one. */
  readonly roots: readonly Certificate[];
  /** Milliseconds since 1970; a stamp of a later time is refused. */
  readonly now: number;
  /** How far the authority's clock may be ahead of `now`, in milliseconds. Default one minute. */
  readonly skewMs?: number;
  /** Also accept a stamp that was granted "with modifications" to what was asked. */
  readonly allowModified?: boolean;
  /** Also accept a token that names its certificate by SHA-1 alone (RFC 3161 before RFC 5816). */
  readonly allowSha1CertificateId?: boolean;
}

export interface Timestamp {
  /** The time that the authority states, in milliseconds since 1970. */
  readonly time: number;
  /** How far from it the true time may be, in milliseconds. Absent: the authority does not say. */
  readonly accuracyMs?: number;
  /** The authority's number for it, hexadecimal. */
  readonly serial: string;
  /** In dotted decimal. */
  readonly policy: string;
  /** The name of the authority's certificate, for people. */
  readonly authority: string;
  /** For example `ECDSA P-256 with SHA-256`. */
  readonly algorithm: string;
  /** When the first certificate of its chain expires, in milliseconds since 1970: until then it needs another stamp over it. */
  readonly validUntil: number;
}

/**
 * Verifies a TimeStampResp. Throws a VerifierError: der_malformed, timestamp_malformed, timestamp_refused,
 * timestamp_modified, timestamp_imprint_mismatch, timestamp_nonce_mismatch, timestamp_policy_refused, timestamp_in_future,
 * timestamp_signer_invalid, timestamp_attributes_invalid, timestamp_signature_failed, timestamp_algorithm_unsupported,
 * timestamp_chain_untrusted, timestamp_chain_expired or timestamp_chain_invalid.
 */
export async function verifyTimestamp(response: Uint8Array, options: TimestampOptions): Promise<Timestamp> {
  const { status, token } = readResponse(response);
  if (token === undefined) throw failed("timestamp_refused", `the authority did not stamp: ${status}`);
  if (status !== "granted" && options.allowModified !== true) {
    throw failed("timestamp_modified", "the authority stamped with modifications to what was asked");
  }
  const data = readSignedData(token);
  if (data.contentType !== TOKEN_INFO)
    throw failed("timestamp_malformed", "the token holds something else than a time-stamp");
  const info = readTokenInfo(data.content);
  assertAnswers(info, options);

  const signer = findSigner(data);
  assertMayStamp(signer, info);
  await assertSigned(data, signer);
  const others = [...data.certificates, ...options.roots];
  const chain = await findChain({ signer, others, roots: options.roots, time: info.time });
  await assertNamed(chain, data.signer, options.allowSha1CertificateId === true);

  const { algorithm, digest } = data.signer;
  return {
    time: info.time,
    ...(info.accuracyMs === undefined ? {} : { accuracyMs: info.accuracyMs }),
    serial: encodeHex(info.serial),
    policy: info.policy,
    authority: printName(signer.subject),
    algorithm: describeAlgorithm({ algorithm, key: signer.key, digest }),
    validUntil: Math.min(...chain.map(({ notAfter }) => notAfter)),
  };
}

/** The stamp is the answer to what was asked. */
function assertAnswers(info: TokenInfo, options: TimestampOptions): void {
  const { imprint, nonce, policies, now, skewMs = SKEW_MS } = options;
  if (info.imprint.algorithm !== imprint.algorithm || !equalBytes(info.imprint.hash, imprint.hash)) {
    throw failed("timestamp_imprint_mismatch", "the time-stamp is of something else");
  }
  if (nonce !== undefined && (info.nonce === undefined || !equalBytes(info.nonce, withoutZeroes(nonce)))) {
    throw failed("timestamp_nonce_mismatch", "the time-stamp is not the answer to this request");
  }
  if (policies !== undefined && !policies.includes(info.policy)) {
    throw failed("timestamp_policy_refused", `the time-stamp is under a policy that is not accepted: ${info.policy}`);
  }
  if (info.time > now + skewMs) throw failed("timestamp_in_future", "the time-stamp is of a time that is yet to come");
}

function withoutZeroes(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? new Uint8Array(0) : bytes.subarray(first);
}

function findSigner({ signer, certificates }: SignedData): Certificate {
  const isSigner = ({ issuer, serial }: Certificate): boolean =>
    equalBytes(issuer, signer.issuer) && equalBytes(serial, signer.serial);
  const [found, ...more] = certificates.filter(isSigner);
  if (found === undefined || more.length > 0) {
    throw failed("timestamp_signer_invalid", "the signer's certificate is not in the token, or more than once");
  }
  return found;
}

/** RFC 3161 section 2.3: "a single instance of the extended key usage field extension … MUST be critical", id-kp-timeStamping alone. */
function assertMayStamp(signer: Certificate, { authority }: TokenInfo): void {
  const { purposes, keyUsage } = signer;
  if (purposes === undefined || purposes.oids.length !== 1 || purposes.oids[0] !== TIME_STAMPING) {
    throw failed("timestamp_signer_invalid", "the signer's certificate is not for time-stamping alone");
  }
  if (!purposes.critical) throw failed("timestamp_signer_invalid", "the signer's purpose is not critical");
  const signing = new Set(["digitalSignature", "nonRepudiation"]);
  if (keyUsage !== undefined && (keyUsage.size === 0 || [...keyUsage].some((usage) => !signing.has(usage)))) {
    throw failed("timestamp_signer_invalid", "the signer's key is for more than signing");
  }
  // Section 2.4.2: tsa "MUST correspond to one of the subject names included in the certificate".
  if (authority !== undefined && !bearsName(signer, authority)) {
    throw failed("timestamp_signer_invalid", "the time-stamp names another authority than its certificate");
  }
}

/** The attributes are about this content, and the signature is over the attributes (RFC 5652 section 5.4). */
async function assertSigned({ contentType, content, signer: info }: SignedData, signer: Certificate): Promise<void> {
  const { attributes, algorithm, signed: message, signature, digest } = info;
  const type = attributes.get(CONTENT_TYPE);
  if (type?.tag !== TAG.oid || readOid(type) !== contentType) {
    throw failed("timestamp_attributes_invalid", "the signed attributes are of another type of content");
  }
  const hash = attributes.get(MESSAGE_DIGEST);
  if (hash?.tag !== TAG.octetString || !equalBytes(hash.content, await hashed(digest, content))) {
    throw failed("timestamp_attributes_invalid", "the signed attributes are of another content");
  }
  if (!(await verifySignature({ algorithm, key: signer.key, message, signature, digest }))) {
    throw failed("timestamp_signature_failed", "the signature of the time-stamp does not verify");
  }
}

/**
 * The token says under its signature which certificate it was made with, so that no other with the same key can be put in its
 * place (RFC 5816 section 2.2.1, RFC 5035). Further certificates it names must be those of the chain.
 */
async function assertNamed(
  chain: readonly Certificate[],
  { attributes }: SignerInfo,
  allowSha1: boolean,
): Promise<void> {
  const [current, old] = [attributes.get(SIGNING_CERTIFICATE_V2), attributes.get(SIGNING_CERTIFICATE)];
  if (current === undefined && (old === undefined || !allowSha1)) {
    throw failed("timestamp_attributes_invalid", "the token does not name its certificate by SHA-256 or better");
  }
  if (current !== undefined) await assertNames(chain, current, readCertificateIdV2);
  if (old !== undefined) await assertNames(chain, old, readCertificateId);
}

interface CertificateId {
  readonly algorithm: HashName | "SHA-1";
  readonly hash: Uint8Array;
  /** IssuerSerial. */
  readonly named?: Der;
}

async function assertNames(chain: readonly Certificate[], der: Der, read: (der: Der) => CertificateId): Promise<void> {
  const fields = new Fields(der, "SigningCertificate");
  const ids = new Fields(fields.take(TAG.sequence), "certs").rest(TAG.sequence).map(read);
  const policies = fields.optional(TAG.sequence);
  fields.end();
  if (policies !== undefined) assertPolicies(policies);
  if (ids.length > chain.length) throw failed("timestamp_attributes_invalid", "the token names too many certificates");
  // "The first certificate identified in the sequence of certificate identifiers MUST be the certificate used to verify the signature."
  let left = chain;
  for (const [position, id] of ids.entries()) {
    const candidates = position === 0 ? left.slice(0, 1) : left;
    const matches = await Promise.all(candidates.map((certificate) => isNamedBy(certificate, id)));
    const at = matches.indexOf(true);
    if (at < 0) {
      throw failed(
        "timestamp_attributes_invalid",
        "the token was made with another certificate than the one it brings",
      );
    }
    left = left.toSpliced(at, 1);
  }
  if (ids.length === 0) throw failed("timestamp_attributes_invalid", "the token names no certificate");
}

/** They are the certificates' own affair, but must be what they say they are. */
function assertPolicies(der: Der): void {
  for (const policy of new Fields(der, "policies").rest(TAG.sequence)) {
    const fields = new Fields(policy, "PolicyInformation");
    fields.take(TAG.oid);
    fields.optional(TAG.sequence);
    fields.end();
  }
}

function readCertificateIdV2(der: Der): CertificateId {
  const fields = new Fields(der, "ESSCertIDv2");
  // SHA-256 is the default, which DER leaves out; some authorities write it, and it says the same.
  const first = fields.optional(TAG.sequence);
  const algorithm = first === undefined ? "SHA-256" : hashOf(readAlgorithm(first));
  return readRest(fields, algorithm);
}

function readCertificateId(der: Der): CertificateId {
  return readRest(new Fields(der, "ESSCertID"), "SHA-1");
}

function readRest(fields: Fields, algorithm: CertificateId["algorithm"]): CertificateId {
  const hash = fields.take(TAG.octetString).content;
  const named = fields.optional(TAG.sequence);
  fields.end();
  return named === undefined ? { algorithm, hash } : { algorithm, hash, named };
}

async function isNamedBy(certificate: Certificate, { algorithm, hash, named }: CertificateId): Promise<boolean> {
  if (!equalBytes(hash, await hashed(algorithm, certificate.bytes))) return false;
  if (named === undefined) return true;
  const fields = new Fields(named, "IssuerSerial");
  const issuer = readDirectoryName(fields.take(TAG.sequence));
  const serial = fields.take(TAG.integer).content;
  fields.end();
  return equalBytes(issuer, certificate.issuer) && equalBytes(serial, certificate.serial);
}

async function hashed(algorithm: HashName | "SHA-1", bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest(algorithm, bytes));
}

function failed(code: VerifierErrorCode, message: string): VerifierError {
  return new VerifierError(code, message);
}
