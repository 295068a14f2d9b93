/**
 * The placeholders that were issued for one request, as the way back asks for them: by name, by the beginning of a name, and
 * what could begin one at all. It never changes and knows nothing of texts.
 */
import type { Issued } from "./placeholders.ts";
import { BRACKET_LENGTH_MAX } from "./variants.ts";

/** Placeholders that are looked through one by one: most requests have a handful. */
const UNINDEXED_MAX = 12;

/** The issued placeholders in the form that a lane asks for. Immutable. */
export class IssuedTable {
  readonly #few: readonly Issued[];
  /** When they are many. By type, then by number: names are never built, sorted or compared for thousands of placeholders. */
  readonly #byType: Map<string, { readonly numbers: Map<number, Issued>; max: number }> | undefined;
  readonly #ambiguous: (bareForm: string) => boolean;
  /** Bit n: a name begins with the n-th letter. */
  readonly #initials: number = 0;
  readonly nameLengthMax: number = 0;
  readonly variantLengthMax: number = 0;
  readonly restorableCount: number = 0;

  constructor(issued: readonly Issued[], ambiguous: (bareForm: string) => boolean) {
    this.#ambiguous = ambiguous;
    this.#few = issued.length <= UNINDEXED_MAX ? issued : [];
    this.#byType = issued.length <= UNINDEXED_MAX ? undefined : indexed(issued);
    for (const { type, placeholder, restorable } of issued) {
      if (restorable) this.restorableCount++;
      this.#initials |= 1 << (type.charCodeAt(0) - 0x41);
      const nameLength = placeholder.length - 2;
      this.nameLengthMax = Math.max(this.nameLengthMax, nameLength);
      this.variantLengthMax = Math.max(
        this.variantLengthMax,
        nameLength + underscores(placeholder) + 2 * BRACKET_LENGTH_MAX,
      );
    }
  }

  get(name: string): Issued | undefined {
    if (this.#byType === undefined) {
      for (const issued of this.#few) {
        const { placeholder } = issued;
        if (placeholder.length === name.length + 2 && placeholder.startsWith(name, 1)) return issued;
      }
      return undefined;
    }
    const underscore = name.lastIndexOf("_");
    const digits = name.slice(underscore + 1);
    return DIGITS.test(digits) ? this.#byType.get(name.slice(0, underscore))?.numbers.get(Number(digits)) : undefined;
  }

  startsBare(unit: number): boolean {
    return unit >= 0x41 && unit <= 0x5a && (this.#initials & (1 << (unit - 0x41))) !== 0;
  }

  bareAllowed(name: string): boolean {
    return !this.#ambiguous(name);
  }

  /** Some issued name begins with `prefix`; with `strict` it is also longer. */
  continues(prefix: string, strict: boolean): boolean {
    if (this.#byType === undefined) {
      const lengthMin = prefix.length + (strict ? 3 : 2);
      return this.#few.some(({ placeholder }) => placeholder.length >= lengthMin && placeholder.startsWith(prefix, 1));
    }
    for (const [type, { numbers, max }] of this.#byType) {
      if (prefix.length <= type.length + 1) {
        if (`${type}_`.startsWith(prefix)) return true;
        continue;
      }
      const digits = prefix.slice(type.length + 1);
      if (!prefix.startsWith(type) || prefix.charCodeAt(type.length) !== 0x5f || !DIGITS.test(digits)) continue;
      // Numbers that begin with these digits: 12 → 12, 120…129, 1200…1299.
      let low = Number(digits);
      let width = 1;
      if (strict) [low, width] = [low * 10, 10];
      for (; low <= max; [low, width] = [low * 10, width * 10]) {
        for (let number = low; number < low + width && number <= max; number++) if (numbers.has(number)) return true;
      }
    }
    return false;
  }
}

const DIGITS = /^[1-9][0-9]*$/;

function indexed(issued: readonly Issued[]): Map<string, { readonly numbers: Map<number, Issued>; max: number }> {
  const byType = new Map<string, { readonly numbers: Map<number, Issued>; max: number }>();
  for (const one of issued) {
    let row = byType.get(one.type);
    if (row === undefined) {
      row = { numbers: new Map(), max: 0 };
      byType.set(one.type, row);
    }
    row.numbers.set(one.number, one);
    row.max = Math.max(row.max, one.number);
  }
  return byType;
}

function underscores(text: string): number {
  let count = 0;
  for (let at = text.indexOf("_"); at !== -1; at = text.indexOf("_", at + 1)) count++;
  return count;
}
