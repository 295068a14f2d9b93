/** What the Union issues through its members. */
import { luhn, numberAt, type Places } from "../checksum.ts";
import type { IdentifierRow } from "../row.ts";

/** ISO 3166-1 numeric codes of the states that issue the card. */
const STATES = new Set([
  40, 56, 100, 191, 196, 203, 208, 233, 246, 250, 276, 300, 348, 352, 372, 380, 428, 438, 440, 442, 470, 528, 578, 616,
  620, 642, 703, 705, 724, 752, 756, 826,
]);

/** 80, health care in ISO/IEC 7812-1, then the state. The twentieth digit is Luhn's in most states. */
function isCard(places: Places): boolean {
  return numberAt(places, 0, 2) === 80 && STATES.has(numberAt(places, 2, 5));
}

export const EU: readonly IdentifierRow[] = [
  {
    id: "eu-ehic",
    country: "EU",
    name: "European Health Insurance Card, identification number of the card",
    type: "HEALTH_ID",
    shapes: [
      "!####################",
      "!##### ##### ##### #####",
      "!##### ##### ##########",
      "!#### #### #### #### ####",
    ],
    checkDigits: "Luhn, in most states",
    structure: "begins with 80 and the state's number",
    check: isCard,
    alone: (places) => luhn(places),
    labels: [
      "ehic",
      "european health insurance card",
      "health insurance card",
      "health insurance card number",
      "card identification number",
      "ekvk",
      "ekvk nummer",
      "europäische krankenversicherungskarte",
      "kennnummer der karte",
      "versichertenkarte",
      "versichertenkartennummer",
      "ceam",
      "carte européenne d'assurance maladie",
      "carte d'assuré",
      "tse",
      "tarjeta sanitaria europea",
      "team",
      "tessera europea di assicurazione malattia",
      "tessera sanitaria",
      "ekuz",
      "europejska karta ubezpieczenia zdrowotnego",
      "cesd",
      "cartão europeu de seguro de doença",
      "europese ziekteverzekeringskaart",
      "ezvk",
      "det blå eu sygesikringskort",
      "europeiska sjukförsäkringskortet",
      "eurooppalainen sairaanhoitokortti",
      "epzp",
      "evropský průkaz zdravotního pojištění",
      "európsky preukaz zdravotného poistenia",
      "európai egészségbiztosítási kártya",
      "ευρωπαϊκή κάρτα ασφάλισης ασθένειας",
      "εκαα",
      "европейска здравноосигурителна карта",
      "ездк",
      "cardul european de asigurări sociale de sănătate",
      "evropska kartica zdravstvenega zavarovanja",
      "europska kartica zdravstvenog osiguranja",
    ],
    source: "https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=OJ:C:2010:106:TOC",
  },
];
