/**
 * IBANs: country, length, grouping and the place of letters and digits stay; the account, bank included, is permuted as one
 * number; the check digits are wrong on purpose, so that no result is an account that exists. They are the right ones plus
 * 1 + t in the ring of 97, where t counts how often the account was encrypted anew because its groups passed for a card.
 */
import { holdsCard, ibanCheck } from "../checksums.ts";
import { OperatorError } from "../errors.ts";
import type { Permutation } from "../ff1.ts";
import { type Cipher, type Format, notInFormat } from "./format.ts";

/** ISO 13616-1: two letters, two digits, up to thirty letters and digits. The shortest in use has 15 in all. */
const IBAN = /^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$/;
const CHECKS = 97;
/** Valid check digits are 02 to 98. */
const CHECK_MIN = 2;
const TRIES = 64;

export const ibanFormat: Format = {
  encrypt(value, cipher) {
    const { country, check, account } = parse(value);
    if (check !== ibanCheck(country, account)) throw notInFormat("the check digits of the IBAN are wrong");
    return written(value, country, account, cipher);
  },

  decrypt(value, cipher) {
    const { country, check, account } = parse(value);
    const attempt = (check - ibanCheck(country, account) + 2 * CHECKS - 1) % CHECKS;
    if (attempt >= TRIES) throw notInFormat("the IBAN was not encrypted here");
    const numerals = numeralsOf(account);
    const original = spelled(numerals, permutationOf(country, numerals, attempt, cipher).decrypt(numerals.number));
    if (written(value, country, original, cipher) !== value)
      throw notInFormat("the IBAN was not encrypted with this key and purpose");
    return rewritten(value, country, ibanCheck(country, original), original);
  },
};

function parse(value: string): { country: string; check: number; account: string } {
  const compact = value.replaceAll(/[\s.-]/g, "").toUpperCase();
  if (!IBAN.test(compact)) throw notInFormat("an IBAN is a country, two check digits and up to 30 letters and digits");
  return { country: compact.slice(0, 2), check: Number(compact.slice(2, 4)), account: compact.slice(4) };
}

/** An account as a number of mixed radix: 26 where a letter stands, 10 where a digit stands. */
interface Numerals {
  readonly shape: string;
  readonly size: bigint;
  readonly number: bigint;
}

function numeralsOf(account: string): Numerals {
  let size = 1n;
  let number = 0n;
  for (const character of account) {
    const letter = character >= "A";
    const radix = letter ? 26n : 10n;
    size *= radix;
    number = number * radix + BigInt(character.charCodeAt(0) - (letter ? 0x41 : 0x30));
  }
  return { shape: account.replaceAll(/[0-9]/g, "9").replaceAll(/[A-Z]/g, "A"), size, number };
}

function spelled({ shape }: Numerals, number: bigint): string {
  let rest = number;
  let text = "";
  for (let at = shape.length - 1; at >= 0; at--) {
    const letter = shape[at] === "A";
    const radix = letter ? 26n : 10n;
    text = String.fromCharCode(Number(rest % radix) + (letter ? 0x41 : 0x30)) + text;
    rest /= radix;
  }
  return text;
}

function permutationOf(country: string, { shape, size }: Numerals, attempt: number, cipher: Cipher): Permutation {
  return cipher(`iban ${country} ${shape} ${attempt}`, size);
}

function written(value: string, country: string, account: string, cipher: Cipher): string {
  const numerals = numeralsOf(account);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const permuted = permutationOf(country, numerals, attempt, cipher).encrypt(numerals.number);
    if (permuted === numerals.number) continue;
    const fake = spelled(numerals, permuted);
    const check = ((ibanCheck(country, fake) - CHECK_MIN + 1 + attempt) % CHECKS) + CHECK_MIN;
    const out = rewritten(value, country, check, fake);
    if (!holdsCard(out)) return out;
  }
  throw new OperatorError("unchanged", "no encryption of the IBAN is free of card numbers");
}

/** In the grouping and the case of `value`. */
function rewritten(value: string, country: string, check: number, account: string): string {
  const compact = `${country}${check.toString().padStart(2, "0")}${account}`;
  let next = 0;
  return value.replace(/[A-Za-z0-9]/g, (old) => {
    const character = compact[next++] ?? "";
    return old >= "a" ? character.toLowerCase() : character;
  });
}
