/** The tables of docs/policy.md, made of what the code does. */
import { ADEQUACY } from "../adequacy.ts";
import { STRENGTH } from "../obligations.ts";
import { RISK_WEIGHTS } from "../risk.ts";
import { COUNT_MAX, type FactRow, FACTS } from "../schema.ts";

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

/** Counts of categories differ in their names only. */
function factRows(rows: readonly FactRow[]): string[][] {
  const categories = rows.filter(({ path }) => isCategory(path)).map(({ path }) => `\`${path.split(".").at(-1)}\``);
  return [
    ...rows
      .filter(({ path }) => !isCategory(path))
      .map(({ path, type, optional, range, meaning }) => [
        `\`${path}\``,
        `\`${type}\`${range === undefined ? "" : `, ${range[0]} to ${range[1]}`}`,
        optional === true ? "may be absent" : "",
        meaning,
      ]),
    ...(categories.length === 0
      ? []
      : [
          [
            '`context.counts["…"]`',
            `\`Long\`, 0 to ${COUNT_MAX}`,
            "",
            `findings by category, of special ones signals too: ${categories.join(", ")}`,
          ],
        ]),
  ];
}

const isCategory = (path: string): boolean => path.startsWith("context.counts.") && !/\.(total|special)$/.test(path);

const link = (celex: string): string => `https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX:${celex}`;

export const TABLES: Readonly<Record<string, string>> = {
  facts: table(
    ["fact", "type", "", "what it is"],
    [...factRows(FACTS.principal), ...factRows(FACTS.connection), ...factRows(FACTS.request)],
  ),
  control: table(["fact", "type", "", "what it is"], factRows(FACTS.control)),
  strength: STRENGTH.map((operator) => `\`${operator}\``).join(" < "),
  risk: table(
    ["fact", "weight"],
    RISK_WEIGHTS.map(([fact, weight]) => [fact, String(weight)]),
  ),
  adequacy: table(
    ["country", "decision", "adopted", "for", "ends"],
    Object.entries(ADEQUACY).map(([country, { decision, adopted, celex, scope = "", ends = "" }]) => [
      country,
      `[${decision}](${link(celex)})`,
      adopted,
      scope,
      ends,
    ]),
  ),
};

/** The page with each table where its mark stands. */
export function withTables(page: string): string {
  return page.replace(/(<!-- (?!end\b)(\w+) -->\n)[\s\S]*?(?=<!-- end -->)/g, (whole, before: string, name: string) => {
    const made = TABLES[name];
    return made === undefined ? whole : `${before}${made}\n`;
  });
}
