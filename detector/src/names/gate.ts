/**
 * Decides which tokens of a chunk the tagger reads at all: words that look like names, and the few that may stand between
 * them. All others are no names by decree, which is where the speed comes from. The same goes for identifiers, paths, URLs
 * and e-mail addresses: nothing in them is ever a finding of this layer.
 */
import { CHUNK_CHARS_MAX } from "../scanner/chunks.ts";
import { lookUpFinnish } from "./finnish.ts";
import {
  BENT,
  COMMON,
  FIRST,
  INNER,
  LANGUAGE_MASK,
  LANGUAGE_SHIFT,
  LAST,
  lookUp,
  PLACE,
  probe,
  stemBits,
  TITLED,
} from "./lexicon.ts";
import { DIGIT, KINDS, LOWER, LOWER_FORM, SPACE, UNCASED, UPPER } from "./letters.ts";
import { Recent } from "./recent.ts";
import {
  LOOK_CAMEL,
  LOOK_LINE_LOWER,
  LOOK_LINE_TITLE,
  LOOK_LOWER,
  LOOK_MIXED,
  LOOK_SIGN,
  PAD,
  type Tokens,
} from "./tokens.ts";

/** Tokens without a capital that may stand between two with one: "Bank of the West", "J. R. R. Tolkien". */
export const GAP_MAX = 3;
/** Of a token that the tagger reads. */
export const OPEN = 1;
/** Longest abbreviation whose full stop belongs to it: "Inc.", "Corp.". */
const SHORT_MAX = 4;
const NAMES = FIRST | LAST | PLACE;
const LOOK_COLON = LOOK_SIGN + 2;
const LOOK_DASH = LOOK_SIGN + 8;
/** How far back isInCode looks for the head of a URL. */
const URL_CHARS_MAX = 256;
/** Longest ending behind a dash or a colon. */
const TAIL_MAX = 6;

const recentStems = new Recent();
const probes = new Int32Array(CHUNK_CHARS_MAX + 2 * PAD + 2);
const votes = new Uint16Array(LANGUAGE_MASK + 1);

/**
 * Fills `open` (OPEN: to be read) and `bits` (the lexicon's, for words) at the tokens' indexes, and the tokens' language. Returns
 * the number of open tokens. `finnish`: whether finnish.ts is asked; one answer for each lexicon, since what was looked up is remembered.
 */
export function openGate(
  tokens: Tokens,
  text: string,
  from: number,
  to: number,
  lexicon: Int32Array,
  open: Uint8Array,
  bits: Uint8Array,
  finnish = true,
): number {
  const { look, word, glued, end, start } = tokens;
  const stop = PAD + tokens.count;
  let opened = 0;
  let previous = -1;
  let url = -1;
  let language = 0;
  // Faster than `fill`, which is a call.
  for (let speaks = 0; speaks <= LANGUAGE_MASK; speaks++) votes[speaks] = 0;
  recentStems.begin(lexicon);
  const mask = lexicon.length - 1;
  for (let i = PAD; i < stop; i++) probes[i] = probe(lexicon, word[i] as number, mask);
  // The last token's neighbours: an earlier, longer chunk may have left something there.
  bits[stop] = 0;
  open[stop] = 0;
  open[stop + 1] = 0;
  for (let i = PAD; i < stop; i++) {
    const l = look[i] as number;
    open[i] = 0;
    bits[i] = 0;
    if (l > LOOK_LINE_TITLE) {
      if (l === LOOK_SIGN) {
        if (
          previous === i - 1 &&
          glued[i] === 1 &&
          (end[previous] as number) - (start[previous] as number) <= SHORT_MAX
        ) {
          open[i] = 1;
          opened++;
        }
      } else if (l === LOOK_COLON && glued[i] === 1 && text.startsWith("//", end[i])) {
        url = i + 1;
        while (url < stop && glued[url] === 1) url++;
        if (open[i - 1] === 1) opened--;
        open[i - 1] = 0;
        previous = -1;
      }
      continue;
    }
    if (i < url) continue;
    const entry = lookUp(lexicon, word[i] as number, mask, probes[i]);
    const known = entry & ((1 << LANGUAGE_SHIFT) - 1);
    bits[i] = known;
    if (known !== entry) {
      const speaks = entry >> LANGUAGE_SHIFT;
      const count = (votes[speaks] as number) + 1;
      votes[speaks] = count;
      if (language !== speaks && count > (votes[language] as number)) language = speaks;
    }
    if (l === LOOK_LOWER) {
      // The many: words in lower case of a line that has capitals.
      if (isTail(tokens, i, previous)) {
        // "USA-ban", "EU:n": the ending is part of the name.
        open[i - 1] = 1;
        opened++;
      } else {
        if ((known & (NAMES | INNER)) === 0) continue;
        if ((known & NAMES) === 0 ? previous !== i - 1 : (known & COMMON) !== 0) continue;
      }
    } else if (l === LOOK_LINE_LOWER && (known & (NAMES | COMMON)) === COMMON) continue;
    if (isCode(text, from, to, start[i] as number, end[i] as number, l)) {
      previous = -1;
      continue;
    }
    if (l !== LOOK_LOWER && l !== LOOK_LINE_LOWER && (known & (NAMES | COMMON | TITLED)) === 0) {
      let stem = recentStems.get(word[i] as number);
      if (stem < 0) {
        stem = stemBits(lexicon, text, start[i] as number, end[i] as number);
        if (stem === 0 && finnish)
          stem = lookUpFinnish(lexicon, text, start[i] as number, end[i] as number, LOWER_FORM) & NAMES;
        recentStems.set(word[i] as number, stem);
      }
      if (stem !== 0) bits[i] = known | stem | BENT;
    }
    open[i] = 1;
    opened++;
    let back = i - 1;
    if (previous >= 0 && i - previous <= GAP_MAX + 1) {
      for (; back > previous; back--) {
        if (look[back] === LOOK_MIXED || open[back] === 1) continue;
        open[back] = 1;
        opened++;
      }
    } else {
      // "van der Berg"
      for (; back >= PAD && back > i - 3 && ((bits[back] as number) & INNER) !== 0 && open[back] === 0; back--) {
        open[back] = 1;
        opened++;
      }
    }
    previous = i;
  }
  tokens.language = language;
  return opened;
}

function isTail(tokens: Tokens, i: number, previous: number): boolean {
  if (previous !== i - 2 || previous < 0 || tokens.glued[i] === 0 || tokens.glued[i - 1] === 0) return false;
  const sign = tokens.look[i - 1];
  return (
    (sign === LOOK_DASH || sign === LOOK_COLON) && (tokens.end[i] as number) - (tokens.start[i] as number) <= TAIL_MAX
  );
}

const STOP = 0x2e;
const SLASH = 0x2f;
const COLON = 0x3a;
const DASH = 0x2d;
/** Signs that touch no word of prose. */
const CODE_BEFORE = flags("_@#$\\}<^%+");
const CODE_BEHIND = flags("_@$\\{<(^");

function flags(signs: string): Uint8Array {
  const set = new Uint8Array(128);
  for (let at = 0; at < signs.length; at++) set[signs.charCodeAt(at)] = 1;
  return set;
}

function isWordCode(code: number): boolean {
  const kind = KINDS[code];
  return kind === LOWER || kind === UPPER || kind === DIGIT || kind === UNCASED;
}

/** Whether the word at [start, end) is part of an identifier, a path, a call, an address: of something that no person is called. */
function isCode(text: string, from: number, to: number, start: number, end: number, look: number): boolean {
  if (look === LOOK_CAMEL && !isNameWithPrefix(text, start, end)) return true;
  if (start > from) {
    const before = text.charCodeAt(start - 1);
    if (before < 128 && before > 0x20) {
      if (CODE_BEFORE[before] === 1) return true;
      if (before === STOP && start - 2 >= from && isWordCode(text.charCodeAt(start - 2))) {
        if (!isAbbreviation(text, from, start - 1, look)) return true;
      } else if (before === SLASH) {
        if (start - 2 < from || !isSlashOfNames(text, from, to, start - 1)) return true;
      } else if (before === COLON) {
        if (start - 2 >= from && text.charCodeAt(start - 2) === COLON) return true;
      } else if (before === DASH && start - 2 >= from && text.charCodeAt(start - 2) === DASH) {
        // "--Name" is an option; "word--Name" is a dash of typewriters.
        if (start - 3 < from || !isWordCode(text.charCodeAt(start - 3))) return true;
      }
    }
  }
  if (end < to) {
    const behind = text.charCodeAt(end);
    if (behind < 128 && behind > 0x20) {
      if (CODE_BEHIND[behind] === 1) return true;
      if (behind === STOP && end + 1 < to && isWordCode(text.charCodeAt(end + 1))) {
        const next = KINDS[text.charCodeAt(end + 1)] as number;
        if (end - start > 1 && !(end - start <= 3 && next === UPPER)) return true;
      } else if (behind === SLASH) {
        if (end + 1 >= to || !isSlashOfNames(text, from, to, end)) return true;
      } else if (behind === COLON) {
        if (end + 1 < to && text.charCodeAt(end + 1) === COLON) return true;
      }
    }
  }
  return false;
}

/** As isCode, and a URL around the word counts too. */
export function isInCode(text: string, from: number, to: number, start: number, end: number, look: number): boolean {
  if (isCode(text, from, to, start, end, look)) return true;
  for (let at = start - 1; at > from + 1 && KINDS[text.charCodeAt(at)] !== SPACE && start - at < URL_CHARS_MAX; at--) {
    if (text.charCodeAt(at) === SLASH && text.charCodeAt(at - 1) === SLASH && text.charCodeAt(at - 2) === COLON)
      return true;
  }
  return false;
}

/** Whether the word that ends at `stop`, where a full stop touches the next word, is one like "J", "St" or "Dr". */
function isAbbreviation(text: string, from: number, stop: number, look: number): boolean {
  let at = stop;
  while (at > from && stop - at <= 3 && isWordCode(text.charCodeAt(at - 1))) at--;
  return stop - at <= 3 && look !== LOOK_LOWER && KINDS[text.charCodeAt(at)] === UPPER;
}

/** "Paris/London", but not "src/Names/index" or "/Users". */
function isSlashOfNames(text: string, from: number, to: number, slash: number): boolean {
  let left = slash;
  while (left > from && isWordCode(text.charCodeAt(left - 1))) left--;
  let right = slash + 1;
  while (right < to && isWordCode(text.charCodeAt(right))) right++;
  return (
    slash - left > 1 &&
    right - slash > 2 &&
    KINDS[text.charCodeAt(left)] === UPPER &&
    KINDS[text.charCodeAt(slash + 1)] === UPPER &&
    (left === from || !"/\\.-_:@".includes(text.charAt(left - 1))) &&
    (right === to || !"/\\-_@(:".includes(text.charAt(right)))
  );
}

const NAME_PREFIXES = new Set([
  "mc",
  "mac",
  "de",
  "del",
  "di",
  "du",
  "da",
  "la",
  "le",
  "van",
  "von",
  "fitz",
  "o",
  "ó",
  "st",
]);

/** "McDonald", "DiCaprio", "LaVerne": one capital inside, behind a particle that names begin with. */
function isNameWithPrefix(text: string, start: number, end: number): boolean {
  if (KINDS[text.charCodeAt(start)] !== UPPER) return false;
  // "GmbH", "BiH"
  if (end - start <= SHORT_MAX) return true;
  let inner = -1;
  for (let at = start + 1; at < end; at++) {
    if (KINDS[text.charCodeAt(at)] !== UPPER) continue;
    if (inner >= 0) return false;
    inner = at;
  }
  if (inner < 0 || inner - start > SHORT_MAX || end - inner < 3) return false;
  let prefix = "";
  for (let at = start; at < inner; at++) prefix += String.fromCharCode(LOWER_FORM[text.charCodeAt(at)] as number);
  return NAME_PREFIXES.has(prefix);
}
