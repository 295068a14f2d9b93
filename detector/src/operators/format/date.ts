/**
 * Dates written in digits: permuted among all days from 1000-01-01 to 9999-12-31, in the same style. Dates of birth alone are
 * some 40,000 and so far too few for FF1; this is why results lie in any century, which also shows that they are no dates of
 * birth. The days that cannot be read back in the style of the value are walked over.
 */
import {
  civil,
  DAYS,
  FIRST_DAY,
  dayNumber,
  fitsStyle,
  hasTwoDigitYear,
  isMonthFirst,
  readDate,
  writeDate,
} from "../calendar.ts";
import { OperatorError } from "../errors.ts";
import { type Cipher, type Format, type FormatOptions, notInFormat } from "./format.ts";

export const dateFormat: Format = {
  encrypt: (value, cipher, options) => permuted(value, cipher, options, "encrypt"),
  decrypt: (value, cipher, options) => permuted(value, cipher, options, "decrypt"),
};

function permuted(value: string, cipher: Cipher, { region }: FormatOptions, direction: "encrypt" | "decrypt"): string {
  const monthFirst = isMonthFirst(region);
  const date = readDate(value, monthFirst);
  if (date === undefined) {
    if (hasTwoDigitYear(value))
      throw new OperatorError("domain_too_small", "a date with a year of two digits is one of 36,525");
    throw notInFormat("a date is three numbers with a year from 1000 to 9999");
  }
  const { style } = date;
  const at = (index: bigint) => civil(Number(index) + FIRST_DAY);
  // The smallest style (unpadded, its day above 12) has 1.4 million days.
  const name = `date ${style.order} ${style.padded ? "padded" : "plain"}${style.swapped ? " swapped" : ""}`;
  const permutation = cipher(name, BigInt(DAYS), (index) => fitsStyle(style, at(index)));
  const from = BigInt(dayNumber(date.year, date.month, date.day) - FIRST_DAY);
  const to = permutation[direction](from);
  if (to === from) throw new OperatorError("unchanged", "the date would stay as it is");
  return writeDate(style, at(to));
}
