/**
 * An encrypted assertion → the text of the assertion in it (XML Encryption 1.1). AES-GCM and RSA-OAEP alone: with AES-CBC, and with
 * RSA as PKCS #1 v1.5 has it, whoever may try often enough reads what was encrypted (section 6.1.1 of XML Encryption, and
 * Jager and Somorovsky 2011). That it opens proves nothing about who wrote it: our public key is public.
 */
import { constants, createDecipheriv, privateDecrypt } from "node:crypto";
import type { SamlProviderSettings } from "../core/identity.ts";
import { childrenOf, DSIG, invalid, onlyChild, type XmlElement } from "./saml-xml.ts";

const XENC = "http://www.w3.org/2001/04/xmlenc#";
const XENC11 = "http://www.w3.org/2009/xmlenc11#";

const CONTENT: ReadonlyMap<string, { readonly cipher: "aes-128-gcm" | "aes-256-gcm"; readonly keyBytes: number }> =
  new Map([
    [`${XENC11}aes128-gcm`, { cipher: "aes-128-gcm", keyBytes: 16 }],
    [`${XENC11}aes256-gcm`, { cipher: "aes-256-gcm", keyBytes: 32 }],
  ]);
/** Node takes one hash for OAEP and its mask, so of the combinations these: method, digest and mask. */
const KEY_TRANSPORT: ReadonlyMap<string, string> = new Map([
  // SHA-1 is a mask here and nobody's signature; it is what this method means when it says nothing.
  [`${XENC}rsa-oaep-mgf1p ${DSIG}sha1 -`, "sha1"],
  [`${XENC11}rsa-oaep ${XENC}sha256 ${XENC11}mgf1sha256`, "sha256"],
  [`${XENC11}rsa-oaep ${XENC}sha512 ${XENC11}mgf1sha512`, "sha512"],
]);
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Throws assertion_invalid; where it does not open, without a word on what was wrong. */
export function decryptAssertion(encrypted: XmlElement, { decryption }: SamlProviderSettings): string {
  if (decryption === undefined)
    throw invalid("has an encrypted assertion, and there is no key for it (identity.providers.*.decryption)");
  const data = onlyChild(encrypted, XENC, "EncryptedData");
  const content = CONTENT.get(algorithmOf(data));
  if (content === undefined) throw invalid("is encrypted in a way that is not accepted; AES-GCM is");
  // SAML Core section 6.1: beside the data, or in its KeyInfo.
  const keys = [encrypted, ...childrenOf(data, DSIG, "KeyInfo")].flatMap((each) =>
    childrenOf(each, XENC, "EncryptedKey"),
  );
  const [encryptedKey, ...others] = keys;
  if (encryptedKey === undefined || others.length > 0) throw invalid("is encrypted with no key, or for several");
  const hash = KEY_TRANSPORT.get(transportOf(encryptedKey));
  if (hash === undefined) throw invalid("has a key that is encrypted in a way that is not accepted; RSA-OAEP is");
  const [wrapped, sealed] = [cipherValueOf(encryptedKey), cipherValueOf(data)];
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const key = privateDecrypt({ key: decryption.key.reveal(), padding, oaepHash: hash }, wrapped);
    if (key.length !== content.keyBytes) throw new Error("a key of another length");
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(content.cipher, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const opened = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(opened);
  } catch {
    // One answer for whatever it was: who tries should learn nothing from it.
    throw invalid("has an encrypted assertion that does not open with our key (identity.providers.*.decryption)");
  }
}

function algorithmOf(parent: XmlElement): string {
  return onlyChild(parent, XENC, "EncryptionMethod").attributes.get("Algorithm") ?? "";
}

function transportOf(key: XmlElement): string {
  const method = onlyChild(key, XENC, "EncryptionMethod");
  const isOld = algorithmOf(key) === `${XENC}rsa-oaep-mgf1p`;
  const [digest] = childrenOf(method, DSIG, "DigestMethod");
  const [mask] = childrenOf(method, XENC11, "MGF");
  const said = [
    digest?.attributes.get("Algorithm") ?? `${DSIG}sha1`,
    isOld ? "-" : (mask?.attributes.get("Algorithm") ?? ""),
  ];
  // A label (OAEPparams) is used by nobody.
  return method.children.some(({ name }) => name === "OAEPparams") ? "" : `${algorithmOf(key)} ${said.join(" ")}`;
}

function cipherValueOf(parent: XmlElement): Buffer {
  return Buffer.from(onlyChild(onlyChild(parent, XENC, "CipherData"), XENC, "CipherValue").text, "base64");
}
