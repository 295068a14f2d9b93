/** Luxembourg. */
import { isDate, isMilliseconds, luhn, numberAt, pair, type Places, verhoeff } from "../checksum.ts";
import { EU_TIN, type IdentifierRow, PRADO } from "../row.ts";

/** YYYYMMDD, serial, Luhn over twelve, Verhoeff over the first eleven. Law of 19 June 2013, art. 2 */
function isMatricule(places: Places): boolean {
  const year = numberAt(places, 0, 4);
  return (
    year >= 1850 &&
    isDate(year, pair(places, 4), pair(places, 6)) &&
    luhn(places, 0, 12) &&
    verhoeff(places, 0, 11, places[12] as number)
  );
}

export const LU: readonly IdentifierRow[] = [
  {
    id: "lu-matricule",
    country: "LU",
    name: "Numéro d'identification national (matricule)",
    type: "NATIONAL_ID",
    shapes: [
      "!#############",
      "!#### ## ## ### ##",
      "!#### ## ## #####",
      "!######## #####",
      "!######## ### ##",
      "!####.##.##.###.##",
      "!#### #### #####",
      "!########-#####",
    ],
    checkDigits: "Luhn and Verhoeff",
    structure: "date of birth",
    check: isMatricule,
    alone: (places) => !isMilliseconds(places),
    labels: [
      "matricule",
      "numéro matricule",
      "matricule nationale",
      "numéro d'identification national",
      "matrikelnummer",
      "nationale identifikationsnummer",
      "sozialversicherungsnummer",
      "numéro de sécurité sociale",
      "matrikel",
      "luxembourg national identification number",
    ],
    source: EU_TIN,
  },
  {
    id: "lu-id-card",
    country: "LU",
    name: "Carte d'identité",
    type: "ID_CARD_NUMBER",
    shapes: ["@@@@@@###", "@@@@@####", "@@@@#####"],
    labels: ["carte d'identité", "identitéitskaart", "numéro de carte d'identité", "luxembourg id card"],
    source: PRADO,
  },
];
