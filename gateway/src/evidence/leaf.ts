/**
 * What goes on record: one constructor per kind of leaf, so that the gate hands over facts and names no field. A leaf holds
 * types, counts, purposes, decisions and pseudonyms; never a value, never an identifier in clear and never an unsalted hash
 * of one. docs/evidence-format.md says what each field means. The log itself adds nothing to a leaf but `commitment`.
 *
 * Fields are set in the order in which canonical JSON has them, by name: that order is then the cheapest to write.
 */

import type { Connection, Operator, Purpose } from "../core/connection.ts";
import type { ControlEvent } from "../core/event.ts";
import type { Intent, Outcome } from "../core/intent.ts";
import type { RecordingEnd, RecordingMark } from "../core/recording.ts";
import type { Counts } from "../core/segment.ts";
import { type JsonValue, inOrder } from "./canonical-json.ts";

/** A record of the log. Canonical JSON (RFC 8785) of it, at most 65,535 bytes, is the entry that is hashed. */
export type Leaf = Readonly<Record<string, JsonValue>> & { readonly type: string };

/** What an append gives back once the record is durable. */
export interface Receipt {
  /** Place in the log, from 0, without gaps. */
  readonly index: number;
}

/** Version of the leaf format. */
const LEAF_VERSION = 1;
/** A leaf has at most 65,535 bytes; orphans beyond these are counted, and the verifier finds every one by itself. */
const ORPHANS_LISTED_MAX = 1000;

/** What the transform reports of a request: by type, by category, and what was done with each type. */
export interface ScrubFacts {
  readonly found: Counts;
  readonly categories: Counts;
  /** Signals of special categories. */
  readonly special: Counts;
  readonly operators: Readonly<Record<string, Operator>>;
}

/** On whose yes an exchange went ahead, or was refused. What is empty or absent is not written. */
export interface Authority {
  /** Pseudonyms of who acted for the principal, the one that sent the request first. */
  readonly actors?: readonly string[] | undefined;
  /** Ids of the policies that determined the decision. */
  readonly policies?: readonly string[] | undefined;
  readonly risk?: number | undefined;
  /** Id of the grant that people gave. */
  readonly grant?: string | undefined;
  /** ISO 8601, where a policy shortens the purpose's. */
  readonly retention?: string | undefined;
}

/** An exchange that may go ahead. Append it with the SHA-256 of the body to be forwarded: the log commits to it. */
export function intentLeaf(facts: {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** `EvidenceLog.pseudonym()` of the principal's id. */
  readonly principal: string;
  readonly intent: Intent;
  readonly connection: Connection;
  /** Pseudonyms of the credential that proved the principal, and of the conversation, where the client named one. */
  readonly credential?: string | undefined;
  readonly session?: string | undefined;
  /** As the target calls it; empty when the target has no models to choose from. */
  readonly model: string;
  readonly purpose: Purpose;
  /** Base64url SHA-256 of the configuration in force. */
  readonly policy: string;
  readonly scrubbed: ScrubFacts;
  readonly authority?: Authority | undefined;
  readonly recording?: RecordingMark | undefined;
}): Leaf {
  const { intent, connection, purpose, scrubbed, recording, authority = NOBODY } = facts;
  const leaf: Draft = { action: intent.action };
  if (isSome(authority.actors)) leaf["actors"] = authority.actors;
  leaf["basis"] = purpose.basis;
  leaf["bytes"] = intent.requestBytes;
  leaf["categories"] = inOrder(scrubbed.categories);
  if (purpose.condition !== undefined) leaf["condition"] = purpose.condition;
  leaf["connection"] = connection.name;
  if (facts.credential !== undefined) leaf["credential"] = facts.credential;
  leaf["dpv"] = purpose.dpv;
  leaf["endpoint"] = intent.endpoint;
  leaf["family"] = intent.family;
  leaf["found"] = inOrder(scrubbed.found);
  if (authority.grant !== undefined) leaf["grant"] = authority.grant;
  if (facts.model !== "") leaf["model"] = facts.model;
  leaf["opaque"] = inOrder(intent.opaqueParts);
  if (Object.keys(intent.opaqueParts).length > 0) leaf["opaqueRule"] = connection.rules.opaqueParts;
  leaf["operators"] = inOrder(scrubbed.operators);
  if (isSome(authority.policies)) leaf["policies"] = authority.policies;
  leaf["policy"] = facts.policy;
  leaf["principal"] = facts.principal;
  leaf["purpose"] = purpose.id;
  leaf["recipient"] = recipientOf(connection);
  if (recording !== undefined) {
    leaf["recording"] = { head: recording.head, id: recording.id, mode: recording.mode, place: recording.place };
  }
  leaf["retention"] = authority.retention ?? purpose.retention;
  if (authority.risk !== undefined) leaf["risk"] = authority.risk;
  if (facts.session !== undefined) leaf["session"] = facts.session;
  if (!isEmpty(scrubbed.special)) leaf["special"] = inOrder(scrubbed.special);
  leaf["streaming"] = intent.streaming;
  return typed(leaf, "intent", facts.time);
}

/** A request that was refused; what was not known yet when it was refused is absent. */
export function denialLeaf(facts: {
  readonly time: number;
  readonly code: string;
  readonly policy: string;
  /** Refusals before this one that were not recorded one by one. */
  readonly suppressed?: number | undefined;
  readonly principal?: string | undefined;
  readonly credential?: string | undefined;
  readonly action?: string | undefined;
  readonly family?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly streaming?: boolean | undefined;
  readonly bytes?: number | undefined;
  readonly opaque?: Counts | undefined;
  readonly connection?: Connection | undefined;
  readonly purpose?: Purpose | undefined;
  readonly scrubbed?: ScrubFacts | undefined;
  readonly authority?: Authority | undefined;
}): Leaf {
  const { connection, purpose, scrubbed, suppressed = 0, authority = NOBODY } = facts;
  const leaf: Draft = {};
  if (facts.action !== undefined) leaf["action"] = facts.action;
  if (isSome(authority.actors)) leaf["actors"] = authority.actors;
  if (purpose !== undefined) leaf["basis"] = purpose.basis;
  if (facts.bytes !== undefined) leaf["bytes"] = facts.bytes;
  if (scrubbed !== undefined) leaf["categories"] = inOrder(scrubbed.categories);
  leaf["code"] = facts.code;
  if (purpose?.condition !== undefined) leaf["condition"] = purpose.condition;
  if (connection !== undefined) leaf["connection"] = connection.name;
  if (facts.credential !== undefined) leaf["credential"] = facts.credential;
  if (purpose !== undefined) leaf["dpv"] = purpose.dpv;
  if (facts.endpoint !== undefined) leaf["endpoint"] = facts.endpoint;
  if (facts.family !== undefined) leaf["family"] = facts.family;
  if (scrubbed !== undefined) leaf["found"] = inOrder(scrubbed.found);
  if (facts.opaque !== undefined) leaf["opaque"] = inOrder(facts.opaque);
  if (scrubbed !== undefined) leaf["operators"] = inOrder(scrubbed.operators);
  if (isSome(authority.policies)) leaf["policies"] = authority.policies;
  leaf["policy"] = facts.policy;
  if (facts.principal !== undefined) leaf["principal"] = facts.principal;
  if (purpose !== undefined) leaf["purpose"] = purpose.id;
  if (connection !== undefined) leaf["recipient"] = recipientOf(connection);
  if (purpose !== undefined) leaf["retention"] = purpose.retention;
  if (authority.risk !== undefined) leaf["risk"] = authority.risk;
  if (scrubbed !== undefined && !isEmpty(scrubbed.special)) leaf["special"] = inOrder(scrubbed.special);
  if (facts.streaming !== undefined) leaf["streaming"] = facts.streaming;
  if (suppressed > 0) leaf["suppressed"] = suppressed;
  return typed(leaf, "denial", facts.time);
}

/** How the exchange ended. Append it with the SHA-256 of what the upstream sent, if anything was received. */
export function outcomeLeaf(facts: {
  readonly time: number;
  /** Index of the intent's leaf. */
  readonly intent: number;
  readonly outcome: Outcome;
  /** What happened to the answer on its way back, by type. */
  readonly back: {
    readonly restored: Counts;
    readonly masked: Counts;
    readonly withheld: Counts;
    readonly unknownPlaceholders: number;
  };
  readonly totalMs: number;
  readonly overheadMs: number;
  readonly recording?: RecordingEnd | undefined;
}): Leaf {
  const { outcome, back, recording } = facts;
  const { code, upstreamStatus, inputTokens, outputTokens } = outcome;
  const leaf: Draft = { bytes: outcome.responseBytes };
  if (code !== undefined) leaf["code"] = code;
  leaf["intent"] = facts.intent;
  leaf["masked"] = inOrder(back.masked);
  leaf["ms"] = {
    overhead: tenths(facts.overheadMs),
    total: tenths(facts.totalMs),
    upstream: tenths(outcome.upstreamMs),
  };
  if (recording !== undefined) leaf["recording"] = { chunks: recording.chunks, head: recording.head };
  leaf["restored"] = inOrder(back.restored);
  // An intent was recorded, so the request was not refused: an answer that may not pass is a failure, and `code` says which.
  leaf["status"] = outcome.status === "denied" ? "failed" : outcome.status;
  leaf["time"] = timestamp(facts.time);
  if (inputTokens !== undefined || outputTokens !== undefined) {
    leaf["tokens"] = {
      ...(inputTokens !== undefined && { in: inputTokens }),
      ...(outputTokens !== undefined && { out: outputTokens }),
    };
  }
  leaf["type"] = "outcome";
  leaf["unknown"] = back.unknownPlaceholders;
  if (upstreamStatus !== undefined) leaf["upstreamStatus"] = upstreamStatus;
  leaf["v"] = LEAF_VERSION;
  leaf["withheld"] = inOrder(back.withheld);
  return leaf as Leaf;
}

/** Something in the control plane: who did what to what. `digest` of the append, if any, is what it was about. */
export function eventLeaf(facts: {
  readonly time: number;
  readonly event: ControlEvent;
  /** Pseudonym of `event.actor`. */
  readonly actor?: string | undefined;
}): Leaf {
  const { event, actor } = facts;
  const leaf: Draft = {};
  if (actor !== undefined) leaf["actor"] = actor;
  if (event.facts !== undefined) leaf["facts"] = inOrder(event.facts);
  leaf["name"] = event.name;
  if (event.target !== undefined) leaf["target"] = event.target;
  return typed(leaf, "event", facts.time);
}

interface Running {
  readonly now: number;
  /** Version of the software. */
  readonly version: string;
  readonly policy: string;
}

/** The process began. `orphans` are the intents without outcome that it found, as the log reports them. */
export function startLeaf(facts: Running & { readonly orphans: readonly number[] }): Leaf {
  return running("start", facts, {
    orphans: facts.orphans.slice(0, ORPHANS_LISTED_MAX),
    orphansTotal: facts.orphans.length,
  });
}

/** The process ended in order. A start that follows no stop was preceded by a crash. */
export function stopLeaf(facts: Running): Leaf {
  return running("stop", facts);
}

/** Another configuration came into force. */
export function configLeaf(facts: Running): Leaf {
  return running("config", facts);
}

const NOBODY: Authority = Object.freeze({});

function isSome(names: readonly string[] | undefined): names is readonly string[] {
  return names !== undefined && names.length > 0;
}

function isEmpty(counts: Counts): boolean {
  for (const _ in counts) return false;
  return true;
}

/** A leaf under construction. */
type Draft = Record<string, JsonValue>;

/** Adds what every leaf has, whose names come late in the alphabet. */
function typed(leaf: Draft, type: string, time: number): Leaf {
  leaf["time"] = timestamp(time);
  leaf["type"] = type;
  leaf["v"] = LEAF_VERSION;
  return leaf as Leaf;
}

function running(type: string, facts: Running, more: Draft = {}): Leaf {
  const leaf = typed({ ...more, policy: facts.policy }, type, facts.now);
  return { ...leaf, version: facts.version };
}

let lastTime = Number.NaN;
let lastTimestamp = "";

/** https://www.rfc-editor.org/rfc/rfc3339, UTC with milliseconds. Many leaves are of the same one. */
function timestamp(time: number): string {
  if (time !== lastTime) {
    lastTimestamp = new Date(time).toISOString();
    lastTime = time;
  }
  return lastTimestamp;
}

function recipientOf({ recipient }: Connection): JsonValue {
  return { country: recipient.country, id: recipient.id };
}

/** Milliseconds with one decimal: enough to see what the gateway costs. */
function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
