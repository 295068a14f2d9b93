/** Where the public files of a log of many gateways lie: one place, and a database beside it that orders the log. */
import { resolve as resolvePath } from "node:path";
import type { Secret } from "../core/secret.ts";
import { isLoopback } from "./connections.ts";
import type { Path } from "./problem.ts";
import type { SharedEvidenceDocument } from "./sections/evidence-shared.ts";
import type { Report } from "./source.ts";

export type SharedEvidenceConfig =
  | {
      readonly kind: "folder";
      /** Absolute path. */
      readonly dir: string;
    }
  | {
      readonly kind: "s3";
      /** Without a slash at its end. */
      readonly url: string;
      readonly region: string;
      readonly accessKey: Secret;
      readonly secretKey: Secret;
    };

export interface SharedEvidenceContext {
  readonly report: Report;
  /** Absolute path that relative paths start from. */
  readonly baseDir: string;
  /** Undefined when nothing is found, which it then has reported. */
  readonly secretOf: (reference: string, path: Path) => Secret | undefined;
  /** There is a `database.url`. */
  readonly hasDatabase: boolean;
}

const AT: Path = ["evidence", "shared"];

/** Undefined when there is none, or a problem. */
export function resolveSharedEvidence(
  document: SharedEvidenceDocument | undefined,
  { report, baseDir, secretOf, hasDatabase }: SharedEvidenceContext,
): SharedEvidenceConfig | undefined {
  if (document === undefined) return undefined;
  const { folder, s3 } = document;
  if (!hasDatabase) {
    report.problem(AT, "needs `database.url`: the database is where the gateways agree on the order of the log");
    return undefined;
  }
  if ((folder === undefined) === (s3 === undefined)) {
    report.problem(AT, "has either `folder` or `s3`");
    return undefined;
  }
  if (folder !== undefined) return { kind: "folder", dir: resolvePath(baseDir, folder) };
  if (s3 === undefined) return undefined;
  const url = URL.parse(s3.url);
  const isHttp = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (url === null || !isHttp || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    report.problem([...AT, "s3", "url"], "must be an https URL without user, query and fragment");
    return undefined;
  }
  const accessKey = secretOf(s3.access_key, [...AT, "s3", "access_key"]);
  const secretKey = secretOf(s3.secret_key, [...AT, "s3", "secret_key"]);
  if (accessKey === undefined || secretKey === undefined) return undefined;
  return { kind: "s3", url: url.href.replace(/\/+$/, ""), region: s3.region, accessKey, secretKey };
}
