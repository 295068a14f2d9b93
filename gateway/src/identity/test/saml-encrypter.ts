/** Encrypts an assertion as anybody can who has read our metadata; in ways, too, that the provider library does not know. */
import { constants, createCipheriv, publicEncrypt, randomBytes } from "node:crypto";

const XENC = "http://www.w3.org/2001/04/xmlenc#";
const XENC11 = "http://www.w3.org/2009/xmlenc11#";

export interface Transport {
  /** What stands in the EncryptionMethod of the key. */
  readonly algorithm: string;
  readonly children: string;
  readonly oaepHash: string;
}

export const OAEP_SHA1: Transport = { algorithm: `${XENC}rsa-oaep-mgf1p`, children: "", oaepHash: "sha1" };
export const OAEP_SHA256: Transport = {
  algorithm: `${XENC11}rsa-oaep`,
  children: `<DigestMethod xmlns="http://www.w3.org/2000/09/xmldsig#" Algorithm="${XENC}sha256"/><m:MGF xmlns:m="${XENC11}" Algorithm="${XENC11}mgf1sha256"/>`,
  oaepHash: "sha256",
};

/** `certificate`: PEM. The key stands beside the data, where others have it in KeyInfo. */
export function encrypted(assertion: string, certificate: string, transport: Transport = OAEP_SHA1): string {
  const { algorithm, children, oaepHash } = transport;
  const [key, nonce] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv("aes-128-gcm", key, nonce);
  const sealed = Buffer.concat([nonce, cipher.update(assertion), cipher.final(), cipher.getAuthTag()]);
  const wrapped = publicEncrypt({ key: certificate, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, key);
  const value = (bytes: Buffer): string =>
    `<x:CipherData><x:CipherValue>${bytes.toString("base64")}</x:CipherValue></x:CipherData>`;
  return [
    `<s:EncryptedAssertion xmlns:s="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:x="${XENC}"><x:EncryptedData>`,
    `<x:EncryptionMethod Algorithm="${XENC11}aes128-gcm"/>${value(sealed)}</x:EncryptedData>`,
    `<x:EncryptedKey><x:EncryptionMethod Algorithm="${algorithm}">${children}</x:EncryptionMethod>${value(wrapped)}`,
    `</x:EncryptedKey></s:EncryptedAssertion>`,
  ].join("");
}
