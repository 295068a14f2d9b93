/** Croatia. */
import { isMilliseconds, mod11And10 } from "../checksum.ts";
import { EU_TIN, type IdentifierRow, PRADO } from "../row.ts";
import { isMasterCitizenNumber } from "./si.ts";

export const HR: readonly IdentifierRow[] = [
  {
    id: "hr-oib",
    country: "HR",
    name: "Osobni identifikacijski broj (OIB)",
    type: "NATIONAL_ID",
    shapes: ["###########", "HR###########"],
    checkDigits: "ISO 7064 MOD 11,10",
    check: mod11And10,
    labels: [
      "oib",
      "osobni identifikacijski broj",
      "osobnog identifikacijskog broja",
      "pdv id",
      "pdv broj",
      "croatian oib",
    ],
    source: EU_TIN,
  },
  {
    id: "hr-jmbg",
    country: "HR",
    name: "Matični broj građana (JMBG)",
    type: "NATIONAL_ID",
    shapes: ["!#############"],
    checkDigits: "weighted mod 11",
    structure: "date of birth, region 30–39",
    check: (places) => isMasterCitizenNumber(places, 3),
    alone: (places) => !isMilliseconds(places),
    labels: ["jmbg", "mbg", "matični broj građana", "jedinstveni matični broj građana", "jedinstveni matični broj"],
    source: "https://www.paragraf.rs/propisi/zakon_o_uvodjenju_jedinstvenog_maticnog_broja_gradjana.html",
  },
  {
    id: "hr-mbo",
    country: "HR",
    name: "Matični broj osiguranika (MBO)",
    type: "HEALTH_ID",
    shapes: ["#########"],
    labels: [
      "mbo",
      "matični broj osiguranika",
      "broj osigurane osobe",
      "broj zdravstvene iskaznice",
      "zdravstvena iskaznica",
    ],
    source: "https://hzzo.hr/",
  },
  {
    id: "hr-id-card",
    country: "HR",
    name: "Osobna iskaznica",
    type: "ID_CARD_NUMBER",
    shapes: ["#########"],
    labels: ["osobna iskaznica", "osobne iskaznice", "osobnu iskaznicu", "broj osobne iskaznice", "croatian id card"],
    source: PRADO,
  },
];
