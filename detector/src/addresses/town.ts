/** Towns behind or before a postcode: one to four words with capitals, particles between them. No gazetteer. */
import { hashFolded } from "../signals/fold.ts";
import { phraseEnd } from "./phrase.ts";
import {
  hashAt,
  isCapital,
  isGlued,
  isNumber,
  isShouted,
  isSign,
  isWordAt,
  lengthOf,
  means,
  signAt,
  tokens,
  valueOf,
} from "./tokens.ts";
import { AT, COUNTRY, COUNTRY_NAMES, LABEL, LIVES, PARTICLE, STOP, TOWN_TAIL, UNIT, ZIP } from "./words.ts";

const WORDS_MAX = 6;
const PLAIN_WORDS_MAX = 4;
const DISTRICT_MAX = 99;
const CEDEX = hashFolded("cedex", 0, 5);
/** Their districts have numbers, which stand behind the name though the sentence goes on. */
const NUMBERED: ReadonlySet<number> = new Set(
  ["praha", "praze", "prahy", "prague", "prag", "dublin", "paris", "lyon", "marseille"].map((town) =>
    hashFolded(town, 0, town.length),
  ),
);

/** Token behind the town that begins at `index`, or -1. `lower`: small letters will do, for one word. */
export function townEnd(index: number, lower = false): number {
  let at = index;
  // "'s-Gravenhage", "’s-Hertogenbosch"
  if (isApostrophe(at) && isGlued(at + 1) && isWordAt(at + 1)) at++;
  else if (!startsTown(at)) return lower && isLowerTown(at) ? at + 1 : -1;
  let end = at + 1;
  for (let words = 1, plain = 1; words < WORDS_MAX; words++) {
    const next = continued(end);
    if (next < 0) break;
    if (next === end + 1 && !means(end, TOWN_TAIL)) plain++;
    if (plain > PLAIN_WORDS_MAX) break;
    end = next;
  }
  return districtEnd(end);
}

function isApostrophe(index: number): boolean {
  return isSign(index, 0x27) || isSign(index, 0x2019);
}

function startsTown(index: number): boolean {
  if (!isCapital(index) || means(index, STOP | LABEL | ZIP)) return false;
  return lengthOf(index) >= 3 || (lengthOf(index) === 2 && !isShouted(index)) || means(index, PARTICLE);
}

function isLowerTown(index: number): boolean {
  return isWordAt(index) && lengthOf(index) >= 4 && !means(index, STOP | LABEL | LIVES | PARTICLE | AT | UNIT);
}

/** Token behind the next word of the town, which begins at `end` or behind particles and signs there, or -1. */
function continued(end: number): number {
  let at = end;
  const sign = signAt(at);
  // "St. Gallen", and not "Torino TO. Il"
  if (sign === 0x2e && isGlued(at) && isWordAt(at + 1) && isAbbreviation(at - 1)) at++;
  else if (sign === 0x2f && isGlued(at) && isGlued(at + 1) && isCapital(at + 1)) at++;
  else if (sign === 0x28 && isWordAt(at + 1) && isSign(at + 2, 0x29) && isCapital(at + 1)) return at + 3;
  else if (sign !== 0) return -1;
  if (means(at, TOWN_TAIL) && !isCapital(at)) return at + 1;
  let particles = 0;
  while (particles < 3 && means(at, PARTICLE) && !isCapital(at)) {
    at++;
    particles++;
    // "n.Váhom", "b. München", "a.d. Ruhr"
    if (isSign(at, 0x2e) && isGlued(at)) at++;
  }
  if (particles > 0 && means(at, TOWN_TAIL) && !isCapital(at)) return at + 1;
  if (!isCapital(at) || means(at, STOP | LABEL | ZIP)) return -1;
  // "Valletta VLT 1117"
  if (isShouted(at) && lengthOf(at) === 3 && isNumber(at + 1) && lengthOf(at + 1) === 4) return -1;
  if (particles === 0 && at === end) {
    // "København K" is a district, "Wien K 12" has a flat.
    if (means(at, UNIT) && !isShouted(at) && !(lengthOf(at) === 1 && !isNumber(at + 1))) return -1;
    if (means(at, COUNTRY) && phraseEnd(COUNTRY_NAMES, at) >= 0) return -1;
  }
  return at + 1;
}

/** Two or three letters; capitals alone shorten a name only among capitals. */
function isAbbreviation(index: number): boolean {
  const length = lengthOf(index);
  return isWordAt(index) && length >= 2 && length <= 3 && (!isShouted(index) || isShouted(index + 2));
}

/** Signs behind which a name has ended, whatever is glued to them. */
const CLOSING = ',;)|\t"»”<]}\n\r';

/** "Praha 2", "Dublin 4", "Lyon Cedex 03", "Budapest XIII." */
function districtEnd(end: number): number {
  if (!isNumber(end) || isGlued(end) || lengthOf(end) > 2 || valueOf(end) > DISTRICT_MAX) return end;
  const cedex = isWordAt(end - 1) && hashAt(end - 1) === CEDEX;
  const next = end + 1;
  const sign = signAt(next);
  const ends = !isGlued(next + 1) || signAt(next + 1) !== 0 || CLOSING.includes(String.fromCharCode(sign));
  const closed = next >= tokens.count || (sign !== 0 && ends);
  return cedex || closed || (isWordAt(next) && isWordAt(end - 1) && NUMBERED.has(hashAt(end - 1))) ? next : end;
}

/** First token of the town that ends before `index`: up to three words with capitals. `index` itself when there is none. */
export function townStart(index: number, floor: number): number {
  let start = index;
  let at = index - 1;
  for (let words = 0; words < PLAIN_WORDS_MAX && at >= floor; words++) {
    if (!isCapital(at) || means(at, STOP | LABEL | LIVES | ZIP)) break;
    start = at;
    at--;
    if (at > floor && means(at, PARTICLE) && !isCapital(at) && isCapital(at - 1)) at--;
  }
  return start;
}
