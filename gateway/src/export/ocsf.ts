/**
 * A record as an event of the Open Cybersecurity Schema Framework, version 1.8 (https://schema.ocsf.io). Which class says it best
 * is one table: exchanges are API Activity, what people do at the doors Authentication, what is done to keys, grants and accounts
 * Entity Management, what is done to what is stored Datastore Activity, the process itself Application Lifecycle. What the schema
 * has no attribute for stands in `unmapped.sluice`. `message_context`, where the schema has prompts and answers, is never used.
 * Pure.
 */
import { type ExportRecord, numberIn, textIn } from "./record.ts";

const OCSF_VERSION = "1.8.0";
const NAME = "Sluice";

interface Activity {
  readonly id: number;
  readonly name: string;
}

interface Class {
  readonly uid: number;
  readonly name: string;
  readonly category: { readonly uid: number; readonly name: string };
}

const IAM = { uid: 3, name: "Identity & Access Management" };
const APPLICATION = { uid: 6, name: "Application Activity" };
const CLASSES = {
  authentication: { uid: 3002, name: "Authentication", category: IAM },
  entity: { uid: 3004, name: "Entity Management", category: IAM },
  lifecycle: { uid: 6002, name: "Application Lifecycle", category: APPLICATION },
  api: { uid: 6003, name: "API Activity", category: APPLICATION },
  datastore: { uid: 6005, name: "Datastore Activity", category: APPLICATION },
} as const satisfies Record<string, Class>;

/** What events are about, by the room in their name. Of others: a call of the API. */
const CLASS_OF_ROOM: Readonly<Record<string, keyof typeof CLASSES>> = {
  login: "authentication",
  logout: "authentication",
  account: "entity",
  "break-glass": "entity",
  consent: "entity",
  directory: "entity",
  grant: "entity",
  hold: "entity",
  key: "entity",
  keys: "entity",
  log: "entity",
  passkey: "entity",
  root: "entity",
  secret: "entity",
  token: "entity",
  evidence: "datastore",
  recording: "datastore",
  recordings: "datastore",
  retention: "datastore",
  salt: "datastore",
  sink: "datastore",
  subject: "datastore",
};

type Deed = "create" | "read" | "query" | "update" | "delete" | "enable" | "disable" | "in" | "out";

/** Verbs of events that say one of the things which classes know. */
const DEEDS: Readonly<Record<string, Deed>> = {
  cancelled: "delete",
  changed: "update",
  continued: "enable",
  created: "create",
  decided: "update",
  destroyed: "delete",
  disabled: "disable",
  enabled: "enable",
  ended: "delete",
  erased: "delete",
  exchanged: "create",
  exported: "read",
  failed: "in",
  found: "query",
  frozen: "disable",
  give: "update",
  given: "update",
  granted: "create",
  key_added: "create",
  key_retired: "delete",
  opened: "create",
  placed: "create",
  pruned: "delete",
  read: "read",
  registered: "create",
  removed: "delete",
  replayed: "read",
  revealed: "read",
  revoked: "delete",
  rewrapped: "update",
  rotated: "update",
  sealed: "create",
  succeeded: "in",
  used: "read",
};

const ACTIVITIES: Readonly<Record<keyof typeof CLASSES, Partial<Readonly<Record<Deed, Activity>>>>> = {
  authentication: { in: { id: 1, name: "Logon" }, out: { id: 2, name: "Logoff" } },
  entity: {
    create: { id: 1, name: "Create" },
    read: { id: 2, name: "Read" },
    update: { id: 3, name: "Update" },
    delete: { id: 4, name: "Delete" },
    enable: { id: 8, name: "Enable" },
    disable: { id: 9, name: "Disable" },
  },
  lifecycle: {},
  api: {
    create: { id: 1, name: "Create" },
    read: { id: 2, name: "Read" },
    query: { id: 2, name: "Read" },
    update: { id: 3, name: "Update" },
    delete: { id: 4, name: "Delete" },
  },
  datastore: {
    read: { id: 1, name: "Read" },
    update: { id: 2, name: "Update" },
    query: { id: 4, name: "Query" },
    create: { id: 6, name: "Create" },
    delete: { id: 7, name: "Delete" },
  },
};

/** What an exchange does at its target: something is made, or looked up, or written again. */
const ACTIVITY_OF_ACTION: Readonly<Record<string, Deed>> = {
  infer: "create",
  embed: "create",
  list: "read",
  scrub: "update",
  restore: "update",
};

const LIFECYCLE: Readonly<Record<string, Activity>> = {
  start: { id: 3, name: "Start" },
  stop: { id: 4, name: "Stop" },
  config: { id: 8, name: "Update" },
};

const SEVERITIES = ["Unknown", "Informational", "Low", "Medium", "High"] as const;

/** Beyond these, events are informational. */
const SEVERITY_OF_EVENT: Readonly<Record<string, number>> = {
  "alarm.raised": 4,
  "break-glass.opened": 4,
  "clock.jumped": 3,
  "export.away": 3,
  "export.refused": 3,
  "export.skipped": 3,
  "log.frozen": 3,
  "log.key_added": 2,
  "passkey.cloned": 4,
  "recording.revealed": 2,
  "root.rotated": 2,
  "subject.erased": 2,
  "timestamp.gap": 3,
  "witness.away": 3,
  "witness.conflict": 4,
};

/** Of the record, 0 to 4: unknown, informational, low, medium, high. */
export function severityOf(record: ExportRecord): number {
  const { type } = record;
  if (type === "event") return SEVERITY_OF_EVENT[textIn(record, "name") ?? ""] ?? 1;
  if (type === "denial") return 3;
  if (type === "outcome" && textIn(record, "status") === "failed") return 2;
  return type === "other" ? 0 : 1;
}

/** One line of what happened: names of ours, no values. */
export function messageOf(record: ExportRecord): string {
  const text = (path: string): string => textIn(record, path) ?? "";
  switch (record.type) {
    case "intent":
      return said("may go ahead:", text("action"), text("endpoint"), "at", text("connection"));
    case "outcome":
      return said("ended:", text("status"), text("code"));
    case "denial":
      return said("refused:", text("code"), text("action"), text("endpoint"));
    case "event":
      return text("name");
    default:
      return record.type;
  }
}

/** `version`: of the software. */
export function ocsfEvent(record: ExportRecord, version: string): Record<string, unknown> {
  const { type, time, index, leafHash, origin, fields, omitted } = record;
  const [klass, activity] = placeOf(record);
  const severity = severityOf(record);
  const { uid, name, category } = CLASSES[klass];
  const product = { name: NAME, vendor_name: NAME, version };
  const intent = type === "intent" ? index : numberIn(record, "intent");
  const isTruncated = omitted.includes("*");
  return {
    category_uid: category.uid,
    category_name: category.name,
    class_uid: uid,
    class_name: name,
    activity_id: activity.id,
    activity_name: activity.name,
    type_uid: uid * 100 + activity.id,
    type_name: `${name}: ${activity.id === 99 ? "Other" : activity.name}`,
    severity_id: severity,
    severity: SEVERITIES[severity],
    ...statusOf(record),
    time,
    message: messageOf(record),
    metadata: {
      version: OCSF_VERSION,
      product,
      // One of the log: contiguous, and never given twice.
      uid: `${origin}#${index}`,
      sequence: index,
      log_name: "evidence",
      log_provider: origin,
      event_code: textIn(record, "name") ?? type,
      original_time: new Date(time).toISOString(),
      ...(intent === undefined ? {} : { correlation_uid: `${origin}#${intent}` }),
      ...(klass === "api" && textIn(record, "model") !== undefined ? { profiles: ["ai_operation"] } : {}),
      ...(isTruncated ? { is_truncated: true } : {}),
    },
    ...BODIES[klass](record, product),
    unmapped: {
      sluice: {
        index,
        leaf_hash: leafHash,
        origin,
        type,
        ...nested(fields),
        ...(omitted.length === 0 ? {} : { omitted }),
      },
    },
  };
}

function placeOf(record: ExportRecord): [keyof typeof CLASSES, Activity] {
  const { type } = record;
  const lifecycle = LIFECYCLE[type];
  if (lifecycle !== undefined) return ["lifecycle", lifecycle];
  const name = textIn(record, "name") ?? "";
  if (type !== "event") {
    const deed = ACTIVITY_OF_ACTION[textIn(record, "action") ?? ""];
    return ["api", activityOf("api", deed, type)];
  }
  const [room = "", verb = ""] = name.split(".", 2);
  const klass = CLASS_OF_ROOM[room] ?? "api";
  const deed = room === "logout" ? "out" : DEEDS[verb];
  return [klass, activityOf(klass, deed, name)];
}

function activityOf(klass: keyof typeof CLASSES, deed: Deed | undefined, otherwise: string): Activity {
  const known = deed === undefined ? undefined : ACTIVITIES[klass][deed];
  // "Other": activity_name then has the source's own word.
  return known ?? { id: 99, name: otherwise === "" ? "other" : otherwise };
}

function statusOf(record: ExportRecord): Record<string, unknown> {
  const code = textIn(record, "code") ?? textIn(record, "facts.code");
  const failed =
    record.type === "denial" ||
    (record.type === "outcome" && textIn(record, "status") !== "completed") ||
    /\.(?:failed|refused|away)$/.test(textIn(record, "name") ?? "");
  return {
    status_id: failed ? 2 : 1,
    status: failed ? "Failure" : "Success",
    ...(code === undefined ? {} : { status_code: code }),
  };
}

type Product = Readonly<Record<string, string>>;

const BODIES: Readonly<Record<keyof typeof CLASSES, (record: ExportRecord, product: Product) => object>> = {
  authentication: (record) => ({
    user: userOf(textIn(record, "actor")),
    service: { name: NAME },
    is_remote: true,
  }),
  entity: (record) => ({
    actor: actorOf(record),
    entity: {
      type: (textIn(record, "name") ?? "other").split(".", 1)[0],
      uid: textIn(record, "target") ?? textIn(record, "name") ?? "unknown",
    },
  }),
  lifecycle: (_record, product) => ({ app: product }),
  datastore: (record) => ({
    actor: actorOf(record),
    // What stands here is no relational database: types of the schema do not fit.
    database: { name: "evidence", uid: record.origin, type_id: 99, type: "Evidence log" },
    type_id: 1,
    type: "Database",
    src_endpoint: { svc_name: NAME },
  }),
  api(record) {
    const connection = textIn(record, "connection");
    const recipient = textIn(record, "recipient.id");
    const model = textIn(record, "model");
    const status = numberIn(record, "upstreamStatus");
    const code = textIn(record, "code");
    const intent = record.type === "intent" ? record.index : numberIn(record, "intent");
    return {
      actor: actorOf(record),
      api: {
        operation: textIn(record, "endpoint") ?? textIn(record, "name") ?? record.type,
        ...(textIn(record, "family") === undefined ? {} : { service: { name: textIn(record, "family") } }),
        ...(intent === undefined ? {} : { request: { uid: `${record.origin}#${intent}` } }),
        ...(code === undefined ? {} : { response: { error: code } }),
      },
      // The address of who asked is on no record; what is known of the source is that it came through here.
      src_endpoint: { svc_name: NAME },
      ...(connection === undefined ? {} : { dst_endpoint: { svc_name: connection, ...locationOf(record) } }),
      ...(status === undefined ? {} : { http_response: { code: status } }),
      ...(model === undefined ? {} : { ai_model: { name: model, ai_provider: recipient ?? connection ?? "unknown" } }),
    };
  },
};

function locationOf(record: ExportRecord): object {
  const country = textIn(record, "recipient.country");
  return country === undefined ? {} : { location: { country } };
}

function actorOf(record: ExportRecord): object {
  const who = textIn(record, "principal") ?? textIn(record, "actor");
  return who === undefined ? { app_name: NAME } : { user: userOf(who) };
}

/** A pseudonym of the log: the same person or service has the same one throughout. */
function userOf(pseudonym: string | undefined): object {
  return pseudonym === undefined ? { name: "unknown", type_id: 0 } : { uid: pseudonym, type_id: 99, type: "Pseudonym" };
}

/** `{"found.EMAIL": 2, "actors.0": "x"}` → `{found: {EMAIL: 2}, actors: ["x"]}`. */
function nested(fields: ExportRecord["fields"]): Record<string, unknown> {
  const out: Record<string, Record<string, unknown> | string | number | boolean> = {};
  for (const [path, value] of Object.entries(fields)) {
    const dot = path.indexOf(".");
    if (dot === -1) out[path] = value;
    else {
      const name = path.slice(0, dot);
      const members = (out[name] ??= {}) as Record<string, unknown>;
      members[path.slice(dot + 1)] = value;
    }
  }
  return Object.fromEntries(
    Object.entries(out).map(([name, value]) => [
      name,
      typeof value === "object" && "0" in value ? Object.values(value) : value,
    ]),
  );
}

function said(...parts: readonly string[]): string {
  return parts
    .filter((part) => part !== "")
    .join(" ")
    .replace(/ at$/, "");
}
