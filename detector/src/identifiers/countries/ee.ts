/** Estonia, and the check digit that it shares with Lithuania. */
import { isDate, pair, type Places, weighted } from "../checksum.ts";
import { type IdentifierRow, PRADO } from "../row.ts";

const FIRST = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1];
const SECOND = [3, 4, 5, 6, 7, 8, 9, 1, 2, 3];

/** Two rounds of weights; the second decides when the first leaves 10. */
export function hasBalticCheckDigit(places: Places): boolean {
  let rest = weighted(places, FIRST) % 11;
  if (rest === 10) rest = (weighted(places, SECOND) % 11) % 10;
  return rest === places[10];
}

/** The first digit says sex and century: 1 and 2 the 19th, 3 and 4 the 20th, 5 and 6 the 21st. */
export function hasBalticDate(places: Places): boolean {
  const first = places[0] as number;
  if (first < 1 || first > 6) return false;
  return isDate(1800 + 100 * ((first - 1) >> 1) + pair(places, 1), pair(places, 3), pair(places, 5));
}

export const EE: readonly IdentifierRow[] = [
  {
    id: "ee-ik",
    country: "EE",
    name: "Isikukood",
    type: "NATIONAL_ID",
    shapes: ["###########"],
    checkDigits: "weighted mod 11, two rounds",
    structure: "sex, date of birth",
    check: (places) => hasBalticDate(places) && hasBalticCheckDigit(places),
    labels: ["isikukood", "isikukoodi", "isikukoodiga", "ik", "estonian personal code", "personal identification code"],
    source: "https://www.riigiteataja.ee/akt/106032012004",
  },
  {
    id: "ee-id-card",
    country: "EE",
    name: "ID-kaart",
    type: "ID_CARD_NUMBER",
    shapes: ["@@#######", "@#######"],
    labels: ["id kaart", "id kaardi number", "id kaardi", "isikutunnistus", "dokumendi number", "estonian id card"],
    source: PRADO,
  },
];
