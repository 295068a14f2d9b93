/**
 * What is known of one identifier: one row each, in the file of its country. The recognizer, the tests and the table in
 * docs/identifiers.md read the rows; nothing else names an identifier.
 */
import type { Places } from "./checksum.ts";

export type IdentifierType = "NATIONAL_ID" | "TAX_ID" | "SOCIAL_SECURITY_NUMBER" | "HEALTH_ID" | "ID_CARD_NUMBER";

/**
 * Whether check digits and structure hold. "structure": they would, but this value is of a kind without check digits;
 * "form": it is of a kind of which only the form is known.
 */
export type Verdict = boolean | "structure" | "form";
export type Check = (places: Places) => Verdict;

export interface IdentifierRow {
  /** Name of the recognizer in findings: country, hyphen, what people call it. */
  readonly id: string;
  /** ISO 3166-1 alpha-2; "EU" for what the Union issues through its members. */
  readonly country: string;
  /** Official name, in the country's language. */
  readonly name: string;
  readonly type: IdentifierType;
  /**
   * Printed forms: `#` a digit, `@` a letter A–Z, `*` either; other letters and digits stand for themselves and do not reach
   * `check`; anything else is a separator. A leading `!` marks a form that may stand without a label: random values of that
   * form pass `check` and `alone` at most once in a thousand, or `particular` says why that is enough.
   */
  readonly shapes: readonly string[];
  /** Capitals of another script, at most two, that may stand in front of the shape and belong to the value. */
  readonly leads?: string;
  /** The check digits' algorithm in words; absent when the number has none that is published. */
  readonly checkDigits?: string;
  /** What else the value must be, in words: "date of birth". */
  readonly structure?: string;
  /** Whether check digits and structure hold; absent when there is only the shape. */
  readonly check?: Check;
  /** What must hold beside `check` when no label stands before it. */
  readonly alone?: (places: Places) => boolean;
  /** Why the form proves more than the chance of its check digits says; only for such rows that stand alone. */
  readonly particular?: string;
  /** What people write before it, in the country's languages and in English; see scanner/labels.ts. */
  readonly labels: readonly string[];
  /** Official or standards document. */
  readonly source: string;
}

/** Functional specification of the check digits of tax numbers, European Commission. */
export const EU_TIN = "https://ec.europa.eu/taxation_customs/tin/specs/FS-TIN%20Algorithms-Public.docx";

/** The state's own answers on its tax numbers, OECD portal on automatic exchange. */
export function oecd(state: string): string {
  return `https://www.oecd.org/content/dam/oecd/en/topics/policy-issue-focus/aeoi/${state}-tin.pdf`;
}

/** The Council's public register of authentic identity documents: every state's cards with their numbers. */
export const PRADO = "https://www.consilium.europa.eu/prado/en/search-by-document-country.html";
