/** Model aliases: each must lead to a connection that is there. */
import type { ConfigDocument } from "./schema.ts";
import { didYouMean } from "./nearest.ts";
import type { Report } from "./source.ts";

/** `connectionNames`: those of the document (even if they could not be read) and of the rehearsal, when it is on. */
export function resolveAliases(
  document: ConfigDocument,
  connectionNames: readonly string[],
  report: Report,
): Map<string, readonly string[]> {
  const aliases = new Map<string, readonly string[]>();
  for (const [alias, written] of Object.entries(document.models)) {
    const targets = typeof written === "string" ? [written] : written;
    const known = targets.filter((target, index) => {
      const path = typeof written === "string" ? ["models", alias] : ["models", alias, String(index)];
      return isTarget(target, path, document, connectionNames, report);
    });
    if (known.length > 0) aliases.set(alias, known);
  }
  return aliases;
}

function isTarget(
  target: string,
  path: readonly string[],
  document: ConfigDocument,
  connectionNames: readonly string[],
  report: Report,
): boolean {
  const slash = target.indexOf("/");
  const name = target.slice(0, Math.max(0, slash));
  const model = target.slice(slash + 1);
  if (slash <= 0 || model === "") {
    report.problem(path, 'must be "connection/model"');
    return false;
  }
  if (!connectionNames.includes(name)) {
    report.problem(path, `unknown connection "${name}"${didYouMean(name, connectionNames)}`);
    return false;
  }
  const models = document.connections[name]?.models ?? [];
  if (models.length > 0 && !models.some((pattern) => matches(pattern, model))) {
    report.warn(path, `"${model}" is not among the models that connection "${name}" lists`);
  }
  return true;
}

function matches(pattern: string, model: string): boolean {
  return pattern.endsWith("*") ? model.startsWith(pattern.slice(0, -1)) : pattern === model;
}
