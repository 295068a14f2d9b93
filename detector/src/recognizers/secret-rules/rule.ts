/** What a rule about secrets is: facts and examples, no behaviour. One row a kind of secret; nothing else enumerates them. */
import type { TokenCheck } from "../secret-check.ts";

export interface SecretRule {
  /** Lower case with dashes; `why` of a finding names it. */
  readonly id: string;
  /** What the secret is and whose. */
  readonly what: string;
  /** Its forms in the notation of secret-shape.ts; empty when code finds it by other means, which `form` then describes. */
  readonly shapes: readonly string[];
  readonly form?: string;
  readonly check?: TokenCheck;
  /** A token that fails its check is none. Without it, it is one that was mistyped or made up, and scores less. */
  readonly strict?: boolean;
  /** The body need not look random: it is short, fixed in part, or chosen by people. */
  readonly plain?: boolean;
  /** One of these stands near the token, in the same run of characters. */
  readonly near?: readonly string[];
  /** Names beside which a value of exactly one of these shapes is the secret (secret-pair.ts); shapes then have no anchor. */
  readonly beside?: readonly string[];
  /** Where the form is documented; the vendor's page where it has one. */
  readonly source: string;
  /**
   * Texts in which the rule must find exactly one secret: what `‹…›` marks, or all of it. Shape notation stands for random
   * characters, `{!name}` for a computed part and `{}` for nothing, so that no scanner takes this file for a leak.
   */
  readonly positive: readonly string[];
  /** Texts in which it must find nothing. */
  readonly negative: readonly string[];
  /** Rules whose positive examples this rule, asked alone, would claim as well; the longer anchor wins between them. */
  readonly also?: readonly string[];
}

/** Where a vendor has no page about the form: the rules of gitleaks (MIT) state it. */
export const GITLEAKS = "https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml";
