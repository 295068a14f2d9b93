/** Italy. */
import { isDate, luhn, type Places } from "../checksum.ts";
import { type IdentifierRow, PRADO } from "../row.ts";

/** What a character at the first, third … place counts; DM 23 December 1976, art. 7. */
const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23] as const;
const MONTHS = "ABCDEHLMPRST";
/** Places that hold digits, and the letters that stand in for them where two people would have the same code. */
const DIGIT_PLACES = [6, 7, 9, 10, 12, 13, 14] as const;
const OMOCODIA = "LMNPQRSTUV";

function letterOf(place: number): string {
  return place.toString(36).toUpperCase();
}

function digitOf(place: number): number {
  return place < 10 ? place : OMOCODIA.indexOf(letterOf(place));
}

function isCodiceFiscale(places: Places): boolean {
  for (const at of DIGIT_PLACES) if (digitOf(places[at] as number) < 0) return false;
  const month = MONTHS.indexOf(letterOf(places[8] as number)) + 1;
  // Women's days are + 40.
  const day = (digitOf(places[9] as number) * 10 + digitOf(places[10] as number)) % 40;
  if (!isDate(digitOf(places[6] as number) * 10 + digitOf(places[7] as number), month, day)) return false;
  let sum = 0;
  for (let i = 0; i < 15; i++) {
    const place = places[i] as number;
    const index = place > 9 ? place - 10 : place;
    sum += i % 2 === 0 ? (ODD[index] as number) : index;
  }
  return places[15] === 10 + (sum % 26);
}

const LABELS = [
  "codice fiscale",
  "cod fiscale",
  "cod fisc",
  "cf",
  "c fiscale",
  "codfisc",
  "codicefiscale",
  "codici fiscali",
  "tessera sanitaria",
  "italian tax code",
  "fiscal code",
];

export const IT: readonly IdentifierRow[] = [
  {
    id: "it-cf",
    country: "IT",
    name: "Codice fiscale",
    type: "TAX_ID",
    shapes: ["!@@@@@@**@**@***@", "!@@@ @@@ **@** @***@"],
    checkDigits: "weighted mod 26, a letter",
    structure: "letters of the name, date of birth, place; omocodia",
    check: isCodiceFiscale,
    labels: LABELS,
    source:
      "https://www.agenziaentrate.gov.it/portale/web/guest/schede/istanze/richiesta-ts_cf/informazioni-codificazione-pf",
  },
  {
    id: "it-cf-provvisorio",
    country: "IT",
    name: "Codice fiscale numerico provvisorio",
    type: "TAX_ID",
    shapes: ["###########"],
    checkDigits: "Luhn",
    check: (places) => luhn(places),
    labels: LABELS,
    source:
      "https://www.agenziaentrate.gov.it/portale/web/guest/schede/istanze/richiesta-ts_cf/informazioni-codificazione-pf",
  },
  {
    id: "it-cie",
    country: "IT",
    name: "Carta d'identità (CIE)",
    type: "ID_CARD_NUMBER",
    shapes: ["@@#####@@", "@@#######", "@@ #######", "#######@@"],
    labels: [
      "carta d'identità",
      "carta identità",
      "carta di identità",
      "numero carta d'identità",
      "carta d'identità elettronica",
      "documento d'identità",
      "numero documento",
      "cie",
      "c.i.",
      "italian id card",
    ],
    source: PRADO,
  },
];
