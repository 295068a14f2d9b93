/** Iceland. */
import { isDate, pair, type Places, weighted } from "../checksum.ts";
import type { IdentifierRow } from "../row.ts";

const WEIGHTS = [3, 2, 7, 6, 5, 4, 3, 2, 1];

/** The last digit is the century. Organisations' days are + 40: those are no persons. */
function isKennitala(places: Places): boolean {
  const last = places[9] as number;
  if (last !== 0 && last < 8) return false;
  const century = last === 0 ? 2000 : 1000 + last * 100;
  return isDate(century + pair(places, 4), pair(places, 2), pair(places, 0)) && weighted(places, WEIGHTS) % 11 === 0;
}

export const IS: readonly IdentifierRow[] = [
  {
    id: "is-kennitala",
    country: "IS",
    name: "Kennitala",
    type: "NATIONAL_ID",
    shapes: ["!######-####", "###### ####", "##########"],
    checkDigits: "weighted mod 11",
    structure: "date of birth, century",
    check: isKennitala,
    alone: (places) => places[9] !== 8,
    labels: ["kennitala", "kennitölu", "kennitalan", "kennitölunni", "kt", "kennit", "icelandic id number"],
    source: "https://www.skra.is/english/individuals/me-and-my-family/my-registration/id-numbers/",
  },
];
