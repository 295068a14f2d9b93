/**
 * What a token proves about itself beyond its shape: a checksum, a length it states, a header that is JSON. Each check takes
 * the token alone. They answer, they never report; what a failed check means is the rule's to say.
 */
import { textOfBase64 } from "../encoded/base64.ts";

export type TokenCheck = (token: string) => boolean;

const CRC_TABLE = new Int32Array(256).map((_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** CRC-32 as in zlib, of ASCII text. */
export function crc32(text: string): number {
  let crc = -1;
  for (let at = 0; at < text.length; at++) {
    crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ text.charCodeAt(at)) & 0xff] as number);
  }
  return ~crc >>> 0;
}

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECKSUM_CHARS = 6;

export function base62(number: number, chars: number): string {
  let text = "";
  for (let rest = number; rest > 0; rest = Math.floor(rest / 62)) text = (BASE62[rest % 62] ?? "") + text;
  return text.padStart(chars, "0");
}

/**
 * The last six characters are the CRC-32 of those between them and the prefix:
 * https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
 */
export const githubChecksum: TokenCheck = (token) => {
  const body = token.slice(token.indexOf("_") + 1, -CHECKSUM_CHARS);
  return base62(crc32(body), CHECKSUM_CHARS) === token.slice(-CHECKSUM_CHARS);
};

/** Our own: of everything before it, prefix and id included (gateway/src/identity/key-format.ts). */
export const sluiceChecksum: TokenCheck = (token) =>
  base62(crc32(token.slice(0, -CHECKSUM_CHARS)), CHECKSUM_CHARS) === token.slice(-CHECKSUM_CHARS);

/** Eight hexadecimal digits: the CRC-32 of everything before the last underscore. */
export const grafanaChecksum: TokenCheck = (token) => {
  const mark = token.lastIndexOf("_");
  return crc32(token.slice(0, mark)).toString(16).padStart(8, "0") === token.slice(mark + 1).toLowerCase();
};

/** The payload states its length in two digits of base 36, behind the last full stop. */
export const gitlabLength: TokenCheck = (token) => {
  const [payload = "", ...rest] = token.slice(token.lastIndexOf("-", token.indexOf(".")) + 1).split(".");
  const stated = Number.parseInt((rest.at(-1) ?? "").slice(0, 2), 36);
  return [payload.length, token.indexOf(".") - token.indexOf("-") - 1].includes(stated);
};

const BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const BECH32_GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki#bech32 */
export const bech32Checksum: TokenCheck = (token) => {
  const lower = token.toLowerCase();
  const mark = lower.lastIndexOf("1");
  const prefix = [...lower.substring(0, mark)].map((char) => char.charCodeAt(0));
  const data = [...lower.substring(mark + 1)].map((char) => BECH32.indexOf(char));
  let sum = 1;
  for (const value of [...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...data]) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of BECH32_GENERATOR.entries()) if ((top >> bit) & 1) sum ^= generator;
  }
  return sum === 1;
};

/** The first part is the bot's id, a number, in base64: https://discord.com/developers/docs/reference#authentication */
export const discordId: TokenCheck = (token) => {
  const id = textOfBase64(token, 0, token.indexOf("."));
  return id !== undefined && id.length >= 17 && id.length <= 20 && [...id].every((char) => char >= "0" && char <= "9");
};

/** https://www.rfc-editor.org/rfc/rfc7515#section-4: a header is a JSON object that names its algorithm. */
const HEADER_NAMES = ['"alg"', '"enc"', '"typ"', '"kid"'];
export const jwtHeader: TokenCheck = (token) => {
  const header = textOfBase64(token, 0, token.indexOf("."));
  return header !== undefined && header.startsWith("{") && HEADER_NAMES.some((name) => header.includes(name));
};

const PEM_HEAD_CHARS = 80;
/** The first line of a PEM block in base64, as Kubernetes and cloud metadata carry it. */
export const pemHead: TokenCheck = (token) => {
  const chars = Math.min(token.length, PEM_HEAD_CHARS) & ~3;
  return textOfBase64(token, 0, chars)?.includes("PRIVATE KEY") ?? false;
};

/** `user:password` in base64. */
export const basicCredentials: TokenCheck = (token) => {
  const digits = token.replace(/=+$/, "");
  const colon = textOfBase64(digits, 0, digits.length)?.indexOf(":") ?? -1;
  return colon > 0;
};

/** A JSON object in base64, behind the last underscore or from the start. */
export const base64Json: TokenCheck = (token) => {
  const start = token.indexOf("eyJ");
  const mark = token.indexOf("_", start);
  const end = (mark < 0 ? token : token.slice(0, mark)).replace(/=+$/, "").length;
  return textOfBase64(token, start, end)?.startsWith('{"') ?? false;
};
