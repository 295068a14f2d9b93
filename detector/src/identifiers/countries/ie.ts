/** Ireland. */
import { type Places, weighted } from "../checksum.ts";
import type { IdentifierRow } from "../row.ts";

const WEIGHTS = [8, 7, 6, 5, 4, 3, 2];
const LETTER_A = 10;
const LETTER_W = 32;

/** Mod 23, where W stands for 0. A second letter counts nine times its place in the alphabet; W, T and X were once wives' and count nothing. */
function isPpsn(places: Places): boolean {
  const second = places[8];
  let sum = weighted(places, WEIGHTS);
  if (second !== undefined && second < LETTER_A + 9) sum += (second - LETTER_A + 1) * 9;
  else if (second !== undefined && second !== LETTER_W && second !== LETTER_W - 3 && second !== LETTER_W + 1)
    return false;
  const rest = sum % 23;
  return places[7] === (rest === 0 ? LETTER_W : LETTER_A + rest - 1);
}

export const IE: readonly IdentifierRow[] = [
  {
    id: "ie-ppsn",
    country: "IE",
    name: "Personal Public Service Number (PPSN)",
    type: "NATIONAL_ID",
    shapes: [
      "#######@",
      "#######@@",
      "#######-@",
      "#######-@@",
      "####### @",
      "####### @@",
      "IE#######@",
      "IE#######@@",
    ],
    checkDigits: "weighted mod 23, a letter",
    check: isPpsn,
    labels: [
      "pps",
      "ppsn",
      "pps no",
      "pps number",
      "personal public service number",
      "personal public service no",
      "rsi number",
      "rsi no",
      "uimhir psp",
      "psp",
      "uimhir phearsanta seirbhíse poiblí",
    ],
    source: "https://www.gov.ie/en/service/12e6de-get-a-personal-public-service-pps-number/",
  },
];
