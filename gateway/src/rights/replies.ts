/** What the routes of this room answer: the shapes, and what of ours goes into them. Times are RFC 3339. */
import { z } from "zod";
import type { CopiedRecord, FoundRecord, SubjectExport } from "./access.ts";
import type { ErasureStatus } from "./erasure.ts";
import type { Hold } from "./holds.ts";
import type { RetentionPlan } from "./retention.ts";

const instant = z.string().describe("RFC 3339, UTC");
const recordReply = z.object({
  index: z.number().describe("Of the exchange's entry in the log"),
  time: instant,
  purpose: z.string(),
  dpv: z.string(),
  basis: z.string(),
  condition: z.string().optional(),
  recipient: z.object({ id: z.string(), country: z.string() }),
  connection: z.string(),
  endpoint: z.string(),
  model: z.string().optional(),
  retention: z.string().describe("ISO 8601: how long what was sent and answered is kept"),
  source: z.object({ principal: z.string(), action: z.string() }).describe("Who sent it, by pseudonym, and what for"),
  mode: z.enum(["none", "scrubbed", "sealed"]),
  retained: z.boolean().describe("What was sent and answered can still be read"),
  fields: z.array(z.object({ path: z.string(), type: z.string() })),
});
const unheard = z
  .array(z.string())
  .describe("Gateways that did not answer in time: what they recorded in the last seconds may be missing");
export const foundReply = z.object({
  total: z.number(),
  unheard,
  ids: z.array(z.string()).describe("Ids of the keys; they say nothing of the person"),
  records: z.array(recordReply),
});
export const copyReply = z.object({
  exported_at: instant,
  unheard,
  ids: z.array(z.string()),
  records: z.array(
    recordReply.extend({
      kept_until: instant,
      values: z.array(z.object({ path: z.string(), type: z.string(), value: z.string() })),
      texts: z.array(z.object({ path: z.string(), origin: z.string().optional(), text: z.string() })),
      texts_erased: z
        .number()
        .describe("Texts that nobody can read any more, because somebody else in them was erased"),
      entry: z.string().describe("The entry of the log, word for word"),
      proof: z.string().describe("Its .tlog-proof"),
    }),
  ),
});
const sinkReply = z.object({
  sink: z.string(),
  kind: z.string(),
  state: z.enum(["pending", "acknowledged", "residual", "expires"]),
  attempts: z.number(),
  at: instant.optional(),
  removed: z.number().optional(),
  reason: z.string().optional(),
});
export const erasureReply = z.object({
  id: z.string(),
  state: z.enum(["opened", "recorded", "destroyed", "settled", "certified"]),
  reference: z.string(),
  basis: z.string(),
  ids: z.array(z.string()),
  records: z.number(),
  datasets: z.array(z.string()).describe("What was trained on them, and is tainted"),
  requested_at: instant,
  destroyed_at: instant.optional(),
  evidence: z.string().optional().describe("Index of the event in the log"),
  sinks: z.array(sinkReply),
  certificate: z.boolean().describe("There is one: GET /api/erasures/{id}/certificate"),
  repeated: z.boolean().describe("It had been carried out before it was asked for now"),
});
export const planReply = z.object({
  dry_run: z.literal(true),
  ids: z.array(z.string()),
  records: z.number(),
  sinks: z.array(z.object({ sink: z.string(), kind: z.string() })),
  datasets: z.array(z.string()),
});
export const holdReply = z.object({
  id: z.string(),
  people: z.boolean().describe("It names people, who are kept sealed"),
  purpose: z.string().optional(),
  connection: z.string().optional(),
  from: instant.optional(),
  to: instant.optional(),
  reference: z.string(),
  justification: z.string().describe("A term of https://w3id.org/dpv/justifications"),
  placed_by: z.string(),
  placed_at: instant,
  until: instant,
  ended: z.enum(["released", "expired"]).optional(),
  ended_at: instant.optional(),
});
export const retentionReply = z.object({
  dry_run: z.boolean(),
  recordings: z.array(
    z.object({
      purpose: z.string(),
      retention: z.string().optional().describe("ISO 8601, where a policy has shortened it"),
      before: instant,
      hold: z.string().optional(),
    }),
  ),
  log: z.object({ before: instant, from: z.number(), to: z.number(), hold: z.string().optional() }),
  files: z.number().optional(),
  bytes: z.number().optional(),
  files_held: z.number().optional(),
});

export function recordOf(record: FoundRecord): z.input<typeof recordReply> {
  const { index, purpose, dpv, basis, condition, recipient, connection, endpoint, model, retention } = record;
  return {
    index,
    time: record.time,
    purpose,
    dpv,
    basis,
    ...(condition === undefined ? {} : { condition }),
    recipient,
    connection,
    endpoint,
    ...(model === undefined ? {} : { model }),
    retention,
    source: { principal: record.principal, action: record.action },
    mode: record.mode,
    retained: record.retained,
    fields: [...record.fields],
  };
}

export function copyOf({ at, ids, records, unheard: gateways }: SubjectExport): z.input<typeof copyReply> {
  const copied = (record: CopiedRecord) => ({
    ...recordOf(record),
    kept_until: iso(record.keptUntil),
    values: [...record.values],
    texts: record.texts.map(({ path, origin, text }) => ({ path, text, ...(origin === undefined ? {} : { origin }) })),
    texts_erased: record.textsErased,
    entry: record.entry,
    proof: record.proof,
  });
  return { exported_at: iso(at), unheard: [...gateways], ids: [...ids], records: records.map(copied) };
}

export function statusOf({ erasure, sinks, repeated }: ErasureStatus): z.input<typeof erasureReply> {
  const { destroyedAt, evidence } = erasure;
  return {
    id: erasure.id,
    state: erasure.state,
    reference: erasure.reference,
    basis: erasure.basis,
    ids: [...erasure.ids],
    records: erasure.records,
    datasets: [...erasure.datasets],
    requested_at: iso(erasure.createdAt),
    ...(destroyedAt === undefined ? {} : { destroyed_at: iso(destroyedAt) }),
    ...(evidence === undefined ? {} : { evidence: String(evidence) }),
    sinks: sinks.map(({ at, ...call }) => ({ ...call, ...(at === undefined ? {} : { at: iso(at) }) })),
    certificate: erasure.hasCertificate,
    repeated,
  };
}

export function holdOf(hold: Hold): z.input<typeof holdReply> {
  const { id, ofPeople, purpose, connection, from, to, ended, endedAt } = hold;
  return {
    id,
    people: ofPeople,
    ...(purpose === undefined ? {} : { purpose }),
    ...(connection === undefined ? {} : { connection }),
    ...(from === undefined ? {} : { from: iso(from) }),
    ...(to === undefined ? {} : { to: iso(to) }),
    reference: hold.reference,
    justification: `https://w3id.org/dpv/justifications#${hold.justification}`,
    placed_by: hold.placedBy,
    placed_at: iso(hold.placedAt),
    until: iso(hold.until),
    ...(ended === undefined ? {} : { ended }),
    ...(endedAt === undefined ? {} : { ended_at: iso(endedAt) }),
  };
}

export function planOf({ recordings, log }: RetentionPlan) {
  return {
    recordings: recordings.map((each) => ({ ...each, before: iso(each.before) })),
    log: { ...log, before: iso(log.before) },
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
