/**
 * Card numbers: the first six digits (the issuer) and the grouping stay, what is between them and the check digit is
 * permuted, and the check digit is wrong on purpose, so that no result is ever a card that somebody could hold: it is Luhn's
 * digit plus 1 + t, where t counts how often the number was encrypted anew because a part of its groups passed for a card. A
 * number of twelve digits leaves five to permute, which is too few.
 */
import { CARD_DIGITS_MAX, CARD_DIGITS_MIN, holdsCard, luhnDigit } from "../checksums.ts";
import { OperatorError } from "../errors.ts";
import { type Cipher, type Format, notInFormat, withDigits } from "./format.ts";

const ISSUER_DIGITS = 6;
/** Luhn's digit has nine wrong values. */
const TRIES = 9;

export const cardFormat: Format = {
  encrypt(value, cipher) {
    const digits = digitsOf(value);
    const body = digits.slice(0, -1);
    if (luhnDigit(body) !== Number(digits.slice(-1))) throw notInFormat("the check digit of the card number is wrong");
    return written(value, body, cipher);
  },

  decrypt(value, cipher) {
    const digits = digitsOf(value);
    const body = digits.slice(0, -1);
    const attempt = (Number(digits.slice(-1)) - luhnDigit(body) + 9) % 10;
    if (attempt >= TRIES) throw notInFormat("a card number with a right check digit was not encrypted here");
    const account = body.slice(ISSUER_DIGITS);
    const original =
      body.slice(0, ISSUER_DIGITS) +
      permutationOf(body, attempt, cipher).decrypt(BigInt(account)).toString().padStart(account.length, "0");
    if (written(value, original, cipher) !== value)
      throw notInFormat("the card number was not encrypted with this key and purpose");
    return withDigits(value, `${original}${luhnDigit(original)}`);
  },
};

function digitsOf(value: string): string {
  const digits = value.replaceAll(/[\s-]/g, "");
  if (!/^[0-9]+$/.test(digits) || digits.length < CARD_DIGITS_MIN || digits.length > CARD_DIGITS_MAX)
    throw notInFormat("a card number has 12 to 19 digits, spaces and hyphens");
  return digits;
}

function permutationOf(body: string, attempt: number, cipher: Cipher) {
  const issuer = body.slice(0, ISSUER_DIGITS);
  return cipher(`card ${issuer} ${body.length} ${attempt}`, 10n ** BigInt(body.length - ISSUER_DIGITS));
}

/** The first attempt of which no part passes for a card. */
function written(value: string, body: string, cipher: Cipher): string {
  const account = body.slice(ISSUER_DIGITS);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const permuted = permutationOf(body, attempt, cipher)
      .encrypt(BigInt(account))
      .toString()
      .padStart(account.length, "0");
    if (permuted === account) continue;
    const fake = body.slice(0, ISSUER_DIGITS) + permuted;
    const out = withDigits(value, `${fake}${(luhnDigit(fake) + 1 + attempt) % 10}`);
    if (!holdsCard(out)) return out;
  }
  throw new OperatorError("unchanged", "no encryption of the card number is free of card numbers");
}
