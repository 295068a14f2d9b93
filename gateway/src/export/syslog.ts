/**
 * A record as a syslog message (RFC 5424), and messages as frames of a TLS stream (RFC 5425). Everything is ASCII: what is not is
 * escaped, so that no byte order mark is needed. Pure.
 */
import type { ExportFormat } from "../core/export.ts";
import { cefEvent } from "./cef.ts";
import { messageOf, ocsfEvent, severityOf } from "./ocsf.ts";
import { type ExportRecord, shortened, textIn } from "./record.ts";

export interface SyslogOptions {
  readonly format: ExportFormat;
  /** Number behind the @ of the structured data's name. */
  readonly enterprise: number;
  /** Of the software. */
  readonly version: string;
  readonly messageBytesMax: number;
}

/** "log audit": https://www.rfc-editor.org/rfc/rfc5424#section-6.2.1 */
const FACILITY = 13;
/** Severities of RFC 5424 by ours: unknown and informational are 6, low 5 (notice), medium 4 (warning), high 1 (alert). */
const SEVERITIES = [6, 6, 5, 4, 1] as const;
const HOST_CHARS_MAX = 255;
const MSGID_CHARS_MAX = 32;

/** One message, without frame. Longer ones than the receiver takes come without their fields, and say so. */
export function syslogMessage(record: ExportRecord, options: SyslogOptions): string {
  const whole = render(record, options);
  return whole.length <= options.messageBytesMax ? whole : render(shortened(record), options);
}

/** "Octet counting": `MSG-LEN SP SYSLOG-MSG` (https://www.rfc-editor.org/rfc/rfc5425#section-4.3). */
export function framed(message: string): string {
  return `${message.length} ${message}`;
}

function render(record: ExportRecord, { format, enterprise, version }: SyslogOptions): string {
  const pri = FACILITY * 8 + (SEVERITIES[severityOf(record)] ?? SEVERITIES[0]);
  const host = printable(record.origin.split("/", 1)[0] ?? "", HOST_CHARS_MAX);
  const msgid = printable(textIn(record, "name") ?? record.type, MSGID_CHARS_MAX);
  const header = `<${pri}>1 ${new Date(record.time).toISOString()} ${host} sluice - ${msgid}`;
  const id = `sluice@${enterprise}`;
  const params = [
    ["index", record.index],
    ["leaf", record.leafHash],
    ["origin", record.origin],
    ["type", record.type],
    // In the two others the message itself has them.
    ...(format === "structured" ? Object.entries(record.fields) : []),
    ...(record.omitted.length === 0 ? [] : [["omitted", record.omitted.join(" ")] as const]),
  ] as const;
  const data = `[${id} ${params.map(([name, value]) => `${paramName(name)}="${paramValue(String(value))}"`).join(" ")}]`;
  return `${header} ${data} ${BODIES[format](record, version)}`;
}

const BODIES: Readonly<Record<ExportFormat, (record: ExportRecord, version: string) => string>> = {
  structured: (record) => ascii(messageOf(record)),
  cef: (record, version) => ascii(cefEvent(record, version)),
  ocsf: (record, version) => ascii(JSON.stringify(ocsfEvent(record, version))),
};

/** "SD-NAME = 1*32PRINTUSASCII except '=', SP, ']', %d34". */
function paramName(name: string): string {
  return printable(name.replace(/[=\]" ]/g, "_"), 32);
}

/** "the characters '"', '\' and ']' MUST be escaped": https://www.rfc-editor.org/rfc/rfc5424#section-6.3.3 */
function paramValue(value: string): string {
  return ascii(value).replace(/["\\\]]/g, String.raw`\$&`);
}

function printable(text: string, charsMax: number): string {
  const kept = text.replace(/[^\x21-\x7e]/g, "_").slice(0, charsMax);
  return kept === "" ? "-" : kept;
}

/** As JSON escapes it. No field that is sent on holds any of this by its shape; this is the second lock. */
function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
}
