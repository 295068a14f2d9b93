/** Lithuania. */
import type { Places } from "../checksum.ts";
import { EU_TIN, type IdentifierRow, PRADO } from "../row.ts";
import { hasBalticCheckDigit, hasBalticDate } from "./ee.ts";

/** Numbers that begin with 9 were given where the date of birth was not known. */
function isAsmensKodas(places: Places): boolean {
  return (places[0] === 9 || hasBalticDate(places)) && hasBalticCheckDigit(places);
}

export const LT: readonly IdentifierRow[] = [
  {
    id: "lt-ak",
    country: "LT",
    name: "Asmens kodas",
    type: "NATIONAL_ID",
    shapes: ["###########"],
    checkDigits: "weighted mod 11, two rounds",
    structure: "sex, date of birth",
    check: isAsmensKodas,
    labels: ["asmens kodas", "asmens kodą", "asmens kodo", "asmens kodu", "a.k.", "ak", "lithuanian personal code"],
    source: EU_TIN,
  },
  {
    id: "lt-id-card",
    country: "LT",
    name: "Asmens tapatybės kortelė",
    type: "ID_CARD_NUMBER",
    shapes: ["########"],
    labels: ["asmens tapatybės kortelė", "asmens tapatybės kortelės", "tapatybės kortelė", "atk", "lithuanian id card"],
    source: PRADO,
  },
];
