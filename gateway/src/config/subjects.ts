/** Data subjects' part of the document → its settings, units made plain. */
import { hostname } from "node:os";
import type { SubjectsDocument } from "./sections/subjects.ts";
import { durationMs } from "./units.ts";

export interface SubjectsConfig {
  readonly epochMs: number;
  /** How long backups of the database are kept. */
  readonly backupsMs: number;
  /** Two e-mail addresses that differ in `+tag` only are one person's. */
  readonly stripTags: boolean;
  /** A file name on every system. */
  readonly gateway: string;
  /** Nobody has said it: it is the machine's. */
  readonly gatewayIsMachine: boolean;
}

export function resolveSubjects({ epoch, backups, email_tags: tags, gateway }: SubjectsDocument): SubjectsConfig {
  return {
    epochMs: durationMs(epoch) ?? 0,
    backupsMs: durationMs(backups) ?? 0,
    stripTags: tags === "strip",
    gateway: gateway ?? nameOf(hostname()),
    gatewayIsMachine: gateway === undefined,
  };
}

function nameOf(host: string): string {
  const name = host
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]/g, "-")
    .replace(/^[.-]+/, "")
    .slice(0, 63);
  return name === "" ? "gateway" : name;
}
