/**
 * Secrets that come in pairs: beside the half that says what it is stands a half that is only random. The second is believed
 * when it has exactly the issuer's length and alphabet and the first stands within LOOKBACK_CHARS before it.
 */
import { DIGIT, isAsciiAlnum, isDigitCode, isLowerCode, isUpperCode } from "../scanner/characters.ts";
import { LOOKBACK_CHARS } from "../scanner/context.ts";
import type { Island } from "../scanner/island.ts";
import type { Recognizer, Sink } from "./recognizer.ts";
import { isPlaceholder, shapeOf } from "./secret-value.ts";

const AWS_CHARS = 40;
const AWS_ID_CHARS = 20;
const AWS_IDS = ["AKIA", "ASIA"];
const AWS_ENTROPY_MIN = 4;
const TWILIO_CHARS = 32;
const TWILIO_ENTROPY_MIN = 3;

export const secretNear: Recognizer = {
  name: "secret-near",
  trigger: DIGIT,
  charsMin: TWILIO_CHARS,
  find(island: Island, sink: Sink): void {
    const { text, start, end } = island;
    // A run of so many characters covers every so-manieth place: the rest need not be looked at.
    for (let at = start + TWILIO_CHARS - 1; at < end; at += TWILIO_CHARS) {
      if (!isBase64(text.charCodeAt(at))) continue;
      let from = at;
      while (from > start && isBase64(text.charCodeAt(from - 1))) from--;
      while (at < end && isBase64(text.charCodeAt(at))) at++;
      if (at - from === AWS_CHARS) findAws(text, from, at, sink);
      else if (at - from === TWILIO_CHARS) findTwilio(text, from, at, sink);
    }
  },
};

function isBase64(code: number): boolean {
  return isAsciiAlnum(code) || code === 0x2b || code === 0x2f;
}

function findAws(text: string, start: number, end: number, sink: Sink): void {
  let kinds = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    kinds |= isDigitCode(code) ? 1 : isLowerCode(code) ? 2 : isUpperCode(code) ? 4 : 0;
  }
  if (kinds !== 7 || isPlaceholder(text, start, end)) return;
  const before = text.slice(Math.max(0, start - LOOKBACK_CHARS), start);
  const named = hasAwsId(before) || hasWord(before.toLowerCase(), "aws");
  if (named && shapeOf(text, start, end).entropy >= AWS_ENTROPY_MIN) {
    sink.add(
      "SECRET",
      start,
      end,
      0.95,
      "secret-near",
      "aws-secret-access-key: form, with its id or the word before it",
    );
  }
}

function hasAwsId(before: string): boolean {
  return AWS_IDS.some((prefix) => {
    const at = before.lastIndexOf(prefix);
    return at >= 0 && at + AWS_ID_CHARS <= before.length;
  });
}

function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!isAsciiAlnum(text.charCodeAt(at - 1)) && !isAsciiAlnum(text.charCodeAt(at + word.length))) return true;
  }
  return false;
}

/** https://www.twilio.com/docs/iam/api: the account's id, then its token. */
function findTwilio(text: string, start: number, end: number, sink: Sink): void {
  if (!isHex(text, start, end)) return;
  const before = text.slice(Math.max(0, start - LOOKBACK_CHARS), start);
  const id = before.lastIndexOf("AC", before.length - TWILIO_CHARS - 2);
  if (id < 0 || !isHex(before, id + 2, id + 2 + TWILIO_CHARS)) return;
  if (shapeOf(text, start, end).entropy >= TWILIO_ENTROPY_MIN) {
    sink.add("SECRET", start, end, 0.9, "secret-near", "twilio-auth-token: form, with the account's id before it");
  }
}

function isHex(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (!isDigitCode(code) && (code < 0x61 || code > 0x66)) return false;
  }
  return true;
}
