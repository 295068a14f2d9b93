/** Latvia. */
import { isDate, pair, type Places, weighted } from "../checksum.ts";
import { EU_TIN, type IdentifierRow, PRADO, type Verdict } from "../row.ts";

const WEIGHTS = [10, 5, 8, 4, 2, 1, 6, 3, 7, 9];

/** Since 2017 numbers begin with 32 and say nothing; before, DDMMYY, century, serial, check digit. */
function isPersonasKods(places: Places): Verdict {
  if (places[0] === 3 && (places[1] as number) > 1) return "structure";
  const century = places[6] as number;
  if (century > 2 || !isDate(1800 + century * 100 + pair(places, 4), pair(places, 2), pair(places, 0))) return false;
  return ((1 + weighted(places, WEIGHTS)) % 11) % 10 === places[10];
}

export const LV: readonly IdentifierRow[] = [
  {
    id: "lv-pk",
    country: "LV",
    name: "Personas kods",
    type: "NATIONAL_ID",
    shapes: ["######-#####", "###########", "###### #####", "LV###########"],
    checkDigits: "weighted mod 11 (none since 2017)",
    structure: "date of birth (none since 2017)",
    check: isPersonasKods,
    labels: [
      "personas kods",
      "personas kodu",
      "personas koda",
      "p.k.",
      "pk",
      "nodokļu maksātāja kods",
      "latvian personal code",
    ],
    source: EU_TIN,
  },
  {
    id: "lv-id-card",
    country: "LV",
    name: "Personas apliecība",
    type: "ID_CARD_NUMBER",
    shapes: ["@@#######"],
    labels: ["personas apliecība", "personas apliecības", "personas apliecības numurs", "latvian id card"],
    source: PRADO,
  },
];
