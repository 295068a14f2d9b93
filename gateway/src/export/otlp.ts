/**
 * Records as one request of OpenTelemetry's protocol for logs, in JSON
 * (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): each field an attribute, the OCSF event the body. Pure.
 */
import { messageOf, ocsfEvent, severityOf } from "./ocsf.ts";
import { type ExportRecord, textIn } from "./record.ts";

/** SeverityNumber by ours: unknown (unspecified), informational (INFO), low (INFO2), medium (WARN), high (ERROR). */
const SEVERITIES = [0, 9, 10, 13, 17] as const;

export function otlpRequest(records: readonly ExportRecord[], version: string): Record<string, unknown> {
  return {
    resourceLogs: [
      {
        resource: {
          attributes: [attribute("service.name", "sluice"), attribute("service.version", version)],
        },
        scopeLogs: [{ scope: { name: "sluice.evidence", version }, logRecords: records.map(logRecord) }],
      },
    ],
  };

  function logRecord(record: ExportRecord): Record<string, unknown> {
    const severity = severityOf(record);
    const own = { index: record.index, leaf_hash: record.leafHash, origin: record.origin, type: record.type };
    const attributes = [...Object.entries(own), ...Object.entries(record.fields)];
    return {
      // "64-bit integers … are encoded as decimal strings".
      timeUnixNano: `${record.time}000000`,
      observedTimeUnixNano: `${record.time}000000`,
      severityNumber: SEVERITIES[severity] ?? 0,
      eventName: `sluice.${textIn(record, "name") ?? record.type}`,
      body: { stringValue: JSON.stringify(ocsfEvent(record, version)) },
      attributes: [
        attribute("sluice.message", messageOf(record)),
        ...attributes.map(([name, value]) => attribute(`sluice.${name}`, value)),
      ],
    };
  }
}

function attribute(key: string, value: string | number | boolean): Record<string, unknown> {
  if (typeof value === "string") return { key, value: { stringValue: value } };
  if (typeof value === "boolean") return { key, value: { boolValue: value } };
  return { key, value: Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value } };
}
