/**
 * Telephone numbers that ring nowhere. Where a regulator has set numbers aside for films and books, one of them; elsewhere a
 * number of the same length that begins with three zeros behind the country code, which no numbering plan assigns and no
 * country code continues.
 */
import { withDigits } from "../format/format.ts";
import { phoneParts } from "../format/phone.ts";
import type { Draws } from "./draws.ts";
import type { SurrogateRow } from "./environment.ts";
import { poolOf } from "./pools.ts";

interface Plan {
  /** What national numbers begin with besides the number itself. */
  readonly trunk: string;
  /** National numbers of mobile phones begin so. */
  readonly mobile?: RegExp;
  readonly mobiles: readonly string[];
  /** National numbers without trunk prefix; # a digit, % one from 1 to 9. */
  readonly lines: readonly string[];
}

/** Country code → set aside. */
const FICTION: Readonly<Record<string, Plan>> = {
  // https://www.nanpa.com/numbering/555-line-numbers: 555-0100 to 555-0199, in every area code.
  "1": {
    trunk: "",
    mobiles: [],
    lines: "202 206 212 213 305 310 312 404 415 416 512 514 602 604 612 617 619 702 713 718"
      .split(" ")
      .map((area) => `${area}-555-01##`),
  },
  // https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama
  "44": {
    trunk: "0",
    mobile: /^7/,
    mobiles: ["7700 900###"],
    lines: [
      "20 7946 0###",
      "113 496 0###",
      "121 496 0###",
      "131 496 0###",
      "141 496 0###",
      "161 496 0###",
      "1632 960###",
    ],
  },
  // Bundesnetzagentur, Mitteilung Nr. 148/2021, Amtsblatt 7/2021.
  "49": {
    trunk: "0",
    mobile: /^1[567]/,
    mobiles: ["171 39200##"],
    lines: ["30 23125###", "40 66969###", "69 90009###", "89 99998###", "221 4710###"],
  },
  // Arcep, décision n° 2018-0881, 2.5.12.
  "33": {
    trunk: "0",
    mobile: /^[67]/,
    mobiles: ["6 39 98 ## ##"],
    lines: ["1 99 00 ## ##", "2 61 91 ## ##", "3 53 01 ## ##", "4 65 71 ## ##", "5 36 49 ## ##"],
  },
  // Post- och telestyrelsen, 2020: numbers for books and films.
  "46": { trunk: "0", mobile: /^7/, mobiles: ["70 174 06 %#"], lines: ["8 465 004 ##", "31 390 06 ##"] },
  // ComReg, National Numbering Conventions: 020 91x xxxx.
  "353": { trunk: "0", mobiles: [], lines: ["20 91# ####"] },
  // https://www.acma.gov.au/phone-numbers-use-tv-shows-films-and-creative-works
  "61": {
    trunk: "0",
    mobiles: [],
    lines: [
      "2 5550 ####",
      "2 7010 ####",
      "3 5550 ####",
      "3 7010 ####",
      "7 5550 ####",
      "7 7010 ####",
      "8 5550 ####",
      "8 7010 ####",
    ],
  },
};

const CODE_OF: Readonly<Record<string, string>> = {
  US: "1",
  CA: "1",
  GB: "44",
  DE: "49",
  FR: "33",
  SE: "46",
  IE: "353",
  AU: "61",
};

/** Further attempts than a range has numbers go on with zeros. */
const RANGE_TRIES = 64;
const ZEROS = "000";

export const phone: SurrogateRow = (value, attempt, { draws, key, language, region }) => {
  const parts = phoneParts(value);
  const choices = draws("PHONE", key, String(attempt));
  // Extensions and words: the digits alone are what is dialled.
  if (parts === undefined) return /[0-9]/.test(value) ? undialled(value, "", choices) : undefined;
  const home = region ?? (language === undefined ? undefined : poolOf(language).region);
  const code = parts.international ? parts.code : ((home && CODE_OF[home]) ?? "");
  const plan = Object.hasOwn(FICTION, code) && attempt < RANGE_TRIES ? FICTION[code] : undefined;
  if (plan === undefined) return undialled(value, parts.kept, choices);
  const mobile = plan.mobile?.test(parts.rest) === true;
  const number = filled(choices.pick(mobile ? plan.mobiles : plan.lines), choices);
  if (!parts.international) return plan.trunk + number;
  return `${parts.kept.startsWith("00") ? "00" : "+"}${code} ${number}`;
};

function filled(pattern: string, draws: Draws): string {
  return pattern.replace(/[#%]/g, (place) => String(place === "#" ? draws.int(10) : 1 + draws.int(9)));
}

/** In the punctuation of `value`, without the `(0)`. */
function undialled(value: string, kept: string, draws: Draws): string {
  const plain = kept === "" ? value : value.replace(/\s?\(0\)/, "");
  const rest = plain.replaceAll(/[^0-9]/g, "").length - kept.length;
  return withDigits(plain, kept + ZEROS.slice(0, rest) + draws.digits(Math.max(0, rest - ZEROS.length)));
}
