/**
 * Where the evidence is sent on to: addresses taken apart, secrets followed. What would leave in plaintext for anywhere but this
 * machine is a problem here, and so is a lock that outlives the log.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { DestinationSettings, ExportSettings } from "../core/export.ts";
import type { Secret } from "../core/secret.ts";
import { isLoopback } from "./connections.ts";
import { membersAt, valueAt } from "./plain.ts";
import type { Path } from "./problem.ts";
import type { ExportDocument } from "./sections/export.ts";
import type { Report } from "./source.ts";
import { byteCount, durationMs } from "./units.ts";

export interface ExportContext {
  readonly report: Report;
  /** How long the log is kept. */
  readonly metadataMs: number;
  /** Undefined when nothing is found, which it then has reported. */
  readonly secretOf: (reference: string, path: Path) => Secret | undefined;
}

type Document<K extends DestinationDocument["kind"]> = Extract<DestinationDocument, { readonly kind: K }>;
type DestinationDocument = ExportDocument["destinations"][string];
type Common = Pick<DestinationSettings, "name" | "from" | "allowPrivateAddress" | "ca">;

const REFERENCE = /^(?:env|file|vault|aws-sm|sealed):./;
const REFERENCES = ["ca", "certificate", "key", "token", "secret", "access_key", "secret_key"] as const;
/** https://www.rfc-editor.org/rfc/rfc5425#section-4.1 */
const SYSLOG_PORT = 6514;
const DAY_MS = 86_400_000;
/** "Between 24 bytes (192 bits) and 64 bytes (512 bits)": Standard Webhooks, Symmetric. */
const WEBHOOK_KEY_BYTES = { min: 24, max: 64 } as const;

export function resolveExport({ destinations }: ExportDocument, context: ExportContext): ExportSettings {
  return {
    destinations: Object.entries(destinations).flatMap(([name, document]) => {
      const resolved = resolveDestination(name, document, context);
      return resolved === undefined ? [] : [resolved];
    }),
  };
}

/** References of the section, wrong parts of it included. */
export function exportReferences(document: unknown): string[] {
  return membersAt(document, ["export", "destinations"])
    .flatMap((each) => [...REFERENCES.map((name) => valueAt(each, [name])), ...membersAt(each, ["headers"])])
    .filter((each): each is string => typeof each === "string" && REFERENCE.test(each));
}

function resolveDestination(
  name: string,
  document: DestinationDocument,
  context: ExportContext,
): DestinationSettings | undefined {
  const path: Path = ["export", "destinations", name];
  const ca = document.ca === undefined ? undefined : context.secretOf(document.ca, [...path, "ca"])?.reveal();
  if (ca !== undefined && certificateIn(ca) === undefined)
    context.report.missing([...path, "ca"], "does not lead to certificates in PEM");
  const common: Common = {
    name,
    from: document.from,
    allowPrivateAddress: document.allow_private_address,
    ...(ca === undefined ? {} : { ca }),
  };
  switch (document.kind) {
    case "syslog":
      return resolveSyslog(document, common, path, context);
    case "splunk":
      return resolveSplunk(document, common, path, context);
    case "otlp":
      return resolveOtlp(document, common, path, context);
    case "webhook":
      return resolveWebhook(document, common, path, context);
    case "s3":
      return resolveBucket(document, common, path, context);
  }
}

function resolveSyslog(
  document: Document<"syslog">,
  common: Common,
  path: Path,
  { report, secretOf }: ExportContext,
): DestinationSettings | undefined {
  const url = URL.parse(`syslog://${document.address}`);
  if (
    url === null ||
    url.hostname === "" ||
    !["", "/"].includes(url.pathname) ||
    url.username !== "" ||
    url.search !== ""
  ) {
    report.problem([...path, "address"], "must be a host, or host:port");
    return undefined;
  }
  if ((document.certificate === undefined) !== (document.key === undefined))
    report.problem(path, "has only one of `certificate` and `key`", "key");
  const certificate =
    document.certificate === undefined ? undefined : secretOf(document.certificate, [...path, "certificate"]);
  const key = document.key === undefined ? undefined : secretOf(document.key, [...path, "key"]);
  if (certificate !== undefined && key !== undefined) checkPair(certificate, key, path, report);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return {
    ...common,
    kind: "syslog",
    host,
    port: url.port === "" ? SYSLOG_PORT : Number(url.port),
    serverName: document.server_name ?? host,
    ...(certificate === undefined || key === undefined ? {} : { client: { certificate, key } }),
    format: document.format,
    messageBytesMax: byteCount(document.message_bytes_max) ?? 0,
    enterprise: document.enterprise_number,
    settleMs: durationMs(document.settle) ?? 0,
  };
}

function resolveSplunk(
  document: Document<"splunk">,
  common: Common,
  path: Path,
  { report, secretOf }: ExportContext,
): DestinationSettings | undefined {
  const url = checkedUrl(document.url, common, [...path, "url"], report);
  const token = secretOf(document.token, [...path, "token"]);
  if (!document.acknowledged)
    report.warn(
      [...path, "acknowledged"],
      "what Splunk has taken and then lost is not sent again: nothing tells that it was lost",
    );
  if (url === undefined || token === undefined) return undefined;
  return {
    ...common,
    kind: "splunk",
    url,
    token,
    ...(document.index === undefined ? {} : { index: document.index }),
    acknowledged: document.acknowledged,
    ackMs: durationMs(document.acknowledged_within) ?? 0,
  };
}

function resolveOtlp(
  document: Document<"otlp">,
  common: Common,
  path: Path,
  { report, secretOf }: ExportContext,
): DestinationSettings | undefined {
  const url = checkedUrl(document.url, common, [...path, "url"], report);
  const headers = new Map<string, Secret>();
  for (const [name, reference] of Object.entries(document.headers)) {
    const value = secretOf(reference, [...path, "headers", name]);
    if (value !== undefined) headers.set(name.toLowerCase(), value);
  }
  return url === undefined ? undefined : { ...common, kind: "otlp", url, headers };
}

function resolveWebhook(
  document: Document<"webhook">,
  common: Common,
  path: Path,
  { report, secretOf }: ExportContext,
): DestinationSettings | undefined {
  const url = checkedUrl(document.url, common, [...path, "url"], report);
  const secret = secretOf(document.secret, [...path, "secret"]);
  if (secret !== undefined && !isWebhookKey(secret.reveal())) {
    const { min, max } = WEBHOOK_KEY_BYTES;
    report.missing([...path, "secret"], `does not lead to whsec_ and ${min} to ${max} bytes in base64`);
  }
  return url === undefined || secret === undefined ? undefined : { ...common, kind: "webhook", url, secret };
}

function resolveBucket(
  document: Document<"s3">,
  common: Common,
  path: Path,
  { report, metadataMs, secretOf }: ExportContext,
): DestinationSettings | undefined {
  const endpoint = checkedUrl(document.endpoint, common, [...path, "endpoint"], report);
  const accessKey = secretOf(document.access_key, [...path, "access_key"]);
  const secretKey = secretOf(document.secret_key, [...path, "secret_key"]);
  if (document.lock === undefined) report.warn(path, "has no `lock`: who has its key can delete what is there", "key");
  else if (document.lock.days * DAY_MS > metadataMs)
    report.problem(
      [...path, "lock", "days"],
      "is longer than `retention.metadata`: nobody could delete it when it is due",
    );
  if (endpoint === undefined || accessKey === undefined || secretKey === undefined) return undefined;
  const { region, bucket, prefix, lock } = document;
  return {
    ...common,
    kind: "s3",
    endpoint,
    region,
    bucket,
    prefix,
    accessKey,
    secretKey,
    ...(lock === undefined
      ? {}
      : { lock: { mode: lock.mode === "compliance" ? "COMPLIANCE" : "GOVERNANCE", days: lock.days } as const }),
    everyMs: durationMs(document.every) ?? 0,
  };
}

/** A pair that does not fit would fail at the first connection, when nobody looks. */
function checkPair(certificate: Secret, key: Secret, path: Path, report: Report): void {
  const parsed = certificateIn(certificate.reveal());
  if (parsed === undefined) report.missing([...path, "certificate"], "does not lead to a certificate in PEM");
  const own = keyIn(key.reveal());
  if (own === undefined)
    report.missing([...path, "key"], "does not lead to a private key in PEM, without a passphrase");
  if (parsed !== undefined && own !== undefined && !parsed.checkPrivateKey(own))
    report.missing([...path, "key"], "does not lead to the key of `certificate`");
}

function certificateIn(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text);
  } catch {
    return undefined;
  }
}

function keyIn(text: string): ReturnType<typeof createPrivateKey> | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined;
  }
}

/** Plaintext only to this machine. */
function checkedUrl(text: string, { allowPrivateAddress }: Common, path: Path, report: Report): URL | undefined {
  const url = URL.parse(text);
  const isPlain = url?.protocol === "http:" && allowPrivateAddress && isLoopback(url.hostname);
  if (url === null || (url.protocol !== "https:" && !isPlain)) report.problem(path, "must be an https URL");
  else if (url.username !== "" || url.password !== "") report.problem(path, "must not hold a user or password");
  else if (url.hash !== "" || url.search !== "") report.problem(path, "must have no query and no fragment");
  else return url;
  return undefined;
}

function isWebhookKey(text: string): boolean {
  const match = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text);
  const bytes = Buffer.from(match?.[1] ?? "", "base64").length;
  return bytes >= WEBHOOK_KEY_BYTES.min && bytes <= WEBHOOK_KEY_BYTES.max;
}
