/** Greece. */
import { isDate, luhn, pair, type Places } from "../checksum.ts";
import { EU_TIN, type IdentifierRow, PRADO } from "../row.ts";

/** Powers of two from the right: https://www.aade.gr */
function isAfm(places: Places): boolean {
  let sum = 0;
  for (let i = 0; i < 8; i++) sum = sum * 2 + (places[i] as number);
  return sum > 0 && ((sum * 2) % 11) % 10 === places[8];
}

export const GR: readonly IdentifierRow[] = [
  {
    id: "gr-afm",
    country: "GR",
    name: "Αριθμός Φορολογικού Μητρώου (ΑΦΜ)",
    type: "TAX_ID",
    shapes: ["#########", "EL#########", "GR#########", "### ### ###"],
    checkDigits: "weighted mod 11",
    check: isAfm,
    labels: [
      "αφμ",
      "αριθμός φορολογικού μητρώου",
      "αριθμό φορολογικού μητρώου",
      "φορολογικού μητρώου",
      "afm",
      "arithmos forologikou mitroou",
      "greek tax number",
    ],
    source: EU_TIN,
  },
  {
    id: "gr-amka",
    country: "GR",
    name: "Αριθμός Μητρώου Κοινωνικής Ασφάλισης (ΑΜΚΑ)",
    type: "SOCIAL_SECURITY_NUMBER",
    shapes: ["###########", "###### #####", "######-#####"],
    checkDigits: "Luhn",
    structure: "date of birth",
    check: (places) => isDate(pair(places, 4), pair(places, 2), pair(places, 0)) && luhn(places),
    labels: [
      "αμκα",
      "αριθμός μητρώου κοινωνικής ασφάλισης",
      "μητρώου κοινωνικής ασφάλισης",
      "αριθμός κοινωνικής ασφάλισης",
      "amka",
    ],
    source: "https://www.amka.gr/tieinai_en.html",
  },
  {
    id: "gr-adt",
    country: "GR",
    name: "Αριθμός Δελτίου Ταυτότητας (ΑΔΤ)",
    type: "ID_CARD_NUMBER",
    shapes: ["@@######", "@@ ######", "@@-######", "@######", "@ ######", "@-######", "######"],
    // The letters that Greek and Latin script share, in Greek.
    leads: "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧΦΣΠΞΛΘΔΓΩΨ",
    labels: [
      "αδτ",
      "αριθμός δελτίου ταυτότητας",
      "αριθμό δελτίου ταυτότητας",
      "δελτίου ταυτότητας",
      "δελτίο ταυτότητας",
      "αριθμός ταυτότητας",
      "ταυτότητας",
      "ταυτότητα",
      "adt",
      "arithmos taftotitas",
      "taftotita",
      "greek id card",
    ],
    source: PRADO,
  },
];
