/** How much the language files hold, for docs/signals.md. */
import { SPECIAL_CATEGORIES, type Terms } from "./language.ts";
import { LANGUAGES } from "./languages/all.ts";
import { NEVER, TermReader } from "./terms.ts";

export interface WrittenTerm {
  readonly words: readonly string[];
  readonly strength: number;
  readonly exact: boolean;
}

/** @throws Error that names a term which cannot be looked up */
export function termsOf(terms: Terms): WrittenTerm[] {
  const all: WrittenTerm[] = [];
  for (const reader = new TermReader(terms); reader.next(); )
    all.push({ words: reader.words(), strength: reader.strength, exact: reader.exact });
  return all;
}

/** Terms of each category, a row for each language; what is never a signal is not counted. A Markdown table. */
export function countsTable(): string {
  const rows = LANGUAGES.map(({ code, terms, keys }) => {
    const counts = SPECIAL_CATEGORIES.map(
      (category) => termsOf(terms[category]).filter(({ strength }) => strength !== NEVER).length,
    );
    const fields = SPECIAL_CATEGORIES.reduce((sum, category) => sum + termsOf(keys[category] ?? "").length, 0);
    return `| ${[code, ...counts, fields].join(" | ")} |`;
  });
  const head = ["", ...SPECIAL_CATEGORIES, "names of fields"];
  return [`| ${head.join(" | ")} |`, `|${" --- |".repeat(head.length)}`, ...rows].join("\n");
}
