/**
 * Whether the digits behind a "+" are a valid telephone number exactly as they stand. The short way past libphonenumber,
 * which builds a dozen objects to parse one number: its own patterns are asked directly, for the cases in which parsing
 * changes nothing. Says no to everything else (a national prefix to drop, a country that shares another's code); no means
 * that libphonenumber is to be asked. Keeps patterns, never numbers.
 */
import { Metadata } from "libphonenumber-js/min";

/** What is used of libphonenumber's metadata beside its published types. */
interface PlanSource {
  getCountryCodesForCallingCode(code: string): readonly string[] | undefined;
  selectNumberingPlan(code: string): void;
  readonly numberingPlan: {
    nationalNumberPattern(): string;
    nationalPrefixForParsing(): string | undefined;
    leadingDigits(): string | undefined;
    hasTypes(): boolean;
    type(name: string): { pattern(): string | undefined; possibleLengths(): readonly number[] | undefined } | undefined;
  };
}

interface Plan {
  readonly national: RegExp;
  /** What people dial at home before the number, and libphonenumber drops. */
  readonly prefix: RegExp | undefined;
  /** A number must be of one of them, when there are any. */
  readonly types: readonly { readonly pattern: RegExp; readonly lengths: readonly number[] | undefined }[];
}

const TYPES = "FIXED_LINE MOBILE PREMIUM_RATE TOLL_FREE SHARED_COST VOIP PERSONAL_NUMBER PAGER UAN VOICEMAIL".split(
  " ",
);
/** Calling codes have up to three digits, and none begins another: https://www.itu.int/rec/T-REC-E.164 */
const CODE_DIGITS_MAX = 3;

/** By calling code; null when there is none or its numbers cannot be judged in this way. Filled when first asked for. */
const plans: (Plan | null | undefined)[] = Array.from({ length: 10 ** CODE_DIGITS_MAX });

export function isPlainInternational(digits: string): boolean {
  let code = 0;
  for (let length = 1; length <= CODE_DIGITS_MAX && length < digits.length; length++) {
    code = code * 10 + digits.charCodeAt(length - 1) - 0x30;
    if (code === 0) return false;
    let plan = plans[code];
    if (plan === undefined) plans[code] = plan = planOf(String(code));
    if (plan !== null) return fits(plan, digits.slice(length));
  }
  return false;
}

function fits({ national, prefix, types }: Plan, number: string): boolean {
  if (prefix?.test(number) === true || !national.test(number)) return false;
  if (types.length === 0) return true;
  return types.some(({ pattern, lengths }) => lengths?.includes(number.length) !== false && pattern.test(number));
}

function planOf(code: string): Plan | null {
  const metadata = new Metadata() as unknown as PlanSource;
  const countries = metadata.getCountryCodesForCallingCode(code);
  if (countries === undefined) return null;
  metadata.selectNumberingPlan(code);
  const plan = metadata.numberingPlan;
  // Of several countries, the first takes what is of one of its types, unless it claims numbers by their first digits.
  if (countries.length > 1 && (plan.leadingDigits() || !plan.hasTypes())) return null;
  const prefix = plan.nationalPrefixForParsing();
  const types = plan.hasTypes() ? TYPES.map((name) => plan.type(name)) : [];
  return {
    national: whole(plan.nationalNumberPattern()),
    prefix: prefix ? new RegExp(`^(?:${prefix})`) : undefined,
    types: types.flatMap((type) => {
      const pattern = type?.pattern();
      return pattern ? [{ pattern: whole(pattern), lengths: type?.possibleLengths() }] : [];
    }),
  };
}

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}
