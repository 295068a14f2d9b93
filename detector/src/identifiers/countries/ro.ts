/** Romania. */
import { isDate, isMilliseconds, pair, type Places, weighted } from "../checksum.ts";
import { type IdentifierRow, oecd, PRADO } from "../row.ts";

const WEIGHTS = [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9];

/** Sex and century, YYMMDD, county, serial, check digit. */
function isCnp(places: Places): boolean {
  const first = places[0] as number;
  const county = pair(places, 7);
  if (first === 0 || county < 1 || (county > 48 && county !== 51 && county !== 52 && county !== 70)) return false;
  const century = first === 3 || first === 4 ? 1800 : first === 5 || first === 6 ? 2000 : 1900;
  if (!isDate(century + pair(places, 1), pair(places, 3), pair(places, 5))) return false;
  const rest = weighted(places, WEIGHTS) % 11;
  return (rest === 10 ? 1 : rest) === places[12];
}

export const RO: readonly IdentifierRow[] = [
  {
    id: "ro-cnp",
    country: "RO",
    name: "Cod numeric personal (CNP)",
    type: "NATIONAL_ID",
    shapes: ["!#############", "# ###### ######", "# ###### ## ####"],
    checkDigits: "weighted mod 11",
    structure: "sex and century, date of birth, county",
    check: isCnp,
    // Citizens born since 1900.
    alone: (places) => [1, 2, 5, 6].includes(places[0] as number) && !isMilliseconds(places),
    labels: ["cnp", "cod numeric personal", "codul numeric personal", "c.n.p.", "nif", "romanian personal code"],
    source: oecd("romania"),
  },
  {
    id: "ro-ci",
    country: "RO",
    name: "Carte de identitate (seria și numărul)",
    type: "ID_CARD_NUMBER",
    shapes: ["@@######", "@@ ######", "@@-######", "@@#######"],
    labels: [
      "carte de identitate",
      "cartea de identitate",
      "carte identitate",
      "buletin",
      "seria",
      "ci seria",
      "c.i. seria",
      "act de identitate",
      "c.i.",
      "romanian id card",
    ],
    source: PRADO,
  },
];
