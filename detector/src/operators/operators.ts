/**
 * What is done with a finding. Every operator is one row of OPERATORS; config schemas and docs/operators.md read it, nothing
 * else lists them. No operator but `allow` lets the value through, none puts it into an error. `block` refuses the whole text,
 * which is the caller's to do: here it redacts, so that a caller who forgets leaks nothing.
 */
import { normalize } from "../normalize.ts";
import type { PlaceholderMap } from "../placeholders.ts";
import { checkText, OperatorError } from "./errors.ts";
import { encryptFormat, FORMAT_TYPES } from "./format-preserving.ts";
import { type GeneralizeOptions, GENERALIZED_TYPES, generalize } from "./generalize.ts";
import type { OperatorKeys } from "./keys.ts";
import { valueMark } from "./marks.ts";
import { maskValue } from "./mask.ts";
import { pseudonym, type PseudonymForm } from "./pseudonym.ts";
import type { Replacements } from "./replacements.ts";
import { encryptValue, type NonceSource, type SealAlgorithm } from "./seal.ts";
import { SURROGATE_TYPES, surrogate } from "./surrogate.ts";

/** What only some operators need; see `needs` in OPERATORS. */
export interface OperatorSettings {
  /** One purpose and epoch of the caller's keys. */
  readonly keys?: OperatorKeys;
  /** Source of nonces for `encrypt`. */
  readonly nonce?: NonceSource;
  /** Of `encrypt`; default xchacha20-poly1305. */
  readonly algorithm?: Exclude<SealAlgorithm, "aes-256-gcm-siv">;
  /** Of `pseudonym`; default mark. */
  readonly pseudonymForm?: PseudonymForm;
  /** Remembers surrogates and format-preserved values, so that they can be put back. */
  readonly replacements?: Replacements;
  /** ISO 639-1 language of the text, for `surrogate`. */
  readonly language?: string;
  /** ISO 3166-1 alpha-2 country: national telephone numbers, postcodes, order of day and month. */
  readonly region?: string;
  /** What `generalize` leaves of a date; default year. */
  readonly dates?: NonNullable<GeneralizeOptions["dates"]>;
  /**
   * What happens to a value that an operator cannot treat: a type without a row, another form, too small a domain. `redact`
   * (default): it becomes `[TYPE]`, which nobody can undo. `throw`: the call fails with the OperatorError.
   */
  readonly unfit?: "redact" | "throw";
}

export interface OperatorContext extends OperatorSettings {
  readonly map: PlaceholderMap;
  /** This place may be restored (it is not system text). */
  readonly restorable: boolean;
  /** Keyed hash of a normalized value, short and printable. Unkeyed hashes of e-mail addresses are guessed in seconds. */
  readonly hash: (type: string, normalized: string) => string;
}

export interface OperatorRow {
  /** The value can be had back, by whoever has the map or the key. */
  readonly reversible: boolean;
  /** What takes it back. */
  readonly undo?: string;
  /** The result depends on a key. */
  readonly keyed: boolean;
  /** Members of the context that it cannot work without. */
  readonly needs: readonly (keyof OperatorContext)[];
  /** The types that it has a form for; others are `unfit`. */
  readonly types: "all" | readonly string[];
  readonly description: string;
  readonly apply: (type: string, value: string, context: OperatorContext) => string;
}

const redacted = (type: string): string => `[${type}]`;

const ROWS = {
  placeholder: {
    reversible: true,
    undo: "createRestorer, restore",
    keyed: false,
    needs: ["map"],
    types: "all",
    description: "A number for each value, put back into the answer",
    apply: (type, value, { map, restorable }) => map.issue(type, value, restorable).placeholder,
  },
  redact: {
    reversible: false,
    keyed: false,
    needs: [],
    types: "all",
    description: "The name of the type",
    apply: redacted,
  },
  mask: {
    reversible: false,
    keyed: false,
    needs: [],
    types: "all",
    description: "A few characters that tell rows of a list apart; for many types none",
    apply: maskValue,
  },
  hash: {
    reversible: false,
    keyed: true,
    needs: ["hash"],
    types: "all",
    description: "A keyed hash of the caller's; equal values stay equal",
    apply: (type, value, { hash }) => valueMark(type, hash(type, normalize(type, value))),
  },
  pseudonym: {
    reversible: false,
    keyed: true,
    needs: ["keys"],
    types: "all",
    description: "A keyed pseudonym; equal values stay equal under one purpose and epoch, and only there",
    apply: (type, value, { keys, pseudonymForm }) => pseudonym(type, value, keys as OperatorKeys, pseudonymForm),
  },
  "format-preserving": {
    reversible: true,
    undo: "decryptFormat, Replacements.restore",
    keyed: true,
    needs: ["keys"],
    types: FORMAT_TYPES,
    description: "Another value of the same form (FF1 of NIST SP 800-38G); cards and IBANs with a wrong checksum",
    apply: formatPreserved,
  },
  surrogate: {
    reversible: true,
    undo: "Replacements.restore",
    keyed: true,
    needs: ["keys"],
    types: SURROGATE_TYPES,
    description: "A realistic stand-in in the language of the text; with Replacements it can be put back",
    apply: (type, value, context) => surrogate(type, value, { ...given(context), keys: context.keys as OperatorKeys }),
  },
  generalize: {
    reversible: false,
    keyed: false,
    needs: [],
    types: GENERALIZED_TYPES,
    description: "Something coarser: the year, the area, the network",
    apply: (type, value, { dates, region }) =>
      generalize(type, value, { ...(dates && { dates }), ...(region && { region }) }),
  },
  encrypt: {
    reversible: true,
    undo: "decryptToken, decryptText",
    keyed: true,
    needs: ["keys", "nonce"],
    types: "all",
    description: "An authenticated token, different each time",
    apply: (type, value, { keys, nonce, algorithm = "xchacha20-poly1305" }) =>
      encryptValue(type, value, { keys: keys as OperatorKeys, algorithm, nonce: nonce as NonceSource }),
  },
  "encrypt-deterministic": {
    reversible: true,
    undo: "decryptToken, decryptText",
    keyed: true,
    needs: ["keys"],
    types: "all",
    description: "An authenticated token, the same for the same characters",
    apply: (type, value, { keys }) =>
      encryptValue(type, value, { keys: keys as OperatorKeys, algorithm: "aes-256-gcm-siv" }),
  },
  drop: {
    reversible: false,
    keyed: false,
    needs: [],
    types: "all",
    description: "Nothing at all",
    apply: () => "",
  },
  allow: {
    reversible: true,
    undo: "nothing to undo",
    keyed: false,
    needs: [],
    types: "all",
    description: "The value stays",
    apply: (_type, value) => value,
  },
  block: {
    reversible: false,
    keyed: false,
    needs: [],
    types: "all",
    description: "The text is refused as a whole",
    apply: redacted,
  },
} as const satisfies Readonly<Record<string, OperatorRow>>;

export type Operator = keyof typeof ROWS;

export const OPERATORS: Readonly<Record<Operator, OperatorRow>> = ROWS;

/** What stands in the text instead of `value`. Throws TypeError for wrong arguments, and OperatorError when `unfit` says so. */
export function applyOperator(operator: Operator, type: string, value: string, context: OperatorContext): string {
  const row = Object.hasOwn(ROWS, operator) ? OPERATORS[operator] : undefined;
  if (row === undefined) throw new TypeError(`operator must be one of ${Object.keys(ROWS).join(", ")}`);
  checkText("type", type);
  checkText("value", value);
  if (typeof context !== "object" || context === null) throw new TypeError("context must be an object");
  for (const need of row.needs) {
    if (context[need] === undefined) throw new TypeError(`context.${need} is needed by the operator ${operator}`);
  }
  try {
    return row.apply(type, value, context);
  } catch (error) {
    if (error instanceof OperatorError && context.unfit !== "throw") return redacted(type);
    throw error;
  }
}

function formatPreserved(type: string, value: string, context: OperatorContext): string {
  const { keys, region, replacements, restorable } = context;
  // Its own work is no value: a card or an IBAN with a wrong checksum.
  if ((type === "CARD" || type === "IBAN") && replacements?.wrote(type, value) === true) return value;
  const written = encryptFormat(type, value, keys as OperatorKeys, region === undefined ? {} : { region });
  if (replacements?.add(type, normalize(type, value), value, written, restorable) === false)
    throw new OperatorError("unchanged", "the result stands for another value of this text");
  return written;
}

/** Members that are there: `undefined` is not the same as absent. */
function given({ language, region, replacements, restorable }: OperatorContext) {
  return {
    ...(language !== undefined && { language }),
    ...(region !== undefined && { region }),
    ...(replacements !== undefined && { replacements }),
    restorable,
  };
}
