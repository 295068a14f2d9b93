/** Turns the examples of the rules about secrets into texts: random characters for shapes, computed parts for `{!name}`. */
import { crc32, base62 } from "../recognizers/secret-check.ts";
import { SHAPE_CLASSES } from "../recognizers/secret-shape.ts";
import type { Choices } from "./random.ts";

export interface Example {
  readonly text: string;
  /** What must be found: what `‹…›` marked, or the whole text. */
  readonly secret: string;
}

const BASE64 = SHAPE_CLASSES["b"] ?? "";
const PEM_LABEL = ["RSA", "PRIVATE", "KEY"].join(" ");
const BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/** The computed parts. `before`: the text so far, from the last space or quotation mark. */
const COMPUTED: Readonly<Record<string, (before: string, random: Choices) => string>> = {
  github: (before) => base62(crc32(before.slice(before.indexOf("_") + 1)), 6),
  gitlab: (before, random) => {
    const payload = before
      .slice(before.startsWith("glrt-") ? before.indexOf("_") + 1 : before.indexOf("-") + 1)
      .split(".")[0];
    return `.${(payload?.length ?? 0).toString(36).padStart(2, "0")}${random.chars(SHAPE_CLASSES["l"] ?? "", 7)}`;
  },
  grafana: (before) => `_${crc32(before).toString(16).padStart(8, "0")}`,
  sluice: (_, random) => {
    const head = `sluice_${random.chars("23456789abcdefgh", 10)}_${random.chars(SHAPE_CLASSES["a"] ?? "", 43)}`;
    return head + base62(crc32(head), 6);
  },
  discord: (_, random) => btoa(`${random.int(1, 9)}${random.digits(17)}`),
  aws: (_, random) => `AKIA${random.chars(SHAPE_CLASSES["r"] ?? "", 16)} `,
  json: (_, random) =>
    btoa(`{"o":"${random.digits(6)}","n":"stack-${random.digits(6)}-x","k":"${random.chars(BASE64, 24)}"}`),
  grafanajson: (_, random) => btoa(`{"k":"${random.chars("abcXYZ0123456789", 32)}","n":"backup","id":1}`),
  jwt: (_, random) =>
    `${url64('{"alg":"HS256","typ":"JWT"}')}.${url64(`{"sub":"${random.digits(8)}","iat":17${random.digits(8)}}`)}`,
  jwe: () => url64('{"alg":"RSA-OAEP","enc":"A256GCM"}'),
  basic: (_, random) => btoa(`user${random.digits(2)}:passw${random.digits(4)}`),
  pem: (_, random) => btoa(`-----BEGIN ${PEM_LABEL}-----\n${random.chars(BASE64, 64)}\n${random.chars(BASE64, 64)}\n`),
  age: (_, random) => bech32("age-secret-key-", random, 52).toUpperCase(),
  nsec: (_, random) => bech32("nsec", random, 52),
};

function url64(text: string): string {
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function bech32(prefix: string, random: Choices, words: number): string {
  const data = Array.from({ length: words }, () => random.int(0, 31));
  const codes = [...prefix].map((char) => char.charCodeAt(0));
  const sum =
    polymod([...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31), ...data, 0, 0, 0, 0, 0, 0]) ^ 1;
  const check = Array.from({ length: 6 }, (_, index) => (sum >> (5 * (5 - index))) & 31);
  return `${prefix}1${[...data, ...check].map((value) => BECH32[value]).join("")}`;
}

function polymod(values: readonly number[]): number {
  const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of generators.entries()) if ((top >> bit) & 1) sum ^= generator;
  }
  return sum;
}

const MARK = /\{uuid\}|\{!(\w+)\}|\{([a-z=])(\d+)(?:-\d+|\+)?\}|\{\}/g;

export function expand(template: string, random: Choices): string {
  let text = "";
  let copied = 0;
  for (const match of template.matchAll(MARK)) {
    text += template.slice(copied, match.index);
    copied = match.index + match[0].length;
    const [whole, computed, name, count] = match;
    if (whole === "{uuid}")
      text += [8, 4, 4, 4, 12].map((length) => random.chars(SHAPE_CLASSES["h"] ?? "", length)).join("-");
    else if (computed !== undefined) text += COMPUTED[computed]?.(tail(text), random) ?? unknown(template);
    else if (name !== undefined) text += random.chars(SHAPE_CLASSES[name] ?? unknown(template), Number(count));
  }
  return text + template.slice(copied);
}

function tail(text: string): string {
  return /[^\s"'‹=:]*$/.exec(text)?.[0] ?? "";
}

function unknown(template: string): never {
  throw new Error(`an example names what nobody computes: ${template}`);
}

export function example(template: string, random: Choices): Example {
  const [before = "", secret, after = ""] = expand(template, random).split(/[‹›]/);
  return secret === undefined ? { text: before, secret: before } : { text: before + secret + after, secret };
}
