/**
 * Where a value goes on behind a delimiter: "48.8566, 2.3522", "12. März 1990", "B-AB 123", "anna (at) firma (dot) de". Each
 * kind of such a phrase is read to its end before it is joined, so nothing is joined that is not one; whether it is personal
 * is for the recognizers. Every phrase is bounded, and its text is waited for (see ahead.ts), never guessed.
 */
import { coordinatesEnd } from "../recognizers/coordinates.ts";
import { datePhraseEnd } from "../recognizers/dates.ts";
import { identifierEnd } from "../identifiers/joint.ts";
import { documentEnd, isPlateLetter } from "../recognizers/document-shape.ts";
import { spelledEnd } from "../recognizers/email-spelled.ts";
import { mrzEnd } from "../recognizers/mrz.ts";
import { extensionEnd } from "../recognizers/phone-extension.ts";
import { Ahead } from "./ahead.ts";
import { CLASSES, codeAt, DIGIT, isDigitCode, isGroupSpace, LETTER, OPENER, SMALL } from "./characters.ts";

const ahead = new Ahead();
/** What the character behind a small word and a space may go on with: nothing (zero), a phrase, or "at". */
export const FOLLOWS: Uint8Array = new Uint8Array(0x10000);
const LEADS = 1;
const LEADS_AT = 2;
for (let code = 0; code < 0x80; code++) {
  if (((CLASSES[code] as number) & (DIGIT | OPENER)) !== 0) FOLLOWS[code] = LEADS;
  else if ((code | 0x20) === 0x61) FOLLOWS[code] = LEADS_AT;
}

/**
 * Whether a plain word with small letters that ends at `at` may begin a phrase. Cheap, and asked for many words of every
 * text; when the character behind the delimiter is not there yet, it may.
 */
export function mayLead(text: string, at: number): boolean {
  const delimiter = text.charCodeAt(at);
  if (delimiter !== 0x20 && delimiter !== 0xa0) return false;
  if (FOLLOWS[text.charCodeAt(at + 1)] !== LEADS_AT) return true;
  return leadsAt(text, at + 1);
}

/** Whether "at" and a space may stand at `from`, in front of which a letter "a" stands for it: most words with it are others. */
function leadsAt(text: string, from: number): boolean {
  const second = text.charCodeAt(from + 1);
  if ((second | 0x20) !== 0x74) return Number.isNaN(second);
  const third = text.charCodeAt(from + 2);
  return third === 0x20 || Number.isNaN(third);
}

/** End of the phrase that goes on behind the delimiter at `at`, -1 when none does, undefined when more text decides. */
export function phraseEnd(text: string, start: number, at: number, final: boolean): number | undefined {
  const delimiter = text.charCodeAt(at);
  if (delimiter !== 0x3c && delimiter !== 0x22 && !isGroupSpace(delimiter)) return -1;
  ahead.open(text, text.length, final);
  const end =
    delimiter === 0x3c ? mrzEnd(ahead, start, at) : delimiter === 0x22 ? quotedEnd(start, at) : spacedEnd(start, at);
  const { short } = ahead;
  ahead.release();
  return short ? undefined : end;
}

/** `48°51'24"N` */
function quotedEnd(start: number, at: number): number {
  return isDigitCode(ahead.text.charCodeAt(at - 1)) ? coordinatesEnd(ahead, start, at) : -1;
}

/** The characters on both sides of the space say which phrases it may be in; each reads back and forth by itself. */
function spacedEnd(start: number, at: number): number {
  const { text } = ahead;
  const last = text.charCodeAt(at - 1);
  const known = at + 1 < text.length;
  const next = known ? text.charCodeAt(at + 1) : 0;
  const classes = known ? (CLASSES[next] as number) : DIGIT | LETTER | OPENER;
  let end = -1;
  if (!known || (classes & SMALL) === 0) end = coordinatesEnd(ahead, start, at);
  const digit = isDigitCode(last);
  // "12", "12.", "1st", "2º"; or the name of a month in front of a day.
  const day =
    digit || last === 0x2e || last === 0x2c || isDigitCode(codeAt(text, at - 2)) || isDigitCode(codeAt(text, at - 3));
  if (end < 0 && (day || (classes & DIGIT) !== 0)) end = datePhraseEnd(ahead, start, at);
  if (end < 0 && ((classes & OPENER) !== 0 || isCloser(last) || ((next | 0x20) === 0x61 && leadsAt(text, at + 1))))
    end = spelledEnd(ahead, start, at);
  if (end >= 0 || (classes & (DIGIT | LETTER)) === 0) return end;
  // Behind the space of an identifier or a document stands a digit or a capital.
  if (!known || isDigitCode(next) || isPlateLetter(next)) {
    if (!digit && !isPlateLetter(last) && !isGreekCapital(last)) return -1;
    end = identifierEnd(ahead, start, at);
    if (end < 0) end = documentEnd(ahead, start, at);
  }
  return end < 0 && digit ? extensionEnd(ahead, start, at) : end;
}

/** Of the sign in "anna(at) firma.de". */
function isCloser(code: number): boolean {
  return code === 0x29 || code === 0x5d || code === 0x7d;
}

function isGreekCapital(code: number): boolean {
  return code >= 0x391 && code <= 0x3a9;
}
