/**
 * A record in the Common Event Format, version 0, for receivers that read nothing else. It is lossy: what CEF has no key for is
 * in one labelled text each, and what is beyond the six of them is not there. Pure.
 * https://www.microfocus.com/documentation/arcsight/arcsight-smartconnectors-8.4/pdfdoc/cef-implementation-standard/cef-implementation-standard.pdf
 */
import { messageOf, severityOf } from "./ocsf.ts";
import { type ExportRecord, listUnder, numberIn, textIn } from "./record.ts";

/** 0 to 10, by ours: unknown, informational, low, medium, high. */
const SEVERITIES = [3, 3, 4, 6, 9] as const;

export function cefEvent(record: ExportRecord, version: string): string {
  const header = [
    "Sluice",
    "Sluice",
    version,
    textIn(record, "name") ?? record.type,
    messageOf(record),
    String(SEVERITIES[severityOf(record)] ?? SEVERITIES[0]),
  ];
  const extension = Object.entries(extensionOf(record)).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${extensionValue(String(value))}`],
  );
  return `CEF:0|${header.map(headerValue).join("|")}|${extension.join(" ")}`;
}

function extensionOf(record: ExportRecord): Record<string, string | number | undefined> {
  const text = (path: string): string | undefined => textIn(record, path);
  const labels = {
    leafHash: record.leafHash,
    purpose: text("purpose"),
    model: text("model"),
    recipient: text("recipient.id"),
    found: listUnder(record, "found"),
    ...(record.type === "event" ? { facts: listUnder(record, "facts") } : { policy: text("policy") }),
  };
  const labelled = Object.entries(labels).flatMap(([label, value], at) =>
    value === undefined
      ? []
      : ([
          [`cs${at + 1}Label`, label],
          [`cs${at + 1}`, value],
        ] as const),
  );
  const intent = numberIn(record, "intent");
  const risk = numberIn(record, "risk");
  return {
    rt: record.time,
    // The key of the record: contiguous, in one log.
    externalId: record.index,
    deviceExternalId: record.origin,
    cat: record.type,
    outcome: text("status"),
    act: text("action"),
    reason: text("code") ?? text("facts.code"),
    suid: text("principal") ?? text("actor"),
    duid: text("target"),
    app: text("endpoint"),
    destinationServiceName: text("connection"),
    [record.type === "outcome" ? "in" : "out"]: numberIn(record, "bytes"),
    ...(intent === undefined ? {} : { cn1Label: "intent", cn1: intent }),
    ...(risk === undefined ? {} : { cn2Label: "risk", cn2: risk }),
    ...Object.fromEntries<string>(labelled),
  };
}

/** "If a pipe or a backslash is used in the header, it has to be escaped"; a header has one line. */
function headerValue(value: string): string {
  return value.replace(/[\\|]/g, String.raw`\$&`).replace(/[\r\n]+/g, " ");
}

/** "Equal signs … have to be escaped in the extensions", backslashes too; lines are `\n`. Pipes need nothing here. */
function extensionValue(value: string): string {
  return value.replace(/[\\=]/g, String.raw`\$&`).replace(/\r\n|\r|\n/g, String.raw`\n`);
}
