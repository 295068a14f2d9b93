/** What is recorded, with the names that the rules speak of checked and sizes made plain. */
import { resolve as resolvePath } from "node:path";
import type { RecordingSettings } from "../core/recording.ts";
import { checkName } from "./grant.ts";
import type { RecordingDocument } from "./sections/recording.ts";
import type { Report } from "./source.ts";
import { byteCount } from "./units.ts";

export interface RecordingContext {
  readonly report: Report;
  readonly purposeNames: readonly string[];
  readonly connectionNames: readonly string[];
  /** Absolute path that relative paths start from. */
  readonly baseDir: string;
  /** There are other gateways with logs of their own: a database, and no `evidence.shared`. */
  readonly hasOwnLogs: boolean;
}

/** Of the connection that stands for the gateway itself: texts that are scrubbed for a caller. */
const LOCAL = "local";

export function resolveRecording(document: RecordingDocument, context: RecordingContext): RecordingSettings {
  const { report, purposeNames, connectionNames, baseDir, hasOwnLogs } = context;
  if (document.dir !== undefined && hasOwnLogs) {
    const words = "needs `evidence.shared` beside `database.url`: gateways share recordings where they share the log";
    report.problem(["recording", "dir"], words);
  }
  for (const [index, { connection, purpose }] of document.rules.entries()) {
    const at = ["recording", "rules", index];
    if (connection !== undefined)
      checkName("connection", connection, [...connectionNames, LOCAL], [...at, "connection"], report);
    if (purpose !== undefined) checkName("purpose", purpose, purposeNames, [...at, "purpose"], report);
  }
  return {
    mode: document.default,
    shared: document.shared,
    rules: document.rules.map(({ mode, connection, purpose, shared }) => ({
      mode,
      ...(connection === undefined ? {} : { connection }),
      ...(purpose === undefined ? {} : { purpose }),
      ...(shared === undefined ? {} : { shared }),
    })),
    exchangeBytesMax: byteCount(document.exchange_bytes_max) ?? 0,
    atLimit: document.at_limit,
    fileBytesMax: byteCount(document.file_bytes_max) ?? 0,
    ...(document.dir === undefined ? {} : { dir: resolvePath(baseDir, document.dir) }),
  };
}
