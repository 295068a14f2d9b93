/** Norway. */
import { isDate, numberAt, pair, type Places, weighted } from "../checksum.ts";
import { type IdentifierRow, oecd, PRADO } from "../row.ts";

const FIRST = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1];
const SECOND = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];

/** The three digits behind the date say the century. D-numbers' days are + 40. */
function isFodselsnummer(places: Places, dayShift: number): boolean {
  const individual = numberAt(places, 6, 9);
  const year = pair(places, 4);
  let century = 1900;
  if (individual >= 500 && individual < 750 && year > 54) century = 1800;
  else if (individual >= 500 && year < 40) century = 2000;
  else if (individual >= 500 && individual < 900) return false;
  if (!isDate(century + year, pair(places, 2), pair(places, 0) - dayShift)) return false;
  return weighted(places, FIRST) % 11 === 0 && weighted(places, SECOND) % 11 === 0;
}

const LABELS = [
  "fødselsnummer",
  "fødselsnummeret",
  "fødselsnr",
  "fødsels og personnummer",
  "fnr",
  "f.nr.",
  "personnummer",
  "personnr",
  "pers nr",
  "norwegian national identity number",
];

export const NO: readonly IdentifierRow[] = [
  {
    id: "no-fnr",
    country: "NO",
    name: "Fødselsnummer",
    type: "NATIONAL_ID",
    shapes: ["!###########", "!###### #####", "!######-#####", "!###### ## ###", "!###### ### ##"],
    checkDigits: "weighted mod 11, two digits",
    structure: "date of birth",
    check: (places) => isFodselsnummer(places, 0),
    labels: LABELS,
    source: oecd("norway"),
  },
  {
    id: "no-dnr",
    country: "NO",
    name: "D-nummer",
    type: "NATIONAL_ID",
    shapes: ["!###########", "!###### #####", "!######-#####"],
    checkDigits: "weighted mod 11, two digits",
    structure: "date of birth, day + 40",
    check: (places) => isFodselsnummer(places, 40),
    labels: ["d nummer", "d nr", "dnr", "dnummer", ...LABELS],
    source: oecd("norway"),
  },
  {
    id: "no-id-card",
    country: "NO",
    name: "Nasjonalt ID-kort",
    type: "ID_CARD_NUMBER",
    shapes: ["@@@######", "@@#######"],
    labels: ["nasjonalt id kort", "id kort", "id kortnummer", "norwegian id card"],
    source: PRADO,
  },
];
