/**
 * When two written forms name one person: `normalized(type, a) === normalized(type, b)`. Keys and searches go by it, so what falls
 * together is found together and erased together. When in doubt a form is kept: a search can name several spellings, while nobody
 * can take two people apart again. docs/subjects.md has the table; the detector's `normalize` is below it where it is right.
 */
import { domainToASCII } from "node:url";
import { normalize } from "@sluice/detector";
import type { Identifier } from "../core/subjects.ts";

export interface Normalizing {
  /** ISO 3166-1 alpha-2: where telephone numbers are dialled that do not carry their country. */
  readonly region?: string | undefined;
  /** Two e-mail addresses that differ in `+tag` only are one person's. */
  readonly stripTags: boolean;
}

/** Longest identifier; of a longer one the beginning and its length count. */
const CHARS_MAX = 4_096;

/** Signs that nobody sees: soft hyphens, joiners, directions. https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;
const SAYS_SOMETHING = /[\p{L}\p{N}]/u;
const PLAIN = /^[\x20-\x7e]*$/;

/** Undefined when nothing is left: there is nobody of this name. */
export function normalized({ type, value }: Identifier, settings: Normalizing): string | undefined {
  // The controller's own systems made it, and only they know which ids are one.
  if (type === "SUBJECT") return value === "" ? undefined : bounded(value);
  // NFKC before anything else: full-width letters and ligatures are ways to write the same. https://www.unicode.org/reports/tr15/
  // And once more: a sign that nobody sees may have stood between a letter and its accent.
  const text = PLAIN.test(value)
    ? value.trim()
    : value.normalize("NFKC").replaceAll(UNSEEN, "").normalize("NFKC").trim();
  const known = (FORMS[type] ?? asWritten)(text, settings, type);
  return SAYS_SOMETHING.test(known) ? bounded(known) : undefined;
}

type FormRow = (text: string, settings: Normalizing, type: string) => string;

const byDetector: FormRow = (text, { region }, type) => normalize(type, text, region);
/** Types of the operator's own: case may tell two of them apart. */
const asWritten: FormRow = (text) => text.replaceAll(/\s+/gu, " ");
/** Numbers that are written with gaps, dots and dashes for the eye. */
const lettersAndDigits: FormRow = (text) => text.replaceAll(/[^\p{L}\p{N}]/gu, "").toUpperCase();

const FORMS: Readonly<Record<string, FormRow>> = {
  EMAIL: email,
  PERSON: personName,
  PHONE: byDetector,
  IBAN: byDetector,
  CARD: byDetector,
  URL: byDetector,
  ORDER_NUMBER: byDetector,
  CUSTOMER_NUMBER: byDetector,
  ACCOUNT_NUMBER: byDetector,
  IP_ADDRESS: ipAddress,
  BIC: lettersAndDigits,
  NATIONAL_ID: lettersAndDigits,
  TAX_ID: lettersAndDigits,
  SOCIAL_SECURITY_NUMBER: lettersAndDigits,
  HEALTH_ID: lettersAndDigits,
  ID_CARD_NUMBER: lettersAndDigits,
  PASSPORT_NUMBER: lettersAndDigits,
  DRIVING_LICENCE_NUMBER: lettersAndDigits,
  LICENCE_PLATE: licencePlate,
  MAC_ADDRESS: lettersAndDigits,
  USER_HANDLE: (text) => text.replace(/^@+/, "").toLowerCase(),
  CRYPTO_WALLET: (text) =>
    /^(?:0x[0-9a-f]{40}|(?:bc|tb|ltc)1[0-9a-z]{8,87})$/i.test(text) ? text.toLowerCase() : text,
};

/**
 * Lower case, without `+tag` (RFC 5233 https://www.rfc-editor.org/rfc/rfc5233, which providers of note follow), the domain in ASCII.
 * Dots in the local part stay: they mean nothing at one large provider and something at most others.
 */
function email(text: string, { stripTags }: Normalizing): string {
  const address = normalize("EMAIL", text).replace(/\.$/, "");
  const at = address.lastIndexOf("@");
  if (at < 1) return address;
  const plus = address.indexOf("+");
  // An address that begins with the sign is no tag of anybody.
  const local = stripTags && plus > 0 && plus < at ? address.slice(0, plus) : address.slice(0, at);
  const domain = address.slice(at + 1);
  return `${local}@${PLAIN.test(domain) ? domain : domainToASCII(domain) || domain}`;
}

/**
 * Case folded, one space between words, one kind of hyphen and apostrophe, "Doe, Jane" as "jane doe". Diacritics stay: Muller and
 * Müller are two families. Upper case knows no ß, so that Weiß and WEISS meet, and Weiss with them.
 */
function personName(text: string): string {
  const even = text
    .replaceAll(/[\u2010-\u2015\u2212]/g, "-")
    .replaceAll(/[\u2018\u2019\u02bc\u0060\u00b4]/g, "'")
    .replaceAll(/\s+/gu, " ")
    // A vowel of Devanagari or Thai at the end is a mark, and part of the name.
    .replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{M}\p{N}.]+$/gu, "");
  const [, last, first] = /^([^,]+), ?([^,]+)$/.exec(even) ?? [];
  const ordered = last === undefined || first === undefined ? even : `${first} ${last}`;
  // Down, up and down again is as close as the language comes to full case folding: ẞ, a final sigma and a dotless i meet theirs.
  // https://www.unicode.org/reports/tr44/#CaseFolding.txt
  return ordered.toLowerCase().toUpperCase().toLowerCase();
}

/** An IPv4 address inside of IPv6 is that address: https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.2 */
function ipAddress(text: string): string {
  const address = normalize("IP_ADDRESS", text);
  const [, high, low] = /^0:0:0:0:0:ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join(".");
}

/** Between two letters or two digits a gap says where the district ends (B AB 1, BA B 1); elsewhere it is for the eye. */
function licencePlate(text: string): string {
  return text
    .toUpperCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .replaceAll(/(?<=\p{L}) (?=\p{N})|(?<=\p{N}) (?=\p{L})/gu, "")
    .trim();
}

function bounded(text: string): string {
  return text.length <= CHARS_MAX ? text : `${text.slice(0, CHARS_MAX)}…${text.length}`;
}
