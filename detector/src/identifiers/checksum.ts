/**
 * The checksum algorithms that several identifiers share. All take the value as places: digits are 0–9, letters A–Z are
 * 10–35, separators are gone. Pure arithmetic, no strings, nothing thrown: whoever calls knows that the shape fits.
 */

/** Digits 0–9, letters 10–35. Used again for the next candidate: do not keep it. */
export type Places = Uint8Array;

/** Sum of place × weight over as many places as there are weights, beginning at `from`. */
export function weighted(places: Places, weights: readonly number[], from = 0): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += (places[from + i] as number) * (weights[i] as number);
  return sum;
}

/** Remainder of the decimal number that the digits [from, to) write; exact for any length. */
export function remainder(places: Places, from: number, to: number, modulus: number): number {
  let rest = 0;
  for (let i = from; i < to; i++) rest = (rest * 10 + (places[i] as number)) % modulus;
  return rest;
}

/** The number that the digits [from, to) write; at most fifteen of them. */
export function numberAt(places: Places, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 10 + (places[i] as number);
  return value;
}

/** Luhn, ISO/IEC 7812-1 annex B: every second place from the right doubled, the last is the check digit. */
export function luhn(places: Places, from = 0, to = places.length): boolean {
  let sum = 0;
  for (let i = to - 1, twice = false; i >= from; i--, twice = !twice) {
    const place = places[i] as number;
    // Doubled letters lose 9 once, like doubled digits; a letter that is not doubled keeps its value.
    const doubled = place * 2;
    sum += twice ? (doubled > 9 ? doubled - 9 : doubled) : place;
  }
  return sum % 10 === 0;
}

/** GS1 check digit, weights 3 and 1 from the right: https://www.gs1.org/services/how-calculate-check-digit-manually */
export function gs1(places: Places): boolean {
  let sum = 0;
  for (let i = places.length - 1, weight = 1; i >= 0; i--, weight = 4 - weight) sum += (places[i] as number) * weight;
  return sum % 10 === 0;
}

/** ISO 7064 MOD 11,10: https://www.iso.org/standard/31531.html */
export function mod11And10(places: Places): boolean {
  let product = 10;
  const last = places.length - 1;
  for (let i = 0; i < last; i++) {
    const sum = (product + (places[i] as number)) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (product + (places[last] as number)) % 10 === 1;
}

/** ISO 7064 MOD 97-10 over digits and letters, a letter counting as two digits; the check digits are the last two. */
export function mod97And10(places: Places, from = 0): boolean {
  let rest = 0;
  for (let i = from; i < places.length; i++) {
    const place = places[i] as number;
    rest = (rest * (place > 9 ? 100 : 10) + place) % 97;
  }
  return rest === 1;
}

/** Multiplication of the dihedral group D5: J. Verhoeff, Error detecting decimal codes, 1969. */
function multiplied(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : ((a + b) % 5) + 5;
  return b < 5 ? ((a - b) % 5) + 5 : (a - b + 5) % 5;
}

const VERHOEFF_PERMUTATION = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4] as const;
/** Powers of the permutation, place by place from the right. */
const VERHOEFF_POWERS: readonly (readonly number[])[] = Array.from({ length: 8 }, (_, power) =>
  Array.from({ length: 10 }, (__, digit) => {
    let image = digit;
    for (let i = 0; i < power; i++) image = VERHOEFF_PERMUTATION[image] as number;
    return image;
  }),
);

/** Verhoeff over the digits [from, to) and behind them the check digit `check`. */
export function verhoeff(places: Places, from: number, to: number, check: number): boolean {
  let state = check;
  for (let i = to - 1, power = 1; i >= from; i--, power++)
    state = multiplied(state, (VERHOEFF_POWERS[power % 8] as number[])[places[i] as number] as number);
  return state === 0;
}

/**
 * The check digit of machine-readable documents: weights 7, 3, 1, letters as 10–35.
 * ICAO Doc 9303 part 3, 4.9: https://www.icao.int/publications/doc-series/doc-9303
 */
export function icao(places: Places, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += (places[i] as number) * ([7, 3, 1][(i - from) % 3] as number);
  return sum % 10;
}

/** Birth dates later than this are none; not the clock, because the same text must give the same answer next year. */
const YEAR_MAX = 2040;
const YEAR_MIN = 1800;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** Whether the day exists. `year` is of four digits, or of two when the identifier does not say which century. */
export function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1 || day > (DAYS[month - 1] as number)) return false;
  if (year >= 100 && (year < YEAR_MIN || year > YEAR_MAX)) return false;
  if (month !== 2 || day < 29) return true;
  // A year of two digits that four divides is a leap year in one century or another: "00" in 2000.
  return year % 4 === 0 && (year < 100 || year % 100 !== 0 || year % 400 === 0);
}

/**
 * Whether thirteen digits are a time in milliseconds between 2015 and 2030, as every other log has them. Such a number proves
 * nothing without a label, whatever it passes.
 */
export function isMilliseconds(places: Places): boolean {
  const lead = numberAt(places, 0, 4);
  return lead >= 1420 && lead < 1893;
}

/** Digits of two places. */
export function pair(places: Places, at: number): number {
  return (places[at] as number) * 10 + (places[at + 1] as number);
}
