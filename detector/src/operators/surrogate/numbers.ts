/**
 * Stand-ins for numbers that people and machines take seriously: right length, right grouping, and never right. What has a
 * checksum fails it, in every grouping that a reader could take alone; what has none keeps only its shape, and may by accident
 * be somebody's.
 */
import {
  BECH32,
  BASE58,
  holdsCard,
  ibanCheck,
  luhnDigit,
  passesBase58Check,
  passesBech32,
  passesEip55,
} from "../checksums.ts";
import { withDigits } from "../format/format.ts";
import type { Draws } from "./draws.ts";
import type { SurrogateRow } from "./environment.ts";

const UPPER = "ABCDEFGHJKLMNPQRSTUVWXYZ";
const CYRILLIC = "АВЕКМНОРСТУХ";
const GREEK = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ";

/** Digits for digits, letters for letters of the same case and script; a number does not begin to begin with zero. */
export function shaped(value: string, draws: Draws): string {
  let leading = true;
  return value.replace(/[\p{L}\p{N}]/gu, (old) => {
    const first = leading;
    leading = false;
    if (/\p{N}/u.test(old)) return String(first && old !== "0" ? 1 + draws.int(9) : draws.int(10));
    const letters = /\p{Script=Cyrillic}/u.test(old) ? CYRILLIC : /\p{Script=Greek}/u.test(old) ? GREEK : UPPER;
    const letter = draws.pick([...letters]);
    return old === old.toLowerCase() ? letter.toLowerCase() : letter;
  });
}

/** Every wrong check digit is one in ten; so many tries in a row do not fail. */
const TRIES = 256;

function until(make: () => string, refused: (candidate: string) => boolean): string | undefined {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const candidate = make();
    if (!refused(candidate)) return candidate;
  }
  return undefined;
}

/** `isReal`: passes a checksum of this type. */
export function shapedRow(type: string, isReal: (candidate: string) => boolean = () => false): SurrogateRow {
  return (value, attempt, { draws, key }) => {
    if (!/[\p{L}\p{N}]/u.test(value)) return undefined;
    const choices = draws(type, key, String(attempt));
    return until(
      () => neverIssued(type, shaped(value, choices)),
      (candidate) => holdsCard(candidate) || isReal(candidate),
    );
  };
}

/** American numbers have no checksum, but no number of area 666: https://www.ssa.gov/employer/randomizationfaqs.html */
function neverIssued(type: string, number: string): string {
  return type === "SOCIAL_SECURITY_NUMBER" ? number.replace(/^[0-9]{3}(?=-[0-9]{2}-[0-9]{4}$)/, "666") : number;
}

/** Keeps the first digit, which names the kind of card. */
export const card: SurrogateRow = (value, attempt, { draws, key }) => {
  const digits = value.replaceAll(/[^0-9]/g, "");
  if (digits.length < 3) return undefined;
  const choices = draws("CARD", key, String(attempt));
  return until(() => {
    const body = digits.slice(0, 1) + choices.digits(digits.length - 2);
    return withDigits(value, `${body}${(luhnDigit(body) + 1 + choices.int(9)) % 10}`);
  }, holdsCard);
};

/** Keeps the country. */
export const iban: SurrogateRow = (value, attempt, { draws, key }) => {
  const compact = value.replaceAll(/[^A-Za-z0-9]/g, "").toUpperCase();
  const country = /^[A-Z]{2}(?=[0-9]{2}[A-Z0-9]{4})/.exec(compact)?.[0];
  if (country === undefined) return undefined;
  const choices = draws("IBAN", key, String(attempt));
  return until(() => {
    const account = shaped(compact.slice(4), choices);
    const check = ((ibanCheck(country, account) - 2 + 1 + choices.int(96)) % 97) + 2;
    const fake = `${country}${String(check).padStart(2, "0")}${account}`;
    let next = 0;
    return value.replace(/[A-Za-z0-9]/g, (old) => {
      const character = fake[next++] ?? "";
      return old >= "a" ? character.toLowerCase() : character;
    });
  }, holdsCard);
};

/** ISO 9362: a 0 as the second character of the location marks a code for tests. Country and length stay. */
export const bic: SurrogateRow = (value, attempt, { draws, key }) => {
  const country = /^[A-Z0-9]{4}([A-Z]{2})[A-Z0-9]{2}(?:[A-Z0-9]{3})?$/i.exec(value)?.[1];
  if (country === undefined) return undefined;
  const choices = draws("BIC", key, String(attempt));
  const letters = (count: number) => Array.from({ length: count }, () => choices.pick([...UPPER])).join("");
  return `${letters(4)}${country.toUpperCase()}${letters(1)}0${value.length === 11 ? "XXX" : ""}`;
};

const HEX = "0123456789abcdef";

/** The prefix of the network stays; the checksum is wrong, so no wallet software sends anything there. */
export const wallet: SurrogateRow = (value, attempt, { draws, key }) => {
  const choices = draws("CRYPTO_WALLET", key, String(attempt));
  const from = (alphabet: string, count: number) =>
    Array.from({ length: count }, () => choices.pick([...alphabet])).join("");
  if (/^0x[0-9a-f]+$/i.test(value)) {
    return until(() => {
      const digits = from(HEX, value.length - 2);
      return `0x${digits.replace(/[a-f]/g, (digit) => (choices.int(2) === 0 ? digit : digit.toUpperCase()))}`;
    }, passesEip55);
  }
  const prefix = /^[a-z]{2,5}1[qp]?(?=[a-z0-9]{6})/i.exec(value)?.[0];
  if (prefix !== undefined)
    return until(() => prefix.toLowerCase() + from(BECH32, value.length - prefix.length), passesBech32);
  if (!/^[1-9A-HJ-NP-Za-km-z]{20,}$/.test(value)) return undefined;
  return until(() => value.slice(0, 1) + from(BASE58, value.length - 1), passesBase58Check);
};
