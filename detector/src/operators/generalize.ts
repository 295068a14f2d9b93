/**
 * Generalization: text in, coarser text out, one row a type. What comes out still describes the person, together with many
 * others; how many is not measured here. It cannot be undone, and several coarse values together may name one person again.
 * A value that is no finer than its row stays as it is.
 */
import { isMonthFirst, readDate } from "./calendar.ts";
import { checkText, OperatorError } from "./errors.ts";
import { phoneParts } from "./format/phone.ts";
import { postcodeArea } from "./postcode.ts";

export interface GeneralizeOptions {
  /** What is left of a date; default year. */
  readonly dates?: "year" | "decade";
  /** ISO 3166-1 alpha-2 country whose postcodes are meant. */
  readonly region?: string;
}

type Row = (value: string, options: GeneralizeOptions) => string | undefined;

const YEAR = /(?<![0-9])(?:1[0-9]|20)[0-9]{2}(?![0-9])/g;

const date: Row = (value, { dates, region }) => {
  const decade = /^([0-9]{3})0s$/.exec(value)?.[0];
  if (decade !== undefined) return decade;
  const years = value.match(YEAR) ?? [];
  const year = readDate(value, isMonthFirst(region))?.year ?? (years.length === 1 ? Number(years[0]) : undefined);
  if (year === undefined) return undefined;
  return dates === "decade" ? `${Math.floor(year / 10)}0s` : String(year);
};

/** 45 CFR 164.514(b)(2)(i)(C) wants all ages over 89 as one. */
const AGE_MAX = 90;
const YEARS_MAX = 130;

const age: Row = (value) => {
  if (/^(?:[0-9]{1,2}–[0-9]{1,2}|90\+)$/.test(value)) return value;
  const [, digits] = /^[^0-9]{0,20}([0-9]{1,3})[^0-9]{0,20}$/.exec(value) ?? [];
  if (digits === undefined || Number(digits) > YEARS_MAX) return undefined;
  const years = Number(digits);
  const from = years - (years % 10);
  return years >= AGE_MAX ? `${AGE_MAX}+` : `${from}–${from + 9}`;
};

const ip: Row = (value) => {
  const address = value
    .trim()
    .replace(/\/[0-9]{1,3}$/, "")
    .replace(/%.*$/s, "");
  const v4 = /^(?:::ffff:)?([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})\.[0-9]{1,3}$/i.exec(address)?.[1];
  if (v4 !== undefined) return `${v4}.0/24`;
  if (!/^[0-9a-f:]*:[0-9a-f:.]*$/i.test(address)) return undefined;
  const [head = "", tail] = address.toLowerCase().split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array.from({ length: Math.max(0, zeros) }, () => "0"), ...after].slice(0, 3);
  if (groups.length < 3 || groups.some((group) => !/^[0-9a-f]{1,4}$/.test(group))) return undefined;
  const short = groups.map((group) => group.replace(/^0+(?=.)/, ""));
  while (short.at(-1) === "0") short.pop();
  return `${short.join(":")}::/48`;
};

const coordinates: Row = (value) => {
  let found = 0;
  const sexagesimal =
    /(?<![0-9.,])([0-9]{1,3})\s*°(?:\s*([0-9]{1,2})(?:[.,][0-9]+)?\s*['′’])?(?:\s*[0-9]{1,2}(?:[.,][0-9]+)?\s*["″”])?\s*([NSEWO])/g;
  const coarse = value
    .replace(sexagesimal, (_, degrees: string, minutes: string | undefined, side: string) => {
      found++;
      return `${(Number(degrees) + Number(minutes ?? 0) / 60).toFixed(1)}°${side}`;
    })
    .replace(/([0-9]{1,3})([.,])([0-9]+)/g, (_, whole: string, point: string, fraction: string) => {
      found++;
      return Number(`${whole}.${fraction}`).toFixed(1).replace(".", point);
    });
  return found > 0 ? coarse : undefined;
};

const AMOUNT =
  /^([^0-9]{0,12})([0-9]{1,3}(?:[ .,'’\u00a0\u202f][0-9]{3}){1,5}|[0-9]{1,15})(?:[.,][0-9]{1,9})?([^0-9]{0,12})$/;

/** 1234 → 1000–1999: the first digit stays. */
const number: Row = (value) => {
  if (/^[^0-9]*[0-9]+–[0-9]+[^0-9]*$/.test(value)) return value;
  const [, before = "", digits, after = ""] = AMOUNT.exec(value) ?? [];
  if (digits === undefined) return undefined;
  const whole = Number(digits.replaceAll(/[^0-9]/g, ""));
  const step = whole < 10 ? 10 : 10 ** Math.floor(Math.log10(whole));
  const from = whole - (whole % step);
  return `${before}${from}–${from + step - 1}${after}`;
};

const mac: Row = (value) => {
  const digits = value.replaceAll(/[^0-9a-f]/gi, "");
  return digits.length === 12 || digits.length === 6 ? (digits.slice(0, 6).match(/../g) ?? []).join(":") : undefined;
};

const ROWS: Readonly<Record<string, Row>> = {
  DATE_OF_BIRTH: date,
  ADDRESS: (value, { region }) => postcodeArea(value, region),
  IP_ADDRESS: ip,
  COORDINATES: coordinates,
  PHONE: (value) => {
    const parts = phoneParts(value);
    return parts?.international === true ? `+${parts.code}` : undefined;
  },
  IBAN: (value) => /^[A-Z]{2}/i.exec(value.trim())?.[0].toUpperCase(),
  BIC: (value) => /^[A-Z0-9]{4}([A-Z]{2})/i.exec(value)?.[1]?.toUpperCase() ?? /^[A-Z]{2}$/.exec(value)?.[0],
  MAC_ADDRESS: mac,
  // Not found by this detector; for the types of a caller's own recognizers.
  DATE: date,
  POSTCODE: (value, { region }) => postcodeArea(value.toUpperCase(), region),
  AGE: age,
  NUMBER: number,
};

export const GENERALIZED_TYPES: readonly string[] = Object.keys(ROWS);

/** Throws TypeError for wrong arguments, OperatorError type_unsupported or not_in_format. */
export function generalize(type: string, value: string, options: GeneralizeOptions = {}): string {
  checkText("type", type);
  checkText("value", value);
  const row = Object.hasOwn(ROWS, type) ? ROWS[type] : undefined;
  if (row === undefined) throw new OperatorError("type_unsupported", `nothing coarser is known for ${type}`);
  const coarse = row(value, options);
  if (coarse === undefined) throw new OperatorError("not_in_format", `the value is not written like ${type}`);
  return coarse;
}
