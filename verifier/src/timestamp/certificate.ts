/**
 * X.509 certificates (RFC 5280), read as far as a time-stamp needs them. An extension that is critical and not understood is
 * kept by its name, so that whoever relies on the certificate must refuse it. Reads only; chain.ts decides.
 */

import { decodeBase64, decodeUtf8, encodeHex } from "../bytes.ts";
import { VerifierError } from "../errors.ts";
import { readAlgorithm } from "./algorithms.ts";
import type { Algorithm } from "./algorithms.ts";
import {
  Fields,
  TAG,
  explicitTag,
  implicitTag,
  inner,
  readBoolean,
  readBytes,
  readDer,
  readNumber,
  readOid,
  readTime,
} from "./der.ts";
import type { Der } from "./der.ts";

const CERTIFICATES_MAX = 100;
const PEM_CHARS_MAX = 1_000_000;

export interface Certificate {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What its issuer signed. */
  readonly signed: Uint8Array<ArrayBuffer>;
  readonly algorithm: Algorithm;
  readonly signature: Uint8Array<ArrayBuffer>;
  /** Content of the INTEGER. */
  readonly serial: Uint8Array;
  /** Names as DER: two are the same if their bytes are. */
  readonly issuer: Uint8Array;
  readonly subject: Der;
  /** Milliseconds since 1970, both included. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo. */
  readonly key: Der;
  readonly isAuthority: boolean;
  readonly pathLength?: number;
  /** Names of the bits that are set. Absent: there is no such extension. */
  readonly keyUsage?: ReadonlySet<string>;
  readonly purposes?: { readonly critical: boolean; readonly oids: readonly string[] };
  readonly keyId?: Uint8Array;
  readonly issuerKeyId?: Uint8Array;
  /** Serial number and name of the issuer's own certificate, as the extension states them. */
  readonly issuerCertificate?: { readonly issuer: Uint8Array; readonly serial: Uint8Array };
  /** GeneralNames, each as DER. */
  readonly otherNames: readonly Uint8Array[];
  /** Extensions that forbid relying on it: critical and unknown, or name constraints, which are not evaluated here. */
  readonly refused: readonly string[];
}

/** Bit 0 first: RFC 5280 section 4.2.1.3. */
const KEY_USAGES = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
];

const NAME_CONSTRAINTS = "2.5.29.30";
const DIRECTORY_NAME = explicitTag(4);

/** The certificates of a PEM file, in order; what is between them is ignored. Throws timestamp_roots_malformed. */
export function parseCertificates(pem: string): Certificate[] {
  if (pem.length > PEM_CHARS_MAX) throw malformed("a file of certificates has at most 1,000,000 characters");
  const blocks = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g)];
  if (blocks.length === 0) throw malformed("there is no certificate in PEM");
  if (blocks.length > CERTIFICATES_MAX) throw malformed("there are more than 100 certificates");
  return blocks.map(([, base64 = ""]) => {
    const bytes = decodeBase64(base64.replaceAll(/[\t\n\r ]/g, ""));
    if (bytes === undefined) throw malformed("a certificate in PEM is base64");
    try {
      return readCertificate(readDer(bytes));
    } catch (error) {
      if (error instanceof VerifierError) throw malformed(`a certificate is not in order: ${error.message}`);
      throw error;
    }
  });
}

/** Throws der_malformed. */
export function readCertificate(der: Der): Certificate {
  const whole = new Fields(der, "Certificate");
  const body = whole.take(TAG.sequence);
  const algorithm = readAlgorithm(whole.take(TAG.sequence));
  const signature = readBytes(whole.take(TAG.bitString));
  whole.end();

  const fields = new Fields(body, "TBSCertificate");
  const version = readNumber(inner(fields.take(explicitTag(0)), TAG.integer, "version"));
  if (version !== 2) throw derMalformed("a certificate has version 3");
  const serial = fields.take(TAG.integer).content;
  const inside = readAlgorithm(fields.take(TAG.sequence));
  // RFC 5280 section 4.1.2.3: it "MUST contain the same algorithm identifier".
  if (encodeHex(inside.bytes) !== encodeHex(algorithm.bytes)) throw derMalformed("a certificate has two algorithms");
  const issuer = fields.take(TAG.sequence).bytes;
  const validity = new Fields(fields.take(TAG.sequence), "Validity");
  const [notBefore, notAfter] = [readValidity(validity.any()), readValidity(validity.any())];
  validity.end();
  const subject = fields.take(TAG.sequence);
  const key = fields.take(TAG.sequence);
  // Unique identifiers, which nobody has used since version 2.
  fields.optional(implicitTag(1));
  fields.optional(implicitTag(2));
  const extensions = fields.optional(explicitTag(3));
  fields.end();

  return {
    bytes: der.bytes,
    signed: body.bytes,
    algorithm,
    signature,
    serial,
    issuer,
    subject,
    notBefore,
    notAfter,
    key,
    isAuthority: false,
    otherNames: [],
    refused: [],
    ...(extensions === undefined ? {} : readExtensions(inner(extensions, TAG.sequence, "Extensions"))),
  };
}

function readValidity(der: Der): number {
  if (der.tag !== TAG.utcTime && der.tag !== TAG.generalizedTime) throw derMalformed("a validity has two times");
  return readTime(der);
}

type Extensions = Partial<{ -readonly [K in keyof Certificate]: Certificate[K] }>;

function readExtensions(der: Der): Extensions {
  const found: Extensions = {};
  const refused: string[] = [];
  const seen = new Set<string>();
  for (const extension of new Fields(der, "Extensions").rest(TAG.sequence)) {
    const { oid, critical, value } = readExtension(extension);
    // RFC 5280 section 4.2: "MUST NOT include more than one instance of a particular extension"
    if (seen.has(oid)) throw derMalformed("a certificate has an extension twice");
    seen.add(oid);
    const read = EXTENSIONS.get(oid);
    if (read !== undefined) read(readDer(value), found, critical);
    else if (critical || oid === NAME_CONSTRAINTS) refused.push(oid);
  }
  return { ...found, refused };
}

/** An Extension, of a certificate or a time-stamp. */
export function readExtension(der: Der): { oid: string; critical: boolean; value: Uint8Array } {
  const fields = new Fields(der, "Extension");
  const oid = readOid(fields.take(TAG.oid));
  const flag = fields.optional(TAG.boolean);
  // X.690 section 11.5: a default value is not written.
  if (flag !== undefined && !readBoolean(flag)) throw derMalformed("an extension writes its default");
  const value = fields.take(TAG.octetString).content;
  fields.end();
  return { oid, critical: flag !== undefined, value };
}

/** Extension → what it says. */
const EXTENSIONS: ReadonlyMap<string, (value: Der, found: Extensions, critical: boolean) => void> = new Map([
  [
    "2.5.29.19",
    (value, found) => {
      const fields = new Fields(value, "BasicConstraints");
      const flag = fields.optional(TAG.boolean);
      const length = fields.optional(TAG.integer);
      fields.end();
      found.isAuthority = flag !== undefined && readBoolean(flag);
      if (length !== undefined) found.pathLength = readNumber(length);
    },
  ],
  [
    "2.5.29.15",
    (value, found) => {
      if (value.tag !== TAG.bitString) throw derMalformed("a key usage is a bit string");
      const bits = value.content.subarray(1);
      found.keyUsage = new Set(KEY_USAGES.filter((_, bit) => ((bits[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0));
    },
  ],
  [
    "2.5.29.37",
    (value, found, critical) => {
      const oids = new Fields(value, "ExtKeyUsageSyntax").rest(TAG.oid).map(readOid);
      found.purposes = { critical, oids };
    },
  ],
  [
    "2.5.29.14",
    (value, found) => {
      if (value.tag !== TAG.octetString) throw derMalformed("a key identifier is an octet string");
      found.keyId = value.content;
    },
  ],
  [
    "2.5.29.35",
    (value, found) => {
      const fields = new Fields(value, "AuthorityKeyIdentifier");
      const id = fields.optional(implicitTag(0));
      const names = fields.optional(explicitTag(1));
      const serial = fields.optional(implicitTag(2));
      fields.end();
      if (id !== undefined) found.issuerKeyId = id.content;
      if (names !== undefined && serial !== undefined) {
        found.issuerCertificate = { issuer: readDirectoryName(names), serial: serial.content };
      } else if (names !== undefined || serial !== undefined) {
        throw derMalformed("a key identifier has the issuer without the serial number, or the reverse");
      }
    },
  ],
  [
    "2.5.29.17",
    (value, found) => {
      found.otherNames = readGeneralNames(value);
    },
  ],
]);

function readGeneralNames(der: Der): Uint8Array[] {
  const fields = new Fields(der, "GeneralNames");
  const names: Uint8Array[] = [];
  while (fields.left > 0) names.push(fields.any().bytes);
  return names;
}

/** The name in GeneralNames that are one directory name. */
export function readDirectoryName(der: Der): Uint8Array {
  return inner(inner(der, DIRECTORY_NAME, "GeneralNames"), TAG.sequence, "directoryName").bytes;
}

/** A GeneralName that says who somebody is names the owner of this certificate. */
export function bearsName(certificate: Certificate, name: Der): boolean {
  const wanted = encodeHex(name.bytes);
  if (certificate.otherNames.some((other) => encodeHex(other) === wanted)) return true;
  return name.tag === DIRECTORY_NAME && encodeHex(name.content) === encodeHex(certificate.subject.bytes);
}

const ATTRIBUTES: ReadonlyMap<string, string> = new Map([
  ["2.5.4.3", "CN"],
  ["2.5.4.6", "C"],
  ["2.5.4.7", "L"],
  ["2.5.4.8", "ST"],
  ["2.5.4.10", "O"],
  ["2.5.4.11", "OU"],
]);

/** For people: `CN=…, O=…`, in the order of the name. Characters that steer a terminal are left out. Never compared. */
export function printName(name: Der): string {
  const parts: string[] = [];
  for (const set of new Fields(name, "Name").rest(TAG.set)) {
    for (const attribute of new Fields(set, "RelativeDistinguishedName", TAG.set).rest(TAG.sequence)) {
      const fields = new Fields(attribute, "AttributeTypeAndValue");
      const oid = readOid(fields.take(TAG.oid));
      const value = fields.any();
      fields.end();
      const isText = ([TAG.utf8String, TAG.printableString, TAG.ia5String] as number[]).includes(value.tag);
      const text = (isText ? decodeUtf8(value.content) : undefined) ?? `#${encodeHex(value.content)}`;
      parts.push(`${ATTRIBUTES.get(oid) ?? oid}=${text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "")}`);
    }
  }
  return parts.join(", ");
}

function malformed(message: string): VerifierError {
  return new VerifierError("timestamp_roots_malformed", message);
}

function derMalformed(message: string): VerifierError {
  return new VerifierError("der_malformed", message);
}
