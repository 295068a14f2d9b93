/**
 * National numbers of Denmark, Norway, Sweden, Finland, Iceland, Estonia, Latvia and Lithuania, computed from their official
 * definitions.
 */
import type { Choices } from "../random.ts";
import { luhn, remainder, weighted } from "./check-digits.ts";
import { birthday, type Kind, two, until } from "./kind.ts";

/** CPR-kontoret: the seventh digit names the century; since 2007 numbers are issued that do not pass mod 11. */
function danishRegister(random: Choices): string {
  return until(() => {
    const { dd, mm, yy, year } = birthday(random);
    const century = year < 2000 ? random.int(0, 3) : random.int(4, 7);
    if (year >= 2000 && Number(yy) > 36) return undefined;
    const body = `${dd}${mm}${yy}${century}${random.digits(2)}`;
    const check = 11 - (weighted(body, [4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11);
    if (check === 10) return undefined;
    const serial = body.slice(6) + String(check % 11);
    return `${body.slice(0, 6)}${random.pick(["-", "-", ""])}${serial}`;
  });
}

/** Skatteetaten: individual number by century, two check digits mod 11. A D-number adds 4 to the first digit. */
function norwegianBirth(random: Choices): string {
  return until(() => {
    const { dd, mm, yy, year } = birthday(random, 1940, 2024);
    const individual = year < 2000 ? random.int(0, 499) : random.int(500, 999);
    const day = random.int(0, 9) === 0 ? two(Number(dd) + 40) : dd;
    const body = day + mm + yy + String(individual).padStart(3, "0");
    const first = (11 - (weighted(body, [3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11)) % 11;
    if (first === 10) return undefined;
    const second = (11 - (weighted(body + String(first), [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
    if (second === 10) return undefined;
    const number = `${body}${first}${second}`;
    return random.pick([number, `${number.slice(0, 6)} ${number.slice(6)}`]);
  });
}

/** SFS 1991:481 § 18: Luhn over the nine digits. A coordination number adds 60 to the day. */
function swedishPersonal(random: Choices): string {
  const { dd, mm, yy, year } = birthday(random);
  const day = random.int(0, 9) === 0 ? two(Number(dd) + 60) : dd;
  const body = yy + mm + day + random.digits(3);
  const number = `${body.slice(0, 6)}-${body.slice(6)}${luhn(body)}`;
  const century = String(year).slice(0, 2);
  return random.pick([number, century + number, century + number.replace("-", "")]);
}

/** Valtioneuvoston asetus 128/2010, signs of 2023: number of nine digits mod 31 names the character. */
function finnishIdentity(random: Choices): string {
  const { dd, mm, yy, year } = birthday(random);
  const sign = year < 2000 ? random.pick(["-", "-", "-", "Y", "X"]) : random.pick(["A", "A", "A", "B"]);
  const serial = String(random.int(2, 899)).padStart(3, "0");
  return `${dd}${mm}${yy}${sign}${serial}${"0123456789ABCDEFHJKLMNPRSTUVWXY"[remainder(dd + mm + yy + serial, 31)]}`;
}

/** Þjóðskrá: weights 3 2 7 6 5 4 3 2, and the century behind. */
function icelandicIdentity(random: Choices): string {
  return until(() => {
    const { dd, mm, yy, year } = birthday(random);
    const body = dd + mm + yy + String(random.int(20, 99));
    const check = (11 - (weighted(body, [3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
    if (check === 10) return undefined;
    return `${body.slice(0, 6)}${random.pick(["-", "-", ""])}${body.slice(6)}${check}${year < 2000 ? 9 : 0}`;
  });
}

/** Estonian and Lithuanian personal codes: weights 1…9, 1, and where that leaves 10 once more with 3…9, 1, 2, 3. */
function balticCode(random: Choices): string {
  const { yy, mm, dd, year } = birthday(random);
  const body = `${(year < 2000 ? 3 : 5) + random.int(0, 1)}${yy}${mm}${dd}${random.digits(3)}`;
  const once = weighted(body, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
  return body + String(once < 10 ? once : (weighted(body, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11) % 10);
}

/** Personas kods until 2017: date, century, serial, check; since then 32 and nine digits that mean nothing. */
function latvianCode(random: Choices): string {
  const { dd, mm, yy, year } = birthday(random, 1931, 2016);
  const body = `${dd}${mm}${yy}${year < 2000 ? 1 : 2}${random.digits(3)}`;
  const check = ((1 + weighted(body, [10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11) % 10;
  return random.pick([
    `${body.slice(0, 6)}-${body.slice(6)}${check}`,
    `${body.slice(0, 6)}-${body.slice(6)}${check}`,
    `32${random.digits(4)}-${random.digits(5)}`,
  ]);
}

export const NORTH: readonly Kind[] = [
  {
    name: "DK CPR",
    type: "NATIONAL_ID",
    also: ["SOCIAL_SECURITY_NUMBER", "TAX_ID", "HEALTH_ID"],
    languages: ["da"],
    labels: ["CPR-nummer", "CPR-nr.", "CPR", "personnummer", "cpr"],
    keys: ["cpr", "cprNummer"],
    bare: false,
    make: danishRegister,
  },
  {
    name: "NO fødselsnummer",
    type: "NATIONAL_ID",
    also: ["SOCIAL_SECURITY_NUMBER", "TAX_ID", "HEALTH_ID"],
    languages: ["nb"],
    labels: ["fødselsnummer", "fødselsnr.", "personnummer", "fnr", "fødsels- og personnummer"],
    keys: ["fodselsnummer", "fnr"],
    bare: false,
    make: norwegianBirth,
  },
  {
    name: "SE personnummer",
    type: "NATIONAL_ID",
    also: ["SOCIAL_SECURITY_NUMBER", "TAX_ID", "HEALTH_ID"],
    languages: ["sv"],
    labels: ["personnummer", "pers.nr", "personnr", "samordningsnummer"],
    keys: ["personnummer", "personNumber", "pnr"],
    bare: false,
    make: swedishPersonal,
  },
  {
    name: "FI henkilötunnus",
    type: "NATIONAL_ID",
    also: ["SOCIAL_SECURITY_NUMBER", "TAX_ID", "HEALTH_ID"],
    languages: ["fi"],
    labels: ["henkilötunnus", "hetu", "HETU", "sotu", "henkilötunnukseni"],
    keys: ["hetu", "henkilotunnus"],
    bare: true,
    make: finnishIdentity,
  },
  {
    name: "IS kennitala",
    type: "NATIONAL_ID",
    also: ["SOCIAL_SECURITY_NUMBER", "TAX_ID"],
    languages: ["is"],
    labels: ["kennitala", "kt.", "Kennitala", "kennitalan"],
    keys: ["kennitala", "kt"],
    bare: false,
    make: icelandicIdentity,
  },
  {
    name: "EE isikukood",
    type: "NATIONAL_ID",
    also: ["TAX_ID", "SOCIAL_SECURITY_NUMBER"],
    languages: ["et"],
    labels: ["isikukood", "Isikukood", "IK", "isikukoodiga"],
    keys: ["isikukood", "personalCode"],
    bare: false,
    make: balticCode,
  },
  {
    name: "LT asmens kodas",
    type: "NATIONAL_ID",
    also: ["TAX_ID", "SOCIAL_SECURITY_NUMBER"],
    languages: ["lt"],
    labels: ["asmens kodas", "a. k.", "a.k.", "Asmens kodas"],
    keys: ["asmens_kodas", "asmensKodas"],
    bare: false,
    make: balticCode,
  },
  {
    name: "LV personas kods",
    type: "NATIONAL_ID",
    also: ["TAX_ID", "SOCIAL_SECURITY_NUMBER"],
    languages: ["lv"],
    labels: ["personas kods", "p.k.", "personas kodu", "Personas kods"],
    keys: ["personas_kods", "personasKods"],
    bare: false,
    make: latvianCode,
  },
];
