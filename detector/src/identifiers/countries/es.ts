/** Spain. */
import { numberAt, type Places, remainder } from "../checksum.ts";
import { type IdentifierRow, oecd } from "../row.ts";

/** Real Decreto 1553/2005, mod 23: https://www.interior.gob.es/opencms/es/servicios-al-ciudadano/tramites-y-gestiones/dni/calculo-del-digito-de-control-del-nif-nie/ */
const LETTERS = [..."TRWAGMYFPDXBNJZSQVHLCKE"].map((char) => Number.parseInt(char, 36));
const X = 33;
const Z = 35;
const K = 20;
const M = 22;

function isDni(places: Places): boolean {
  return LETTERS[numberAt(places, 0, 8) % 23] === places[8];
}

/** X, Y and Z stand for 0, 1 and 2. K, L and M are Spaniards without DNI. */
function isNie(places: Places): boolean {
  const first = places[0] as number;
  if ((first < X || first > Z) && (first < K || first > M)) return false;
  const lead = first >= X ? first - X : 0;
  return LETTERS[(lead * 10_000_000 + numberAt(places, 1, 8)) % 23] === places[8];
}

/** Two digits of the province; a serial below ten million loses its leading zero before it is divided. */
function isNuss(places: Places): boolean {
  const province = numberAt(places, 0, 2);
  if (province < 1 || (province > 53 && province !== 66)) return false;
  const check = numberAt(places, 10, 12);
  if (remainder(places, 0, 10, 97) === check) return true;
  return places[2] === 0 && (province * 10_000_000 + numberAt(places, 3, 10)) % 97 === check;
}

const LABELS = [
  "dni",
  "nif",
  "nie",
  "dni nie",
  "dni nif",
  "documento nacional de identidad",
  "número de identificación fiscal",
  "número de identidad de extranjero",
  "número de identificación de extranjero",
  "identificación fiscal",
  "documento de identidad",
  "número de documento",
  "d.n.i.",
  "spanish id number",
  "spanish tax number",
];

export const ES: readonly IdentifierRow[] = [
  {
    id: "es-dni",
    country: "ES",
    name: "Documento nacional de identidad (DNI, NIF)",
    type: "NATIONAL_ID",
    shapes: [
      "########@",
      "########-@",
      "######## @",
      "##.###.###-@",
      "##.###.###@",
      "##.###.### @",
      "ES########@",
      "ES-########@",
    ],
    checkDigits: "mod 23, a letter",
    check: isDni,
    labels: LABELS,
    source: oecd("spain"),
  },
  {
    id: "es-nie",
    country: "ES",
    name: "Número de identidad de extranjero (NIE), NIF K L M",
    type: "NATIONAL_ID",
    shapes: ["@#######@", "@-#######-@", "@-#######@", "@#######-@", "@ ####### @", "@ #######@", "ES@#######@"],
    checkDigits: "mod 23, a letter",
    structure: "first letter X Y Z, K L M",
    check: isNie,
    labels: LABELS,
    source: oecd("spain"),
  },
  {
    id: "es-nuss",
    country: "ES",
    name: "Número de la Seguridad Social (NUSS, NAF)",
    type: "SOCIAL_SECURITY_NUMBER",
    shapes: [
      "############",
      "##/########/##",
      "## ######## ##",
      "##-########-##",
      "##/##########",
      "## ##########",
      "##-##########",
    ],
    checkDigits: "mod 97, two digits",
    structure: "province",
    check: isNuss,
    labels: [
      "nuss",
      "nss",
      "naf",
      "nass",
      "número de asegurado",
      "nº asegurado",
      "número de la seguridad social",
      "número de seguridad social",
      "nº seguridad social",
      "nº ss",
      "núm seguridad social",
      "seguridad social",
      "número de afiliación",
      "nº afiliación",
      "afiliación a la seguridad social",
      "spanish social security number",
    ],
    source: "https://www.seg-social.es/wps/portal/wss/internet/Trabajadores/Afiliacion",
  },
  {
    id: "es-cip",
    country: "ES",
    name: "Código de identificación personal sanitario (CIP)",
    type: "HEALTH_ID",
    shapes: ["@@@@##########", "@@@@@@@@@@######", "@@@@############"],
    labels: [
      "cip",
      "cip sns",
      "cipa",
      "cip autonómico",
      "tarjeta sanitaria",
      "tarjeta sanitaria individual",
      "nº tarjeta sanitaria",
      "código de identificación personal",
      "targeta sanitària",
      "tsi",
    ],
    source: "https://www.boe.es/buscar/act.php?id=BOE-A-2004-2315",
  },
  {
    id: "es-soporte",
    country: "ES",
    name: "Número de soporte del DNI (IDESP)",
    type: "ID_CARD_NUMBER",
    shapes: ["@@@######", "@########"],
    labels: ["número de soporte", "nº soporte", "núm soporte", "num soport", "idesp", "soporte"],
    source: "https://www.dnielectronico.es/PortalDNIe/",
  },
];
