/** Malta. */
import type { Places } from "../checksum.ts";
import { EU_TIN, type IdentifierRow } from "../row.ts";

/** Malta, Gozo, and how the person came to be registered. */
const LETTERS = new Set([..."MGAPLHBZ"].map((char) => Number.parseInt(char, 36)));

function endsInLetter(places: Places): boolean {
  return LETTERS.has(places[places.length - 1] as number);
}

export const MT: readonly IdentifierRow[] = [
  {
    id: "mt-id",
    country: "MT",
    name: "Identity card number (Numru tal-Karta tal-Identità)",
    type: "NATIONAL_ID",
    shapes: ["#######@", "######@", "#####@", "####@", "####### @"],
    structure: "last letter one of M G A P L H B Z",
    check: endsInLetter,
    labels: [
      "karta tal identità",
      "numru tal karta tal identità",
      "karta tal identita",
      "id card number",
      "id card no",
      "identity card number",
      "identity card no",
      "id card",
      "i.d. card",
      "maltese id",
      "numru tal id",
    ],
    source: EU_TIN,
  },
  {
    id: "mt-tin",
    country: "MT",
    name: "Taxpayer identification number",
    type: "TAX_ID",
    shapes: ["#########"],
    labels: ["numru tat taxxa", "tax number", "income tax number", "tin", "it number", "maltese tax number"],
    source: EU_TIN,
  },
];
