/**
 * Check digits, computed from their published definitions and from nothing in the detector, so that generated numbers are a second
 * opinion on its arithmetic. Every function takes the digits without their check and returns the check.
 */

/** Sum of digit × weight, digit by digit. */
export function weighted(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, index) => sum + weight * Number(digits[index]), 0);
}

/** ISO/IEC 7812-1 Annex B. */
export function luhn(digits: string): string {
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const doubled = Number(digit) * (index % 2 === 0 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return String((10 - (sum % 10)) % 10);
}

/** Remainder of a decimal number of any length. */
export function remainder(digits: string, modulus: number): number {
  let rest = 0;
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % modulus;
  return rest;
}

/** ISO 7064 MOD 97-10 as ISO 13616 uses it: letters count as two digits, the two check digits are those that leave 1. */
export function iban97(country: string, bban: string): string {
  const numeric = [...`${bban}${country}00`].map((char) => Number.parseInt(char, 36)).join("");
  return String(98 - remainder(numeric, 97)).padStart(2, "0");
}

/** ISO 7064 MOD 11,10 (hybrid): German IdNr, Croatian OIB. */
export function mod1110(digits: string): string {
  let product = 10;
  for (const digit of digits) {
    const sum = (Number(digit) + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return String((11 - product) % 10);
}

const D5: readonly string[] = [
  "0123456789",
  "1234067895",
  "2340178956",
  "3401289567",
  "4012395678",
  "5987604321",
  "6598710432",
  "7659821043",
  "8765932104",
  "9876543210",
];
const PERMUTED: readonly string[] = [
  "0123456789",
  "1576283094",
  "5803796142",
  "8916043527",
  "9453126870",
  "4286573901",
  "2793806415",
  "7046913258",
];

/** J. Verhoeff, Error Detecting Decimal Codes, 1969: multiplication in the dihedral group D5. */
export function verhoeff(digits: string): string {
  let check = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const permuted = Number(PERMUTED[(index + 1) % 8]?.[Number(digit)]);
    check = Number(D5[check]?.[permuted]);
  }
  return String(D5[check]?.indexOf("0"));
}

/** ICAO 9303 part 3, 4.9: weights 7, 3, 1 over digits and letters (A = 10). */
export function icao(characters: string): string {
  const weights = [7, 3, 1] as const;
  const sum = [...characters].reduce(
    (total, char, index) => total + Number.parseInt(char, 36) * (weights[index % 3] ?? 1),
    0,
  );
  return String(sum % 10);
}

/** Digit sum, as several schemes add the digits of each product. */
export function crossSum(value: number): number {
  return [...String(value)].reduce((sum, digit) => sum + Number(digit), 0);
}
