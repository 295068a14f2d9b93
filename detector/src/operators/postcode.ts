/**
 * Postcodes and the areas that they lie in. How many characters name an area is one row a country, chosen so that areas have
 * some fifty thousand inhabitants or more; for the United States it is the rule of the HIPAA Privacy Rule. Approximate: the
 * people in an area are counted by nobody here.
 */

interface PostcodeRow {
  /** Without anchors and without groups. */
  readonly pattern: string;
  /** Letters and digits that stay. */
  readonly keep: number;
}

const FIVE = { pattern: "[0-9]{5}", keep: 2 };
const FOUR = { pattern: "[0-9]{4}", keep: 2 };
const THREE_TWO = { pattern: "[0-9]{3}[ \\u00a0]?[0-9]{2}", keep: 2 };
const BRITISH = { pattern: "[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}", keep: 2 };

/** ISO 3166-1 alpha-2 → form. Malta's letters name villages, so it has no row. */
const POSTCODES: Readonly<Record<string, PostcodeRow>> = {
  AT: FOUR,
  BE: FOUR,
  BG: FOUR,
  CH: FOUR,
  CY: { ...FOUR, keep: 1 },
  CZ: THREE_TWO,
  DE: FIVE,
  DK: FOUR,
  EE: { ...FIVE, keep: 1 },
  ES: FIVE,
  FI: FIVE,
  FR: FIVE,
  GB: BRITISH,
  GR: THREE_TWO,
  HR: FIVE,
  HU: FOUR,
  IE: { pattern: "[A-Z][0-9][0-9W] ?[0-9A-Z]{4}", keep: 1 },
  IS: { pattern: "[0-9]{3}", keep: 1 },
  IT: FIVE,
  LI: FOUR,
  LT: { pattern: "(?:LT-)?[0-9]{5}", keep: 1 },
  LU: { ...FOUR, keep: 1 },
  LV: { pattern: "LV-[0-9]{4}", keep: 1 },
  NL: { pattern: "[0-9]{4} ?[A-Z]{2}", keep: 2 },
  NO: FOUR,
  PL: { pattern: "[0-9]{2}-[0-9]{3}", keep: 2 },
  PT: { pattern: "[0-9]{4}(?:-[0-9]{3})?", keep: 2 },
  RO: { pattern: "[0-9]{6}", keep: 2 },
  SE: THREE_TWO,
  SI: { ...FOUR, keep: 1 },
  SK: THREE_TWO,
  US: { pattern: "[0-9]{5}(?:-[0-9]{4})?", keep: 3 },
};

/** Without a country: forms that are unmistakable first, then by length. Fewer characters than some country of theirs allows. */
const BY_SHAPE: readonly PostcodeRow[] = [
  BRITISH,
  { pattern: "[0-9]{4} ?[A-Z]{2}", keep: 2 },
  { pattern: "[0-9]{2}-[0-9]{3}", keep: 2 },
  { pattern: "[0-9]{4}-[0-9]{3}", keep: 2 },
  { pattern: "[0-9]{3}[ \\u00a0][0-9]{2}", keep: 2 },
  { pattern: "[0-9]{6}", keep: 2 },
  { pattern: "[0-9]{5}", keep: 1 },
  { pattern: "[0-9]{4}", keep: 1 },
];

/**
 * Areas of fewer than 20,000 people by the census of 2000, which 45 CFR 164.514(b)(2)(i)(B) wants as 000:
 * https://www.hhs.gov/hipaa/for-professionals/special-topics/de-identification/index.html
 */
const SMALL_US = new Set("036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893".split(" "));

/** The area of the last postcode in `text`, as `10***`. Undefined when there is none. */
export function postcodeArea(text: string, region: string | undefined): string | undefined {
  const known = region !== undefined && Object.hasOwn(POSTCODES, region) ? POSTCODES[region] : undefined;
  for (const { pattern, keep } of known === undefined ? BY_SHAPE : [known]) {
    const found = [...text.matchAll(new RegExp(`(?<![\\p{L}\\p{N}])${pattern}(?![\\p{L}\\p{N}])`, "gu"))].at(-1)?.[0];
    if (found === undefined) continue;
    const small = region === "US" && SMALL_US.has(found.slice(0, 3));
    return areaOf(small ? `000${found.slice(3)}` : found, keep);
  }
  return undefined;
}

/** The prefix of the country ("LV-") says nothing and stays; of a British postcode only the letters of the area do. */
function areaOf(postcode: string, keep: number): string {
  const country = /^[A-Z]{2}-/.exec(postcode)?.[0] ?? "";
  const letters = /^[A-Z]{1,2}(?=[0-9])/.exec(postcode.slice(country.length))?.[0].length ?? keep;
  let seen = 0;
  return (
    country +
    postcode
      .slice(country.length)
      .replace(/[0-9A-Z]/g, (character) => (++seen <= Math.min(keep, letters) ? character : "*"))
  );
}
