/** Portugal. */
import { luhn, type Places, weighted } from "../checksum.ts";
import { EU_TIN, type IdentifierRow } from "../row.ts";

const NIF_WEIGHTS = [9, 8, 7, 6, 5, 4, 3, 2];
const NISS_WEIGHTS = [29, 23, 19, 17, 13, 11, 7, 5, 3, 2];

function isNif(places: Places): boolean {
  return places[0] !== 0 && ((11 - (weighted(places, NIF_WEIGHTS) % 11)) % 11) % 10 === places[8];
}

function isNiss(places: Places): boolean {
  const first = places[0] as number;
  return (first === 1 || first === 2) && 9 - (weighted(places, NISS_WEIGHTS) % 10) === places[10];
}

export const PT: readonly IdentifierRow[] = [
  {
    id: "pt-nif",
    country: "PT",
    name: "Número de identificação fiscal (NIF)",
    type: "TAX_ID",
    shapes: ["#########", "### ### ###", "###.###.###", "###-###-###", "PT#########"],
    checkDigits: "weighted mod 11",
    check: isNif,
    labels: [
      "nif",
      "número de identificação fiscal",
      "nº de identificação fiscal",
      "identificação fiscal",
      "número fiscal",
      "nº fiscal",
      "número de contribuinte",
      "nº de contribuinte",
      "nº contribuinte",
      "contribuinte",
      "portuguese tax number",
    ],
    source: EU_TIN,
  },
  {
    id: "pt-niss",
    country: "PT",
    name: "Número de identificação de segurança social (NISS)",
    type: "SOCIAL_SECURITY_NUMBER",
    shapes: ["###########", "### ### ### ##", "# #### ######"],
    checkDigits: "weighted mod 10",
    structure: "first digit 1 or 2",
    check: isNiss,
    labels: [
      "niss",
      "número de segurança social",
      "nº de segurança social",
      "nº segurança social",
      "segurança social",
      "número de identificação de segurança social",
      "número de identificação da segurança social",
      "número de beneficiário",
    ],
    source: "https://dre.pt/pesquisa/-/search/219725/details/maximized",
  },
  {
    id: "pt-cc",
    country: "PT",
    name: "Cartão de cidadão",
    type: "ID_CARD_NUMBER",
    shapes: ["!######## # @@#", "#########@@#", "!######## #@@#", "!########-#-@@#", "!########-#@@#"],
    checkDigits: "Luhn over digits and letters",
    structure: "civil identification number with its check digit",
    check: (places) => luhn(places),
    alone: hasCivilCheckDigit,
    particular: "two check digits, and two letters in the last of its groups",
    labels: [
      "cartão de cidadão",
      "cartão do cidadão",
      "cartão cidadão",
      "cc",
      "nº cc",
      "número de documento",
      "nº documento",
      "portuguese citizen card",
    ],
    source:
      "https://www.autenticacao.gov.pt/documents/20126/115760/Valida%C3%A7%C3%A3o+de+N%C3%BAmero+de+Documento+do+Cart%C3%A3o+de+Cidad%C3%A3o.pdf",
  },
  {
    id: "pt-nic",
    country: "PT",
    name: "Número de identificação civil (bilhete de identidade)",
    type: "NATIONAL_ID",
    shapes: ["######## #", "########-#", "#########", "########"],
    checkDigits: "weighted mod 11, where it is given",
    check: (places) => (places.length === 8 ? "form" : hasCivilCheckDigit(places)),
    labels: [
      "bilhete de identidade",
      "bi",
      "nº bi",
      "número de identificação civil",
      "nº de identificação civil",
      "identificação civil",
      "cartão de cidadão",
      "cartão do cidadão",
      "nic",
    ],
    source: "https://www.irn.justica.gov.pt/",
  },
  {
    id: "pt-sns",
    country: "PT",
    name: "Número de utente de saúde (SNS)",
    type: "HEALTH_ID",
    shapes: ["#########", "### ### ###"],
    labels: [
      "número de utente",
      "nº de utente",
      "nº utente",
      "utente",
      "utente sns",
      "número sns",
      "nº sns",
      "sns",
      "número de utente de saúde",
      "número nacional de utente",
    ],
    source: "https://www.sns24.gov.pt/",
  },
];

/** The ninth digit, 0 standing for 10 as well. */
function hasCivilCheckDigit(places: Places): boolean {
  return ((11 - (weighted(places, NIF_WEIGHTS) % 11)) % 11) % 10 === places[8];
}
