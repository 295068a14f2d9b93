/** Values that are not reported although a recognizer finds them: a support address, the numbers of a test account. */
import { normalize } from "../normalize.ts";
import type { Finding } from "../types.ts";

const VALUES_MAX = 100_000;

export class Allow {
  readonly #listed: readonly string[];
  readonly #values: ReadonlySet<string>;
  /** Filled type by type, as types are met. */
  readonly #byType = new Map<string, ReadonlySet<string>>();

  /** `values`: compared without regard to case, and to how values of the type may be written ("+49 30 1", "0049301"). */
  constructor(values: readonly string[]) {
    if (!isStrings(values)) throw new TypeError("allow must be an array of strings");
    if (values.length > VALUES_MAX) throw new TypeError(`allow holds ${values.length} values; at most ${VALUES_MAX}`);
    this.#values = new Set(values.map((value) => value.trim().toLowerCase()));
    this.#listed = values;
  }

  allows(finding: Finding, text: string): boolean {
    const value = text.slice(finding.start, finding.end);
    if (this.#values.has(value.toLowerCase())) return true;
    let ofType = this.#byType.get(finding.type);
    if (ofType === undefined) {
      ofType = new Set(this.#listed.map((listed) => normalize(finding.type, listed)));
      this.#byType.set(finding.type, ofType);
    }
    return ofType.has(normalize(finding.type, value));
  }
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
