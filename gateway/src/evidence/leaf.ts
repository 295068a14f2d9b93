/**
 * What goes on record: one constructor per kind of leaf, so that the gate hands over facts and names no field. A leaf holds
 * types, counts, purposes, decisions and pseudonyms; never a value, never an identifier in clear and never an unsalted hash
 * of one. docs/evidence-format.md says what each field means. The log itself adds nothing to a leaf but `commitment`.
 */

import type { Connection, Operator, Purpose } from "../core/connection.ts";
import type { Intent, Outcome } from "../core/intent.ts";
import type { Counts } from "../core/segment.ts";
import type { JsonValue } from "./canonical-json.ts";

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
  readonly operators: Readonly<Record<string, Operator>>;
}

/** An exchange that may go ahead. Append it with the SHA-256 of the body to be forwarded: the log commits to it. */
export function intentLeaf(facts: {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** `EvidenceLog.pseudonym()` of the principal's id. */
  readonly principal: string;
  readonly intent: Intent;
  readonly connection: Connection;
  /** As the target calls it; empty when the target has no models to choose from. */
  readonly model: string;
  readonly purpose: Purpose;
  /** Base64url SHA-256 of the configuration in force. */
  readonly policy: string;
  readonly scrubbed: ScrubFacts;
}): Leaf {
  const { intent } = facts;
  return {
    ...head("intent", facts.time),
    principal: facts.principal,
    action: intent.action,
    family: intent.family,
    endpoint: intent.endpoint,
    streaming: intent.streaming,
    bytes: intent.requestBytes,
    opaque: intent.opaqueParts,
    ...(Object.keys(intent.opaqueParts).length > 0 && { opaqueRule: facts.connection.rules.opaqueParts }),
    policy: facts.policy,
    ...target(facts.connection),
    ...(facts.model !== "" && { model: facts.model }),
    ...footing(facts.purpose),
    ...scrub(facts.scrubbed),
  };
}

/** A request that was refused; what was not known yet when it was refused is absent. */
export function denialLeaf(facts: {
  readonly time: number;
  readonly code: string;
  readonly policy: string;
  /** Refusals before this one that were not recorded one by one. */
  readonly suppressed?: number | undefined;
  readonly principal?: string | undefined;
  readonly action?: string | undefined;
  readonly family?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly streaming?: boolean | undefined;
  readonly bytes?: number | undefined;
  readonly opaque?: Counts | undefined;
  readonly connection?: Connection | undefined;
  readonly purpose?: Purpose | undefined;
  readonly scrubbed?: ScrubFacts | undefined;
}): Leaf {
  const { connection, purpose, scrubbed, suppressed = 0 } = facts;
  return {
    ...head("denial", facts.time),
    code: facts.code,
    policy: facts.policy,
    ...(suppressed > 0 && { suppressed }),
    ...(facts.principal !== undefined && { principal: facts.principal }),
    ...(facts.action !== undefined && { action: facts.action }),
    ...(facts.family !== undefined && { family: facts.family }),
    ...(facts.endpoint !== undefined && { endpoint: facts.endpoint }),
    ...(facts.streaming !== undefined && { streaming: facts.streaming }),
    ...(facts.bytes !== undefined && { bytes: facts.bytes }),
    ...(facts.opaque !== undefined && { opaque: facts.opaque }),
    ...(connection !== undefined && target(connection)),
    ...(purpose !== undefined && footing(purpose)),
    ...(scrubbed !== undefined && scrub(scrubbed)),
  };
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
}): Leaf {
  const { outcome, back } = facts;
  const { code, upstreamStatus, inputTokens, outputTokens } = outcome;
  const tokens = {
    ...(inputTokens !== undefined && { in: inputTokens }),
    ...(outputTokens !== undefined && { out: outputTokens }),
  };
  return {
    ...head("outcome", facts.time),
    intent: facts.intent,
    // An intent was recorded, so the request was not refused: an answer that may not pass is a failure, and `code` says which.
    status: outcome.status === "denied" ? "failed" : outcome.status,
    ...(code !== undefined && { code }),
    ...(upstreamStatus !== undefined && { upstreamStatus }),
    bytes: outcome.responseBytes,
    restored: back.restored,
    masked: back.masked,
    withheld: back.withheld,
    unknown: back.unknownPlaceholders,
    ...(Object.keys(tokens).length > 0 && { tokens }),
    ms: { total: tenths(facts.totalMs), upstream: tenths(outcome.upstreamMs), overhead: tenths(facts.overheadMs) },
  };
}

interface Running {
  readonly now: number;
  /** Version of the software. */
  readonly version: string;
  readonly policy: string;
}

/** The process began. `orphans` are the intents without outcome that it found, as the log reports them. */
export function startLeaf(facts: Running & { readonly orphans: readonly number[] }): Leaf {
  return {
    ...running("start", facts),
    orphans: facts.orphans.slice(0, ORPHANS_LISTED_MAX),
    orphansTotal: facts.orphans.length,
  };
}

/** The process ended in order. A start that follows no stop was preceded by a crash. */
export function stopLeaf(facts: Running): Leaf {
  return running("stop", facts);
}

/** Another configuration came into force. */
export function configLeaf(facts: Running): Leaf {
  return running("config", facts);
}

function head(type: string, time: number): { v: number; type: string; time: string } {
  // https://www.rfc-editor.org/rfc/rfc3339, UTC with milliseconds.
  return { v: LEAF_VERSION, type, time: new Date(time).toISOString() };
}

function running(type: string, facts: Running): Leaf {
  return { ...head(type, facts.now), version: facts.version, policy: facts.policy };
}

function target({ name, recipient }: Connection): Record<string, JsonValue> {
  return { connection: name, recipient: { id: recipient.id, country: recipient.country } };
}

function footing(purpose: Purpose): Record<string, JsonValue> {
  return { purpose: purpose.id, dpv: purpose.dpv, basis: purpose.basis, retention: purpose.retention };
}

function scrub({ found, categories, operators }: ScrubFacts): Record<string, JsonValue> {
  return { found, categories, operators };
}

/** Milliseconds with one decimal: enough to see what the gateway costs. */
function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
