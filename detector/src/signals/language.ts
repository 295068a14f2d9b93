/** How the words of one language are written down; lexicon.ts compiles them. No behaviour. */
import type { Category } from "../types.ts";

/** Art. 9 (1) GDPR, https://eur-lex.europa.eu/eli/reg/2016/679/oj#art_9 */
export type SpecialCategory = Extract<
  Category,
  "health" | "religion" | "politics" | "union-membership" | "ethnicity" | "sexual-orientation" | "biometric" | "genetic"
>;

export const SPECIAL_CATEGORIES: readonly SpecialCategory[] = [
  "health",
  "religion",
  "politics",
  "union-membership",
  "ethnicity",
  "sexual-orientation",
  "biometric",
  "genetic",
];

/**
 * Terms are separated by commas, the words of a term by spaces. Compared without case and accents; a space in a term also
 * stands for a hyphen, an apostrophe or an underscore in the text.
 *
 *     asthma          this word; with a person near it is a signal
 *     diabet*         every word that begins so
 *     !hiv positive   says so of somebody by itself
 *     ?cancer         also another word: needs a person and a word of its kind (`medical`, `belonging`) near
 *     -cancer cell*   never a signal, nor is a term in it
 *     =schwul*        with exactly these accents ("schwül" is the weather)
 */
export type Terms = string;

export interface SignalLanguage {
  /** BCP 47. */
  readonly code: string;
  /** Its most frequent words, by which the language of a sentence is told: a term of another language is a coincidence. */
  readonly common: Terms;
  /** Words that speak of a person: pronouns, relatives, patients, employees, the first person of verbs. */
  readonly person: Terms;
  /** Words of illness and treatment, with which an ambiguous term of health, genetics or biometrics is meant. */
  readonly medical: Terms;
  /** Words of membership, belief and descent, likewise for the other categories. */
  readonly belonging: Terms;
  /**
   * Names of fields that stand before a value, "religion: …". What a key with `?` is followed by must be a term or a code of
   * its category; behind any other, every value is a signal.
   */
  readonly keys: Readonly<Partial<Record<SpecialCategory, Terms>>>;
  readonly terms: Readonly<Record<SpecialCategory, Terms>>;
}
