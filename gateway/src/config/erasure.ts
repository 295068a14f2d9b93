/** Forgetting, resolved: secrets of sinks followed, purposes of datasets checked, recordings no longer kept than what the log says of them. */
import type { CallableSink, ErasureSettings, RetentionSettings, SinkSettings } from "../core/rights.ts";
import type { Purpose } from "../core/connection.ts";
import type { Secret } from "../core/secret.ts";
import { isLoopback } from "./connections.ts";
import { checkedDatabaseUrl } from "./database.ts";
import { checkName } from "./grant.ts";
import { isObject, membersAt, valueAt } from "./plain.ts";
import type { Path } from "./problem.ts";
import type { ErasureDocument, RetentionDocument } from "./sections/erasure.ts";
import type { Report } from "./source.ts";
import { durationMs } from "./units.ts";

export interface ErasureContext {
  readonly report: Report;
  readonly purposeNames: readonly string[];
  /** Undefined when nothing is found, which it then has reported. */
  readonly secretOf: (reference: string, path: Path) => Secret | undefined;
}

const REFERENCE = /^(?:env|file|vault|aws-sm|sealed):./;
/** "Between 24 bytes (192 bits) and 64 bytes (512 bits)": Standard Webhooks, Symmetric. */
const WEBHOOK_SECRET = /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/;

/** References of the section, wrong parts of it included. */
export function erasureReferences(document: unknown): string[] {
  return membersAt(document, ["erasure", "sinks"])
    .flatMap((sink) =>
      isObject(sink) ? ["url", "secret", "access_key", "secret_key"].map((each) => valueAt(sink, [each])) : [],
    )
    .filter((each): each is string => typeof each === "string" && REFERENCE.test(each));
}

export function resolveErasure(document: ErasureDocument, context: ErasureContext): ErasureSettings {
  const { report, purposeNames } = context;
  for (const [name, { purposes }] of Object.entries(document.datasets)) {
    for (const [index, purpose] of purposes.entries())
      checkName("purpose", purpose, purposeNames, ["erasure", "datasets", name, "purposes", index], report);
  }
  return {
    sinks: Object.entries(document.sinks).flatMap(([name, sink]) => resolveSink(name, sink, context) ?? []),
    datasets: Object.entries(document.datasets).map(([name, { purposes }]) => ({ name, purposes })),
    giveUpMs: ms(document.give_up),
    rememberMs: ms(document.remember),
    holdLongestMs: ms(document.hold_longest),
  };
}

export function resolveRetention(
  document: RetentionDocument,
  { report, purposes }: { readonly report: Report; readonly purposes: ReadonlyMap<string, Purpose> },
): RetentionSettings {
  const metadataMs = ms(document.metadata);
  for (const [id, { retention }] of purposes) {
    if ((durationMs(retention) ?? 0) <= metadataMs) continue;
    report.problem(
      ["purposes", id, "retention"],
      "is longer than `retention.metadata`: recordings would outlive what the log says of them",
    );
  }
  return { metadataMs, everyMs: ms(document.every) };
}

function resolveSink(
  name: string,
  sink: ErasureDocument["sinks"][string],
  context: ErasureContext,
): SinkSettings | undefined {
  if (sink.kind === "backup") return { kind: "backup", name, keepMs: ms(sink.keep) };
  const path: Path = ["erasure", "sinks", name];
  const { report, secretOf } = context;
  const secret = (member: string, reference: string): Secret | undefined => secretOf(reference, [...path, member]);
  const about = { name, ...(sink.types === undefined ? {} : { types: sink.types }) };
  switch (sink.kind) {
    case "sql": {
      const url = checkedDatabaseUrl(secret("url", sink.url), [...path, "url"], report);
      const { statement, parameters } = sink;
      return url === undefined ? undefined : { ...about, kind: "sql", url, statement, parameters };
    }
    case "vector": {
      const url = checkedDatabaseUrl(secret("url", sink.url), [...path, "url"], report);
      const { table, column, key } = sink;
      return url === undefined ? undefined : { ...about, kind: "vector", url, table, column, key };
    }
    case "http": {
      const url = webUrl(sink.url, sink.allow_private_address, [...path, "url"], report);
      const signs = secret("secret", sink.secret);
      if (signs !== undefined && !WEBHOOK_SECRET.test(signs.reveal()))
        report.missing([...path, "secret"], "does not lead to whsec_ and base64 of 24 to 64 bytes");
      if (url === undefined || signs === undefined) return undefined;
      return { ...about, kind: "http", url, secret: signs, allowPrivateAddress: sink.allow_private_address };
    }
    case "s3":
      return resolveS3(sink, about, path, context);
  }
}

function resolveS3(
  sink: Extract<ErasureDocument["sinks"][string], { readonly kind: "s3" }>,
  about: Pick<CallableSink, "name" | "types">,
  path: Path,
  { report, secretOf }: ErasureContext,
): SinkSettings | undefined {
  const { region, bucket, prefix, allow_private_address: allowPrivateAddress } = sink;
  const endpoint = webUrl(sink.endpoint, allowPrivateAddress, [...path, "endpoint"], report);
  const accessKey = secretOf(sink.access_key, [...path, "access_key"]);
  const secretKey = secretOf(sink.secret_key, [...path, "secret_key"]);
  if (endpoint === undefined || accessKey === undefined || secretKey === undefined) return undefined;
  return { ...about, kind: "s3", endpoint, region, bucket, prefix, accessKey, secretKey, allowPrivateAddress };
}

function webUrl(text: string, allowPrivate: boolean, path: Path, report: Report): URL | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) report.problem(path, "must be an https URL");
  else if (url.protocol === "http:" && !(allowPrivate && isLoopback(url.hostname)))
    report.problem(path, "must be an https URL: identifiers would cross the network in clear");
  else if (url.username !== "" || url.password !== "") report.problem(path, "must not hold a user or password");
  else if (url.search !== "" || url.hash !== "") report.problem(path, "must not hold a query or a fragment");
  else return url;
  return undefined;
}

const ms = (duration: string): number => durationMs(duration) ?? 0;
