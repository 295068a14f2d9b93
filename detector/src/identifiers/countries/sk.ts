/** Slovakia. */
import { type Places, remainder } from "../checksum.ts";
import { EU_TIN, type IdentifierRow, PRADO } from "../row.ts";
import { BIRTH_NUMBER_SHAPES, isBirthNumber } from "./cz.ts";

function isDic(places: Places): boolean {
  return places[0] !== 0 && remainder(places, 0, 10, 11) === 0;
}

export const SK: readonly IdentifierRow[] = [
  {
    id: "sk-rc",
    country: "SK",
    name: "Rodné číslo",
    type: "NATIONAL_ID",
    shapes: BIRTH_NUMBER_SHAPES,
    checkDigits: "divisible by 11 (none before 1954)",
    structure: "date of birth",
    check: isBirthNumber,
    labels: [
      "rodné číslo",
      "rodného čísla",
      "rodným číslom",
      "rodnom čísle",
      "rč",
      "rodné č",
      "rod. č",
      "r. č.",
      "číslo poistenca",
      "slovak birth number",
      "birth number",
    ],
    source: "https://www.slov-lex.sk/pravne-predpisy/SK/ZZ/1995/301/",
  },
  {
    id: "sk-dic",
    country: "SK",
    name: "Daňové identifikačné číslo (DIČ)",
    type: "TAX_ID",
    shapes: ["##########", "SK##########"],
    checkDigits: "divisible by 11",
    check: isDic,
    labels: ["dič", "daňové identifikačné číslo", "ič dph", "slovak tax number"],
    source: EU_TIN,
  },
  {
    id: "sk-id-card",
    country: "SK",
    name: "Občiansky preukaz",
    type: "ID_CARD_NUMBER",
    shapes: ["@@######", "@@ ######"],
    labels: [
      "občiansky preukaz",
      "občianskeho preukazu",
      "číslo občianskeho preukazu",
      "číslo op",
      "č. op",
      "op č",
      "slovak id card",
    ],
    source: PRADO,
  },
];
