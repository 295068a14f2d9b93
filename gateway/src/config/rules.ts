/** Masking rules of a connection. A rule about something that no recognizer can find would be ignored in silence, so it is named. */
import type { MaskingRules } from "../core/connection.ts";
import type { Detections } from "./config.ts";
import { didYouMean } from "./nearest.ts";
import type { Path } from "./problem.ts";
import { type ConnectionDocument, NEVER_RESTORE, rulesSchema } from "./schema.ts";
import type { Report } from "./source.ts";
import { CATEGORIES } from "./vocabulary.ts";

export function resolveRules(
  rules: ConnectionDocument["rules"],
  path: Path,
  detections: Detections,
  report: Report,
): MaskingRules {
  const found = new Set(Object.values(detections.types).map((type) => type.category));
  const categories = new Set([...(detections.categories ?? CATEGORIES), ...found]);
  const known = [...Object.keys(detections.types), ...categories];

  const check = (name: string, at: Path, what: "key" | "value"): void => {
    if (Object.hasOwn(detections.types, name)) return;
    if (!categories.has(name)) {
      report.problem(at, `unknown type or category "${name}"${didYouMean(name, known)}`, what);
    } else if (!found.has(name)) {
      report.warn(at, `no recognizer finds category "${name}" yet, so this rule has no effect`, what);
    }
  };

  for (const direction of ["request", "response"] as const) {
    for (const name of Object.keys(rules[direction])) check(name, [...path, direction, name], "key");
  }
  for (const [index, name] of rules.never_restore.entries()) {
    if (!NEVER_RESTORE.includes(name)) check(name, [...path, "never_restore", index], "value");
  }
  if (rules.default === "allow") {
    report.warn([...path, "default"], "personal data that `request` does not name is sent in clear");
  }
  if (rules.opaque_parts === "allow") {
    report.warn([...path, "opaque_parts"], "images, audio and files are sent without having been scanned");
  }
  return maskingRules(rules);
}

export function maskingRules(rules: ConnectionDocument["rules"]): MaskingRules {
  return {
    request: rules.request,
    response: rules.response,
    default: rules.default,
    neverRestore: rules.never_restore,
    opaqueParts: rules.opaque_parts,
  };
}

/** The rules of a connection that states none. */
export function defaultRules(): MaskingRules {
  return maskingRules(rulesSchema.parse({}));
}
