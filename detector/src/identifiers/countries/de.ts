/** Germany. */
import { icao, isDate, mod11And10, pair, type Places } from "../checksum.ts";
import { type IdentifierRow, oecd, type Verdict } from "../row.ts";

/** Of the first ten digits one occurs twice or three times, the others once; three times since 2016. */
function isIdNr(places: Places): boolean {
  if (places[0] === 0 || !mod11And10(places)) return false;
  let seen = 0;
  let twice = 0;
  let thrice = 0;
  for (let i = 0; i < 10; i++) {
    const bit = 1 << (places[i] as number);
    if ((thrice & bit) !== 0) return false;
    if ((twice & bit) !== 0) thrice |= bit;
    else if ((seen & bit) !== 0) twice |= bit;
    seen |= bit;
  }
  return twice !== 0 && (twice & (twice - 1)) === 0;
}

const PENSION_WEIGHTS = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1] as const;
/** Numbers of the insurers' areas, annex to the VKVV: https://www.gesetze-im-internet.de/vkvv/anlage.html */
const PENSION_AREAS = new Set([
  2,
  3,
  4,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
  17,
  18,
  19,
  20,
  21,
  23,
  24,
  25,
  26,
  28,
  29,
  38,
  39,
  40,
  80,
  81,
  82,
  89,
  ...Array.from({ length: 38 }, (_, index) => 42 + index),
]);

/** Sum of the digits of place × weight, where a letter stands for two digits: A 01 … Z 26. */
function digitSum(value: number): number {
  return value > 9 ? Math.floor(value / 10) + (value % 10) : value;
}

function isPensionNumber(places: Places): boolean {
  if (!PENSION_AREAS.has(pair(places, 0))) return false;
  // The day is + 50 where a day's numbers ran out.
  if (!isDate(pair(places, 6), pair(places, 4), pair(places, 2) % 50)) return false;
  const letter = (places[8] as number) - 9;
  let sum = 0;
  for (let i = 0; i < 12; i++) {
    let digit = places[i < 8 ? i : i - 1] as number;
    if (i === 8) digit = Math.floor(letter / 10);
    else if (i === 9) digit = letter % 10;
    sum += digitSum(digit * (PENSION_WEIGHTS[i] as number));
  }
  return sum % 10 === places[11];
}

/** Letter as two digits, then weights 1 and 2 in turn. GKV-Spitzenverband, Prüfziffernberechnung der KVNR. */
function isHealthNumber(places: Places): boolean {
  const letter = (places[0] as number) - 9;
  let sum = digitSum(Math.floor(letter / 10)) + digitSum((letter % 10) * 2);
  for (let i = 1; i < 9; i++) sum += digitSum((places[i] as number) * (i % 2 === 1 ? 1 : 2));
  return sum % 10 === places[9];
}

/** No letters that can be taken for digits, no vowels. */
const CARD_LETTERS = new Set([..."CFGHJKLMNPRTVWXYZ"].map((char) => Number.parseInt(char, 36)));

/** Nine characters, and behind them their check digit where it is given. Ten digits are the cards before 2010. */
function isCardNumber(places: Places): Verdict {
  let digits = 0;
  for (let i = 0; i < 9; i++) {
    const place = places[i] as number;
    if (place < 10) digits++;
    else if (!CARD_LETTERS.has(place)) return false;
  }
  if (digits === 0) return false;
  return places.length === 9 ? "structure" : icao(places, 0, 9) === places[9];
}

/** Thirteen digits are those of the tax office's software: state, 0, district, serial, check digit. */
function isTaxNumber(places: Places): Verdict {
  if (places.length < 13) return "form";
  return places[4] === 0 && "structure";
}

export const DE: readonly IdentifierRow[] = [
  {
    id: "de-idnr",
    country: "DE",
    name: "Steuerliche Identifikationsnummer (IdNr)",
    type: "TAX_ID",
    shapes: ["###########", "## ### ### ###", "##-###-###-###", "##.###.###.###", "## ### ######", "## #########"],
    checkDigits: "ISO 7064 MOD 11,10",
    structure: "one digit twice or three times among the first ten",
    check: isIdNr,
    labels: [
      "steuer id",
      "steuerid",
      "steuer idnr",
      "steuer id nr",
      "steuer identifikationsnummer",
      "steueridentifikationsnummer",
      "steuerliche identifikationsnummer",
      "steuerlichen identifikationsnummer",
      "steuerliche id",
      "steuer ident nr",
      "identifikationsnummer",
      "identifikations nr",
      "idnr",
      "id nr",
      "persönliche identifikationsnummer",
      "german tax id",
    ],
    source:
      "https://www.bzst.de/DE/Privatpersonen/SteuerlicheIdentifikationsnummer/steuerlicheidentifikationsnummer_node.html",
  },
  {
    id: "de-rvnr",
    country: "DE",
    name: "Versicherungsnummer der Rentenversicherung",
    type: "SOCIAL_SECURITY_NUMBER",
    shapes: [
      "!########@###",
      "!## ###### @ ###",
      "## ######@###",
      "## ###### @###",
      "##-######-@-###",
      "########@ ###",
      "## ## ## ## @ ###",
    ],
    checkDigits: "weighted mod 10",
    structure: "area, date of birth, letter of the name",
    check: isPensionNumber,
    alone: (places) => pair(places, 2) < 32,
    particular: "a date of birth, one letter and a check digit at their places",
    labels: [
      "rentenversicherungsnummer",
      "rentenversicherungs nr",
      "rv nummer",
      "rv nr",
      "rvnr",
      "rvnummer",
      "sozialversicherungsnummer",
      "sozialversicherungs nr",
      "sv nummer",
      "sv nr",
      "svnr",
      "vsnr",
      "versicherungsnummer",
      "sozialversicherungsausweis",
      "german social security number",
      "german pension insurance number",
    ],
    source: "https://www.gesetze-im-internet.de/vkvv/anlage.html",
  },
  {
    id: "de-kvnr",
    country: "DE",
    name: "Krankenversichertennummer (KVNR)",
    type: "HEALTH_ID",
    shapes: ["@#########", "@ #########", "@### ### ###", "@ ### ### ###", "@###-###-###"],
    checkDigits: "Luhn-like mod 10",
    check: isHealthNumber,
    labels: [
      "krankenversichertennummer",
      "krankenversicherten nr",
      "krankenversicherungsnummer",
      "krankenversicherungs nr",
      "krankenkassennummer",
      "kvnr",
      "kv nr",
      "kv nummer",
      "versichertennummer",
      "versicherten nr",
      "versicherten id",
      "gesundheitskarte",
      "egk nummer",
      "german health insurance number",
    ],
    source: "https://www.gesetze-im-internet.de/sgb_5/__290.html",
  },
  {
    id: "de-personalausweis",
    country: "DE",
    name: "Personalausweisnummer (Seriennummer)",
    type: "ID_CARD_NUMBER",
    shapes: ["@********", "@*********", "@*********D", "##########", "##########D"],
    checkDigits: "7-3-1 mod 10, where it is given",
    structure: "letters without vowels",
    check: isCardNumber,
    labels: [
      "personalausweis",
      "personalausweisnummer",
      "personalausweis nr",
      "ausweisnummer",
      "ausweis nr",
      "ausweis",
      "perso nr",
      "personalausweises",
      "ausweisdokument",
      "dokumentennummer",
      "german id card",
    ],
    source:
      "https://www.bmi.bund.de/SharedDocs/downloads/DE/veroeffentlichungen/themen/moderne-verwaltung/ausweise/personalausweis-seriennummer.pdf",
  },
  {
    id: "de-steuernummer",
    country: "DE",
    name: "Steuernummer",
    type: "TAX_ID",
    shapes: [
      "##/###/#####",
      "#####/#####",
      "###/###/#####",
      "###/####/####",
      "##/###/####",
      "## ### #####",
      "### ### #####",
      "###/### #####",
      "### ### ### ## #",
      "## ### ##### #",
      "##########",
      "###########",
      "#############",
    ],
    structure: "of thirteen digits the fifth is 0",
    check: isTaxNumber,
    labels: [
      "steuernummer",
      "steuer nr",
      "steuernr",
      "st nr",
      "stnr",
      "st nummer",
      "elster nummer",
      "steuernummer beim finanzamt",
      "german tax number",
    ],
    source: oecd("germany"),
  },
];
