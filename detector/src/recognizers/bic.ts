/**
 * Business identifier codes of banks, ISO 9362 (https://www.swift.com/standards/data-standards/bic-business-identifier-code):
 * four letters, a country of ISO 3166, two and perhaps three more letters or digits. There is no check digit and every third
 * word in capitals fits, so a label, an IBAN on the same line, or words of banking and a branch must be there as well.
 */
import {
  CAPITALS,
  DIGIT,
  isAsciiAlnum,
  isDigitCode,
  isGlued,
  isLowerCode,
  LONG,
  OPENER,
  PAIR,
  PAIRED,
} from "../scanner/characters.ts";
import type { Island } from "../scanner/island.ts";
import { BANK, BANK_CODE, hasDirect, hasNear } from "./document-labels.ts";
import { ibanLength } from "./iban.ts";
import type { Recognizer, Sink } from "./recognizer.ts";

/** ISO 3166-1 alpha-2, and Kosovo as SWIFT writes it. */
const COUNTRIES = new Uint8Array(32 * 32);
for (const country of (
  "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG " +
  "CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL " +
  "GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA " +
  "LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP " +
  "NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV " +
  "SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
).split(" "))
  COUNTRIES[countryAt(country, 0)] = 1;

/** Two letters, of either case, as an index. */
function countryAt(text: string, at: number): number {
  return ((text.charCodeAt(at) & 31) << 5) | (text.charCodeAt(at + 1) & 31);
}
const WHY_LABELLED = "shape and country of ISO 9362 behind a word for it";
const LENGTH = 8;
const LENGTH_WITH_BRANCH = 11;
/** How far to the left an IBAN is looked for; the longest has 34 letters and digits in nine groups. */
const IBAN_REACH_CHARS = 80;

export const bic: Recognizer = {
  name: "bic",
  trigger: DIGIT | CAPITALS | LONG | PAIR | PAIRED | OPENER,
  lettered: true,
  charsMin: LENGTH,
  find(island: Island, sink: Sink): void {
    const { text, start, end } = island;
    for (let i = start; i < end; ) {
      if (!isAsciiAlnum(text.charCodeAt(i))) {
        i++;
        continue;
      }
      const from = i;
      while (i < end && isAsciiAlnum(text.charCodeAt(i))) i++;
      const length = i - from;
      if ((length === LENGTH || length === LENGTH_WITH_BRANCH) && isBic(text, from, i)) findAt(text, from, i, sink);
    }
  },
};

function isBic(text: string, from: number, to: number): boolean {
  for (let i = from; i < from + 6; i++) if (isDigitCode(text.charCodeAt(i))) return false;
  // Capitals, or no capitals at all: a capitalised word is a word.
  const lower = isLowerCode(text.charCodeAt(from));
  for (let i = from + 1; i < to; i++) {
    const code = text.charCodeAt(i);
    if (!isDigitCode(code) && isLowerCode(code) !== lower) return false;
  }
  if ((from > 0 && isGlued(text, from - 1)) || isGlued(text, to)) return false;
  return COUNTRIES[countryAt(text, from + 4)] === 1;
}

function findAt(text: string, from: number, to: number, sink: Sink): void {
  if (isLowerCode(text.charCodeAt(from))) {
    // "swift delivery" has the shape too.
    if (isAssigned(text, from) && hasDirect(text, from, BANK_CODE))
      sink.add("BIC", from, to, 0.85, "bic", WHY_LABELLED);
  } else if (hasDirect(text, from, BANK_CODE)) {
    sink.add("BIC", from, to, 0.92, "bic", WHY_LABELLED);
  } else if (followsIban(text, from)) {
    sink.add("BIC", from, to, 0.9, "bic", "shape and country of ISO 9362 behind an IBAN");
  } else if (to - from === LENGTH_WITH_BRANCH && isBranch(text, to) && speaksOfBank(text, from)) {
    sink.add("BIC", from, to, 0.7, "bic", "shape, country and branch of ISO 9362, a word of banking on the line");
  }
}

function speaksOfBank(text: string, from: number): boolean {
  return hasNear(text, from, BANK_CODE) || hasNear(text, from, BANK);
}

/** `:` or `=` stands before it, perhaps with a quotation mark and spaces. */
function isAssigned(text: string, from: number): boolean {
  let at = from - 1;
  while (at > 0 && from - at < 4 && (text.charCodeAt(at) === 0x20 || text.charCodeAt(at) === 0x22)) at--;
  return at > 0 && (text.charCodeAt(at) === 0x3a || text.charCodeAt(at) === 0x3d);
}

/** "XXX", the head office, or a branch with a digit. */
function isBranch(text: string, to: number): boolean {
  if (text.startsWith("XXX", to - 3)) return true;
  for (let i = to - 3; i < to; i++) if (isDigitCode(text.charCodeAt(i))) return true;
  return false;
}

/** The start of an IBAN stands before `from` on its line, at the distance of its length. */
function followsIban(text: string, from: number): boolean {
  const floor = Math.max(0, from - IBAN_REACH_CHARS);
  for (let i = from - 1; i >= floor; i--) {
    const code = text.charCodeAt(i);
    if (code === 0x0a || code === 0x0d) return false;
    if (!isDigitCode(code) || (i > 2 && isGlued(text, i - 4)) || i < 3) continue;
    const length = ibanLength(text, i - 3, from);
    if (length > 0 && alnumBetween(text, i - 3, from) >= length) return true;
  }
  return false;
}

function alnumBetween(text: string, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) if (isAsciiAlnum(text.charCodeAt(i))) count++;
  return count;
}
