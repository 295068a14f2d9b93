/**
 * THE FLOW, and the only room that knows its order: identify → authorize → transform → record the intent → (the protocol
 * forwards, holding a Permit) → transform back → record the outcome. The transform is computed before the intent is
 * recorded so that the intent can carry counts and a commitment to what will be sent (docs/decisions/0003); nothing leaves
 * before the intent is durable, because the Permit that forwarding demands is minted after it.
 *
 * A denial never runs and is recorded. A refusal that cannot be recorded is still a refusal.
 */
import { hash } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import type { Connection, Purpose } from "../core/connection.ts";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { Intent, Outcome } from "../core/intent.ts";
import type { Principal } from "../core/principal.ts";
import type { Counts, Segment } from "../core/segment.ts";
import { denialLeaf, type EvidenceLog, intentLeaf, outcomeLeaf } from "../evidence/index.ts";
import { decide } from "../policy/index.ts";
import type { Back, Scrubbed, Scrubber } from "../privacy/index.ts";
import { mintPermit, type Permit, revokePermit } from "./permit.ts";
import { RefusalBudget } from "./refusals.ts";
import { type ListedModel, listModels, type Registry, type Resolved, resolve } from "./resolve.ts";
import { Throttle } from "./throttle.ts";

/** What the config says at one moment. An exchange keeps the snapshot it was opened with. */
export interface Snapshot extends Registry {
  readonly purposes: ReadonlyMap<string, Purpose>;
  /** base64url SHA-256 of the configuration in force: the policy version on record. */
  readonly version: string;
}

/** Makes the bytes to forward from the scrubbed segments. Pure; called once an exchange was authorized. */
export type Render = (segments: readonly Segment[], connection: Connection, model: string) => Uint8Array;

export interface Exchange {
  /** Log index of the recorded intent, as decimal text: the value of `Sluice-Evidence`. */
  readonly id: string;
  readonly permit: Permit;
  readonly connection: Connection;
  readonly model: string;
  readonly body: Uint8Array;
  readonly found: Counts;
  /** Findings that were replaced: `found` without those that a rule allows. */
  readonly masked: Counts;
  readonly purpose: Purpose;
  readonly back: Back;
  /** What the placeholders stand for: for answering the caller who sent the values, never for anything that is kept. */
  readonly entities: Scrubbed["entities"];
  /** Milliseconds the gate took before forwarding, durable record included. */
  readonly overheadMs: number;
  /** Records the outcome. The first call wins; never rejects: a log that cannot write refuses the next exchange instead. */
  end(outcome: Outcome): Promise<void>;
}

export interface Gate {
  /** Throws key_missing, key_invalid, key_expired. */
  identify(credential: string | undefined): Principal | Promise<Principal>;
  /** Throws a SluiceError whose refusal is on record (`error.evidence`) unless the log itself is down. */
  open(principal: Principal, intent: Intent, render: Render): Promise<Exchange>;
  /** Records a request that was refused before `open`. Returns the evidence id, or undefined when nothing was recorded. Never rejects. */
  refuse(principal: Principal | undefined, facts: RefusalFacts, error: SluiceError): Promise<string | undefined>;
  /** What this principal may use, in the config's order. */
  connections(principal: Principal): readonly Connection[];
  /** Names that this principal may ask for in a family, aliases first. Patterns stand for names only the upstream knows. */
  models(principal: Principal, family: string): readonly ListedModel[];
}

export interface RefusalFacts {
  readonly family?: string;
  readonly endpoint?: string;
  readonly action?: string;
  readonly bytes?: number;
}

/** Told of every exchange and refusal when it is over. Facts only, no payload. Must not throw. */
export interface Observer {
  ended(record: ExchangeRecord): void;
}

export interface ExchangeRecord {
  readonly evidence?: string;
  readonly family?: string;
  readonly endpoint?: string;
  readonly connection?: string;
  readonly model?: string;
  readonly purpose?: string;
  readonly status: Outcome["status"];
  readonly code?: string;
  readonly streaming: boolean;
  readonly found: Counts;
  readonly totalMs: number;
  readonly overheadMs: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** The error behind `code`, for the server's own log; its cause may name places in our code, never payload. */
  readonly error?: SluiceError;
}

export interface GateOptions {
  readonly verify: (credential: string) => Principal | Promise<Principal>;
  readonly scrubber: Scrubber;
  readonly evidence: EvidenceLog;
  readonly snapshot: () => Snapshot;
  readonly clock: Clock;
  /** Milliseconds of a clock that never jumps, for durations. */
  readonly monotonic: Clock;
  readonly observer: Observer;
}

const NOTHING: Counts = Object.freeze({});

export function createGate(options: GateOptions): Gate {
  const { scrubber, evidence, snapshot, clock, monotonic, observer } = options;
  const throttle = new Throttle();
  const refusals = new RefusalBudget();

  function identify(credential: string | undefined): Principal | Promise<Principal> {
    if (credential === undefined || credential === "") {
      throw new SluiceError(
        "key_missing",
        "no API key: send it as Authorization: Bearer sluice_…, x-api-key, api-key or x-goog-api-key",
      );
    }
    return options.verify(credential);
  }

  async function open(principal: Principal, intent: Intent, render: Render): Promise<Exchange> {
    const startedAt = monotonic();
    const now = clock();
    const config = snapshot();
    let resolved: Resolved | undefined;
    let purpose: Purpose | undefined;
    let scrubbed: Scrubbed | undefined;
    let entered = false;
    try {
      throttle.enter(principal, now);
      entered = true;
      resolved = resolve(config, intent.family, intent.target);
      const { connection, model } = resolved;
      const decision = decide(principal, intent, connection, config.purposes);
      purpose = decision.purpose;
      if (decision.effect === "deny") throw new SluiceError(decision.code, decision.message);

      scrubbed = await scrubber.scrub(intent.segments, connection.rules, {
        principal: principal.id,
        purpose: decision.purpose.id,
        now,
        ...(intent.session === undefined ? {} : { session: intent.session }),
        ...(intent.signal === undefined ? {} : { signal: intent.signal }),
      });
      if (scrubbed.blocked.length > 0) {
        throw new SluiceError(
          "category_blocked",
          `the request holds ${scrubbed.blocked.join(", ")}, which connection "${connection.name}" blocks`,
        );
      }
      const body = render(scrubbed.segments, connection, model);
      const receipt = await evidence.append(
        intentLeaf({
          time: now,
          principal: evidence.pseudonym(principal.id),
          intent,
          connection,
          model,
          purpose: decision.purpose,
          policy: config.version,
          scrubbed,
        }),
        hash("sha256", body, "buffer"),
      );
      return beginExchange(
        { principal, intent, connection, model, body, scrubbed, purpose: decision.purpose, startedAt },
        receipt.index,
      );
    } catch (thrown) {
      const error = toSluiceError(thrown);
      scrubbed?.back.release();
      await recordRefusal({ principal, error, now, startedAt, intent, config, resolved, purpose, scrubbed });
      if (entered) throttle.leave(principal);
      throw error;
    }
  }

  interface Opened {
    principal: Principal;
    intent: Intent;
    connection: Connection;
    model: string;
    body: Uint8Array;
    scrubbed: Scrubbed;
    purpose: Purpose;
    startedAt: number;
  }

  function beginExchange(opened: Opened, index: number): Exchange {
    const { principal, intent, connection, model, scrubbed, purpose, startedAt } = opened;
    const id = String(index);
    const permit = mintPermit(connection, id);
    const overheadMs = monotonic() - startedAt;
    let ended: Promise<void> | undefined;

    async function record(outcome: Outcome): Promise<void> {
      revokePermit(permit);
      throttle.leave(principal);
      const totalMs = monotonic() - startedAt;
      const back = scrubbed.back.counts();
      scrubbed.back.release();
      const overhead = Math.max(0, totalMs - outcome.upstreamMs);
      observer.ended({
        evidence: id,
        family: intent.family,
        endpoint: intent.endpoint,
        connection: connection.name,
        model,
        purpose: purpose.id,
        status: outcome.status,
        ...(outcome.code === undefined ? {} : { code: outcome.code }),
        streaming: intent.streaming,
        found: scrubbed.found,
        totalMs,
        overheadMs: overhead,
        requestBytes: intent.requestBytes,
        responseBytes: outcome.responseBytes,
        ...(outcome.inputTokens === undefined ? {} : { inputTokens: outcome.inputTokens }),
        ...(outcome.outputTokens === undefined ? {} : { outputTokens: outcome.outputTokens }),
      });
      try {
        await evidence.append(
          outcomeLeaf({ time: clock(), intent: index, outcome, back, totalMs, overheadMs: overhead }),
          outcome.responseDigest,
          "soon",
        );
      } catch {
        // The log has reported its own fault and refuses every new exchange until it has recovered; this intent stays
        // without an outcome and is named as an orphan at the next start.
      }
    }

    return {
      id,
      permit,
      connection,
      model,
      body: opened.body,
      found: scrubbed.found,
      masked: replaced(scrubbed),
      purpose,
      back: scrubbed.back,
      entities: scrubbed.entities,
      overheadMs,
      end(outcome) {
        ended ??= record(outcome);
        return ended;
      },
    };
  }

  interface Refused {
    principal: Principal | undefined;
    error: SluiceError;
    now: number;
    startedAt: number;
    intent?: Intent;
    facts?: RefusalFacts;
    config: Snapshot;
    resolved?: Resolved | undefined;
    purpose?: Purpose | undefined;
    scrubbed?: Scrubbed | undefined;
  }

  async function recordRefusal(refused: Refused): Promise<string | undefined> {
    const { principal, error, now, intent, facts, config, resolved, purpose, scrubbed } = refused;
    const suppressed = refusals.take(principal?.credential ?? "", now);
    if (suppressed !== undefined) {
      try {
        const receipt = await evidence.append(
          denialLeaf({
            time: now,
            code: error.code,
            suppressed,
            policy: config.version,
            ...(principal === undefined ? {} : { principal: evidence.pseudonym(principal.id) }),
            action: intent?.action ?? facts?.action,
            family: intent?.family ?? facts?.family,
            endpoint: intent?.endpoint ?? facts?.endpoint,
            bytes: intent?.requestBytes ?? facts?.bytes,
            streaming: intent?.streaming,
            opaque: intent?.opaqueParts,
            connection: resolved?.connection,
            purpose,
            scrubbed,
          }),
        );
        error.evidence = String(receipt.index);
      } catch {
        // A refusal that cannot be recorded is still a refusal; the log has reported its own fault.
      }
    }
    observer.ended({
      ...(error.evidence === undefined ? {} : { evidence: error.evidence }),
      ...((intent?.family ?? facts?.family) === undefined ? {} : { family: intent?.family ?? facts?.family ?? "" }),
      ...((intent?.endpoint ?? facts?.endpoint) === undefined
        ? {}
        : { endpoint: intent?.endpoint ?? facts?.endpoint ?? "" }),
      ...(resolved === undefined ? {} : { connection: resolved.connection.name }),
      ...(purpose === undefined ? {} : { purpose: purpose.id }),
      status: "denied",
      code: error.code,
      streaming: intent?.streaming ?? false,
      found: scrubbed?.found ?? NOTHING,
      totalMs: monotonic() - refused.startedAt,
      overheadMs: monotonic() - refused.startedAt,
      requestBytes: intent?.requestBytes ?? facts?.bytes ?? 0,
      responseBytes: 0,
      error,
    });
    return error.evidence;
  }

  function connections(principal: Principal): readonly Connection[] {
    return snapshot().connections.filter((each) => principal.connections?.includes(each.name) ?? true);
  }

  return {
    identify,
    open,
    refuse(principal, facts, error) {
      if (error.evidence !== undefined) return Promise.resolve(error.evidence);
      return recordRefusal({ principal, error, now: clock(), startedAt: monotonic(), facts, config: snapshot() });
    },
    connections,
    models: (principal, family) =>
      listModels({ connections: connections(principal), aliases: snapshot().aliases }, family),
  };
}

function replaced({ found, operators }: Scrubbed): Counts {
  if (!Object.values(operators).includes("allow")) return found;
  return Object.fromEntries(Object.entries(found).filter(([type]) => operators[type] !== "allow"));
}
