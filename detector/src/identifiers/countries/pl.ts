/** Poland. */
import { isDate, pair, type Places, weighted } from "../checksum.ts";
import { EU_TIN, type IdentifierRow, PRADO } from "../row.ts";

const PESEL_WEIGHTS = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1];
const NIP_WEIGHTS = [6, 5, 7, 2, 3, 4, 5, 6, 7, -1];
const CARD_WEIGHTS = [7, 3, 1, 9, 7, 3, 1, 7, 3];
/** Century by what is added to the month: 1900, 2000, 2100, 2200, 1800. */
const CENTURIES = [1900, 2000, 2100, 2200, 1800] as const;

function isPesel(places: Places): boolean {
  const month = pair(places, 2);
  const century = CENTURIES[Math.floor(month / 20)] as number;
  return isDate(century + pair(places, 0), month % 20, pair(places, 4)) && weighted(places, PESEL_WEIGHTS) % 10 === 0;
}

export const PL: readonly IdentifierRow[] = [
  {
    id: "pl-pesel",
    country: "PL",
    name: "PESEL",
    type: "NATIONAL_ID",
    shapes: ["###########", "###### #####"],
    checkDigits: "weighted mod 10",
    structure: "date of birth",
    check: isPesel,
    labels: ["pesel", "pesel nr", "numer pesel", "peselu", "peselem", "numer ewidencyjny"],
    source: "https://www.gov.pl/web/gov/czym-jest-numer-pesel",
  },
  {
    id: "pl-nip",
    country: "PL",
    name: "Numer identyfikacji podatkowej (NIP)",
    type: "TAX_ID",
    shapes: ["##########", "###-###-##-##", "###-##-##-###", "### ### ## ##", "### ## ## ###", "PL##########"],
    checkDigits: "weighted mod 11",
    check: (places) => weighted(places, NIP_WEIGHTS) % 11 === 0,
    labels: [
      "nip",
      "numer identyfikacji podatkowej",
      "numer nip",
      "numeru identyfikacji podatkowej",
      "polish tax number",
    ],
    source: EU_TIN,
  },
  {
    id: "pl-dowod",
    country: "PL",
    name: "Dowód osobisty",
    type: "ID_CARD_NUMBER",
    shapes: ["@@@######", "@@@ ######", "@@@-######"],
    checkDigits: "7-3-1 mod 10",
    check: (places) => weighted(places, CARD_WEIGHTS) % 10 === 0,
    labels: [
      "dowód osobisty",
      "dowodu osobistego",
      "dowodem osobistym",
      "dowód",
      "dowodu",
      "nr dowodu",
      "seria i numer dowodu",
      "seria i nr dowodu",
      "seria i numer",
      "seria i nr",
      "dokument tożsamości",
      "polish id card",
    ],
    source: PRADO,
  },
];
