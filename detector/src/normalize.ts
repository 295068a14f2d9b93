/**
 * When two written forms are one value: `normalize(type, a) === normalize(type, b)`. Placeholders and pseudonyms are counted
 * by it, so two values must never fall together that are not the same thing; when in doubt the form is kept.
 */
import { type CountryCode, parsePhoneNumberFromString } from "libphonenumber-js/min";
import { isPlainInternational } from "./international.ts";
import { isDigitCode } from "./scanner/characters.ts";

/**
 * The equality class of a value of a type, as a string that is only good for comparing. Unknown types: trimmed, unchanged.
 * `region`, ISO 3166-1 alpha-2: where telephone numbers are dialled that do not carry their country.
 */
export function normalize(type: string, value: string, region?: string): string {
  const trimmed = composed(value).trim();
  if (isEncoded(type, trimmed)) return value;
  switch (type) {
    // RFC 5321 lets a host tell local parts apart by case; no host of note does.
    case "EMAIL":
      return trimmed.replace("%40", "@").toLowerCase();
    case "IBAN":
      return trimmed.replaceAll(/[^\p{L}\p{N}]/gu, "").toUpperCase();
    case "CARD":
      return digitsOf(trimmed);
    case "PHONE":
      return normalizePhone(trimmed, region);
    case "IP_ADDRESS":
      return normalizeIp(trimmed.toLowerCase());
    case "URL":
      return normalizeUrl(trimmed);
    case "ORDER_NUMBER":
    case "CUSTOMER_NUMBER":
      return trimmed.replace(/^#\s*/, "").toUpperCase();
    case "ACCOUNT_NUMBER":
      return trimmed
        .replace(/^#\s*/, "")
        .replaceAll(/[\s\-/]/g, "")
        .toUpperCase();
    case "SECRET":
      return value;
    default:
      return trimmed;
  }
}

/** Base64 of either alphabet in both cases, which is what lower case would destroy. No e-mail address is one. */
const TOKEN = /^(?=.*[a-z])(?=.*[A-Z])[\w+/-]{16,}={0,2}$/;
/** Percent-encoding, character references, escapes, and what is neither ASCII nor a space or dash between digits. */
const INLINE = /[%&\\=]|[^\0-\x7f\xa0\u2007\u2009\u2010-\u2015\u202f]/;
/** Types whose equality class drops signs or case. */
const FOLDED = new Set(["IBAN", "CARD", "PHONE", "IP_ADDRESS", "ORDER_NUMBER", "CUSTOMER_NUMBER", "ACCOUNT_NUMBER"]);

/**
 * A form of encoded/: its letters and digits are not the value's, and dropping some would let two values fall together, or give
 * back the plain value where the encoded one stood. It is a value of its own.
 */
function isEncoded(type: string, value: string): boolean {
  return (FOLDED.has(type) && INLINE.test(value)) || ((type === "EMAIL" || FOLDED.has(type)) && TOKEN.test(value));
}

/** NFC. Text below U+0300 is composed already, https://www.unicode.org/reports/tr15/#Description_Norm, and is not copied. */
function composed(value: string): string {
  for (let at = 0; at < value.length; at++) if (value.charCodeAt(at) >= 0x300) return value.normalize("NFC");
  return value;
}

/** The ASCII digits. In runs, because most values have few separators. */
function digitsOf(value: string): string {
  let digits = "";
  let from = 0;
  for (let at = 0; at <= value.length; at++) {
    if (isDigitCode(value.charCodeAt(at))) continue;
    if (from < at) digits += value.slice(from, at);
    from = at + 1;
  }
  return digits;
}

/** E.164 when the number carries its country, or that is known; else its digits, which name one phone only within one country. */
function normalizePhone(value: string, region: string | undefined): string {
  const digits = digitsOf(value.replaceAll("(0)", ""));
  const international = /^\(?\+/.test(value) ? digits : digits.startsWith("00") ? digits.slice(2) : undefined;
  if (international === undefined)
    return (region && parsePhoneNumberFromString(digits, region as CountryCode)?.number) || digits;
  if (isPlainInternational(international)) return `+${international}`;
  return parsePhoneNumberFromString(`+${international}`)?.number ?? `+${international}`;
}

/** https://www.rfc-editor.org/rfc/rfc5952, the other way round: all eight groups, so that every form meets. */
function normalizeIp(value: string): string {
  if (!value.includes(":")) return value;
  const [head = "", tail] = value.split("::");
  const before = groupsOf(head);
  if (tail === undefined) return before.join(":");
  const after = groupsOf(tail);
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0");
  return [...before, ...zeros, ...after].join(":");
}

function groupsOf(part: string): string[] {
  if (part === "") return [];
  return part.split(":").flatMap((group) => {
    const octets = group.split(".").map(Number);
    const [a = 0, b = 0, c = 0, d = 0] = octets;
    if (octets.length === 4) return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
    return [group.replace(/^0+(?=.)/, "")];
  });
}

/** https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2.1: scheme and host do not know case. */
function normalizeUrl(value: string): string {
  const match = /^([^:/?#]+:\/\/)((?:[^/?#]*@)?)([^/?#]*)(.*)$/su.exec(value);
  if (match === null) return value;
  const [, scheme = "", userinfo = "", host = "", rest = ""] = match;
  return scheme.toLowerCase() + userinfo + host.toLowerCase() + rest;
}
