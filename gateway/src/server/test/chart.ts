/**
 * Renders the templates of our chart, with as much of Helm's language as they use and not a word more: what is not known here throws. It
 * shows that a chart makes sense; whether Helm reads it alike is only known by Helm.
 */
import { createHash } from "node:crypto";
import { stringify } from "yaml";

type Scope = Readonly<Record<string, unknown>>;

/** One text of YAML documents. */
export function render(template: string, scope: Scope): string {
  const parts = tokens(template);
  const [text] = block(parts, 0, scope);
  return text;
}

type Token = { readonly text: string } | { readonly action: string };

function tokens(template: string): Token[] {
  const found: Token[] = [];
  let from = 0;
  let trim = false;
  for (const match of template.matchAll(/\{\{(-?)\s*(.*?)\s*(-?)\}\}/gs)) {
    let text = template.slice(from, match.index);
    if (trim) text = text.trimStart();
    if (match[1] === "-") text = text.trimEnd();
    found.push({ text }, { action: match[2] ?? "" });
    trim = match[3] === "-";
    from = match.index + match[0].length;
  }
  const rest = template.slice(from);
  return [...found, { text: trim ? rest.trimStart() : rest }];
}

/** Up to the `else` or `end` that belongs to it; gives also where that is. */
function block(parts: readonly Token[], from: number, scope: Scope): [string, number] {
  let out = "";
  for (let at = from; at < parts.length; at++) {
    const part = parts[at] as Token;
    if ("text" in part) {
      out += part.text;
    } else if (part.action.startsWith("if ")) {
      const [yes, middle] = block(parts, at + 1, scope);
      const hasElse = isAction(parts[middle], "else");
      const [no, end] = hasElse ? block(parts, middle + 1, scope) : ["", middle];
      if (!isAction(parts[end], "end")) throw new Error("an if has no end");
      out += isTrue(valueOf(part.action.slice(3), scope)) ? yes : no;
      at = end;
    } else if (part.action === "else" || part.action === "end") {
      return [out, at];
    } else {
      out += String(valueOf(part.action, scope));
    }
  }
  return [out, parts.length];
}

function isAction(part: Token | undefined, action: string): boolean {
  return part !== undefined && "action" in part && part.action === action;
}

/** Empty lists, maps and texts are false. */
function isTrue(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

const FUNCTIONS: Readonly<Record<string, (...values: unknown[]) => unknown>> = {
  quote: (value) => JSON.stringify(String(value)),
  toYaml: (value) => stringify(value, { lineWidth: 0 }).trimEnd(),
  sha256sum: (value) => createHash("sha256").update(String(value)).digest("hex"),
  printf: (format, ...values) => String(format).replaceAll("%s", () => String(values.shift())),
  omit: (value, key) => Object.fromEntries(Object.entries(value as object).filter(([name]) => name !== key)),
  nindent: (width, value) => `\n${String(value).replaceAll(/^(?=.)/gm, " ".repeat(Number(width)))}`,
};

function valueOf(pipeline: string, scope: Scope): unknown {
  let value: unknown;
  for (const [at, stage] of pipeline.split("|").entries()) {
    const words = stage.trim().match(/\([^()]*\)|"[^"]*"|\S+/g) ?? [];
    const before = at === 0 ? [] : [value];
    const name = words[0] ?? "";
    const call = FUNCTIONS[name];
    if (call !== undefined) value = call(...words.slice(1).map((word) => argument(word, scope)), ...before);
    else if (words.length === 1 && at === 0) value = argument(name, scope);
    else throw new Error(`the chart says "${stage.trim()}", which is not known here`);
  }
  return value;
}

function argument(word: string, scope: Scope): unknown {
  if (word.startsWith("(")) return valueOf(word.slice(1, -1), scope);
  if (word.startsWith('"')) return JSON.parse(word);
  if (/^\d+$/.test(word)) return Number(word);
  if (!word.startsWith(".")) throw new Error(`the chart says "${word}", which is not known here`);
  let value: unknown = scope;
  for (const key of word.slice(1).split(".")) {
    if (typeof value !== "object" || value === null || !(key in value))
      throw new Error(`the chart asks for ${word}, which has no value`);
    value = (value as Scope)[key];
  }
  return value;
}
