/**
 * Prints docs/configuration.md: every key of sluice.yaml with its default and what it is for, from the schema that the gateway checks
 * against.
 *
 *   node scripts/configuration.ts > docs/configuration.md
 */
import { readFileSync } from "node:fs";

interface Node {
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
  readonly allOf?: readonly Node[];
}

interface Row {
  readonly key: string;
  readonly fallback: string;
  readonly description: string;
}

const INTRODUCTION = `# Configuration, every key

What can stand in \`sluice.yaml\`, as \`sluice check-config\` checks it; \`--schema\` prints the same for editors. \`sluice init\` writes a file to start from. \`*\` stands for a name of
yours, \`[]\` for each entry of a list. Keys without a default are needed, or absent means that nothing is done. What sections are for is on their pages:
[identity](identity.md), [policy](policy.md), [reviews](reviews.md), [channels](channels.md), [secrets](secrets.md), [custody](custody.md), [operators](operators.md),
[recordings](recordings.md), [subjects](subjects.md), [erasure and retention](erasure.md), [time-stamps](timestamps.md), [witnesses](witness.md), [export](export.md),
[evidence](evidence.md), [several gateways](deployment.md).
`;

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ");
const isPlain = (value: unknown): boolean =>
  typeof value !== "object" || value === null || Object.keys(value).length === 0;

/** A key that several shapes share has one row. */
function rowsOf(node: Node, key: string, rows: Map<string, Row>): void {
  const { description = "", properties = {}, additionalProperties, items, anyOf = [], oneOf = [], allOf = [] } = node;
  if (key !== "" && (description !== "" || !rows.has(key))) {
    const values = node.enum ?? (node.const === undefined ? [] : [node.const]);
    const of = values.length === 0 ? "" : ` (${values.map((value) => `\`${String(value)}\``).join(", ")})`;
    const hasFallback = node.default !== undefined && isPlain(node.default);
    const fallback = hasFallback ? `\`${JSON.stringify(node.default).replaceAll('"', "")}\`` : "";
    rows.set(key, { key, fallback, description: `${description}${of}`.trim() });
  }
  const below = key === "" ? "" : `${key}.`;
  for (const [name, child] of Object.entries(properties)) rowsOf(child, `${below}${name}`, rows);
  if (typeof additionalProperties === "object") rowsOf(additionalProperties, `${below}*`, rows);
  if (items !== undefined) rowsOf(items, `${key}[]`, rows);
  for (const shape of [...anyOf, ...oneOf, ...allOf]) {
    const { description: said, ...rest } = shape;
    rowsOf({ ...rest, ...(rows.get(key)?.description ? {} : { description: said ?? "" }) }, key, rows);
  }
}

const schema = JSON.parse(readFileSync(new URL("../gateway/sluice.schema.json", import.meta.url), "utf8")) as Node;
let page = INTRODUCTION;
for (const [section, node] of Object.entries(schema.properties ?? {})) {
  const rows = new Map<string, Row>();
  rowsOf(node, section, rows);
  page += `\n## ${section}\n\n| key | default | |\n|---|---|---|\n`;
  for (const { key, fallback, description } of rows.values())
    if (description !== "" || fallback !== "") page += `| \`${key}\` | ${cell(fallback)} | ${cell(description)} |\n`;
}
process.stdout.write(page);
