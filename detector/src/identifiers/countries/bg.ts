/** Bulgaria. */
import { isDate, pair, type Places, weighted } from "../checksum.ts";
import { EU_TIN, type IdentifierRow, PRADO } from "../row.ts";

const EGN_WEIGHTS = [2, 4, 8, 5, 10, 9, 7, 3, 6];
const LNC_WEIGHTS = [21, 19, 17, 13, 11, 9, 7, 3, 1];

function isEgn(places: Places): boolean {
  const month = pair(places, 2);
  // + 20 in the 19th century, + 40 in the 21st.
  const century = month > 40 ? 2000 : month > 20 ? 1800 : 1900;
  if (!isDate(century + pair(places, 0), month % 20, pair(places, 4))) return false;
  return (weighted(places, EGN_WEIGHTS) % 11) % 10 === places[9];
}

export const BG: readonly IdentifierRow[] = [
  {
    id: "bg-egn",
    country: "BG",
    name: "Единен граждански номер (ЕГН)",
    type: "NATIONAL_ID",
    shapes: ["##########", "BG##########"],
    checkDigits: "weighted mod 11",
    structure: "date of birth",
    check: isEgn,
    labels: [
      "егн",
      "единен граждански номер",
      "egn",
      "edinen grazhdanski nomer",
      "bulgarian personal number",
      "ддс номер",
    ],
    source: EU_TIN,
  },
  {
    id: "bg-lnc",
    country: "BG",
    name: "Личен номер на чужденец (ЛНЧ)",
    type: "NATIONAL_ID",
    shapes: ["##########"],
    checkDigits: "weighted mod 10",
    check: (places) => weighted(places, LNC_WEIGHTS) % 10 === places[9],
    labels: ["лнч", "личен номер на чужденец", "lnch", "lnc", "lichen nomer na chuzhdenets"],
    source: EU_TIN,
  },
  {
    id: "bg-id-card",
    country: "BG",
    name: "Лична карта",
    type: "ID_CARD_NUMBER",
    shapes: ["#########", "@@#######"],
    labels: [
      "лична карта",
      "номер на лична карта",
      "документ за самоличност",
      "л.к.",
      "lichna karta",
      "bulgarian id card",
    ],
    source: PRADO,
  },
];
