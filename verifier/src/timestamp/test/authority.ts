/**
 * An authority for tests: makes certificates and stamps of any kind, right ones and those that no program of others would
 * make. Keys and signatures are Node's; what is written is checked against openssl (openssl.test.ts), not against our reader.
 */

import { constants, createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { TAG, explicitTag, implicitTag } from "../der.ts";
import { writeDer, writeInteger, writeOid, writeSequence } from "../der-writer.ts";

export type Bytes = Uint8Array<ArrayBuffer>;
export type KeyKind = "rsa" | "pss" | "P-256" | "P-384" | "P-521" | "ed25519";
type Hash = "sha256" | "sha384" | "sha512";

export const OID = {
  timeStamping: "1.3.6.1.5.5.7.3.8",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  policy: "1.2.3.4.1",
  contentType: "1.2.840.113549.1.9.3",
  messageDigest: "1.2.840.113549.1.9.4",
  signingTime: "1.2.840.113549.1.9.5",
  signingCertificate: "1.2.840.113549.1.9.16.2.12",
  signingCertificateV2: "1.2.840.113549.1.9.16.2.47",
  tokenInfo: "1.2.840.113549.1.9.16.1.4",
  data: "1.2.840.113549.1.7.1",
  signedData: "1.2.840.113549.1.7.2",
} as const;

const HASH_OIDS: Readonly<Record<Hash, string>> = {
  sha256: "2.16.840.1.101.3.4.2.1",
  sha384: "2.16.840.1.101.3.4.2.2",
  sha512: "2.16.840.1.101.3.4.2.3",
};
const RSA_OIDS = { sha256: "1.2.840.113549.1.1.11", sha384: "1.2.840.113549.1.1.12", sha512: "1.2.840.113549.1.1.13" };
const ECDSA_OIDS = { sha256: "1.2.840.10045.4.3.2", sha384: "1.2.840.10045.4.3.3", sha512: "1.2.840.10045.4.3.4" };
const HASH_BYTES = { sha256: 32, sha384: 48, sha512: 64 };

const NULL = writeDer(TAG.null);
export const octets = (bytes: Uint8Array): Bytes => writeDer(TAG.octetString, bytes);
const bits = (bytes: Uint8Array, unused = 0): Bytes => writeDer(TAG.bitString, Uint8Array.of(unused), bytes);
const text = (value: string): Bytes => writeDer(TAG.utf8String, Buffer.from(value));
const TRUE = writeDer(TAG.boolean, Uint8Array.of(0xff));
export const set = (...elements: readonly Uint8Array[]): Bytes => writeDer(TAG.set, ...inOrder(elements));
export const inOrder = (elements: readonly Uint8Array[]): Uint8Array[] =>
  elements.toSorted((a, b) => Buffer.compare(a, b));
export const digest = (hash: string, bytes: Uint8Array): Buffer => createHash(hash).update(bytes).digest();

function generalizedTime(ms: number, fraction = ""): Bytes {
  const compact = new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:T]/g, "");
  return writeDer(TAG.generalizedTime, Buffer.from(`${compact}${fraction}Z`));
}

function utcTime(ms: number): Bytes {
  return writeDer(TAG.utcTime, Buffer.from(`${new Date(ms).toISOString().slice(2, 19).replaceAll(/[-:T]/g, "")}Z`));
}

export function name(common: string): Bytes {
  return writeSequence(set(writeSequence(writeOid("2.5.4.3"), text(common))));
}

/** What signs, and how it is written down. */
interface Signing {
  readonly algorithm: Bytes;
  readonly sign: (message: Uint8Array) => Buffer;
}

function signing(kind: KeyKind, key: KeyObject, hash: Hash): Signing {
  switch (kind) {
    case "rsa":
      return { algorithm: writeSequence(writeOid(RSA_OIDS[hash]), NULL), sign: (message) => sign(hash, message, key) };
    case "pss": {
      const saltLength = HASH_BYTES[hash];
      const hashed = writeSequence(writeOid(HASH_OIDS[hash]), NULL);
      const parameters = writeSequence(
        writeDer(explicitTag(0), hashed),
        writeDer(explicitTag(1), writeSequence(writeOid("1.2.840.113549.1.1.8"), hashed)),
        writeDer(explicitTag(2), writeInteger(saltLength)),
      );
      const padding = constants.RSA_PKCS1_PSS_PADDING;
      return {
        algorithm: writeSequence(writeOid("1.2.840.113549.1.1.10"), parameters),
        sign: (message) => sign(hash, message, { key, padding, saltLength }),
      };
    }
    case "ed25519":
      return { algorithm: writeSequence(writeOid("1.3.101.112")), sign: (message) => sign(null, message, key) };
    default:
      return { algorithm: writeSequence(writeOid(ECDSA_OIDS[hash])), sign: (message) => sign(hash, message, key) };
  }
}

export interface Issued {
  readonly kind: KeyKind;
  readonly certificate: Bytes;
  readonly subject: Bytes;
  readonly issuer: Bytes;
  readonly serial: Bytes;
  readonly privateKey: KeyObject;
  readonly spki: Bytes;
}

export interface CertificateOptions {
  readonly subject: string;
  /** Absent: it signs itself. */
  readonly by?: Issued;
  readonly kind?: KeyKind;
  readonly hash?: Hash;
  readonly ca?: boolean;
  readonly pathLength?: number;
  /** The BIT STRING's first byte: 0x80 digitalSignature, 0x40 nonRepudiation, 0x20 keyEncipherment, 0x04 keyCertSign. */
  readonly usage?: number;
  readonly purposes?: readonly string[];
  readonly purposesCritical?: boolean;
  readonly notBefore?: number;
  readonly notAfter?: number;
  /** Further extensions, whole. */
  readonly extensions?: readonly Uint8Array[];
  /** Changes what is to be signed. */
  readonly change?: (body: Uint8Array) => Uint8Array;
  /** The same key as somebody else's. */
  readonly keyOf?: Issued;
}

export function extension(oid: string, value: Uint8Array, critical: boolean): Bytes {
  return writeSequence(writeOid(oid), ...(critical ? [TRUE] : []), octets(value));
}

const DAY_MS = 86_400_000;

/** A certificate of version 3. Keys are made anew, which takes RSA a while. */
export function issue(now: number, options: CertificateOptions): Issued {
  const { subject: common, by, kind = "P-256", hash = "sha256", ca = false, usage = ca ? 0x04 : 0x80 } = options;
  const pair = options.keyOf ?? newKey(kind);
  const subject = name(common);
  const serial = writeInteger(Uint8Array.of(1, ...randomBytes(8)));
  const issuer = by?.subject ?? subject;
  const how = signing(by?.kind ?? kind, by?.privateKey ?? pair.privateKey, hash);
  const limits = [
    ...(ca ? [TRUE] : []),
    ...(options.pathLength === undefined ? [] : [writeInteger(options.pathLength)]),
  ];
  const purposes = options.purposes ?? (ca ? undefined : [OID.timeStamping]);
  const extensions = [
    extension("2.5.29.19", writeSequence(...limits), true),
    ...(usage === 0 ? [] : [extension("2.5.29.15", bits(Uint8Array.of(usage), trailingZeroes(usage)), true)]),
    ...(purposes === undefined
      ? []
      : [extension("2.5.29.37", writeSequence(...purposes.map(writeOid)), options.purposesCritical ?? true)]),
    extension("2.5.29.14", octets(digest("sha1", pair.spki)), false),
    extension("2.5.29.35", writeSequence(writeDer(implicitTag(0), digest("sha1", by?.spki ?? pair.spki))), false),
    ...(options.extensions ?? []),
  ];
  const body = writeSequence(
    writeDer(explicitTag(0), writeInteger(2)),
    serial,
    how.algorithm,
    issuer,
    writeSequence(utcTime(options.notBefore ?? now - DAY_MS), utcTime(options.notAfter ?? now + 365 * DAY_MS)),
    subject,
    pair.spki,
    writeDer(explicitTag(3), writeSequence(...extensions)),
  );
  const changed = options.change?.(body) ?? body;
  const certificate = writeSequence(changed, how.algorithm, bits(how.sign(changed)));
  return { kind, certificate, subject, issuer, serial, privateKey: pair.privateKey, spki: pair.spki };
}

function trailingZeroes(byte: number): number {
  let count = 0;
  while (((byte >> count) & 1) === 0) count += 1;
  return count;
}

function newKey(kind: KeyKind): { privateKey: KeyObject; spki: Bytes } {
  const { publicKey, privateKey } =
    kind === "rsa" || kind === "pss"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : kind === "ed25519"
        ? generateKeyPairSync("ed25519")
        : generateKeyPairSync("ec", { namedCurve: kind });
  return { privateKey, spki: new Uint8Array(publicKey.export({ type: "spki", format: "der" })) };
}

export function pem(...certificates: readonly Uint8Array[]): string {
  return certificates
    .map((each) => {
      const lines =
        Buffer.from(each)
          .toString("base64")
          .match(/.{1,64}/g) ?? [];
      return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
    })
    .join("");
}

/** What may be wrong with a stamp; by default nothing is. */
export interface StampOptions {
  readonly signer: Issued;
  /** In the token. Default: the signer's. */
  readonly certificates?: readonly Uint8Array[];
  readonly imprint: Uint8Array;
  readonly nonce?: Uint8Array;
  readonly time: number;
  readonly policy?: string;
  readonly status?: number;
  readonly hash?: Hash;
  readonly version?: number;
  /** The parts of TSTInfo between genTime and nonce, and after it. */
  readonly accuracy?: Uint8Array;
  readonly fraction?: string;
  readonly authority?: Uint8Array;
  readonly infoExtensions?: readonly Uint8Array[];
  /** Changes TSTInfo before it is hashed. */
  readonly change?: (info: Uint8Array) => Uint8Array;
  readonly contentType?: string;
  /** The certificate that ESSCertIDv2 names. */
  readonly named?: Uint8Array;
  /** Replaces the attributes; `value` is that of the right ones. */
  readonly attributes?: (right: Attributes) => readonly Uint8Array[];
  /** Leave the attributes as they come, and sign them so. */
  readonly unordered?: boolean;
  readonly digestName?: Hash;
  readonly signers?: readonly Issued[];
  readonly noAttributes?: boolean;
}

export interface Attributes {
  readonly contentType: Bytes;
  readonly messageDigest: Bytes;
  readonly signingCertificate: Bytes;
  readonly time: Bytes;
}

export function attribute(oid: string, ...values: readonly Uint8Array[]): Bytes {
  return writeSequence(writeOid(oid), writeDer(TAG.set, ...values));
}

/** SigningCertificateV2 that names certificates by SHA-256. */
export function named(...certificates: readonly Uint8Array[]): Bytes {
  return writeSequence(writeSequence(...certificates.map((each) => writeSequence(octets(digest("sha256", each))))));
}

/** SigningCertificate of RFC 2634, by SHA-1. */
export function namedBySha1(certificate: Uint8Array): Bytes {
  return writeSequence(writeSequence(writeSequence(octets(digest("sha1", certificate)))));
}

/** A TimeStampResp. */
export function stamp(options: StampOptions): Bytes {
  const { signer, imprint, nonce, time, hash = "sha256" } = options;
  const right = writeSequence(
    writeInteger(options.version ?? 1),
    writeOid(options.policy ?? OID.policy),
    writeSequence(writeSequence(writeOid(HASH_OIDS.sha256), NULL), octets(imprint)),
    writeInteger(Uint8Array.of(1, ...randomBytes(7))),
    generalizedTime(time, options.fraction),
    ...(options.accuracy === undefined ? [] : [options.accuracy]),
    ...(nonce === undefined ? [] : [writeInteger(nonce)]),
    ...(options.authority === undefined ? [] : [writeDer(explicitTag(0), options.authority)]),
    ...(options.infoExtensions === undefined ? [] : [writeDer(explicitTag(1), ...options.infoExtensions)]),
  );
  const info = options.change?.(right) ?? right;
  const type = options.contentType ?? OID.tokenInfo;
  const digests = [...new Set([options.digestName ?? hash])].map((each) =>
    writeSequence(writeOid(HASH_OIDS[each]), NULL),
  );
  const data = writeSequence(
    writeInteger(3),
    set(...digests),
    writeSequence(writeOid(type), writeDer(explicitTag(0), octets(info))),
    writeDer(explicitTag(0), ...inOrder(options.certificates ?? [signer.certificate])),
    set(...(options.signers ?? [signer]).map((each) => signerInfo(each, info, type, hash, options))),
  );
  const token = writeSequence(writeOid(OID.signedData), writeDer(explicitTag(0), data));
  return writeSequence(writeSequence(writeInteger(options.status ?? 0)), token);
}

function signerInfo(signer: Issued, info: Uint8Array, type: string, hash: Hash, options: StampOptions): Bytes {
  const how = signing(signer.kind, signer.privateKey, hash);
  const right: Attributes = {
    contentType: attribute(OID.contentType, writeOid(type)),
    messageDigest: attribute(OID.messageDigest, octets(digest(hash, info))),
    signingCertificate: attribute(OID.signingCertificateV2, named(options.named ?? signer.certificate)),
    time: attribute(OID.signingTime, utcTime(options.time)),
  };
  const all = options.attributes?.(right) ?? [right.contentType, right.messageDigest, right.signingCertificate];
  const attributes = options.unordered === true ? all : inOrder(all);
  const message = options.noAttributes === true ? info : writeDer(TAG.set, ...attributes);
  return writeSequence(
    writeInteger(1),
    writeSequence(signer.issuer, signer.serial),
    writeSequence(writeOid(HASH_OIDS[options.digestName ?? hash]), NULL),
    ...(options.noAttributes === true ? [] : [writeDer(explicitTag(0), ...attributes)]),
    how.algorithm,
    octets(how.sign(message)),
  );
}
