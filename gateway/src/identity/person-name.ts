/**
 * What people are called, for other people's eyes and for nothing else. A provider lets many write their names themselves, so a
 * name is cleaned of all that could make it look like something else than a name, cut, and never shown without the id that
 * nobody chooses. Pure.
 */
import { own } from "./strict-json.ts";

/** OpenID Connect Core section 5.7: none of these may be used to tell people apart. */
const CLAIMS = ["name", "preferred_username", "email"] as const;

/** The same in SAML, by the names that attributes have at usual providers: a name to show, else a user name, else an address. */
export const NAME_ATTRIBUTES = [
  "displayName",
  "urn:oid:2.16.840.1.113730.3.1.241",
  "http://schemas.microsoft.com/identity/claims/displayname",
  "name",
  "cn",
  "urn:oid:2.5.4.3",
  "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
  "email",
  "mail",
  "urn:oid:0.9.2342.19200300.100.1.3",
  "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
] as const;

const NAME_CHARS_MAX = 80;
/** Of a longer text the rest is not even looked at. */
const READ_CHARS_MAX = 1_024;
/** Nobody sees them, and some change how others are seen. https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;
/** Ends of lines and what else keeps words apart. */
const GAPS = /[\p{Z}\p{Cc}]+/gu;
/** All but letters, digits and what stands in names and addresses. No colon and no quotation mark: these mark off ids and names. */
const FOREIGN = /[^\p{L}\p{M}\p{N} .,'’·_@+&()‐-]/gu;
/** So many marks pile up on one letter in some script; more reach over other lines. */
const PILE = /(\p{M}{4})\p{M}+/gu;

/** Undefined when nothing of it can be shown. */
export function cleanName(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const clean = value
    .slice(0, READ_CHARS_MAX)
    .normalize("NFC")
    .replaceAll(UNSEEN, "")
    .replaceAll(GAPS, " ")
    .replaceAll(FOREIGN, "")
    .replaceAll(PILE, "$1")
    .trim();
  if (!/[\p{L}\p{N}]/u.test(clean)) return undefined;
  const chars = [...clean];
  return chars.length <= NAME_CHARS_MAX ? clean : `${chars.slice(0, NAME_CHARS_MAX).join("").trimEnd()}…`;
}

/** From claims of a token, or of the userinfo endpoint. */
export function nameIn(claims: unknown): string | undefined {
  for (const claim of CLAIMS) {
    const name = cleanName(own(claims, claim));
    if (name !== undefined) return name;
  }
  return undefined;
}

/** The id first, so that no name can pass for it: `corp:00u1 “Olga Ott”`. */
export function withName(id: string, name: string | undefined): string {
  return name === undefined || id.endsWith(`:${name}`) ? id : `${id} “${name}”`;
}
