/**
 * Printed forms, compiled, and the units of an island that they are held against. A unit is a maximal run of ASCII letters
 * and digits; a form is one unit or several with one separator between them. Which forms can begin with a unit is looked up
 * by its length, and whether it holds letters, so that most numbers are passed over without a comparison.
 */
import { isAsciiAlnum, isDigitCode, isGroupSpace } from "../scanner/characters.ts";
import { atomEnd, atomStart, type Island } from "../scanner/island.ts";
import type { Places } from "./checksum.ts";
import type { IdentifierRow } from "./row.ts";

const SPACE = 0x20;
const HYPHEN = 0x2d;
/** What is longer is no identifier. */
export const UNIT_CHARS_MAX = 24;

export interface Shape {
  /** Index of the row in the list that was compiled. */
  readonly row: number;
  /** May stand without a label. */
  readonly alone: boolean;
  readonly groups: readonly Group[];
  /** Number of places that reach the check. */
  readonly places: number;
  readonly letters: number;
  /** Groups are set off by spaces. */
  readonly spaced: boolean;
}

interface Group {
  readonly length: number;
  /** Bit n: the n-th character is a letter. Neither bit: it may be either. */
  readonly letters: number;
  readonly digits: number;
  /** Characters that stand for themselves, and do not count as places. */
  readonly fixed: readonly { readonly at: number; readonly code: number }[];
  /** Separator behind the group; 0 behind the last. */
  readonly separator: number;
}

function groupOf(mask: string, separator: number): Group {
  let letters = 0;
  let digits = 0;
  const fixed: { at: number; code: number }[] = [];
  for (const [at, char] of [...mask].entries()) {
    if (char === "@") letters |= 1 << at;
    else if (char === "#") digits |= 1 << at;
    else if (char !== "*") {
      fixed.push({ at, code: char.charCodeAt(0) });
      if (isDigitCode(char.charCodeAt(0))) digits |= 1 << at;
      else letters |= 1 << at;
    }
  }
  return { length: mask.length, letters, digits, fixed, separator };
}

export function compileShape(form: string, row: number): Shape {
  const alone = form.startsWith("!");
  const body = alone ? form.slice(1) : form;
  const groups = [...body.matchAll(/([#@*A-Z0-9]+)([^#@*A-Z0-9]?)/g)].map(([, mask, separator]) =>
    groupOf(mask ?? "", separator ? separator.charCodeAt(0) : 0),
  );
  const wild = [...body].filter((char) => "#@*".includes(char)).length;
  const letters = [...body].filter((char) => char === "@").length;
  return { row, alone, groups, places: wild, letters, spaced: body.includes(" ") };
}

/** Forms by the lengths of their first two groups, the second 0 where there is only one. */
export type ShapeTable = readonly (readonly Shape[])[];

const WIDTH = UNIT_CHARS_MAX + 1;

/** Forms that may begin with a unit of `first` characters, followed by one of `second`. */
export function shapesOf(table: ShapeTable, first: number, second: number): readonly Shape[] {
  return table[first * WIDTH + second] as readonly Shape[];
}

export interface ShapeTables {
  /** For units of digits only. */
  readonly digits: ShapeTable;
  /** For units with letters. */
  readonly letters: ShapeTable;
}

export function compileShapes(rows: readonly IdentifierRow[], wanted: (shape: Shape) => boolean): ShapeTables {
  const all = rows.flatMap((row, index) => row.shapes.map((form) => compileShape(form, index))).filter(wanted);
  const table = (fits: (group: Group) => boolean): ShapeTable => {
    const lists: Shape[][] = Array.from({ length: WIDTH * WIDTH }, () => []);
    for (const shape of all) {
      const [first, second] = shape.groups as [Group, Group | undefined];
      if (fits(first)) lists[first.length * WIDTH + (second?.length ?? 0)]?.push(shape);
    }
    return lists;
  };
  const isWild = ({ letters, digits, length }: Group): boolean => (letters | digits) !== (1 << length) - 1;
  return {
    digits: table(({ letters }) => letters === 0),
    letters: table((group) => group.letters !== 0 || isWild(group)),
  };
}

/** Runs of ASCII letters and digits of one island, in arrays that are used again. */
export interface Units {
  count: number;
  start: Int32Array;
  end: Int32Array;
  /** Bit n: the n-th character is a letter. -1: too long to be anything. */
  letters: Int32Array;
  /** The one character between this unit and the next, any space as U+0020 and any hyphen as "-"; 0 when there are more. */
  gap: Int32Array;
}

export const units: Units = {
  count: 0,
  start: new Int32Array(256),
  end: new Int32Array(256),
  letters: new Int32Array(256),
  gap: new Int32Array(256),
};

function grow(): void {
  for (const key of ["start", "end", "letters", "gap"] as const) {
    const larger = new Int32Array(units[key].length * 4);
    larger.set(units[key]);
    units[key] = larger;
  }
}

export function splitUnits(island: Island): void {
  const { text } = island;
  units.count = 0;
  for (let atom = 0; atom < island.atoms; atom++) {
    const end = atomEnd(island, atom);
    for (let at = atomStart(island, atom); at < end; at++) {
      if (isAsciiAlnum(text.charCodeAt(at))) at = addUnit(text, at, end);
    }
  }
}

/** Returns the end of the unit. */
function addUnit(text: string, start: number, limit: number): number {
  let from = start;
  // `\n` and `\t` of text that JSON has wrapped.
  const first = text.charCodeAt(start);
  if (start > 0 && text.charCodeAt(start - 1) === 0x5c && (first === 0x6e || first === 0x74 || first === 0x72)) from++;
  let letters = 0;
  let at = from;
  for (; at < limit; at++) {
    const code = text.charCodeAt(at);
    if (isDigitCode(code)) continue;
    if (!isAsciiAlnum(code)) break;
    if (at - from < UNIT_CHARS_MAX) letters |= 1 << (at - from);
  }
  if (at === from) return at;
  if (units.count === units.start.length) grow();
  const unit = units.count++;
  units.start[unit] = from;
  units.end[unit] = at;
  units.letters[unit] = at - from > UNIT_CHARS_MAX ? -1 : letters;
  units.gap[unit] = 0;
  if (unit > 0 && from - (units.end[unit - 1] as number) === 1)
    units.gap[unit - 1] = separatorOf(text.charCodeAt(from - 1));
  return at;
}

export function separatorOf(code: number): number {
  if (isGroupSpace(code)) return SPACE;
  // Hyphen, non-breaking hyphen, en dash.
  return code === 0x2010 || code === 0x2011 || code === 0x2013 ? HYPHEN : code;
}

/** The unit with which `shape` ends when it begins with unit `first`, or -1. */
export function lastUnit(shape: Shape, text: string, first: number): number {
  const { groups } = shape;
  const last = first + groups.length - 1;
  if (last >= units.count) return -1;
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i] as Group;
    const unit = first + i;
    const start = units.start[unit] as number;
    if ((units.end[unit] as number) - start !== group.length) return -1;
    if (group.separator !== 0 && units.gap[unit] !== group.separator) return -1;
    const letters = units.letters[unit] as number;
    if ((letters & group.digits) !== 0 || (letters & group.letters) !== group.letters) return -1;
    for (const { at, code } of group.fixed) if (upper(text.charCodeAt(start + at)) !== code) return -1;
  }
  return last;
}

function isFixed(fixed: Group["fixed"], at: number): boolean {
  for (const one of fixed) if (one.at === at) return true;
  return false;
}

function upper(code: number): number {
  return code >= 0x61 && code <= 0x7a ? code - 0x20 : code;
}

const buffers: readonly Places[] = Array.from({ length: 32 }, (_, length) => new Uint8Array(length));

/** What the check is given. The same array for every value of that length. */
export function placesOf(shape: Shape, text: string, first: number): Places {
  const places = buffers[shape.places] as Places;
  let filled = 0;
  for (let i = 0; i < shape.groups.length; i++) {
    const { length, fixed } = shape.groups[i] as Group;
    const start = units.start[first + i] as number;
    for (let at = 0; at < length; at++) {
      if (fixed.length !== 0 && isFixed(fixed, at)) continue;
      const code = upper(text.charCodeAt(start + at));
      places[filled++] = isDigitCode(code) ? code - 0x30 : code - 0x41 + 10;
    }
  }
  return places;
}
