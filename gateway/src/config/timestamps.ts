/** The section `timestamps` → who is asked, with the roots of each, read once to see that they are certificates. */
import { VerifierError, parseTimestampRoots } from "@sluice/verifier";
import type { TimestampAuthority, TimestampSettings } from "../core/timestamps.ts";
import { membersAt, valueAt } from "./plain.ts";
import type { Path } from "./problem.ts";
import { lookUp, type References } from "./references.ts";
import type { TimestampsDocument } from "./sections/timestamps.ts";
import type { Report } from "./source.ts";
import { durationMs } from "./units.ts";

/** The files of roots, as references. */
export function timestampFiles(document: unknown): string[] {
  return membersAt(document, ["timestamps", "authorities"])
    .map((authority) => valueAt(authority, ["roots"]))
    .filter((path) => typeof path === "string" && path !== "")
    .map((path) => `file:${String(path)}`);
}

/** What has a problem, which is in the report, is left out. */
export function resolveTimestamps(
  { authorities, every }: TimestampsDocument,
  { references, report }: { readonly references: References; readonly report: Report },
): TimestampSettings {
  const names = new Set<string>();
  const resolved: TimestampAuthority[] = [];
  for (const [
    index,
    { url, roots: file, policies, allow_private_address: allowPrivateAddress },
  ] of authorities.entries()) {
    const path: Path = ["timestamps", "authorities", index];
    const name = nameOf(url, [...path, "url"], report);
    const roots = rootsIn(file, [...path, "roots"], references, report);
    if (name === undefined || roots === undefined) continue;
    if (names.has(name))
      report.problem([...path, "url"], `${name} is asked already; a second authority is another one`);
    names.add(name);
    resolved.push({ name, url, roots, ...(policies === undefined ? {} : { policies }), allowPrivateAddress });
  }
  if (authorities.length === 1) {
    report.warn(
      ["timestamps", "authorities"],
      "there is one authority only: while it is away there are no stamps, and nothing contradicts a wrong clock of its",
    );
  }
  return { authorities: resolved, everyMs: durationMs(every) ?? 0 };
}

/** Over http too: a stamp is signed, and what is asked is a hash of what is public. */
function nameOf(text: string, path: Path, report: Report): string | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) report.problem(path, "must be a URL");
  else if (url.username !== "" || url.password !== "") report.problem(path, "must not hold a user or password");
  else if (url.hash !== "") report.problem(path, "must not hold a fragment");
  else return url.host;
  return undefined;
}

function rootsIn(file: string, path: Path, references: References, report: Report): string | undefined {
  const found = lookUp(references, `file:${file}`);
  if (!("value" in found)) {
    report.missing(path, found.reason);
    return undefined;
  }
  try {
    const roots = parseTimestampRoots(found.value);
    if (roots.some(({ isAuthority }) => isAuthority)) return found.value;
    report.problem(path, `${file} holds no certificate of an authority`);
  } catch (thrown) {
    if (!(thrown instanceof VerifierError)) throw thrown;
    report.problem(path, `${file}: ${thrown.message}`);
  }
  return undefined;
}
