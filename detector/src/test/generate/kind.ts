/** What a generator of one kind of value is: the value, what it is called, and where it may stand without being called anything. */
import type { Choices } from "../random.ts";

export interface Kind {
  /** "DE Steuer-IdNr": for reports. */
  readonly name: string;
  /** A key of TYPES. */
  readonly type: string;
  /** Other types that are just as true of it: where one number serves as identity, tax and insurance number, each is right. */
  readonly also?: readonly string[];
  /** Languages that it is written about in; absent: any. */
  readonly languages?: readonly string[];
  /** What people write before it; absent: the words of the type in the language at hand (words.ts). */
  readonly labels?: readonly string[];
  /** Names of fields and columns. */
  readonly keys: readonly string[];
  /** Its shape or its check digits say what it is, so that it must be found without a label too. */
  readonly bare: boolean;
  /** "text": holds quotes, so it stands in sentences only; "block": several lines; absent: anywhere. */
  readonly place?: "text" | "block";
  /** The value as somebody wrote it: with or without spaces, hyphens, dots. */
  readonly make: (random: Choices) => Value;
}

/** A string, or, where part of what is written belongs to the value only by convention, both readings. */
export type Value =
  | string
  | { readonly text: string; readonly spans: readonly (readonly [from: number, to: number])[] };

export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Two digits each. */
  readonly yy: string;
  readonly mm: string;
  readonly dd: string;
}

export const two = (value: number): string => String(value).padStart(2, "0");

/** A birthday between the two years, both included. */
export function birthday(random: Choices, from = 1931, to = 2024): Day {
  const [year, month, day] = [random.int(from, to), random.int(1, 12), random.int(1, 28)];
  return { year, month, day, yy: two(year % 100), mm: two(month), dd: two(day) };
}

/** Draws until there is one: check digits do not exist for every number. */
export function until<T>(draw: () => T | undefined): T {
  for (;;) {
    const drawn = draw();
    if (drawn !== undefined) return drawn;
  }
}

/** In groups of the given lengths, the rest last: "12 345 678". */
export function grouped(value: string, lengths: readonly number[], separator = " "): string {
  const groups: string[] = [];
  let at = 0;
  for (const length of lengths) {
    groups.push(value.slice(at, at + length));
    at += length;
  }
  if (at < value.length) groups.push(value.slice(at));
  return groups.join(separator);
}

/** Fisher and Yates. */
export function shuffled<T>(random: Choices, items: readonly T[]): T[] {
  const rest = [...items];
  for (let last = rest.length - 1; last > 0; last--) {
    const other = random.int(0, last);
    [rest[last], rest[other]] = [rest[other] as T, rest[last] as T];
  }
  return rest;
}

/** "AT 43|BE 32" → country to the rest. */
export function table(rows: string): Readonly<Record<string, string>> {
  return Object.fromEntries(rows.split("|").map((row) => [row.slice(0, 2), row.slice(3)]));
}

export const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
