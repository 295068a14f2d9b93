/** The table of docs/secrets.md, made from the rules, so that the page cannot say anything else. */
import { SECRET_RULES } from "../recognizers/secret-rules/index.ts";
import { GITLEAKS, type SecretRule } from "../recognizers/secret-rules/rule.ts";
import { SHAPE_CLASSES } from "../recognizers/secret-shape.ts";

const NAMES: readonly (readonly [string, string])[] = [
  ["0123456789", "0–9"],
  ["ABCDEFGHIJKLMNOPQRSTUVWXYZ", "A–Z"],
  ["abcdefghijklmnopqrstuvwxyz", "a–z"],
  ["abcdef", "a–f"],
  ["ABCDEF", "A–F"],
  ["234567", "2–7"],
];

export function classTable(): string {
  const rows = Object.entries(SHAPE_CLASSES).map(([name, characters]) => {
    let left = characters;
    const parts: string[] = [];
    for (const [run, written] of NAMES) {
      if (!left.includes(run)) continue;
      left = left.replace(run, "");
      parts.push(written);
    }
    if (left !== "") parts.push(code(left));
    return `| ${code(name)} | ${parts.join(" ")} |`;
  });
  return ["| class | characters |", "|---|---|", ...rows].join("\n");
}

export function ruleTable(): string {
  return ["| rule | secret | form | proof | source |", "|---|---|---|---|---|", ...SECRET_RULES.map(rowOf)].join("\n");
}

function rowOf(rule: SecretRule): string {
  const shapes = rule.shapes.map(code);
  const beside = rule.beside === undefined ? [] : [`beside ${rule.beside.map((name) => `“${name}”`).join(", ")}`];
  const near = rule.near === undefined ? [] : [`near ${rule.near.map(code).join(" or ")}`];
  const form = [...shapes, ...(rule.form === undefined ? [] : [escape(rule.form)]), ...beside, ...near].join("<br>");
  const proof =
    rule.check === undefined
      ? "–"
      : `${PROOFS[rule.check.name] ?? rule.check.name}${rule.strict === true ? ", required" : ""}`;
  const source =
    rule.source === GITLEAKS
      ? "[gitleaks]("
      : rule.source.startsWith("https:")
        ? `[${host(rule.source)}](`
        : "[code](../";
  return `| ${code(rule.id)} | ${escape(rule.what)} | ${form} | ${proof} | ${source}${rule.source}) |`;
}

const PROOFS: Readonly<Record<string, string>> = {
  githubChecksum: "CRC-32 in base 62",
  sluiceChecksum: "CRC-32 in base 62",
  grafanaChecksum: "CRC-32",
  gitlabLength: "states its length",
  bech32Checksum: "Bech32 checksum",
  discordId: "first part is a number",
  jwtHeader: "header is JSON",
  pemHead: "decodes to a private key",
  basicCredentials: "decodes to user:password",
  base64Json: "decodes to JSON",
};

function host(url: string): string {
  return new URL(url).hostname.replace(/^www\./, "");
}

function code(text: string): string {
  return text.includes("`") ? `\`\` ${escape(text)} \`\`` : `\`${escape(text)}\``;
}

function escape(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
