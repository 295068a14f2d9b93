/**
 * The words of the detector: what a finding is, which types exist, what a caller may ask for. No behaviour.
 * Every type is one row of TYPES; nothing else in this workspace enumerates categories or vocabulary terms.
 */

import type { Allow } from "./custom/allow.ts";
import type { Custom } from "./custom/custom.ts";
import type { NamesModel } from "./names/model.ts";

/** What kind of personal data a type is, in the words of GDPR Art. 4, 9 and 87 where they have one. */
export type Category =
  | "direct-identifier"
  | "contact"
  | "financial"
  | "national-id"
  | "health"
  | "religion"
  | "politics"
  | "union-membership"
  | "ethnicity"
  | "sexual-orientation"
  | "biometric"
  | "genetic"
  | "secret"
  | "online-identifier";

/** One stretch of text that is personal data or a secret. */
export interface Finding {
  /** A key of TYPES. */
  type: string;
  category: Category;
  /** Term of the W3C DPV personal data extension, https://w3id.org/dpv/pd, e.g. "pd:EmailAddress". */
  dpv: string;
  /** Offset of the first UTF-16 code unit. */
  start: number;
  /** Offset behind the last UTF-16 code unit. */
  end: number;
  /** 0..1: how sure the recognizer is. A passed checksum or grammar is ≥ .9; a label word alone is less. */
  score: number;
  /** Name of the recognizer that found it. */
  recognizer: string;
  /** The rule and its evidence; never holds the value nor a part of it. */
  why: string;
}

export interface TypeRow {
  readonly category: Category;
  readonly dpv: string;
}

/** type → category and DPV-PD 2 term (https://w3id.org/dpv/pd). */
export const TYPES: Readonly<Record<string, TypeRow>> = {
  EMAIL: { category: "contact", dpv: "pd:EmailAddress" },
  PHONE: { category: "contact", dpv: "pd:TelephoneNumber" },
  IBAN: { category: "financial", dpv: "pd:FinancialAccountNumber" },
  CARD: { category: "financial", dpv: "pd:PaymentCardNumber" },
  ACCOUNT_NUMBER: { category: "financial", dpv: "pd:AccountIdentifier" },
  IP_ADDRESS: { category: "online-identifier", dpv: "pd:IPAddress" },
  URL: { category: "online-identifier", dpv: "pd:Identifier" },
  ORDER_NUMBER: { category: "direct-identifier", dpv: "pd:Purchase" },
  CUSTOMER_NUMBER: { category: "direct-identifier", dpv: "pd:UID" },
  SECRET: { category: "secret", dpv: "pd:Authenticating" },
  PERSON: { category: "direct-identifier", dpv: "pd:Name" },
  LOCATION: { category: "contact", dpv: "pd:Location" },
  ORGANIZATION: { category: "direct-identifier", dpv: "pd:Professional" },
  ADDRESS: { category: "contact", dpv: "pd:PhysicalAddress" },
  DATE_OF_BIRTH: { category: "direct-identifier", dpv: "pd:BirthDate" },
  USER_HANDLE: { category: "online-identifier", dpv: "pd:Username" },
  MAC_ADDRESS: { category: "online-identifier", dpv: "pd:MACAddress" },
  COORDINATES: { category: "contact", dpv: "pd:GPSCoordinate" },
  BIC: { category: "financial", dpv: "pd:BankAccount" },
  CRYPTO_WALLET: { category: "financial", dpv: "pd:FinancialAccountNumber" },
  NATIONAL_ID: { category: "national-id", dpv: "pd:NationalIdentificationNumber" },
  TAX_ID: { category: "national-id", dpv: "pd:TINNumber" },
  SOCIAL_SECURITY_NUMBER: { category: "national-id", dpv: "pd:SocialSecurityNumber" },
  HEALTH_ID: { category: "national-id", dpv: "pd:HealthRecord" },
  ID_CARD_NUMBER: { category: "national-id", dpv: "pd:OfficialID" },
  PASSPORT_NUMBER: { category: "national-id", dpv: "pd:Passport" },
  DRIVING_LICENCE_NUMBER: { category: "national-id", dpv: "pd:DrivingLicense" },
  LICENCE_PLATE: { category: "direct-identifier", dpv: "pd:VehicleLicenseNumber" },
};

export interface DetectOptions {
  /** Keys of TYPES and of `custom.types`; absent: all. A type left out is not looked for, so it hides nothing that it would have overlapped. */
  types?: readonly string[];
  /** Findings below it are not reported; default SCORE_MIN. */
  scoreMin?: number;
  /** By type, instead of `scoreMin`. */
  thresholds?: Readonly<Record<string, number>>;
  /** ISO 3166-1 alpha-2 country whose national phone numbers are understood without a calling code, e.g. "DE". */
  defaultRegion?: string;
  /** Recognizers of one's own. */
  custom?: Custom;
  /** Finds names of persons, places and organisations; read by `readNames`, or by `loadNames` of `@sluice/detector/model`. */
  names?: NamesModel;
  /** Largest text, or texts together, in UTF-16 code units; default CHARS_MAX. Streams have no such limit. */
  charsMax?: number;
  /** Values that are not reported, however they are written: a support address, the numbers of a test account. */
  allow?: Allow;
}

export interface StreamOptions extends DetectOptions {
  /** Longest stretch without a delimiter that is held back before it is decided, in UTF-16 code units. */
  windowChars?: number;
  /**
   * How much text waits. "line", the default: a line, or 1,024 code units of a longer one, so that all is found that `detect`
   * finds but for names that only later text tells. "word": a word or the groups of a number, for answers that a person watches
   * being written; names, addresses, encoded forms and recognizers of one's own need more than that and are not found.
   */
  hold?: "word" | "line";
}

export interface StreamedFindings {
  /** Text that is now settled, in order: no later input can change what was found in it. */
  text: string;
  /** Offsets relative to `text`. */
  findings: Finding[];
}

export interface DetectStream {
  push(text: string): StreamedFindings;
  /** Settles the rest. The stream takes no text afterwards. */
  end(): StreamedFindings;
}

/** 16 Mi code units: seconds of work. */
export const CHARS_MAX = 1 << 24;
/** Label words alone, without shape or checksum, stay below it. */
export const SCORE_MIN = 0.5;
/** Also the window of `detect`, which is why a stream with another window may differ on stretches longer than this. */
export const WINDOW_CHARS = 4096;
