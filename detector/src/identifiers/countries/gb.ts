/** United Kingdom. */
import { isDate, pair, type Places, weighted } from "../checksum.ts";
import { type IdentifierRow, oecd } from "../row.ts";

const NHS_WEIGHTS = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
const UTR_WEIGHTS = [0, 6, 7, 8, 9, 10, 5, 4, 3, 2];
/** Check digit by remainder. */
const UTR_CHECK = [2, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1] as const;

const NEVER = new Set([..."DFIQUV"].map((char) => Number.parseInt(char, 36)));
const O = 24;
const PREFIXES_UNUSED = new Set(["bg", "gb", "kn", "nk", "nt", "tn", "zz"]);
const A = 10;
const D = 13;

/** https://www.gov.uk/hmrc-internal-manuals/national-insurance-manual/nim39110; the suffix A to D may be left out. */
function isNino(places: Places): boolean {
  const [first, second] = [places[0] as number, places[1] as number];
  if (NEVER.has(first) || NEVER.has(second) || second === O) return false;
  if (PREFIXES_UNUSED.has(first.toString(36) + second.toString(36))) return false;
  const suffix = places[8];
  return suffix === undefined || (suffix >= A && suffix <= D);
}

/** Weights 10 to 2, and the check digit makes eleven of it; a remainder that would need 10 is not used. */
function isNhs(places: Places): boolean {
  return weighted(places, NHS_WEIGHTS) % 11 === 0;
}

export const GB: readonly IdentifierRow[] = [
  {
    id: "gb-nino",
    country: "GB",
    name: "National Insurance number (NINO)",
    type: "SOCIAL_SECURITY_NUMBER",
    shapes: [
      "@@######@",
      "!@@ ## ## ## @",
      "@@ ###### @",
      "@@-##-##-##-@",
      "@@ ######@",
      "@@###### @",
      "@@######",
      "@@ ## ## ##",
    ],
    structure: "prefix in use, suffix A to D",
    check: isNino,
    particular: "five groups with letters at both ends",
    labels: [
      "nino",
      "ni number",
      "ni no",
      "national insurance number",
      "national insurance no",
      "national insurance",
      "nat ins no",
      "nat ins number",
      "uk national insurance",
      "yswiriant gwladol",
    ],
    source: "https://www.gov.uk/hmrc-internal-manuals/national-insurance-manual/nim39110",
  },
  {
    id: "gb-nhs",
    country: "GB",
    name: "NHS number, Health and Care number",
    type: "HEALTH_ID",
    shapes: ["##########", "### ### ####", "###-###-####"],
    checkDigits: "weighted mod 11",
    check: isNhs,
    labels: [
      "nhs",
      "nhs number",
      "nhs no",
      "nhs num",
      "nhs id",
      "health and care number",
      "hsc number",
      "h and c number",
      "h c number",
      "rhif gig",
    ],
    source: "https://www.datadictionary.nhs.uk/attributes/nhs_number.html",
  },
  {
    id: "gb-chi",
    country: "GB",
    name: "Community Health Index number (CHI)",
    type: "HEALTH_ID",
    shapes: ["##########", "###### ####", "### ### ####"],
    checkDigits: "weighted mod 11",
    structure: "date of birth",
    check: (places) => isDate(pair(places, 4), pair(places, 2), pair(places, 0)) && isNhs(places),
    labels: ["chi", "chi number", "chi no", "community health index", "community health index number"],
    source: "https://www.ndc.scot.nhs.uk/Dictionary-A-Z/Definitions/index.asp?ID=128",
  },
  {
    id: "gb-utr",
    country: "GB",
    name: "Unique Taxpayer Reference (UTR)",
    type: "TAX_ID",
    shapes: ["##########", "##### #####", "##########K", "### ### ####"],
    checkDigits: "weighted mod 11",
    check: (places) => UTR_CHECK[weighted(places, UTR_WEIGHTS) % 11] === places[0],
    labels: [
      "utr",
      "utr number",
      "utr no",
      "unique taxpayer reference",
      "unique tax reference",
      "unique taxpayer reference number",
      "self assessment reference",
      "tax reference",
      "tax reference number",
    ],
    source: oecd("united-kingdom"),
  },
];
