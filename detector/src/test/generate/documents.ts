/**
 * Generated texts with every structured type in them, and lines around them in which there is nothing. The same seed gives the same
 * texts on every machine.
 */
import type { Choices } from "../random.ts";
import { ADDRESSES } from "./addresses.ts";
import { EVERYDAY } from "./everyday.ts";
import { EAST } from "./identifiers-east.ts";
import { NORTH } from "./identifiers-north.ts";
import { SOUTH } from "./identifiers-south.ts";
import { WEST } from "./identifiers-west.ts";
import type { Kind } from "./kind.ts";
import { MACHINES } from "./machines.ts";
import { MONEY } from "./money.ts";
import { noiseLine } from "./noise.ts";
import { BIRTH, type Expected, Page, settingsOf } from "./settings.ts";
import { TRAVEL } from "./travel.ts";
import { LANGUAGES } from "./words.ts";

/** National, tax, social security, health and identity card numbers. */
export const IDENTIFIERS: readonly Kind[] = [...WEST, ...SOUTH, ...NORTH, ...EAST];

export const KINDS: readonly Kind[] = [
  ...EVERYDAY,
  ...BIRTH,
  ...MONEY,
  ...MACHINES,
  ...IDENTIFIERS,
  ...TRAVEL,
  ...ADDRESSES,
];

const BY_TYPE: ReadonlyMap<string, readonly Kind[]> = Map.groupBy(KINDS, (kind) => kind.type);
const TYPES_DRAWN: readonly string[] = [...BY_TYPE.keys()];

/** Any one changed digit breaks their check, and only the check makes them personal. */
const CHECKED: readonly Kind[] = KINDS.filter((kind) =>
  [
    "IBAN",
    "card",
    "FR NIR",
    "BE rijksregisternummer",
    "DE Rentenversicherungsnummer",
    "CH AHV-Nummer",
    "NL BSN",
    "PL PESEL",
    "DE Steuer-IdNr",
  ].includes(kind.name),
);

export interface Generated {
  readonly text: string;
  readonly expected: readonly Expected[];
  readonly language: string;
}

/** One to three values of structured types, each type drawn as often as any other, in one language and one setting. */
export function personalDocument(random: Choices): Generated {
  const first = kindOf(random, undefined);
  const language = random.pick(first.languages ?? Object.keys(LANGUAGES));
  const setting = random.pick(settingsOf(first));
  const kinds = [first];
  const wanted = first.place === undefined ? random.int(1, 3) : 1;
  while (kinds.length < wanted) {
    const next = kindOf(random, language);
    if (next.place === undefined && settingsOf(next).includes(setting) && !kinds.includes(next)) kinds.push(next);
  }
  const page = new Page();
  if (random.int(0, 1) === 0) page.add(`${noiseLine(random, CHECKED)}\n`);
  setting(page, random, kinds, language);
  if (random.int(0, 1) === 0) page.add(`\n${noiseLine(random, CHECKED)}`);
  return { text: page.text, expected: page.expected, language };
}

function kindOf(random: Choices, language: string | undefined): Kind {
  for (;;) {
    const kind = random.pick(BY_TYPE.get(random.pick(TYPES_DRAWN)) ?? []);
    if (language === undefined || kind.languages === undefined || kind.languages.includes(language)) return kind;
  }
}

/** Some lines without anything personal. */
export function noiseText(random: Choices, lines: number): string {
  return Array.from({ length: lines }, () => noiseLine(random, CHECKED)).join("\n");
}
