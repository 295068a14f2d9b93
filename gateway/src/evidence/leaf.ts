/**
 * What goes on record: one constructor per kind of leaf, so that the gate names facts and never field names. A leaf holds
 * types, counts, purposes, decisions and pseudonyms; never a value, never an identifier in clear and never an unsalted hash
 * of one. The log itself adds nothing to a leaf but `commitment`.
 */

import { createHash } from "node:crypto";
import type { Action } from "../core/intent.ts";
import type { Counts } from "../core/segment.ts";
import type { Operator, Purpose, Recipient } from "../core/connection.ts";
import type { JsonValue } from "./canonical-json.ts";

/** A record of the log. Canonical JSON (RFC 8785) of it, at most 65,535 bytes, is the entry that is hashed. */
export type Leaf = Readonly<Record<string, JsonValue>> & { readonly type: string };

/** What an append gives back once the record is durable. */
export interface Receipt {
  /** Place in the log, from 0, without gaps. */
  readonly index: number;
}

/** Version of the leaf format; readers refuse versions they do not know. */
const LEAF_VERSION = 1;

/** What is known of a request before and after it was resolved to a connection and a purpose. */
interface Asked {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** `EvidenceLog.pseudonym()` of the principal's id. */
  readonly principal: string;
  readonly action: Action;
  readonly family: string;
  /** In the family's own words, for example `chat.completions`. */
  readonly endpoint: string;
  /** Digest of the configuration in force, as `policyDigest()` gives it. */
  readonly policy: string;
  /** Findings by type and by category. */
  readonly found: Counts;
  readonly categories: Counts;
  /** Type → operator that was applied. */
  readonly operators: Readonly<Record<string, Operator>>;
  /** Parts that cannot be scanned, by kind. */
  readonly opaque: Counts;
  readonly streaming: boolean;
  /** Bytes of the request body as received and decoded. */
  readonly bytes: number;
}

interface Resolved {
  readonly connection: string;
  readonly recipient: Pick<Recipient, "id" | "country">;
}

/** An exchange that may go ahead. Append it with the SHA-256 of the body to be forwarded: the log commits to it. */
export function intentLeaf(intent: Asked & Resolved & { readonly purpose: Purpose }): Leaf {
  return { ...asked("intent", intent), ...resolved(intent), ...purposed(intent.purpose) };
}

/** A request that was refused. Connection and purpose are absent when the refusal came before they were known. */
export function denialLeaf(
  denial: Asked & {
    readonly code: string;
    readonly target?: Resolved;
    readonly purpose?: Purpose;
  },
): Leaf {
  return {
    ...asked("denial", denial),
    code: denial.code,
    ...(denial.target === undefined ? {} : resolved(denial.target)),
    ...(denial.purpose === undefined ? {} : purposed(denial.purpose)),
  };
}

/** How the exchange ended. Append it with the SHA-256 of what the upstream sent, if anything was received. */
export function outcomeLeaf(outcome: {
  readonly now: number;
  /** Index of the intent's leaf. */
  readonly intent: number;
  readonly status: "completed" | "failed" | "cancelled";
  readonly code?: string;
  readonly upstreamStatus?: number;
  /** Bytes received from the upstream. */
  readonly bytes: number;
  /** Placeholders turned back and values masked on the way back, by type. */
  readonly restored: Counts;
  readonly masked: Counts;
  /** Placeholders in the answer that were never issued. */
  readonly unknown: number;
  readonly tokens: { readonly in?: number; readonly out?: number };
  /** Whole milliseconds. */
  readonly ms: { readonly total: number; readonly upstream: number; readonly overhead: number };
}): Leaf {
  const { now, code, upstreamStatus, tokens, ms } = outcome;
  return {
    v: LEAF_VERSION,
    type: "outcome",
    time: rfc3339(now),
    intent: outcome.intent,
    status: outcome.status,
    ...(code === undefined ? {} : { code }),
    ...(upstreamStatus === undefined ? {} : { upstreamStatus }),
    bytes: outcome.bytes,
    restored: outcome.restored,
    masked: outcome.masked,
    unknown: outcome.unknown,
    tokens: {
      ...(tokens.in === undefined ? {} : { in: tokens.in }),
      ...(tokens.out === undefined ? {} : { out: tokens.out }),
    },
    ms: { total: ms.total, upstream: ms.upstream, overhead: ms.overhead },
  };
}

interface Running {
  readonly now: number;
  /** Version of the software. */
  readonly version: string;
  readonly policy: string;
}

/** The process began. `orphans` are the intents without outcome that it found, as `openEvidence` reports them. */
export function startLeaf(start: Running & { readonly orphans: readonly number[] }): Leaf {
  return { ...running("start", start), orphans: capped(start.orphans), orphansTotal: start.orphans.length };
}

/** The process ended in order. A start that follows no stop was preceded by a crash. */
export function stopLeaf(stop: Running): Leaf {
  return running("stop", stop);
}

/** Another configuration came into force. */
export function configLeaf(config: Running): Leaf {
  return running("config", config);
}

/** SHA-256 of the configuration in force, base64url: names the policy without telling it. */
export function policyDigest(configuration: string | Uint8Array): string {
  return createHash("sha256").update(configuration).digest("base64url");
}

/** A leaf has at most 65,535 bytes; what did not fit is counted, and `sluice verify` finds every orphan by itself. */
export const ORPHANS_LISTED_MAX = 1000;

function capped(orphans: readonly number[]): readonly number[] {
  return orphans.slice(0, ORPHANS_LISTED_MAX);
}

function asked(type: string, asked: Asked): Leaf {
  return {
    v: LEAF_VERSION,
    type,
    time: rfc3339(asked.now),
    principal: asked.principal,
    action: asked.action,
    family: asked.family,
    endpoint: asked.endpoint,
    policy: asked.policy,
    found: asked.found,
    categories: asked.categories,
    operators: asked.operators,
    opaque: asked.opaque,
    streaming: asked.streaming,
    bytes: asked.bytes,
  };
}

function resolved(target: Resolved): Record<string, JsonValue> {
  return {
    connection: target.connection,
    recipient: { id: target.recipient.id, country: target.recipient.country },
  };
}

function purposed(purpose: Purpose): Record<string, JsonValue> {
  return { purpose: purpose.id, dpv: purpose.dpv, basis: purpose.basis, retention: purpose.retention };
}

function running(type: string, running: Running): Leaf {
  return {
    v: LEAF_VERSION,
    type,
    time: rfc3339(running.now),
    version: running.version,
    policy: running.policy,
  };
}

/** https://www.rfc-editor.org/rfc/rfc3339, UTC with milliseconds. */
function rfc3339(ms: number): string {
  return new Date(ms).toISOString();
}
