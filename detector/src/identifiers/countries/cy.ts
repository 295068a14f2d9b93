/** Cyprus. */
import type { Places } from "../checksum.ts";
import { EU_TIN, type IdentifierRow, PRADO } from "../row.ts";

/** What the digits at the odd places count. */
const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21] as const;

function isTic(places: Places): boolean {
  let sum = 0;
  for (let i = 0; i < 8; i++) sum += i % 2 === 0 ? (ODD[places[i] as number] as number) : (places[i] as number);
  return places[8] === 10 + (sum % 26);
}

export const CY: readonly IdentifierRow[] = [
  {
    id: "cy-tic",
    country: "CY",
    name: "Αριθμός Φορολογικής Ταυτότητας (ΑΦΤ, TIC)",
    type: "TAX_ID",
    shapes: ["########@", "########-@", "CY########@"],
    checkDigits: "weighted mod 26, a letter",
    check: isTic,
    labels: [
      "αφτ",
      "αριθμός φορολογικής ταυτότητας",
      "αριθμός φορολογικού μητρώου",
      "αφμ",
      "tic",
      "tax identification code",
      "αριθμός εγγραφής φπα",
      "cyprus tin",
    ],
    source: EU_TIN,
  },
  {
    id: "cy-id-card",
    country: "CY",
    name: "Δελτίο Ταυτότητας",
    type: "ID_CARD_NUMBER",
    shapes: ["######", "#######", "########", "##########"],
    labels: [
      "αριθμός δελτίου ταυτότητας",
      "δελτίο ταυτότητας",
      "αδτ",
      "αριθμός ταυτότητας",
      "ταυτότητα",
      "cyprus id card",
      "kimlik",
    ],
    source: PRADO,
  },
  {
    id: "cy-sin",
    country: "CY",
    name: "Αριθμός Κοινωνικών Ασφαλίσεων (ΑΚΑ)",
    type: "SOCIAL_SECURITY_NUMBER",
    shapes: ["######", "#######", "########"],
    labels: [
      "αριθμός κοινωνικών ασφαλίσεων",
      "κοινωνικών ασφαλίσεων",
      "social insurance number",
      "social insurance no",
    ],
    source: "https://www.mlsi.gov.cy/",
  },
];
