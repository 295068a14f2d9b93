/** Slovenia, and the master citizen number that the states of former Yugoslavia share. */
import { isDate, isMilliseconds, numberAt, pair, type Places, weighted } from "../checksum.ts";
import { EU_TIN, type IdentifierRow, PRADO } from "../row.ts";

const MASTER_WEIGHTS = [7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
const TAX_WEIGHTS = [8, 7, 6, 5, 4, 3, 2];

/** DDMMYYY, two digits of the region of which the first is `region`, serial number, check digit. */
export function isMasterCitizenNumber(places: Places, region: number): boolean {
  if (places[7] !== region) return false;
  const year = numberAt(places, 4, 7);
  if (!isDate(year >= 800 ? 1000 + year : 2000 + year, pair(places, 2), pair(places, 0))) return false;
  return ((11 - (weighted(places, MASTER_WEIGHTS) % 11)) % 11) % 10 === places[12];
}

export const SI: readonly IdentifierRow[] = [
  {
    id: "si-emso",
    country: "SI",
    name: "Enotna matična številka občana (EMŠO)",
    type: "NATIONAL_ID",
    shapes: ["!#############"],
    checkDigits: "weighted mod 11",
    structure: "date of birth, region 50–59",
    check: (places) => isMasterCitizenNumber(places, 5),
    alone: (places) => !isMilliseconds(places),
    labels: ["emšo", "enotna matična številka", "enotna matična številka občana", "matična številka občana"],
    source: "https://www.paragraf.rs/propisi/zakon_o_uvodjenju_jedinstvenog_maticnog_broja_gradjana.html",
  },
  {
    id: "si-davcna",
    country: "SI",
    name: "Davčna številka",
    type: "TAX_ID",
    shapes: ["########", "SI########"],
    checkDigits: "weighted mod 11",
    check: (places) => places[0] !== 0 && (11 - (weighted(places, TAX_WEIGHTS) % 11)) % 10 === places[7],
    labels: [
      "davčna številka",
      "davčna",
      "davčno številko",
      "davčne številke",
      "id za ddv",
      "ddv",
      "slovenian tax number",
    ],
    source: EU_TIN,
  },
  {
    id: "si-zzzs",
    country: "SI",
    name: "Številka zdravstvenega zavarovanja (ZZZS)",
    type: "HEALTH_ID",
    shapes: ["#########"],
    labels: [
      "zzzs",
      "zzzs številka",
      "številka zdravstvenega zavarovanja",
      "kartica zdravstvenega zavarovanja",
      "številka kartice zdravstvenega zavarovanja",
      "kzz",
    ],
    source: "https://www.zzzs.si/",
  },
  {
    id: "si-id-card",
    country: "SI",
    name: "Osebna izkaznica",
    type: "ID_CARD_NUMBER",
    shapes: ["#########", "@@#######"],
    labels: ["osebna izkaznica", "osebne izkaznice", "številka osebne izkaznice", "slovenian id card"],
    source: PRADO,
  },
];
