/** How much the lexicon holds, for docs/signals.md. */
import { SPECIAL_CATEGORIES } from "./language.ts";
import { LANGUAGES } from "./languages/all.ts";
import { NEVER, parseTerms } from "./lexicon.ts";

/** Terms of each category, a row for each language; what is never a signal is not counted. A Markdown table. */
export function countsTable(): string {
  const rows = LANGUAGES.map(({ code, terms, keys }) => {
    const counts = SPECIAL_CATEGORIES.map(
      (category) => parseTerms(terms[category]).filter(({ strength }) => strength !== NEVER).length,
    );
    const fields = SPECIAL_CATEGORIES.reduce((sum, category) => sum + parseTerms(keys[category] ?? "").length, 0);
    return `| ${[code, ...counts, fields].join(" | ")} |`;
  });
  const head = ["", ...SPECIAL_CATEGORIES, "names of fields"];
  return [`| ${head.join(" | ")} |`, `|${" --- |".repeat(head.length)}`, ...rows].join("\n");
}
