/**
 * Days of the proleptic Gregorian calendar as numbers, and dates written in digits: `1985-03-14`, `14.03.1985`, `3/14/1985`,
 * `19850314`. Year 1000 to 9999, so that a year always has four digits. Knows no clock and no names of months.
 */

/** 1000-01-01 as a day number, and how many days there are up to 9999-12-31. */
export const FIRST_DAY = dayNumber(1000, 1, 1);
export const DAYS = dayNumber(9999, 12, 31) - FIRST_DAY + 1;

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : (MONTH_DAYS[month - 1] ?? 0);
}

/** Days since 1970-01-01, https://howardhinnant.github.io/date_algorithms.html#days_from_civil. */
export function dayNumber(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

export interface Civil {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** https://howardhinnant.github.io/date_algorithms.html#civil_from_days */
export function civil(number: number): Civil {
  const z = number + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const mp = Math.floor((5 * dayOfYear + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * mp + 2) / 5) + 1,
  };
}

/** How a date is written; two dates of one style differ in nothing else. */
export interface DateStyle {
  readonly order: "ymd" | "dmy" | "mdy";
  readonly separators: readonly [string, string];
  /** `03` for March. When not padded, day or month has one digit. */
  readonly padded: boolean;
  /** The other order than the one expected: only the day, above 12, shows it. */
  readonly swapped: boolean;
}

export interface WrittenDate extends Civil {
  readonly style: DateStyle;
}

const YEAR_FIRST = /^([0-9]{4})([-./]?)([0-9]{1,2})([-./]?)([0-9]{1,2})$/;
const YEAR_LAST = /^([0-9]{1,2})([-./ ]|\. )([0-9]{1,2})([-./ ]|\. )([0-9]{4})$/;
const TWO_DIGIT_YEAR = /^[0-9]{1,2}[-./ ][0-9]{1,2}[-./ ][0-9]{2}$/;

/** In two of them a hundred years look alike. */
export function hasTwoDigitYear(text: string): boolean {
  return TWO_DIGIT_YEAR.test(text);
}

/** `monthFirst`: how `03/04/1985` is meant. Undefined for what is no date of this calendar, or mixes `3` and `03`. */
export function readDate(text: string, monthFirst: boolean): WrittenDate | undefined {
  const first = YEAR_FIRST.exec(text);
  if (first !== null) {
    const [, year = "", one = "", month = "", two = "", day = ""] = first;
    if (one !== two || (one === "" && text.length !== 8)) return undefined;
    return checked(Number(year), month, day, { order: "ymd", separators: [one, two], swapped: false });
  }
  const last = YEAR_LAST.exec(text);
  if (last === null) return undefined;
  const [, a = "", one = "", b = "", two = "", year = ""] = last;
  if (one !== two) return undefined;
  const swapped = monthFirst ? Number(a) > 12 : Number(b) > 12;
  const dayFirst = monthFirst === swapped;
  const [day, month] = dayFirst ? [a, b] : [b, a];
  return checked(Number(year), month, day, { order: dayFirst ? "dmy" : "mdy", separators: [one, two], swapped });
}

function checked(year: number, month: string, day: string, style: Omit<DateStyle, "padded">): WrittenDate | undefined {
  const padded = month.length === 2 && day.length === 2;
  if (!padded && (month.startsWith("0") || day.startsWith("0"))) return undefined;
  const [m, d] = [Number(month), Number(day)];
  if (year < 1000 || m < 1 || m > 12 || d < 1 || d > daysIn(year, m)) return undefined;
  return { year, month: m, day: d, style: { ...style, padded } };
}

/** Whether a date can be written in this style so that it is read back in this style. */
export function fitsStyle({ padded, swapped }: DateStyle, { month, day }: Civil): boolean {
  return (padded || month < 10 || day < 10) && (!swapped || day > 12);
}

export function writeDate({ order, separators, padded }: DateStyle, { year, month, day }: Civil): string {
  const [y, m, d] = [String(year), two(month, padded), two(day, padded)];
  const [one, other] = separators;
  switch (order) {
    case "ymd":
      return y + one + m + other + d;
    case "dmy":
      return d + one + m + other + y;
    case "mdy":
      return m + one + d + other + y;
  }
}

function two(number: number, padded: boolean): string {
  return padded ? String(number).padStart(2, "0") : String(number);
}

/** The one country whose slashes mean month first, with the territories that write like it. */
const MONTH_FIRST = new Set(["US", "PR", "GU", "VI", "AS", "MP", "PH"]);

export function isMonthFirst(region: string | undefined): boolean {
  return region !== undefined && MONTH_FIRST.has(region);
}
