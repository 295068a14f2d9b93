/** Austria. */
import { isDate, luhn, pair, type Places, weighted } from "../checksum.ts";
import { EU_TIN, type IdentifierRow } from "../row.ts";

const SVNR_WEIGHTS = [3, 7, 9, 0, 5, 8, 4, 2, 1, 6];

function isSvnr(places: Places): boolean {
  if (places[0] === 0 || weighted(places, SVNR_WEIGHTS) % 11 !== places[3]) return false;
  const month = pair(places, 6);
  // Where a day's numbers ran out, months 13 to 15 go on.
  return isDate(pair(places, 8), month > 12 && month < 16 ? 1 : month, pair(places, 4));
}

export const AT: readonly IdentifierRow[] = [
  {
    id: "at-svnr",
    country: "AT",
    name: "Sozialversicherungsnummer",
    type: "SOCIAL_SECURITY_NUMBER",
    shapes: ["##########", "#### ######", "####-######", "####/######", "#### ## ## ##"],
    checkDigits: "weighted mod 11",
    structure: "date of birth",
    check: isSvnr,
    labels: [
      "sozialversicherungsnummer",
      "sozialversicherungs nr",
      "versicherungsnummer",
      "versicherungs nr",
      "svnr",
      "vsnr",
      "sv nr",
      "sv nummer",
      "e card nummer",
      "ecard",
      "austrian social security number",
    ],
    source: "https://www.sozialversicherung.at/cdscontent/?contentid=10007.820902",
  },
  {
    id: "at-abgabenkonto",
    country: "AT",
    name: "Abgabenkontonummer",
    type: "TAX_ID",
    shapes: ["#########", "##-###/####", "## ###/####", "##/###/####", "## ### ####"],
    checkDigits: "Luhn",
    check: luhnOnly,
    labels: [
      "abgabenkontonummer",
      "abgabenkonto nr",
      "abgabenkonto",
      "steuernummer",
      "steuer nr",
      "st nr",
      "stnr",
      "austrian tax number",
    ],
    source: EU_TIN,
  },
];

function luhnOnly(places: Places): boolean {
  return luhn(places);
}
