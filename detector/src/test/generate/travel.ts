/**
 * Passports, driving licences and number plates. None but the British licence has a check that people write down, so each stands behind
 * what it is called. Formats: Council of the EU, PRADO, https://www.consilium.europa.eu/prado/, and the plate laws of each country.
 */
import type { Choices } from "../random.ts";
import { icao } from "./check-digits.ts";
import { birthday, type Kind, UPPER } from "./kind.ts";

/** `A` a letter, `9` a digit, `#` one of the characters of German serials; anything else stands for itself. */
function filled(random: Choices, pattern: string): string {
  return [...pattern]
    .map((char) => {
      if (char === "A") return random.pick([..."ABCDEFGHJKLMNPRSTVWXYZ"]);
      if (char === "9") return random.digits(1);
      return char === "#" ? random.chars("0123456789CFGHJKLMNPRTVWXYZ", 1) : char;
    })
    .join("");
}

function rows(
  type: string,
  keys: readonly string[],
  formats: Readonly<Record<string, readonly [languages: string, ...patterns: readonly string[]]>>,
): Kind[] {
  return Object.entries(formats).map(([country, [languages, ...patterns]]) => ({
    name: `${country} ${type.toLowerCase().replaceAll("_", " ")}`,
    type,
    languages: languages.split(" "),
    keys,
    bare: false,
    make: (random) => filled(random, random.pick(patterns)),
  }));
}

const PASSPORTS = rows("PASSPORT_NUMBER", ["passportNumber", "passport_no", "passport"], {
  FR: ["fr", "99AA99999"],
  IT: ["it", "YA9999999", "YB9999999"],
  ES: ["es", "AAA999999", "AAA999999"],
  NL: ["nl", "NA9A99AA9", "BA99AA999"],
  GB: ["en", "599999999", "199999999"],
  IE: ["en", "PA9999999", "LB9999999"],
  PL: ["pl", "EA9999999", "AA 9999999"],
  SE: ["sv", "99999999", "AA9999999"],
  DK: ["da", "299999999"],
  NO: ["nb", "99999999", "CAA999999"],
  FI: ["fi", "FP9999999", "PA9999999"],
  AT: ["de", "U9999999", "P 9999999"],
  CH: ["de fr it", "X9999999", "S0A99A99"],
  BE: ["nl fr", "EA999999", "GA999999"],
  PT: ["pt", "CA999999", "P999999"],
  CZ: ["cs", "49999999", "39999999"],
  SK: ["sk", "BA9999999"],
  HU: ["hu", "BA999999", "BH9999999"],
  RO: ["ro", "059999999", "05 9999999"],
  BG: ["bg", "389999999"],
  GR: ["el", "AA9999999", "AE9999999"],
  HR: ["hr", "029999999"],
  SI: ["sl", "PB9999999"],
  EE: ["et", "KE9999999"],
  LV: ["lv", "LV9999999"],
  LT: ["lt", "29999999"],
  IS: ["is", "A9999999"],
});

const GERMAN_PASSPORT: Kind = {
  name: "DE passport number",
  type: "PASSPORT_NUMBER",
  languages: ["de"],
  keys: ["passportNumber", "reisepassnummer"],
  bare: false,
  make: (random) => {
    const serial = filled(random, `${random.pick([..."CFGHJK"])}########`);
    return random.pick([serial, serial, serial + icao(serial)]);
  },
};

/** Five letters of the surname, decade, month (women plus 5), day, year, initials, and two characters that check the rest. */
const BRITISH_LICENCE: Kind = {
  name: "GB driving licence number",
  type: "DRIVING_LICENCE_NUMBER",
  languages: ["en"],
  keys: ["drivingLicence", "driving_licence_number"],
  bare: false,
  make: (random) => {
    const { yy, month, dd } = birthday(random, 1940, 2005);
    const surname = random.pick(["MORGA", "PATEL", "OBRIE", "TAYLO", "LEE99", "FOX99", "WALKE", "HUGHE"]);
    const shown = String(month + random.pick([0, 50])).padStart(2, "0");
    return `${surname}${yy[0]}${shown}${dd}${yy[1]}${random.chars(UPPER, 1)}${random.pick(["9", "A", "J", "M"])}9${random.chars(UPPER, 2)}`;
  },
};

// Spain and Sweden number their licences with the identity number, which the identifiers have already.
const LICENCES = rows("DRIVING_LICENCE_NUMBER", ["drivingLicenceNumber", "driving_licence_no", "driverLicense"], {
  DE: ["de", "B0##AA9I9#9", "J###99AA9#1"],
  AT: ["de", "99999999", "99/999999"],
  FR: ["fr", "139999999999", "99AA99999"],
  IT: ["it", "U19999999A", "MI9999999A", "U1A99A999A"],
  NL: ["nl", "5999999999", "4999999999"],
  BE: ["nl fr", "1999999999", "0999999999"],
  PL: ["pl", "99999/99/9999"],
  PT: ["pt", "L-9999999", "P-9999999"],
  IE: ["en", "999999999"],
  CZ: ["cs", "EA 999999", "EH999999"],
  SK: ["sk", "A9999999"],
  HU: ["hu", "CA999999"],
  RO: ["ro", "B99999999A", "C99999999A"],
  BG: ["bg", "28999999", "289999999"],
  GR: ["el", "999999999"],
  HR: ["hr", "19999999"],
  SI: ["sl", "S999999999"],
  DK: ["da", "29999999"],
  NO: ["nb", "99 99 999999 9"],
  EE: ["et", "ET999999"],
  LV: ["lv", "AA999999"],
  LT: ["lt", "99999999"],
});

const PLATES = rows("LICENCE_PLATE", ["licencePlate", "license_plate", "plateNumber"], {
  DE: ["de", "M-AA 9999", "HH AA 999", "B-A 999E", "KÖ-AA 99", "WES-A 9999"],
  AT: ["de", "W-99999A", "GU 999AA", "L-999 AA"],
  CH: ["de fr it", "ZH 999999", "GE 99999", "BE 999 999"],
  FR: ["fr", "AA-999-AA", "AA 999 AA"],
  IT: ["it", "AA 999 AA", "AA999AA"],
  ES: ["es", "9999 BCD", "9999KLM", "9999-FGH"],
  NL: ["nl", "99-AA-99", "AA-999-A", "9-AAA-99"],
  BE: ["nl fr", "1-AAA-999", "2-AAA-999"],
  GB: ["en", "AA19 AAA", "LB72AAA"],
  IE: ["en", "181-D-99999", "231-C-9999"],
  PL: ["pl", "WA 9999A", "KR 99999", "PO 9AA99"],
  PT: ["pt", "99-AA-99", "AA-99-AA"],
  SE: ["sv", "AAA 999", "AAA 99A", "AAA999"],
  DK: ["da", "AA 99 999", "AA99999"],
  NO: ["nb", "AA 99999", "EL 99999"],
  FI: ["fi", "AAA-999", "ABC-99"],
  CZ: ["cs", "1A9 9999", "5S9 9999"],
  SK: ["sk", "BA 999AA", "AA 999AA"],
  HU: ["hu", "AAA-999", "AA AA-999"],
  RO: ["ro", "B 999 AAA", "CJ 99 AAA"],
  BG: ["bg", "СА 9999 ВХ", "PB 9999 AX"],
  GR: ["el", "ΙΖΑ-9999", "ΥΒΚ 9999"],
  HR: ["hr", "ZG 9999-AA", "ST-999-AA"],
  SI: ["sl", "LJ AA-999", "MB 99-AAA"],
  EE: ["et", "999 AAA", "999AAA"],
  LV: ["lv", "AA-9999", "AA 999"],
  LT: ["lt", "AAA 999", "AAA999"],
  IS: ["is", "AA-A99", "AA 999"],
});

export const TRAVEL: readonly Kind[] = [...PASSPORTS, GERMAN_PASSPORT, ...LICENCES, BRITISH_LICENCE, ...PLATES];
