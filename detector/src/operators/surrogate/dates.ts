/** Stand-ins for dates of birth: another day within five years, in the same style, so that ages stay about right. */
import { civil, daysIn, dayNumber, fitsStyle, isMonthFirst, readDate, writeDate } from "../calendar.ts";
import type { SurrogateRow } from "./environment.ts";

const DAYS_MAX = 5 * 365;
const TRIES = 64;

export const birthDate: SurrogateRow = (value, attempt, { draws, key, region }) => {
  const choices = draws("DATE_OF_BIRTH", key, String(attempt));
  const shift = (most: number) => (choices.int(2) === 0 ? 1 : -1) * (1 + choices.int(most));
  const date = readDate(value.trim(), isMonthFirst(region));
  if (date !== undefined) {
    for (let tries = 0; tries < TRIES; tries++) {
      const other = civil(dayNumber(date.year, date.month, date.day) + shift(DAYS_MAX));
      if (other.year >= 1000 && other.year <= 9999 && fitsStyle(date.style, other)) return writeDate(date.style, other);
    }
    return undefined;
  }
  // With the name of a month: it stays, day and year change. With a year of two digits: all three numbers are drawn.
  const numbers = value.match(/[0-9]+/g) ?? [];
  if (numbers.length === 3 && numbers.every((number) => number.length <= 2)) {
    const pad = (number: number) => String(number).padStart(2, "0");
    const [a, b, c] = [1 + choices.int(12), 1 + choices.int(12), (Number(numbers[2]) + 100 + shift(5)) % 100];
    const parts = [pad(a), pad(b), pad(c)];
    return value.replace(/[0-9]+/g, () => parts.shift() ?? "");
  }
  if (!numbers.some((number) => number.length === 4)) return undefined;
  return value.replace(/[0-9]+/g, (number) => {
    if (number.length === 4) return String(Number(number) + shift(5));
    return number.length <= 2 ? String(1 + choices.int(daysIn(2001, 2))) : number;
  });
};
