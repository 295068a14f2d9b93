/** Model aliases: each must lead to a connection that is there. */
import type { ConfigDocument } from "./schema.ts";
import { didYouMean } from "./nearest.ts";
import type { Report } from "./source.ts";

/** `connectionNames`: those of the document (even if they could not be read) and of the rehearsal, when it is on. */
export function resolveAliases(
  document: ConfigDocument,
  connectionNames: readonly string[],
  report: Report,
): Map<string, string> {
  const aliases = new Map<string, string>();
  for (const [alias, target] of Object.entries(document.models)) {
    const path = ["models", alias];
    const slash = target.indexOf("/");
    const name = target.slice(0, Math.max(0, slash));
    const model = target.slice(slash + 1);
    if (slash <= 0 || model === "") {
      report.problem(path, 'must be "connection/model"');
      continue;
    }
    if (!connectionNames.includes(name)) {
      report.problem(path, `unknown connection "${name}"${didYouMean(name, connectionNames)}`);
      continue;
    }
    const models = document.connections[name]?.models ?? [];
    if (models.length > 0 && !models.some((pattern) => matches(pattern, model))) {
      report.warn(path, `"${model}" is not among the models that connection "${name}" lists`);
    }
    aliases.set(alias, target);
  }
  return aliases;
}

function matches(pattern: string, model: string): boolean {
  return pattern.endsWith("*") ? model.startsWith(pattern.slice(0, -1)) : pattern === model;
}
