/** Hungary. */
import { isDate, pair, type Places, weighted } from "../checksum.ts";
import { EU_TIN, type IdentifierRow, PRADO } from "../row.ts";

const RISING = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const FALLING = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
const TAJ_WEIGHTS = [3, 7, 3, 7, 3, 7, 3, 7];

/** Born before 1997 the weights rise, since then they fall. Act XX of 1996, annex 1: https://njt.hu/jogszabaly/1996-20-00-00 */
function isPersonalNumber(places: Places): boolean {
  const first = places[0] as number;
  if (first < 1 || first > 8) return false;
  const century = first === 3 || first === 4 ? 2000 : first > 6 ? 1800 : 1900;
  const year = century === 2000 && pair(places, 1) > 40 ? 1800 + pair(places, 1) : century + pair(places, 1);
  if (!isDate(year, pair(places, 3), pair(places, 5))) return false;
  const late = century === 2000 || (century === 1900 && pair(places, 1) >= 97);
  return weighted(places, late ? FALLING : RISING) % 11 === places[10];
}

export const HU: readonly IdentifierRow[] = [
  {
    id: "hu-adoazonosito",
    country: "HU",
    name: "Adóazonosító jel",
    type: "TAX_ID",
    shapes: ["##########", "#### ### ###", "#-###-###-###"],
    checkDigits: "weighted mod 11",
    structure: "first digit 8",
    check: (places) => places[0] === 8 && weighted(places, RISING.slice(0, 9)) % 11 === places[9],
    labels: [
      "adóazonosító jel",
      "adóazonosító",
      "adóazonosító jele",
      "adóazonosító jelem",
      "adó azonosító",
      "adószám",
      "hungarian tax number",
    ],
    source: EU_TIN,
  },
  {
    id: "hu-taj",
    country: "HU",
    name: "Társadalombiztosítási azonosító jel (TAJ)",
    type: "SOCIAL_SECURITY_NUMBER",
    shapes: ["#########", "### ### ###", "###-###-###"],
    checkDigits: "weighted mod 10",
    check: (places) => weighted(places, TAJ_WEIGHTS) % 10 === places[8],
    labels: [
      "taj",
      "taj szám",
      "taj száma",
      "taj számom",
      "társadalombiztosítási azonosító jel",
      "társadalombiztosítási azonosító",
      "tb szám",
    ],
    source: "https://njt.hu/jogszabaly/1996-20-00-00",
  },
  {
    id: "hu-szemelyi",
    country: "HU",
    name: "Személyi azonosító (személyi szám)",
    type: "NATIONAL_ID",
    shapes: ["###########", "#-######-####", "# ###### ####"],
    checkDigits: "weighted mod 11",
    structure: "sex and century, date of birth",
    check: isPersonalNumber,
    labels: ["személyi azonosító", "személyi szám", "személyi száma", "személyazonosító jel", "személyi azonosító jel"],
    source: "https://njt.hu/jogszabaly/1996-20-00-00",
  },
  {
    id: "hu-id-card",
    country: "HU",
    name: "Személyazonosító igazolvány",
    type: "ID_CARD_NUMBER",
    shapes: ["######@@", "###### @@", "######-@@", "@@######", "@@-######"],
    labels: [
      "személyi igazolvány",
      "személyi igazolvány szám",
      "személyi igazolvány száma",
      "személyazonosító igazolvány",
      "személyazonosító igazolvány száma",
      "szig",
      "szig szám",
      "okmányazonosító",
      "hungarian id card",
    ],
    source: PRADO,
  },
];
