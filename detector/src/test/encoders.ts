/** The other direction of encoded/: writes a value in each form, as people and programs do. */
import type { Choices } from "./random.ts";

export type Encoder = (value: string, random: Choices) => string;

const bytesOf = (text: string): number[] => [...new TextEncoder().encode(text)];
const hex = (byte: number): string => byte.toString(16).padStart(2, "0");

/** Encodes the characters that `picks` names, at least one of them. */
function some(value: string, random: Choices, encode: (char: string) => string | undefined): string {
  const chars = [...value];
  const able = chars.flatMap((char, index) => (encode(char) === undefined ? [] : [index]));
  const sure = able.length === 0 ? -1 : random.pick(able);
  return chars
    .map((char, index) => (index === sure || random.int(0, 2) === 0 ? (encode(char) ?? char) : char))
    .join("");
}

const percent = (char: string, random: Choices): string => {
  const encoded = bytesOf(char)
    .map((byte) => `%${hex(byte)}`)
    .join("");
  return random.int(0, 1) === 0 ? encoded.toUpperCase() : encoded;
};

/** U+200B and its like, soft hyphen, a variation selector, a tag. */
const UNSEEN = ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\ufe0f", "\u200e", "\u{e0041}"];
const LOOKALIKES: Readonly<Record<string, string>> = {
  a: "а",
  e: "е",
  o: "о",
  p: "р",
  c: "с",
  x: "х",
  A: "А",
  B: "В",
  E: "Е",
  T: "Т",
  M: "М",
  P: "Р",
  C: "С",
  O: "Ο",
  N: "Ν",
  I: "Ι",
};
const ZEROS = [0x0660, 0x06f0, 0x0966, 0x0e50, 0xff10, 0x1d7ce, 0x1d7d8];

export function base64(value: string): string {
  return btoa(String.fromCharCode(...bytesOf(value)));
}

/** Forms in which a finding lies exactly on what `encode` wrote. Each encodes at least one character. */
export const ENCODERS: Readonly<Record<string, Encoder>> = {
  percent: (value, random) => some(value, random, (char) => percent(char, random)),
  "percent of all": (value, random) => [...value].map((char) => percent(char, random)).join(""),
  "percent twice": (value, random) => some(value, random, (char) => percent(char, random).replaceAll("%", "%25")),
  entities: (value, random) =>
    some(value, random, (char) =>
      random.pick([
        `&#${char.codePointAt(0)};`,
        `&#x${char.codePointAt(0)?.toString(16)};`,
        `&amp;#${char.codePointAt(0)};`,
      ]),
    ),
  escapes: (value, random) =>
    some(
      value,
      random,
      (char) => `${random.pick(["\\", "\\\\"])}u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
    ),
  "escapes of bytes": (value, random) => some(value, random, (char) => `\\x${hex(char.codePointAt(0) ?? 0)}`),
  "quoted-printable": (value) =>
    bytesOf(value)
      .map((byte) => (byte === 0x40 || byte >= 0x80 ? `=${hex(byte).toUpperCase()}` : String.fromCharCode(byte)))
      .join(""),
  invisible: (value, random) => {
    const chars = [...value];
    const sure = random.int(0, chars.length - 2);
    const inside = chars
      .slice(0, -1)
      .map((char, at) => (at === sure || random.int(0, 3) === 0 ? char + random.pick(UNSEEN) : char));
    return [...inside, chars.at(-1)].join("");
  },
  "full width": (value, random) =>
    some(value, random, (char) =>
      /[A-Za-z0-9@.]/.test(char) ? String.fromCharCode(char.charCodeAt(0) + 0xfee0) : undefined,
    ),
  "digits of other scripts": (value, random) =>
    some(value, random, (char) =>
      /\d/.test(char) ? String.fromCodePoint(random.pick(ZEROS) + Number(char)) : undefined,
    ),
  lookalikes: (value, random) => some(value, random, (char) => LOOKALIKES[char]),
  base64: (value) => base64(value),
  "base64 without padding": (value) => base64(value).replaceAll("=", ""),
  base64url: (value) => base64(value).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""),
  hex: (value, random) => {
    const digits = bytesOf(value).map(hex).join("");
    return random.int(0, 1) === 0 ? digits : digits.toUpperCase();
  },
  "base64 of percent": (value) => base64(`mail=${encodeURIComponent(value)}`),
};
