/**
 * The words of the detector: what a finding is, which types exist. No behaviour.
 * Every type is one row of TYPES; nothing else in this workspace enumerates categories or vocabulary terms.
 */

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
