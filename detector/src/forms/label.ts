/**
 * The names in a document as a detector should hear them: words, without the signs that would make a finding out of a name,
 * and short. A name that is a word of a schema may stand in a report; one that may be somebody's data may not.
 */

const LABEL_CHARS_MAX = 64;
/** Names are few; a document whose names are data must not fill the memory. */
const KNOWN_MAX = 2000;

/** The labels of one document. */
export class Labels {
  readonly #known = new Map<string, string>();

  /** Never holds a sign of an address, a URL or a placeholder. May be empty. */
  of(name: string): string {
    let label = this.#known.get(name);
    if (label === undefined) {
      label = labelOf(name);
      if (this.#known.size >= KNOWN_MAX) this.#known.clear();
      this.#known.set(name, label);
    }
    return label;
  }
}

export function labelOf(name: string): string {
  return name
    .slice(0, LABEL_CHARS_MAX)
    .replaceAll(/[^\p{L}\p{M}\p{N}_.'’#№°-]+/gu, " ")
    .trim();
}

const SCHEMA_WORD = /^[@$_\p{L}](?:[\p{L}\p{M}_$.:/-]|[0-9](?![0-9]{4}))*$/u;

/** One word without long numbers: what programs call a member. "jane@example.org", "Anna Keller" and "4711" are not. */
export function isSchemaWord(name: string): boolean {
  return name.length <= LABEL_CHARS_MAX && SCHEMA_WORD.test(name);
}
