/** Switzerland and Liechtenstein. */
import { gs1, numberAt, type Places } from "../checksum.ts";
import { type IdentifierRow, oecd, PRADO } from "../row.ts";

/** ISO 3166-1 numeric code of Switzerland, nine digits that say nothing, GS1 check digit. */
function isAhv(places: Places): boolean {
  return numberAt(places, 0, 3) === 756 && gs1(places);
}

const SHAPES = ["!###.####.####.##", "!#############", "!### #### #### ##", "!###-####-####-##"];
const LABELS = [
  "ahv",
  "ahv nr",
  "ahv nummer",
  "ahvn13",
  "ahv-nr 13",
  "avs",
  "numéro avs",
  "n avs",
  "navs13",
  "numero avs",
  "sozialversicherungsnummer",
  "versichertennummer",
  "numéro d'assuré",
  "numéro de sécurité sociale",
  "numero d'assicurato",
  "nss",
  "oasi number",
  "swiss social security number",
];

export const CH: readonly IdentifierRow[] = [
  {
    id: "ch-ahv",
    country: "CH",
    name: "AHV-Nummer / Numéro AVS / Numero AVS",
    type: "SOCIAL_SECURITY_NUMBER",
    shapes: SHAPES,
    checkDigits: "GS1 (EAN-13)",
    structure: "begins with 756",
    check: isAhv,
    labels: LABELS,
    source: "https://www.zas.admin.ch/zas/de/home/partenaires-et-institutions-/navs13.html",
  },
  {
    id: "ch-id-card",
    country: "CH",
    name: "Identitätskarte / Carte d'identité / Carta d'identità",
    type: "ID_CARD_NUMBER",
    shapes: ["@#######", "@#@##@##"],
    labels: [
      "identitätskarte",
      "identitätskartennummer",
      "id karte",
      "ausweisnummer",
      "ausweis nr",
      "carte d'identité",
      "carta d'identità",
      "swiss id card",
    ],
    source: PRADO,
  },
];

export const LI: readonly IdentifierRow[] = [
  {
    id: "li-ahv",
    country: "LI",
    name: "AHV-Nummer",
    type: "SOCIAL_SECURITY_NUMBER",
    shapes: SHAPES,
    checkDigits: "GS1 (EAN-13)",
    structure: "begins with 756",
    check: isAhv,
    labels: LABELS,
    source: "https://www.ahv.li/",
  },
  {
    id: "li-peid",
    country: "LI",
    name: "Personenidentifikationsnummer (PEID)",
    type: "TAX_ID",
    shapes: ["#####", "######", "#######", "########", "#########", "##########", "###########", "############"],
    labels: ["peid", "personenidentifikationsnummer", "peid nr", "peid nummer", "liechtenstein tax number"],
    source: oecd("liechtenstein"),
  },
  {
    id: "li-id-card",
    country: "LI",
    name: "Identitätskarte",
    type: "ID_CARD_NUMBER",
    shapes: ["@@######", "@@#######", "@######"],
    labels: ["identitätskarte", "identitätskartennummer", "id karte", "liechtenstein id card"],
    source: PRADO,
  },
];
