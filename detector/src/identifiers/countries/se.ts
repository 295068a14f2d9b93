/** Sweden. */
import { isDate, luhn, numberAt, pair, type Places } from "../checksum.ts";
import type { IdentifierRow } from "../row.ts";

/** Luhn over the last ten; coordination numbers' days are + 60. Twelve digits begin with the century. */
function isPersonnummer(places: Places): boolean {
  const at = places.length - 10;
  const day = pair(places, at + 4);
  const year = at === 0 ? pair(places, 0) : numberAt(places, 0, 4);
  return isDate(year, pair(places, at + 2), day > 60 ? day - 60 : day) && luhn(places, at);
}

/** What computers write as date and time, 200512312359, is none; nor is a day of the years in which they wrote most. */
function isNoTimestamp(places: Places): boolean {
  if (places.length < 12) return false;
  const year = numberAt(places, 0, 4);
  return year >= 1900 && year < 2010 && !(pair(places, 8) < 24 && pair(places, 10) < 60);
}

export const SE: readonly IdentifierRow[] = [
  {
    id: "se-pnr",
    country: "SE",
    name: "Personnummer, samordningsnummer",
    type: "NATIONAL_ID",
    shapes: [
      "######-####",
      "######+####",
      "##########",
      "!########-####",
      "!############",
      "!######## ####",
      "###### ####",
      "SE##########01",
    ],
    checkDigits: "Luhn",
    structure: "date of birth, day + 60 in coordination numbers",
    check: isPersonnummer,
    alone: isNoTimestamp,
    labels: [
      "personnummer",
      "personnr",
      "pnr",
      "person nr",
      "pers nr",
      "personnumret",
      "samordningsnummer",
      "samordningsnr",
      "födelsenummer",
      "swedish personal identity number",
      "momsregistreringsnummer",
    ],
    source: "https://www.skatteverket.se/privat/folkbokforing/personnummer.4.3810a01c150939e893f18c29.html",
  },
];
