/**
 * Surrogates: realistic stand-ins that a reader or a model can work with. Keyed: the same value has the same stand-in under
 * one key and purpose, without any memory. With a Replacements beside it, different values also have different stand-ins, and
 * the values can be put back. Promises: never the value itself; e-mail addresses, IP and MAC addresses and URLs from what the
 * standards set aside for examples; telephone numbers that ring nowhere; no card number, IBAN, wallet or identifier that passes
 * a checksum. A stand-in for a name or an address is made of common names and may by accident be somebody's.
 */
import { normalize } from "../normalize.ts";
import { checkText, checkType, OperatorError } from "./errors.ts";
import { checkKeys, type OperatorKeys } from "./keys.ts";
import { Replacements } from "./replacements.ts";
import { birthDate } from "./surrogate/dates.ts";
import { Draws } from "./surrogate/draws.ts";
import type { Environment, SurrogateRow } from "./surrogate/environment.ts";
import { isIssuable } from "./surrogate/issuable.ts";
import { bic, card, iban, shapedRow, wallet } from "./surrogate/numbers.ts";
import { email, handle, ip, mac, url } from "./surrogate/online.ts";
import { person, personKey } from "./surrogate/people.ts";
import { phone } from "./surrogate/phones.ts";
import { address, coordinates, location, organization } from "./surrogate/places.ts";

export interface SurrogateOptions {
  readonly keys: OperatorKeys;
  /** ISO 639-1 language of the text; absent: what the value itself shows, else English. */
  readonly language?: string;
  /** ISO 3166-1 alpha-2 country that national telephone numbers and dates are read in; absent: that of the language. */
  readonly region?: string;
  /** Keeps different values different, and makes surrogates reversible. Use one for one conversation. */
  readonly replacements?: Replacements;
  /** This place may be restored; default true. */
  readonly restorable?: boolean;
}

/** No row for SECRET: a realistic one sets off every scanner behind us, and somebody may try it. */
const ROWS: Readonly<Record<string, SurrogateRow>> = {
  PERSON: person,
  EMAIL: email,
  PHONE: phone,
  CARD: card,
  IBAN: iban,
  BIC: bic,
  CRYPTO_WALLET: wallet,
  ACCOUNT_NUMBER: shapedRow("ACCOUNT_NUMBER"),
  ORDER_NUMBER: shapedRow("ORDER_NUMBER"),
  CUSTOMER_NUMBER: shapedRow("CUSTOMER_NUMBER"),
  NATIONAL_ID: shapedRow("NATIONAL_ID", isIssuable),
  TAX_ID: shapedRow("TAX_ID", isIssuable),
  SOCIAL_SECURITY_NUMBER: shapedRow("SOCIAL_SECURITY_NUMBER", isIssuable),
  HEALTH_ID: shapedRow("HEALTH_ID", isIssuable),
  ID_CARD_NUMBER: shapedRow("ID_CARD_NUMBER", isIssuable),
  PASSPORT_NUMBER: shapedRow("PASSPORT_NUMBER", isIssuable),
  DRIVING_LICENCE_NUMBER: shapedRow("DRIVING_LICENCE_NUMBER", isIssuable),
  LICENCE_PLATE: shapedRow("LICENCE_PLATE"),
  IP_ADDRESS: ip,
  MAC_ADDRESS: mac,
  URL: url,
  USER_HANDLE: handle,
  LOCATION: location,
  ORGANIZATION: organization,
  ADDRESS: address,
  COORDINATES: coordinates,
  DATE_OF_BIRTH: birthDate,
};

export const SURROGATE_TYPES: readonly string[] = Object.keys(ROWS);

/**
 * Stand-ins that no person can own: a text that is scrubbed twice keeps them. All others look like values, and a value that
 * happens to look like one of them must not pass.
 */
const OWNED_BY_NOBODY = new Set(
  "EMAIL PHONE CARD IBAN BIC CRYPTO_WALLET IP_ADDRESS MAC_ADDRESS URL NATIONAL_ID TAX_ID SOCIAL_SECURITY_NUMBER HEALTH_ID".split(
    " ",
  ),
);

/** Further choices for a value whose stand-in is taken; then its stand-ins are numbered. */
const TRIES = 96;

/** Throws TypeError for wrong arguments, OperatorError type_unsupported or not_in_format. */
export function surrogate(type: string, value: string, options: SurrogateOptions): string {
  checkType("type", type);
  checkText("value", value);
  checkKeys("options.keys", options.keys);
  const { keys, language, region, replacements, restorable = true } = options;
  if (replacements !== undefined && !(replacements instanceof Replacements))
    throw new TypeError("options.replacements must be a Replacements");
  const row = Object.hasOwn(ROWS, type) ? ROWS[type] : undefined;
  if (row === undefined) throw new OperatorError("type_unsupported", `there are no surrogates for ${type}`);
  if (OWNED_BY_NOBODY.has(type) && replacements?.wrote(type, value) === true) return value;
  const key = keyOf(type, value);
  const environment: Environment = {
    key,
    draws: (of, ...parts) => new Draws(keys.derive("surrogate", of), ...parts),
    language: language?.toLowerCase().slice(0, 2),
    region: region?.toUpperCase(),
    replacements,
    restorable,
  };
  const known = type === "PERSON" ? undefined : replacements?.find(type, key);
  if (known !== undefined) {
    replacements?.add(type, key, value, known.written, restorable);
    return known.written;
  }
  let first: string | undefined;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const written = row(value, attempt, environment);
    if (written === undefined) break;
    first ??= written;
    if (keyOf(type, written) === key || isTaken(type, key, written, replacements)) continue;
    replacements?.add(type, key, value, written, restorable);
    return written;
  }
  if (first === undefined || replacements === undefined)
    throw new OperatorError("not_in_format", `the value is not written like ${type}`);
  for (let number = 2; ; number++) {
    const written = `${first} (${number})`;
    if (!isTaken(type, key, written, replacements) && replacements.add(type, key, value, written, restorable))
      return written;
  }
}

/** Another value has it, or it is a value of this text itself. */
function isTaken(type: string, key: string, written: string, replacements: Replacements | undefined): boolean {
  if (replacements === undefined) return false;
  const other = keyOf(type, written);
  return !replacements.isFree(type, key, written) || (other !== key && replacements.find(type, other) !== undefined);
}

function keyOf(type: string, value: string): string {
  return type === "PERSON" ? personKey(value) : normalize(type, value);
}
