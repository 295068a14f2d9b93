/**
 * Verifier keys: `name+hex(key id)+base64(type || public key)`. https://c2sp.org/signed-note#verifier-keys
 * A key is what an auditor pins; reading one checks that its id belongs to its name, type and material, so a damaged key is
 * refused here and not later as a signature that does not verify.
 */

import { concatBytes, decodeBase64, decodeUtf8, encodeBase64, encodeHex, encodeUtf8 } from "./bytes.ts";
import { VerifierError } from "./errors.ts";
import { sha256 } from "./sha256.ts";

/** The signature types this package knows, by their byte; the length of the public key goes with the type. */
export const KEY_TYPES = {
  /** https://c2sp.org/signed-note#ed25519-signatures */
  ed25519: { type: 0x01, publicKeyBytes: 32 },
  /** https://c2sp.org/tlog-cosignature, "Ed25519 signed message": a witness's */
  cosignatureEd25519: { type: 0x04, publicKeyBytes: 32 },
  /** https://c2sp.org/tlog-cosignature, "ML-DSA-44 signed message" */
  mlDsa44: { type: 0x06, publicKeyBytes: 1312 },
} as const;

export interface VerifierKey {
  readonly name: string;
  /** 8 hexadecimal digits, lower case. */
  readonly keyId: string;
  readonly type: number;
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

/** SHA-256(name || 0x0A || type || public key)[:4] as 8 hexadecimal digits. */
export function keyIdOf(name: string, type: number, publicKey: Uint8Array): string {
  return encodeHex(sha256(concatBytes(encodeUtf8(name), new Uint8Array([0x0a, type]), publicKey)).subarray(0, 4));
}

/**
 * "Key names MUST be non-empty and MUST NOT contain any Unicode spaces or plus (U+002B) characters". Control characters are
 * refused too: they serve only to deceive whoever looks at a name on a screen.
 */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && /^[^\p{White_Space}+\p{Cc}]+$/u.test(name);
}

/** Throws vkey_malformed, or vkey_type_unknown for a well-formed key of a type this package cannot verify. */
export function parseVkey(input: Uint8Array | string): VerifierKey {
  const text = decodeUtf8(input) ?? "";
  const firstPlus = text.indexOf("+");
  const secondPlus = text.indexOf("+", firstPlus + 1);
  if (firstPlus < 0 || secondPlus < 0) throw malformed("a vkey is name+id+key");
  // The name holds no plus, but base64 may: only the first two separate.
  const name = text.slice(0, firstPlus);
  const keyId = text.slice(firstPlus + 1, secondPlus);
  const material = decodeBase64(text.slice(secondPlus + 1));
  if (!isKeyName(name)) throw malformed("a key name is not empty and holds no space, plus or control character");
  if (!/^[0-9a-f]{8}$/.test(keyId)) throw malformed("a key id is 8 hexadecimal digits in lower case");
  if (material === undefined) throw malformed("the key is not strict base64");
  const [type] = material;
  if (type === undefined) throw malformed("the key is empty");

  const known = Object.values(KEY_TYPES).find((row) => row.type === type);
  if (known === undefined)
    throw new VerifierError("vkey_type_unknown", "the signature type of the key is not known here");
  const publicKey = material.slice(1);
  if (publicKey.length !== known.publicKeyBytes) throw malformed("the public key has the wrong length for its type");
  if (keyIdOf(name, type, publicKey) !== keyId) throw malformed("the key id does not belong to the key");
  return { name, keyId, type, publicKey };
}

/** Throws vkey_malformed for a name, type or key that parseVkey would not read back. */
export function formatVkey(key: { name: string; type: number; publicKey: Uint8Array }): string {
  const known = Object.values(KEY_TYPES).find((row) => row.type === key.type);
  if (!isKeyName(key.name)) throw malformed("a key name is not empty and holds no space, plus or control character");
  if (known?.publicKeyBytes !== key.publicKey.length) throw malformed("the public key does not fit its type");
  const material = concatBytes(new Uint8Array([key.type]), key.publicKey);
  return `${key.name}+${keyIdOf(key.name, key.type, key.publicKey)}+${encodeBase64(material)}`;
}

function malformed(message: string): VerifierError {
  return new VerifierError("vkey_malformed", message);
}
