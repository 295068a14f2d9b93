/**
 * Our check digits against the npm library `stdnum`, in both directions: what we call right it calls right, and what it calls
 * right we do, on numbers that are right, off by one digit, or drawn with the structure of right ones. Where the two are meant
 * to differ, `apart` says on which values, and why.
 */
import { stdnum } from "stdnum";
import { describe, expect, it } from "vitest";
import { choices } from "../test/random.ts";
import { IDENTIFIERS } from "./countries/all.ts";
import { placesOf, valueOf } from "./test/generate.ts";

interface Oracle {
  /** Module of stdnum: country, name. */
  readonly module: readonly [string, string];
  /** The value as the module wants it. */
  readonly form?: (compact: string) => string;
  readonly apart?: (compact: string) => boolean;
}

const NOW = new Date().getFullYear();
/** It refuses what would be born after today, or reads the year as of the next century; we have no clock. */
const twoDigitYear = (at: number) => (compact: string) => {
  const year = Number(compact.slice(at, at + 2));
  return year >= NOW % 100 && year <= 54;
};
const number = (compact: string, from: number, to: number): number => Number(compact.slice(from, to));

const ORACLES: Readonly<Record<string, Oracle>> = {
  "at-svnr": { module: ["AT", "vnr"], apart: (v) => number(v, 6, 8) > 12 },
  // It knows the tax offices of before 2021; there is one now, and numbers of all of them.
  "at-abgabenkonto": { module: ["AT", "tin"], apart: (v) => !/^(?:03|04|1[02]|46|68|91)/.test(v) },
  "be-rrn": { module: ["BE", "nn"], apart: (v) => twoDigitYear(0)(v) || number(v, 2, 4) === 0 },
  "be-bis": { module: ["BE", "bis"], apart: (v) => twoDigitYear(0)(v) || number(v, 2, 4) % 20 === 0 },
  "bg-egn": { module: ["BG", "egn"] },
  "bg-lnc": { module: ["BG", "pnf"] },
  "ch-ahv": { module: ["CH", "ssn"] },
  "cy-tic": { module: ["CY", "vat"] },
  "cz-rc": { module: ["CZ", "rc"], apart: twoDigitYear(0) },
  "de-idnr": { module: ["DE", "idnr"] },
  "de-personalausweis": { module: ["DE", "pwnr"] },
  "de-rvnr": { module: ["DE", "svnr"], apart: (v) => number(v, 2, 4) % 50 > 28 || number(v, 2, 4) % 50 === 0 },
  "dk-cpr": { module: ["DK", "cpr"], apart: twoDigitYear(4) },
  // It does not look at the date.
  "ee-ik": {
    module: ["EE", "ik"],
    apart: (v) => number(v, 5, 7) > 28 || number(v, 5, 7) === 0 || !/^[1-6]..(?:0[1-9]|1[0-2])/.test(v),
  },
  "es-dni": { module: ["ES", "dni"] },
  // K, L and M are in its module for the DNI, and without a check.
  "es-nie": { module: ["ES", "nie"], apart: (v) => /^[KLM]/.test(v) },
  // It divides a serial with a leading zero with that zero, the office without; and it has other codes for Ceuta and Melilla.
  "es-nuss": { module: ["ES", "nss"], apart: (v) => v[2] === "0" || /^5[1-3]/.test(v) },
  "fi-hetu": {
    module: ["FI", "hetu"],
    form: (v) => (v.length === 10 ? `${v.slice(0, 6)}-${v.slice(6)}` : v),
    apart: (v) => v.length === 10 && number(v, 4, 6) === 0,
  },
  // It does not look at the month.
  "fr-nir": { module: ["FR", "nir"], apart: (v) => !/^[1-478]..(?:0[1-9]|1[0-2])(?!00)/.test(v) },
  "fr-spi": { module: ["FR", "nif"] },
  "gb-nino": { module: ["GB", "nino"] },
  "gb-utr": { module: ["GB", "utr"] },
  "gr-afm": { module: ["GR", "vat"], apart: (v) => /^0{8}/.test(v) },
  "gr-amka": { module: ["GR", "amka"], apart: (v) => v.startsWith("2902") },
  // It knows regions of other states too.
  "hr-jmbg": { module: ["SI", "jmbg"], apart: (v) => v[7] !== "3" || !/^[^]{4}(?:9|00|01)/.test(v) },
  "hr-oib": { module: ["HR", "oib"] },
  // Of the second letters we know all that are given out.
  "ie-ppsn": { module: ["IE", "pps"], apart: (v) => v.length === 9 && !/[AHWTX]$/.test(v) },
  // Organisations, and people of the 19th century, whom it takes for those of the 21st.
  "is-kennitala": {
    module: ["IS", "kennitala"],
    apart: (v) =>
      number(v, 0, 2) > 31 ||
      !/[09]$/.test(v) ||
      v.startsWith("2902") ||
      twoDigitYear(4)(v) ||
      /4[0-9]$/.test(v.slice(4, 6)) ||
      (number(v, 4, 6) > 26 && v.endsWith("0")),
  },
  "it-cf": {
    module: ["IT", "codicefiscale"],
    apart: (v) => {
      const day = number(v, 9, 11) % 40;
      return day > 28 || day === 0 || number(v, 9, 11) > 71;
    },
  },
  // Only company numbers have a province in them.
  "it-cf-provvisorio": {
    module: ["IT", "iva"],
    apart: (v) => number(v, 7, 10) === 0 || number(v, 7, 10) > 100 || number(v, 0, 7) === 0,
  },
  "li-ahv": { module: ["CH", "ssn"] },
  "lt-ak": {
    module: ["LT", "asmens"],
    apart: (v) => /^[78]/.test(v) || (/^[56]/.test(v) && number(v, 1, 3) >= NOW % 100),
  },
  // Numbers of companies, which are no persons' numbers; those of since 2017, which it does not know.
  "lv-pk": {
    module: ["LV", "pvn"],
    apart: (v) =>
      /^(?:3[2-9]|[4-9])/.test(v) || !/^.{6}[0-2]/.test(v) || (v[6] === "2" && number(v, 4, 6) >= NOW % 100),
  },
  "nl-bsn": { module: ["NL", "bsn"] },
  "nl-btw": { module: ["NL", "btw"], form: (v) => `NL${v.slice(0, 9)}B${v.slice(9)}` },
  "no-dnr": {
    module: ["NO", "fodselsnummer"],
    apart: (v) => number(v, 0, 2) < 41 || number(v, 2, 4) > 12 || twoDigitYear(4)(v),
  },
  "no-fnr": {
    module: ["NO", "fodselsnummer"],
    apart: (v) => number(v, 0, 2) > 31 || number(v, 2, 4) > 12 || twoDigitYear(4)(v),
  },
  "pl-nip": { module: ["PL", "nip"] },
  "pl-pesel": {
    module: ["PL", "pesel"],
    apart: (v) => number(v, 2, 4) > 32 || (number(v, 2, 4) > 20 && twoDigitYear(0)(v)) || number(v, 2, 4) > 40,
  },
  "pt-cc": { module: ["PT", "cc"] },
  "pt-nif": { module: ["PT", "nif"] },
  // County 70 is given to those born abroad.
  "ro-cnp": {
    module: ["RO", "cnp"],
    apart: (v) => number(v, 7, 9) === 70 || (/^[56]/.test(v) && number(v, 1, 3) >= NOW % 100),
  },
  "se-pnr": {
    module: ["SE", "personnummer"],
    form: (v) => `${v.slice(0, -4)}-${v.slice(-4)}`,
    apart: (v) => !/^(?:18|19|20[01])/.test(v),
  },
  "si-davcna": { module: ["SI", "ddv"], apart: (v) => v.startsWith("0") },
  "si-emso": { module: ["SI", "emso"], apart: (v) => v[7] !== "5" || !/^[^]{4}(?:9|00|01)/.test(v) },
  // It wants the digits with which numbers for value added tax begin; a person's begins with 1.
  "sk-dic": { module: ["SK", "dph"], apart: (v) => !/^[2-4789]/.test(v) },
  "sk-rc": { module: ["SK", "rc"], apart: twoDigitYear(0) },
};

const NUMBERS = 700;
const NUMBERS_MIN = 500;

describe("stdnum agrees", () => {
  it.each(Object.entries(ORACLES))("%s", (id, { module: [country, name], form, apart }) => {
    const row = IDENTIFIERS.find((one) => one.id === id);
    const oracle = stdnum[country]?.[name];
    if (row?.check === undefined || oracle === undefined) throw new Error(`no row or no module for ${id}`);
    const random = choices([...id].reduce((sum, char) => sum * 31 + char.charCodeAt(0), 7));
    let compared = 0;
    let right = 0;
    for (let i = 0; i < NUMBERS * 4 && compared < NUMBERS; i++) {
      let value = valueOf(row, random);
      if (i % 2 === 1) {
        const at = random.int(0, value.length - 1);
        if (/\d/.test(value[at] ?? "")) value = value.slice(0, at) + random.digits(1) + value.slice(at + 1);
      }
      if (apart?.(value) === true) continue;
      compared++;
      const ours = row.check(placesOf(value)) !== false;
      if (ours) right++;
      expect(oracle.validate(form?.(value) ?? value).isValid, value).toBe(ours);
    }
    expect(compared).toBeGreaterThanOrEqual(NUMBERS_MIN);
    expect(right).toBeGreaterThanOrEqual(NUMBERS_MIN / 2);
  });
});
