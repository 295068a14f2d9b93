/**
 * The signature algorithms of time-stamps and their certificates, one row each, verified through WebCrypto. Nothing below
 * SHA-256, no RSA key below 2,048 bits, no curve but those of NIST and Ed25519: what is not in the tables is refused by name.
 */

import { concatBytes } from "../bytes.ts";
import { VerifierError } from "../errors.ts";
import { Fields, TAG, explicitTag, inner, readBytes, readDer, readNumber, readOid, readPositive } from "./der.ts";
import type { Der } from "./der.ts";

export type HashName = "SHA-256" | "SHA-384" | "SHA-512";

const HASHES: ReadonlyMap<string, HashName> = new Map([
  ["2.16.840.1.101.3.4.2.1", "SHA-256"],
  ["2.16.840.1.101.3.4.2.2", "SHA-384"],
  ["2.16.840.1.101.3.4.2.3", "SHA-512"],
]);
const HASH_BYTES: Readonly<Record<HashName, number>> = { "SHA-256": 32, "SHA-384": 48, "SHA-512": 64 };

export const HASH_OIDS: Readonly<Record<HashName, string>> = {
  "SHA-256": "2.16.840.1.101.3.4.2.1",
  "SHA-384": "2.16.840.1.101.3.4.2.2",
  "SHA-512": "2.16.840.1.101.3.4.2.3",
};

interface SignatureRow {
  readonly family: "rsa" | "pss" | "ecdsa" | "ed25519";
  /** Absent where the algorithm's parameters, or the structure around it, say it. */
  readonly hash?: HashName;
}

const SIGNATURES: ReadonlyMap<string, SignatureRow> = new Map([
  // In CMS the key's own identifier stands for PKCS #1 v1.5 (RFC 3370 section 3.2).
  ["1.2.840.113549.1.1.1", { family: "rsa" }],
  ["1.2.840.113549.1.1.11", { family: "rsa", hash: "SHA-256" }],
  ["1.2.840.113549.1.1.12", { family: "rsa", hash: "SHA-384" }],
  ["1.2.840.113549.1.1.13", { family: "rsa", hash: "SHA-512" }],
  ["1.2.840.113549.1.1.10", { family: "pss" }],
  ["1.2.840.10045.4.3.2", { family: "ecdsa", hash: "SHA-256" }],
  ["1.2.840.10045.4.3.3", { family: "ecdsa", hash: "SHA-384" }],
  ["1.2.840.10045.4.3.4", { family: "ecdsa", hash: "SHA-512" }],
  // It hashes by itself; RFC 8419 section 3.1 has SHA-512 beside it.
  ["1.3.101.112", { family: "ed25519", hash: "SHA-512" }],
]);

interface Curve {
  readonly name: string;
  readonly bytes: number;
}

const CURVES: ReadonlyMap<string, Curve> = new Map([
  ["1.2.840.10045.3.1.7", { name: "P-256", bytes: 32 }],
  ["1.3.132.0.34", { name: "P-384", bytes: 48 }],
  ["1.3.132.0.35", { name: "P-521", bytes: 66 }],
]);

const RSA_KEY = "1.2.840.113549.1.1.1";
const EC_KEY = "1.2.840.10045.2.1";
const ED25519_KEY = "1.3.101.112";
const MGF1 = "1.2.840.113549.1.1.8";
const RSA_BYTES_MIN = 256;
const RSA_BYTES_MAX = 1024;

/** An AlgorithmIdentifier (RFC 5280 section 4.1.1.2). */
export interface Algorithm {
  readonly oid: string;
  readonly parameters?: Der;
  readonly bytes: Uint8Array;
}

export function readAlgorithm(der: Der): Algorithm {
  const fields = new Fields(der, "AlgorithmIdentifier");
  const oid = readOid(fields.take(TAG.oid));
  const parameters = fields.left > 0 ? fields.any() : undefined;
  fields.end();
  return { oid, bytes: der.bytes, ...(parameters === undefined ? {} : { parameters }) };
}

/** Throws timestamp_algorithm_unsupported. Parameters are absent or NULL (RFC 5754 section 2: both are accepted). */
export function hashOf(algorithm: Algorithm): HashName {
  const hash = HASHES.get(algorithm.oid);
  if (hash === undefined) throw unsupported(`the hash ${algorithm.oid}`);
  assertNoParameters(algorithm);
  return hash;
}

export interface Signed {
  readonly algorithm: Algorithm;
  /** The SubjectPublicKeyInfo of who signed. */
  readonly key: Der;
  readonly message: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
  /** The digest that the structure around the signature names; the signature must be made with the same. */
  readonly digest?: HashName;
}

/** The algorithm in words, for example `ECDSA P-256 with SHA-256`. Throws what verifySignature throws. */
export function describeAlgorithm({ algorithm, key, digest }: Omit<Signed, "message" | "signature">): string {
  const scheme = schemeOf(algorithm, key, digest);
  const kind = { rsa: "RSA", pss: "RSA-PSS", ecdsa: `ECDSA ${scheme.curve?.name}`, ed25519: "Ed25519" }[scheme.family];
  return scheme.family === "ed25519" ? kind : `${kind} with ${scheme.hash}`;
}

/** Throws timestamp_algorithm_unsupported for what is not in the tables, or not in this runtime. */
export async function verifySignature(signed: Signed): Promise<boolean> {
  const scheme = schemeOf(signed.algorithm, signed.key, signed.digest);
  const signature = scheme.curve === undefined ? signed.signature : rawSignature(signed.signature, scheme.curve);
  if (signature === undefined) return false;
  const key = await importKey(signed.key, scheme);
  return crypto.subtle.verify(scheme.verify, key, signature, signed.message);
}

interface Scheme extends SignatureRow {
  readonly hash: HashName;
  readonly curve?: Curve;
  readonly import: { readonly name: string; readonly hash?: HashName; readonly namedCurve?: string };
  readonly verify: { readonly name: string; readonly hash?: HashName; readonly saltLength?: number };
}

function schemeOf(algorithm: Algorithm, key: Der, digest: HashName | undefined): Scheme {
  const row = SIGNATURES.get(algorithm.oid);
  if (row === undefined) throw unsupported(`the signature algorithm ${algorithm.oid}`);
  const hash = row.family === "pss" ? hashOfPss(algorithm) : (row.hash ?? digest);
  if (hash === undefined) throw unsupported("a signature algorithm that names no hash");
  if (digest !== undefined && digest !== hash) throw unsupported("a signature by another hash than the one beside it");
  if (row.family === "rsa") assertNoParameters(algorithm);
  else if (row.family !== "pss" && algorithm.parameters !== undefined) throw unsupported("a signature with parameters");

  const { oid, curve } = readKey(key);
  const expected = { rsa: RSA_KEY, pss: RSA_KEY, ecdsa: EC_KEY, ed25519: ED25519_KEY }[row.family];
  if (oid !== expected) throw unsupported("a signature algorithm that is not its key's");
  switch (row.family) {
    case "rsa": {
      const by = { name: "RSASSA-PKCS1-v1_5", hash };
      return { ...row, hash, import: by, verify: by };
    }
    case "pss": {
      const verify = { name: "RSA-PSS", saltLength: HASH_BYTES[hash] };
      return { ...row, hash, import: { name: "RSA-PSS", hash }, verify };
    }
    case "ecdsa":
      if (curve === undefined) throw unsupported("a key without a curve");
      return {
        ...row,
        hash,
        curve,
        import: { name: "ECDSA", namedCurve: curve.name },
        verify: { name: "ECDSA", hash },
      };
    case "ed25519":
      return { ...row, hash, import: { name: "Ed25519" }, verify: { name: "Ed25519" } };
  }
}

/** The kind of key, held to the sizes that are accepted. */
function readKey(key: Der): { oid: string; curve?: Curve } {
  const fields = new Fields(key, "SubjectPublicKeyInfo");
  const algorithm = readAlgorithm(fields.take(TAG.sequence));
  const bits = readBytes(fields.take(TAG.bitString));
  fields.end();
  switch (algorithm.oid) {
    case RSA_KEY: {
      assertNoParameters(algorithm);
      const numbers = new Fields(readDer(bits), "RSAPublicKey");
      const modulus = readPositive(numbers.take(TAG.integer));
      const exponent = readPositive(numbers.take(TAG.integer));
      numbers.end();
      const isSized = modulus.length >= RSA_BYTES_MIN && modulus.length <= RSA_BYTES_MAX && modulus[0]! >= 0x80;
      // 65537 is what everybody has; 3 is weak with nothing here, and a long exponent only costs time.
      const isOdd = exponent.length >= 1 && exponent.length <= 4 && (exponent.at(-1)! & 1) === 1;
      if (!isSized || !isOdd || (exponent.length === 1 && exponent[0] === 1)) {
        throw unsupported("an RSA key that is not of 2,048 to 8,192 bits in whole bytes");
      }
      return { oid: RSA_KEY };
    }
    case EC_KEY: {
      const named = algorithm.parameters;
      const curve = named?.tag === TAG.oid ? CURVES.get(readOid(named)) : undefined;
      if (curve === undefined) throw unsupported("a curve that is not P-256, P-384 or P-521");
      if (bits.length !== 1 + 2 * curve.bytes || bits[0] !== 4) throw unsupported("a compressed point as a key");
      return { oid: EC_KEY, curve };
    }
    case ED25519_KEY:
      if (algorithm.parameters !== undefined || bits.length !== 32) throw unsupported("an Ed25519 key that is none");
      return { oid: ED25519_KEY };
    default:
      throw unsupported(`a key of the type ${algorithm.oid}`);
  }
}

/** RSASSA-PSS-params (RFC 4055 section 3.1): hash, MGF1 with the same hash, a salt as long as the hash, and no other trailer. */
function hashOfPss({ parameters }: Algorithm): HashName {
  if (parameters?.tag !== TAG.sequence) throw unsupported("RSA-PSS without parameters");
  const fields = new Fields(parameters, "RSASSA-PSS-params");
  const [hashField, maskField, saltField] = [0, 1, 2].map((n) => fields.optional(explicitTag(n)));
  fields.end();
  // What is left out is SHA-1, MGF1 with SHA-1, and 20.
  if (hashField === undefined || maskField === undefined || saltField === undefined) {
    throw unsupported("RSA-PSS with SHA-1");
  }
  const hash = hashOf(readAlgorithm(inner(hashField, TAG.sequence, "hashAlgorithm")));
  const mask = readAlgorithm(inner(maskField, TAG.sequence, "maskGenAlgorithm"));
  const maskHash =
    mask.oid === MGF1 && mask.parameters !== undefined ? hashOf(readAlgorithm(mask.parameters)) : undefined;
  const salt = readNumber(inner(saltField, TAG.integer, "saltLength"));
  if (maskHash !== hash || salt !== HASH_BYTES[hash]) throw unsupported("RSA-PSS with two hashes or another salt");
  return hash;
}

/** WebCrypto takes r and s side by side, as long as the curve's order; signatures in DER are a sequence of both (RFC 3279 section 2.2.3). */
function rawSignature(der: Uint8Array, { bytes }: Curve): Uint8Array<ArrayBuffer> | undefined {
  try {
    const fields = new Fields(readDer(der), "Ecdsa-Sig-Value");
    const [r, s] = [readPositive(fields.take(TAG.integer)), readPositive(fields.take(TAG.integer))];
    fields.end();
    if (r.length > bytes || s.length > bytes) return undefined;
    return concatBytes(new Uint8Array(bytes - r.length), r, new Uint8Array(bytes - s.length), s);
  } catch (error) {
    if (error instanceof VerifierError) return undefined;
    throw error;
  }
}

async function importKey(key: Der, scheme: Scheme): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey("spki", key.bytes, scheme.import, false, ["verify"]);
  } catch {
    // A point that is not on its curve, or a runtime without the algorithm; its words differ from runtime to runtime.
    throw unsupported("a key that this runtime does not take");
  }
}

function assertNoParameters({ parameters }: Algorithm): void {
  if (parameters !== undefined && parameters.tag !== TAG.null) throw unsupported("an algorithm with parameters");
}

function unsupported(what: string): VerifierError {
  return new VerifierError("timestamp_algorithm_unsupported", `not accepted here: ${what}`);
}
