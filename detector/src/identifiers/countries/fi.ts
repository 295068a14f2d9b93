/** Finland. */
import { isDate, numberAt, pair, type Places } from "../checksum.ts";
import { type IdentifierRow, PRADO } from "../row.ts";

/** 31 characters: the digits and the letters that cannot be taken for others. */
const CHECK = [..."0123456789ABCDEFHJKLMNPRSTUVWXY"].map((char) => Number.parseInt(char, 36));
/** Signs of the 20th century beside "-", and of the 21st: https://dvv.fi/en/reform-of-personal-identity-code */
const SIGNS_20TH = "UVWXY";
const SIGNS_21ST = "ABCDEF";

/** DDMMYY, the century's sign when it is a letter, three digits, check character. */
function isHetu(places: Places): boolean {
  const at = places.length - 4;
  let century = 1900;
  if (at === 7) {
    const sign = (places[6] as number).toString(36).toUpperCase();
    if (SIGNS_21ST.includes(sign)) century = 2000;
    else if (!SIGNS_20TH.includes(sign)) return false;
  }
  const year = pair(places, 4);
  // Where the sign is "+" the year is of the 19th century; only its leap day differs.
  if (!isDate(at === 6 ? year : century + year, pair(places, 2), pair(places, 0))) return false;
  const number = numberAt(places, 0, 6) * 1000 + numberAt(places, at, at + 3);
  return CHECK[number % 31] === places[at + 3];
}

export const FI: readonly IdentifierRow[] = [
  {
    id: "fi-hetu",
    country: "FI",
    name: "Henkilötunnus (HETU)",
    type: "NATIONAL_ID",
    shapes: ["!######-###*", "!######+###*", "!######@###*"],
    checkDigits: "mod 31, a digit or letter",
    structure: "date of birth",
    check: isHetu,
    // 900 and up are given out by hospitals and pension funds for a while.
    alone: (places) => {
      const serial = numberAt(places, places.length - 4, places.length - 1);
      return serial >= 2 && serial < 900;
    },
    labels: [
      "henkilötunnus",
      "henkilötunnukseni",
      "henkilötunnuksella",
      "hetu",
      "personbeteckning",
      "sotu",
      "finnish personal identity code",
    ],
    source: "https://dvv.fi/en/personal-identity-code",
  },
  {
    id: "fi-id-card",
    country: "FI",
    name: "Henkilökortti",
    type: "ID_CARD_NUMBER",
    shapes: ["@@#######", "#########", "#######@@"],
    labels: ["henkilökortti", "henkilökortin numero", "henkilökortin", "identitetskort", "finnish id card"],
    source: PRADO,
  },
];
