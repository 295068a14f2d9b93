/** Denmark. */
import { isDate, pair, type Places } from "../checksum.ts";
import type { IdentifierRow } from "../row.ts";

/** The seventh digit and the year say which century; the check digit was given up in 2007. https://cpr.dk/media/12066/personnummeret-i-cpr.pdf */
function isCpr(places: Places): boolean {
  const year = pair(places, 4);
  const seventh = places[6] as number;
  let century = 2000;
  if (seventh >= 5 && seventh <= 8 && year >= 58) century = 1800;
  else if (seventh <= 3 || ((seventh === 4 || seventh === 9) && year >= 37)) century = 1900;
  return isDate(century + year, pair(places, 2), pair(places, 0));
}

export const DK: readonly IdentifierRow[] = [
  {
    id: "dk-cpr",
    country: "DK",
    name: "CPR-nummer (personnummer)",
    type: "NATIONAL_ID",
    shapes: ["######-####", "###### ####", "##########", "## ## ## ####", "##.##.##-####"],
    structure: "date of birth",
    check: isCpr,
    labels: [
      "cpr",
      "cpr nr",
      "cprnr",
      "cpr nummer",
      "personnummer",
      "cpr no",
      "danish personal number",
      "civil registration number",
    ],
    source: "https://cpr.dk/media/12066/personnummeret-i-cpr.pdf",
  },
];
