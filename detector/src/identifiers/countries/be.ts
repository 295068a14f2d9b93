/** Belgium. */
import { isDate, numberAt, pair, type Places, remainder } from "../checksum.ts";
import type { IdentifierRow } from "../row.ts";

/** 2 × 10^9 mod 97 */
const TWO_IN_FRONT = 68;

/** Check digits count from 1900, or from 2000 with a 2 in front; `monthShift` is what BIS numbers add to the month. */
function isNiss(places: Places, monthShift: number): boolean {
  const year = pair(places, 0);
  const month = pair(places, 2) - monthShift;
  const day = pair(places, 4);
  // Month 00: the date of birth is not known.
  const unknown = month === 0;
  const rest = remainder(places, 0, 9, 97);
  const check = pair(places, 9);
  if (check === 97 - rest && (unknown || isDate(1900 + year, month, day))) return true;
  return check === 97 - ((rest + TWO_IN_FRONT) % 97) && (unknown || isDate(2000 + year, month, day));
}

const LABELS = [
  "rijksregisternummer",
  "rijksregister nr",
  "rijksregister",
  "nationaal nummer",
  "insz",
  "insz nummer",
  "niss",
  "numéro national",
  "n national",
  "nr national",
  "numéro de registre national",
  "registre national",
  "numéro niss",
  "nationalregisternummer",
  "nationalregister nr",
  "belgian national number",
  "national register number",
];
const SHAPES = [
  "###########",
  "##.##.##-###.##",
  "##.##.##-###-##",
  "##.##.## ###.##",
  "######-###.##",
  "######-###-##",
  "###### ### ##",
  "## ## ## ### ##",
  "##.##.##.###.##",
];

export const BE: readonly IdentifierRow[] = [
  {
    id: "be-rrn",
    country: "BE",
    name: "Rijksregisternummer / Numéro de registre national (INSZ, NISS)",
    type: "NATIONAL_ID",
    shapes: SHAPES.map((shape) => `!${shape}`),
    checkDigits: "mod 97, two digits",
    structure: "date of birth",
    check: (places) => isNiss(places, 0),
    alone: (places) => pair(places, 2) > 0 && numberAt(places, 6, 9) > 0 && numberAt(places, 6, 9) < 999,
    labels: LABELS,
    source:
      "https://www.ibz.rrn.fgov.be/fileadmin/user_upload/nl/rr/instructies/IT-lijst/IT000_Rijksregisternummer.pdf",
  },
  {
    id: "be-bis",
    country: "BE",
    name: "BIS-nummer / Numéro BIS",
    type: "NATIONAL_ID",
    shapes: SHAPES,
    checkDigits: "mod 97, two digits",
    structure: "date of birth, month + 20 or + 40",
    check: (places) => isNiss(places, 20) || isNiss(places, 40),
    labels: ["bis nummer", "bis nr", "numéro bis", "bisnummer", ...LABELS],
    source: "https://www.ksz-bcss.fgov.be/",
  },
  {
    id: "be-eid",
    country: "BE",
    name: "Identiteitskaartnummer / Numéro de carte d'identité",
    type: "ID_CARD_NUMBER",
    shapes: ["###-#######-##", "### ####### ##", "############"],
    checkDigits: "mod 97, two digits",
    check: (places) => pair(places, 10) === (remainder(places, 0, 10, 97) || 97),
    labels: [
      "identiteitskaartnummer",
      "identiteitskaart",
      "nummer identiteitskaart",
      "eid",
      "eid kaartnummer",
      "kaartnummer eid",
      "numéro de carte d'identité",
      "carte d'identité",
      "carte eid",
      "personalausweisnummer",
    ],
    source:
      "https://www.ibz.rrn.fgov.be/fileadmin/user_upload/nl/rr/instructies/IT-lijst/IT195_Identiteitsbewijs_20240115.pdf",
  },
];
