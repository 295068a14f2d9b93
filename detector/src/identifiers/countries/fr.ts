/** France. */
import { isMilliseconds, numberAt, pair, type Places, remainder } from "../checksum.ts";
import { EU_TIN, type IdentifierRow, PRADO } from "../row.ts";

const A = 10;
const B = 11;

/** Months: 01–12; 20, 30–42 and 50–99 when the date of birth is not known. https://xml.insee.fr/schema/nir.html */
function hasNirStructure(places: Places): boolean {
  const sex = places[0] as number;
  if (sex === 0 || sex === 5 || sex === 6 || sex === 9) return false;
  const month = pair(places, 3);
  if (month < 1 || (month > 12 && month < 20) || (month > 20 && month < 30) || (month > 42 && month < 50)) return false;
  if ((places[6] as number) > 9) return places[5] === 2 && ((places[6] as number) === A || places[6] === B);
  return pair(places, 5) > 0;
}

/** Corsica's 2A counts as 19, 2B as 18. */
function hasNirKey(places: Places): boolean {
  let rest = remainder(places, 0, 5, 97);
  const letter = places[6] as number;
  rest = (rest * 100 + (letter === A ? 19 : letter === B ? 18 : pair(places, 5))) % 97;
  for (let i = 7; i < 13; i++) rest = (rest * 10 + (places[i] as number)) % 97;
  return 97 - rest === pair(places, 13);
}

const NIR_LABELS = [
  "nir",
  "numéro de sécurité sociale",
  "numéro sécurité sociale",
  "n de sécurité sociale",
  "n sécurité sociale",
  "sécurité sociale",
  "numéro de sécu",
  "num sécu",
  "n sécu",
  "sécu",
  "numéro insee",
  "insee",
  "numéro d'inscription au répertoire",
  "immatriculation sécurité sociale",
  "carte vitale",
  "numéro vitale",
  "nss",
  "french social security number",
];

export const FR: readonly IdentifierRow[] = [
  {
    id: "fr-nir",
    country: "FR",
    name: "Numéro d'inscription au répertoire (NIR)",
    type: "SOCIAL_SECURITY_NUMBER",
    shapes: [
      "!###############",
      "!######@########",
      "!######@###### ##",
      "!######@######-##",
      "!# ## ## ## ### ### ##",
      "!# ## ## #@ ### ### ##",
      "!# ## ## ##### ### ##",
      "!#.##.##.##.###.###.##",
      "!#-##-##-##-###-###-##",
      "!#-##-##-##-###-###/##",
      "!#############-##",
      "!############# ##",
    ],
    checkDigits: "mod 97, two digits",
    structure: "sex, month of birth, department",
    check: (places) => hasNirStructure(places) && hasNirKey(places),
    alone: (places) => (places[0] as number) < 3 && pair(places, 3) < 43,
    labels: NIR_LABELS,
    source: "https://xml.insee.fr/schema/nir.html",
  },
  {
    id: "fr-nir-13",
    country: "FR",
    name: "Numéro d'inscription au répertoire, without its key",
    type: "SOCIAL_SECURITY_NUMBER",
    shapes: [
      "#############",
      "######@######",
      "# ## ## ## ### ###",
      "# ## ## #@ ### ###",
      "#.##.##.##.###.###",
      "# ## ## ##### ###",
    ],
    structure: "sex, month of birth, department",
    check: hasNirStructure,
    labels: NIR_LABELS,
    source: "https://xml.insee.fr/schema/nir.html",
  },
  {
    id: "fr-spi",
    country: "FR",
    name: "Numéro fiscal de référence (SPI)",
    type: "TAX_ID",
    shapes: ["!#############", "!## ## ### ### ###"],
    checkDigits: "mod 511, three digits",
    structure: "first digit 0–3",
    check: (places) =>
      (places[0] as number) < 4 &&
      numberAt(places, 0, 10) > 0 &&
      numberAt(places, 0, 10) % 511 === numberAt(places, 10, 13),
    alone: (places) => !isMilliseconds(places),
    labels: [
      "numéro fiscal",
      "n fiscal",
      "numéro fiscal de référence",
      "numéro spi",
      "spi",
      "numéro d'identification fiscale",
      "identifiant fiscal",
      "référence fiscale",
      "numéro de déclarant",
      "french tax number",
    ],
    source: EU_TIN,
  },
  {
    id: "fr-cni",
    country: "FR",
    name: "Carte nationale d'identité",
    type: "ID_CARD_NUMBER",
    shapes: ["############", "*********"],
    structure: "twelve digits, or nine letters and digits since 2021",
    check: (places) => places.length === 12 || hasLettersAndDigits(places),
    labels: [
      "carte nationale d'identité",
      "carte d'identité",
      "numéro de carte d'identité",
      "cni",
      "numéro cni",
      "carte identité",
      "french id card",
    ],
    source: PRADO,
  },
];

/** The letters that cannot be taken for others: no vowels. */
const CNI_LETTERS = new Set([..."BCDFGHJKLMNPQRSTVWXYZ"].map((char) => Number.parseInt(char, 36)));

function hasLettersAndDigits(places: Places): boolean {
  let digits = 0;
  for (const place of places) {
    if (place < 10) digits++;
    else if (!CNI_LETTERS.has(place)) return false;
  }
  return digits > 0 && digits < places.length;
}
