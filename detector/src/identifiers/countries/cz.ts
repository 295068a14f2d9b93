/** Czechia, and the birth number that it shares with Slovakia. */
import { isDate, pair, type Places, remainder } from "../checksum.ts";
import { EU_TIN, type IdentifierRow, PRADO, type Verdict } from "../row.ts";

/**
 * Women's months are + 50, and + 20 where a day's numbers ran out (since 2004). Nine digits without check digit until 1953.
 * https://www.zakonyprolidi.cz/cs/2000-133#p13
 */
export function isBirthNumber(places: Places): Verdict {
  const month = (pair(places, 2) % 50) % 20;
  const day = pair(places, 4);
  let year = 1900 + pair(places, 0);
  if (places.length === 9) {
    if (year > 1953) year -= 100;
    return (year < 1854 || year > 1880) && isDate(year, month, day) && "structure";
  }
  if (year < 1954) year += 100;
  if (!isDate(year, month, day)) return false;
  const rest = remainder(places, 0, 9, 11);
  // Until 1985 a remainder of 10 was written as 0.
  return (year < 1985 ? rest % 10 : rest) === places[9];
}

export const BIRTH_NUMBER_SHAPES = ["######/####", "######/###", "##########", "#########", "###### ####"];

export const CZ: readonly IdentifierRow[] = [
  {
    id: "cz-rc",
    country: "CZ",
    name: "Rodné číslo",
    type: "NATIONAL_ID",
    shapes: [...BIRTH_NUMBER_SHAPES, "CZ##########", "CZ#########"],
    checkDigits: "divisible by 11 (none before 1954)",
    structure: "date of birth",
    check: isBirthNumber,
    labels: [
      "rodné číslo",
      "rodného čísla",
      "rodným číslem",
      "rodném čísle",
      "rč",
      "rodné č",
      "rod. č",
      "r. č.",
      "číslo pojištěnce",
      "čp",
      "dič",
      "daňové identifikační číslo",
      "czech birth number",
      "birth number",
    ],
    source: EU_TIN,
  },
  {
    id: "cz-id-card",
    country: "CZ",
    name: "Občanský průkaz",
    type: "ID_CARD_NUMBER",
    shapes: ["#########", "######@@##", "@@######"],
    labels: [
      "občanský průkaz",
      "občanského průkazu",
      "číslo občanského průkazu",
      "číslo op",
      "č. op",
      "op č",
      "průkaz totožnosti",
      "czech id card",
    ],
    source: PRADO,
  },
];
