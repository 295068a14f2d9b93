/**
 * THE FLOW, and the only room that knows its order: identify → authorize → transform → record the intent → (the protocol
 * forwards, holding a Permit) → transform back → record the outcome. The transform is computed before the intent is
 * recorded so that the intent can carry counts and a commitment to what will be sent (docs/decisions/0003); nothing leaves
 * before the intent is durable, because the Permit that forwarding demands is minted after it.
 *
 * What was decided is asked again before it is recorded, when something has changed since or people were waited for
 * (docs/decisions/0017). A denial never runs and is recorded. A refusal that cannot be recorded is still a refusal.
 */
import { hash } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import type { Connection, MaskingRules, Purpose } from "../core/connection.ts";
import type { Allowed, Denied, FoundFacts } from "../core/decision.ts";
import type { DetectedTypes } from "../core/detection.ts";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { Intent, Outcome, Sender, Travels } from "../core/intent.ts";
import type { Principal } from "../core/principal.ts";
import { credentialName, sessionName } from "../core/pseudonyms.ts";
import type { Recorder, RecordingEnd, RecordingRule, RunningRecording } from "../core/recording.ts";
import type { ConsentState } from "../core/register.ts";
import type { Counts, Segment } from "../core/segment.ts";
import {
  type Authority,
  denialLeaf,
  type EvidenceLog,
  intentLeaf,
  outcomeLeaf,
  type Receipt,
} from "../evidence/index.ts";
import {
  type Admitted,
  type Authorizer,
  type ControlAction,
  type Habits,
  masksMore,
  stricterRules,
  type Surroundings,
  volumeOf,
} from "../policy/index.ts";
import type { Back, BackCounts, Scrubbed, Scrubber } from "../privacy/index.ts";
import { type Ask, type Grant, isAsked } from "../reviews/index.ts";
import { type Concern, ConsentWatch } from "./consent-watch.ts";
import { bindingOf } from "./binding.ts";
import { LiveExchanges, type Whose } from "./live.ts";
import { mintPermit, type Permit, revokePermit } from "./permit.ts";
import { Quotas } from "./quotas.ts";
import { RecordedBack, recordedTexts } from "./recorded.ts";
import { RefusalBudget } from "./refusals.ts";
import { type ListedModel, listModels, type Registry, resolve } from "./resolve.ts";
import { Throttle } from "./throttle.ts";

/** What the config says at one moment. An exchange keeps the snapshot it was opened with. */
export interface Snapshot extends Registry {
  /** Of this register and these policies. */
  readonly authorizer: Authorizer;
  /** All that may be found. */
  readonly types: DetectedTypes;
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
  /** How many candidates of the alias may be asked instead when this one fails: each with an intent of its own. */
  readonly fallbacks: number;
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
  /** Calls back at most once, when the exchange must end now: its grant is over, or the person was disabled. `end` is still due. */
  onCut(listener: (error: SluiceError) => void): void;
  /** Records the outcome. The first call wins; never rejects: a log that cannot write refuses the next exchange instead. */
  end(outcome: Outcome): Promise<void>;
}

export interface Gate {
  /** `peer`: the connection, whose client certificate may say who asks. Throws what `verify` throws. */
  identify(credential: string | undefined, peer?: object): Principal | Promise<Principal>;
  /** Another number whenever somebody may have become somebody else, or lost a right: `Sender.identifiedAt`. */
  identityChanges(): number;
  /** Throws a SluiceError whose refusal is on record (`error.evidence`) unless the log itself is down. */
  open(principal: Principal, intent: Intent, render: Render): Promise<Exchange>;
  /** Records a request that was refused before `open`. Returns the evidence id, or undefined when nothing was recorded. Never rejects. */
  refuse(principal: Principal | undefined, facts: RefusalFacts, error: SluiceError): Promise<string | undefined>;
  /** Throws what policies have against an action on the control plane. */
  checkControl(principal: Principal, action: ControlAction, network: string | undefined, purpose?: Purpose): void;
  /** Ends every running exchange of which `is` is true, with `error`, and says how many. */
  endExchanges(is: (whose: Whose) => boolean, error: SluiceError): number;
  /** Somebody gave consent, took it back, opted out or in: what runs or waits, names them and is not allowed any more ends. */
  consentChanged(concerns: (subject: string) => boolean): void;
  /** The purpose and connection that a principal names, when nothing forbids them to it. Throws what forbids them. */
  admits(principal: Principal, purpose: string, connection: string): { purpose: Purpose; connection: Connection };
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
  readonly evidence?: string | undefined;
  readonly family?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly connection?: string | undefined;
  readonly model?: string | undefined;
  readonly purpose?: string | undefined;
  readonly status: Outcome["status"];
  readonly code?: string | undefined;
  readonly streaming: boolean;
  readonly found: Counts;
  readonly totalMs: number;
  readonly overheadMs: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  /** The error behind `code`, for the server's own log; its cause may name places in our code, never payload. */
  readonly error?: SluiceError;
}

export interface GateOptions {
  readonly verify: (credential: string | undefined, peer: object | undefined) => Principal | Promise<Principal>;
  /** Another number whenever `verify` may have come to say something else; asked with every request. */
  readonly identityChanges: () => number;
  readonly scrubber: Scrubber;
  /** What the ledger says of a data subject and a purpose. */
  readonly consent: (subject: string, purpose: string) => ConsentState | Promise<ConsentState>;
  /** What is usual for whom. */
  readonly habits: Habits;
  /** Who asks people for a yes; absent: what needs one is refused. */
  readonly reviews?: Approvals | undefined;
  /** Keeps what was sent and answered, where the configuration says so; absent: nothing is kept. */
  readonly recorder?: Recorder | undefined;
  readonly evidence: EvidenceLog;
  /** Throws what keeps every exchange from being opened now. Asked at the beginning, and again before the record. */
  readonly checkEvidence?: (() => void) | undefined;
  readonly snapshot: () => Snapshot;
  readonly clock: Clock;
  /** Milliseconds of a clock that never jumps, for durations. */
  readonly monotonic: Clock;
  readonly observer: Observer;
}

/** The part of the reviews that the gate uses. */
export interface Approvals {
  /** A grant for this request, waited for as long as the configuration says. Rejects with approval_required and its kin. */
  ask(ask: Ask, signal: AbortSignal): Promise<Grant>;
  /** What was granted has led to nothing: a yes for one use is there for its request again. Never rejects. */
  giveBack(grant: Grant): Promise<void>;
  /** Calls back when the grant does not hold any more. Returns how to stop. */
  watch(grant: Grant, listener: () => void): () => void;
}

const NOTHING: Counts = Object.freeze({});
/** Of what is answered here. */
const NOTHING_BESIDE: Travels = Object.freeze({ path: "", query: "", headers: [] });

export function createGate(options: GateOptions): Gate {
  const { scrubber, habits, reviews, recorder, evidence, snapshot, clock, monotonic, observer, identityChanges } =
    options;
  const throttle = new Throttle();
  const quotas = new Quotas();
  const refusals = new RefusalBudget();
  const live = new LiveExchanges();
  const consents = new ConsentWatch(options.consent);

  function open(principal: Principal, intent: Intent, render: Render): Promise<Exchange> {
    // What waits for its record to be durable holds the body and some facts, and nothing of what they were made from: most
    // requests under way wait there, and what they hold outlives young collections.
    return prepare(principal, intent, render).then(commit);
  }

  /** All that comes before the record, which is only begun. Nothing of `intent` and `render` is kept. */
  async function prepare(identified: Principal, intent: Intent, render: Render): Promise<Prepared> {
    const startedAt = monotonic();
    const now = clock();
    const config = snapshot();
    const { sender } = intent;
    const attempt: Prepared["attempt"] = {
      principal: identified,
      sender,
      identifiedAt: sender?.identifiedAt ?? identityChanges(),
      now,
      startedAt,
      facts: factsOf(intent),
      version: config.version,
    };
    try {
      if (attempt.identifiedAt !== identityChanges()) await identifyAgain(attempt);
      const { principal } = attempt;
      throttle.enter(principal, now);
      attempt.entered = principal;
      options.checkEvidence?.();
      const { connection, model, fallbacks } = resolve(config, intent.family, intent.target, intent.candidate);
      attempt.connection = connection;
      const asking = await admit(config, attempt, intent, connection);
      const rule = recorder?.ruleOf(connection.name, asking.admitted.resolved.id);
      const scrubbed = await scrubber.scrub(intent.segments, (found) => rulesFor(asking, found), {
        principal: principal.id,
        purpose: asking.admitted.resolved.id,
        now,
        signals: true,
        record: rule !== undefined,
        ...(intent.session === undefined ? undefined : { session: intent.session }),
        ...(intent.signal === undefined ? undefined : { signal: intent.signal }),
      });
      const { found, categories, special, operators, back, entities } = scrubbed;
      attempt.scrubbed = { found, categories, special, operators, back };
      if (scrubbed.blocked.length > 0) {
        throw new SluiceError(
          "category_blocked",
          `the request holds ${scrubbed.blocked.join(", ")}, which is blocked on connection "${connection.name}"`,
        );
      }
      const body = render(scrubbed.segments, connection, model);
      const masked = replaced(scrubbed);
      // Asked for a Buffer, `hash` makes one with memory of its own, which costs as much again as the hash.
      const digest = Buffer.from(hash("sha256", body, "binary"), "latin1");
      const { purpose, obligations } = allowedBy(asking);
      const grant =
        obligations.approvals.length === 0
          ? undefined
          : await approved(asking, scrubbed, intent, { model, body, digest });
      // Who asks, or what somebody says, may be another while the text was read; and while that was looked at.
      while (isStale(asking)) await decideAgain(asking, scrubbed);
      options.checkEvidence?.();
      if (rule !== undefined) {
        attempt.recording = await beginRecording(rule, asking, intent, model, scrubbed);
        while (isStale(asking)) await decideAgain(asking, scrubbed);
      }
      const { recording } = attempt;
      if (grant !== undefined) attempt.authority = { ...attempt.authority, grant: grant.id };
      const concern = concernOf(asking, scrubbed);
      const leaf = intentLeaf({
        time: now,
        principal: evidence.pseudonym(attempt.principal.id),
        credential: evidence.pseudonym(credentialName(attempt.principal.credential)),
        session: intent.session === undefined ? undefined : evidence.pseudonym(sessionName(intent.session)),
        intent,
        connection,
        model,
        purpose,
        policy: config.version,
        scrubbed,
        authority: attempt.authority,
        recording: recording?.mark,
      });
      const recorded = evidence.append(leaf, digest);
      return {
        attempt,
        recorded,
        connection,
        model,
        fallbacks,
        body,
        purpose,
        found,
        masked,
        back: recording && scrubbed.recorded ? new RecordedBack(back, recording, scrubbed.recorded.splitter()) : back,
        entities,
        grant,
        concern,
      };
    } catch (thrown) {
      throw await refused(attempt, thrown);
    }
  }

  /** Its first chunk is on its way to the disk; the permit waits for it. */
  function beginRecording(
    rule: RecordingRule,
    { admitted, attempt, config, subject }: Asking,
    { endpoint }: Intent,
    model: string,
    { segments, recorded }: Scrubbed,
  ): Promise<RunningRecording> {
    if (recorder === undefined || recorded === undefined) throw new Error("assertion: it was asked for");
    return recorder.begin({
      ...rule,
      purpose: admitted.resolved.id,
      retention: attempt.authority?.retention,
      connection: admitted.connection.name,
      endpoint,
      model,
      subject,
      types: config.types,
      texts: recordedTexts(segments, recorded),
    });
  }

  /** Who asks, by what is known by now. Throws what lets nobody in any more. */
  async function identifyAgain(attempt: Prepared["attempt"]): Promise<void> {
    // Before it is asked: what changes meanwhile is looked at again.
    attempt.identifiedAt = identityChanges();
    if (attempt.sender === undefined) return;
    const principal = await attempt.sender.identify();
    if (attempt.entered !== undefined && principal.id !== attempt.entered.id) {
      throw new SluiceError("decision_changed", "the credential is somebody else's by now; send the request again");
    }
    attempt.principal = principal;
  }

  function isStale({ attempt, subject, since }: Asking): boolean {
    return attempt.identifiedAt !== identityChanges() || (subject !== undefined && since !== consents.changes);
  }

  /** What no text could make right, and the facts that are not in the text. */
  async function admit(
    config: Snapshot,
    attempt: Prepared["attempt"],
    intent: Intent,
    connection: Connection,
  ): Promise<Asking> {
    const { principal, now } = attempt;
    const { action, purpose, subject, opaqueParts, network } = intent;
    if (action === "list") throw new Error("assertion: a list is no exchange");
    const hasSubject = subject !== undefined;
    const admitted = config.authorizer.admit({ principal, action, connection, purpose, hasSubject, opaqueParts, now });
    attempt.authority = { actors: principal.actors.map(({ id }) => evidence.pseudonym(id)) };
    if (admitted.effect === "deny") throw denied(attempt, admitted);
    attempt.purpose = admitted.resolved;
    const habit = habits.look(principal.id, admitted.resolved.id, now);
    const since = consents.changes;
    const consent = subject === undefined ? undefined : await options.consent(subject, admitted.resolved.id);
    return { config, attempt, admitted, subject, since, surroundings: { now, network, consent, habit } };
  }

  /** The decision, now that it is known what the text holds; and by which rules it is to be written. */
  function rulesFor(asking: Asking, found: FoundFacts): MaskingRules {
    const { config, attempt, admitted, surroundings } = asking;
    const decision = config.authorizer.decide(admitted, found, surroundings);
    if (decision.effect === "deny") throw denied(attempt, decision);
    decided(asking, decision);
    for (const rule of decision.obligations.limits) quotas.take(attempt.principal.id, rule, attempt.now);
    return stricterRules(admitted.connection.rules, decision.obligations.masks, config.types);
  }

  function decided(asking: Asking, decision: Allowed): void {
    const { attempt } = asking;
    const { policies, obligations, risk } = decision;
    const { retention } = obligations;
    asking.decision = decision;
    attempt.authority = { ...attempt.authority, policies, retention, ...(policies.length > 0 && { risk: risk.score }) };
  }

  function denied(attempt: Attempt, { purpose, code, message, policies }: Denied): SluiceError {
    attempt.purpose = purpose;
    attempt.authority = { ...attempt.authority, policies };
    return new SluiceError(code, message);
  }

  /** Waits for people. What changed meanwhile is looked at again: their yes was to the request, not to what has become of the rest. */
  async function approved(
    asking: Asking,
    scrubbed: Scrubbed,
    { action, endpoint, sender, signal }: Intent,
    { model, body, digest }: { readonly model: string; readonly body: Uint8Array; readonly digest: Uint8Array },
  ): Promise<Grant> {
    const { attempt, admitted } = asking;
    const { purpose, obligations, risk } = allowedBy(asking);
    const { connection } = admitted;
    const { found, categories, special } = scrubbed;
    const travels = sender?.travels(connection) ?? NOTHING_BESIDE;
    if (reviews === undefined) {
      throw new SluiceError("policy_failed", "a policy wants approval, and this gateway has nobody to ask (reviews)");
    }
    const left = new AbortController();
    if (signal !== undefined) signal.onLeft = () => left.abort();
    if (signal?.aborted === true) left.abort();
    const concern = concernOf(asking, scrubbed);
    const unwatch = concern === undefined ? undefined : consents.add(concern, (error) => left.abort(error));
    try {
      attempt.grant = await reviews.ask(
        {
          principal: attempt.principal,
          purpose,
          connection,
          digest: bindingOf({ action, endpoint, model, connection, travels, body: digest }),
          body: digest,
          sending: { endpoint, model, query: travels.query, headers: travels.headers },
          categories: [...new Set([...Object.keys(categories), ...Object.keys(special)])].toSorted(),
          risk,
          volume: volumeOf(found, special),
          opaque: admitted.opaqueParts,
          approvals: obligations.approvals,
          preview: body,
        },
        left.signal,
      );
    } finally {
      unwatch?.();
    }
    await decideAgain(asking, scrubbed);
    return attempt.grant;
  }

  /**
   * The whole decision once more, with who asks, whom it is about, and the time as they are by now. Throws what forbids it, and
   * decision_changed when it asks for more than what was done: the text is written, and people said yes to what they were asked.
   */
  async function decideAgain(asking: Asking, { found, categories, special }: Scrubbed): Promise<void> {
    const { config, attempt, subject } = asking;
    if (attempt.grant !== undefined && snapshot().version !== config.version) {
      throw new SluiceError(
        "approval_expired",
        "the configuration changed while the request waited for approval, so nothing was sent and no yes was used up; " +
          "send it again: what that changes of it, or of who is asked, needs a new yes",
      );
    }
    const before = allowedBy(asking);
    await identifyAgain(attempt);
    const { principal } = attempt;
    const now = clock();
    const purpose = before.purpose.id;
    const admitted = config.authorizer.admit({ ...asking.admitted, principal, purpose, now });
    if (admitted.effect === "deny") throw denied(attempt, admitted);
    asking.since = consents.changes;
    const consent = subject === undefined ? undefined : await options.consent(subject, purpose);
    const surroundings = { ...asking.surroundings, now, consent, habit: habits.look(principal.id, purpose, now) };
    const again = config.authorizer.decide(admitted, { found, categories, special }, surroundings);
    if (again.effect === "deny") throw denied(attempt, again);
    const { approvals, masks } = before.obligations;
    const written = stricterRules(admitted.connection.rules, masks, config.types);
    const isCovered = isAsked(approvals, again.obligations.approvals);
    if (!isCovered || masksMore(written, again.obligations.masks, config.types)) {
      throw new SluiceError(
        "decision_changed",
        "meanwhile policies have come to ask for more than when this request was read, so nothing was sent and no yes was " +
          "used up; send it again",
      );
    }
    const taken = new Set(before.obligations.limits.map(({ policy }) => policy));
    for (const rule of again.obligations.limits) if (!taken.has(rule.policy)) quotas.take(principal.id, rule, now);
    asking.admitted = admitted;
    asking.surroundings = surroundings;
    decided(asking, again);
  }

  async function commit(prepared: Prepared): Promise<Exchange> {
    const { attempt } = prepared;
    let exchange: Exchange;
    try {
      const { index } = await prepared.recorded;
      exchange = beginExchange(prepared, index);
    } catch (thrown) {
      throw await refused(attempt, thrown);
    }
    if (attempt.recording !== undefined) await checkRecorded(exchange, attempt, attempt.recording);
    // Whoever was shut out before there was anything to cut.
    if (attempt.identifiedAt !== identityChanges()) await checkStillIn(exchange, attempt);
    return exchange;
  }

  /** Ends what has begun for somebody who may not come in any more, and throws why. */
  async function checkStillIn(exchange: Exchange, attempt: Prepared["attempt"]): Promise<void> {
    try {
      await identifyAgain(attempt);
    } catch (thrown) {
      throw await unsent(exchange, attempt, thrown);
    }
  }

  /** Nothing is forwarded before the request is durable in its recording. */
  async function checkRecorded(exchange: Exchange, attempt: Attempt, recording: RunningRecording): Promise<void> {
    try {
      await recording.durable;
    } catch (thrown) {
      throw await unsent(exchange, attempt, thrown);
    }
  }

  /** Ends an exchange of which nothing was sent, and gives the error to throw. */
  async function unsent(exchange: Exchange, attempt: Attempt, thrown: unknown): Promise<SluiceError> {
    const error = toSluiceError(thrown);
    error.evidence = exchange.id;
    await exchange.end({ status: "failed", code: error.code, responseBytes: 0, upstreamMs: 0 });
    if (attempt.grant !== undefined) await reviews?.giveBack(attempt.grant);
    return error;
  }

  /** Puts the end of an attempt on record and gives the error to throw. */
  async function refused(attempt: Attempt, thrown: unknown): Promise<SluiceError> {
    const error = toSluiceError(thrown);
    attempt.scrubbed?.back.release();
    attempt.recording?.abandon();
    if (attempt.grant !== undefined) await reviews?.giveBack(attempt.grant);
    await recordRefusal(attempt, error);
    if (attempt.entered !== undefined) throttle.leave(attempt.entered);
    return error;
  }

  function beginExchange(prepared: Prepared, index: number): Exchange {
    const { attempt, connection, model, fallbacks, body, purpose, found, masked, back, entities, grant, concern } =
      prepared;
    const { principal, entered = principal, facts, startedAt } = attempt;
    const id = String(index);
    const permit = mintPermit(connection, id);
    habits.learn(principal.id, purpose.id, attempt.now);
    const running = live.begin({ principal, grant: grant?.id });
    const unwatch =
      grant === undefined
        ? undefined
        : reviews?.watch(grant, () => running.cut(new SluiceError("grant_ended", "the grant is over")));
    const unconcern = concern === undefined ? undefined : consents.add(concern, (error) => running.cut(error));
    const { recording } = attempt;
    recording?.recorded(index);
    recording?.onFault((error) => running.cut(toSluiceError(error)));
    let ended: Promise<void> | undefined;

    function record(outcome: Outcome): Promise<void> {
      revokePermit(permit);
      live.over(running);
      unwatch?.();
      unconcern?.();
      throttle.leave(entered);
      const totalMs = monotonic() - startedAt;
      const counts = back.counts();
      back.release();
      const overheadMs = Math.max(0, totalMs - outcome.upstreamMs);
      const times = { totalMs, overheadMs };
      if (!(back instanceof RecordedBack)) return recordOutcome(outcome, counts, times);
      return back.end(outcome).then((last) => recordOutcome(last.outcome, counts, times, last.recording));
    }

    function recordOutcome(
      outcome: Outcome,
      counts: BackCounts,
      times: { readonly totalMs: number; readonly overheadMs: number },
      recorded?: RecordingEnd,
    ): Promise<void> {
      observer.ended({
        evidence: id,
        family: facts.family,
        endpoint: facts.endpoint,
        connection: connection.name,
        model,
        purpose: purpose.id,
        status: outcome.status,
        code: outcome.code,
        streaming: facts.streaming ?? false,
        found,
        ...times,
        requestBytes: facts.bytes ?? 0,
        responseBytes: outcome.responseBytes,
        inputTokens: outcome.inputTokens,
        outputTokens: outcome.outputTokens,
      });
      const leaf = outcomeLeaf({
        time: clock(),
        intent: index,
        outcome,
        back: counts,
        recording: recorded,
        ...times,
      });
      return outcomeRecorded(evidence.append(leaf, outcome.responseDigest, "soon"));
    }

    return {
      id,
      permit,
      connection,
      model,
      fallbacks,
      body,
      found,
      masked,
      purpose,
      back,
      entities,
      overheadMs: monotonic() - startedAt,
      onCut: (listener) => running.onCut(listener),
      end(outcome) {
        ended ??= record(outcome);
        return ended;
      },
    };
  }

  /** Holds nothing of the exchange while its outcome becomes durable. Never rejects. */
  async function outcomeRecorded(recorded: Promise<Receipt>): Promise<void> {
    try {
      await recorded;
    } catch {
      // The log has reported its own fault and refuses every new exchange until it has recovered; this intent stays
      // without an outcome and is named as an orphan at the next start.
    }
  }

  async function recordRefusal(attempt: Attempt, error: SluiceError): Promise<string | undefined> {
    const { principal, now, startedAt, facts, version, connection, purpose, scrubbed, authority } = attempt;
    const suppressed = refusals.take(principal?.credential ?? "", now);
    if (suppressed !== undefined) {
      try {
        const receipt = await evidence.append(
          denialLeaf({
            ...facts,
            time: now,
            code: error.code,
            suppressed,
            policy: version,
            principal: principal === undefined ? undefined : evidence.pseudonym(principal.id),
            credential: principal === undefined ? undefined : evidence.pseudonym(credentialName(principal.credential)),
            connection,
            purpose,
            scrubbed,
            authority,
          }),
        );
        error.evidence = String(receipt.index);
      } catch {
        // A refusal that cannot be recorded is still a refusal; the log has reported its own fault.
      }
    }
    observer.ended({
      evidence: error.evidence,
      family: facts.family,
      endpoint: facts.endpoint,
      connection: connection?.name,
      purpose: purpose?.id,
      status: "denied",
      code: error.code,
      streaming: facts.streaming ?? false,
      found: scrubbed?.found ?? NOTHING,
      totalMs: monotonic() - startedAt,
      overheadMs: monotonic() - startedAt,
      requestBytes: facts.bytes ?? 0,
      responseBytes: 0,
      error,
    });
    return error.evidence;
  }

  function connections(principal: Principal): readonly Connection[] {
    return snapshot().connections.filter((each) => principal.connections?.includes(each.name) ?? true);
  }

  return {
    identify: options.verify,
    identityChanges,
    open,
    refuse(principal, facts, error) {
      if (error.evidence !== undefined) return Promise.resolve(error.evidence);
      const attempt = { principal, now: clock(), startedAt: monotonic(), facts, version: snapshot().version };
      return recordRefusal(attempt, error);
    },
    admits(principal, purpose, name) {
      const { authorizer } = snapshot();
      const connection = connections(principal).find((each) => each.name === name);
      if (connection === undefined)
        throw new SluiceError("connection_not_allowed", "there is no such connection for this credential");
      const admitted = authorizer.admit({
        principal,
        action: "infer",
        connection,
        purpose,
        hasSubject: true,
        opaqueParts: NOTHING,
        now: clock(),
      });
      if (admitted.effect === "deny") throw new SluiceError(admitted.code, admitted.message);
      return { purpose: admitted.resolved, connection };
    },
    checkControl(principal, action, network, purpose) {
      const decision = snapshot().authorizer.control(principal, action, { now: clock(), network, purpose });
      if (decision.effect === "deny") throw new SluiceError(decision.code, decision.message);
    },
    endExchanges: (is, error) => live.end(is, error),
    consentChanged: (concerns) => consents.changed(concerns),
    connections,
    models: (principal, family) =>
      listModels({ connections: connections(principal), aliases: snapshot().aliases }, family),
  };
}

/** What is known of a request that may still be refused; more of it as it goes along. */
interface Attempt {
  principal: Principal | undefined;
  readonly now: number;
  readonly startedAt: number;
  readonly facts: RefusalFacts & { readonly streaming?: boolean; readonly opaque?: Counts };
  /** Of the policy in force. */
  readonly version: string;
  /** Whose request the throttle counts as open. */
  entered?: Principal;
  connection?: Connection;
  purpose?: Purpose | undefined;
  authority?: Authority;
  scrubbed?: Pick<Scrubbed, "found" | "categories" | "special" | "operators" | "back">;
  /** Taken for it, and to be given back when it comes to nothing. */
  grant?: Grant;
  /** Of what is sent and answered. */
  recording?: RunningRecording;
}

/** A request that was admitted, on its way to a decision. */
interface Asking {
  readonly config: Snapshot;
  readonly attempt: Prepared["attempt"];
  readonly subject: string | undefined;
  admitted: Admitted;
  surroundings: Surroundings;
  /** `ConsentWatch.changes` before the ledger was asked. */
  since: number;
  /** Once the text was looked at. */
  decision?: Allowed;
}

function allowedBy({ decision }: Asking): Allowed {
  if (decision === undefined) throw new Error("assertion: nothing is scrubbed without a decision");
  return decision;
}

/** What a word of the data subject may end. Holds nothing of the text. */
function concernOf(asking: Asking, { found, categories, special }: Scrubbed): Concern | undefined {
  const { config, admitted, subject, surroundings, since } = asking;
  if (subject === undefined) return undefined;
  const { authorizer } = config;
  return { subject, authorizer, admitted, found: { found, categories, special }, surroundings, since };
}

/** All that an exchange is made of but its place in the log. */
interface Prepared
  extends Pick<
    Exchange,
    "connection" | "model" | "fallbacks" | "body" | "purpose" | "found" | "masked" | "back" | "entities"
  > {
  readonly attempt: Attempt & {
    principal: Principal;
    readonly sender: Sender | undefined;
    /** `identityChanges` before it was identified last. */
    identifiedAt: number;
  };
  /** The intent's record, once it is durable. */
  readonly recorded: Promise<Receipt>;
  readonly grant: Grant | undefined;
  readonly concern: Concern | undefined;
}

function factsOf({ action, family, endpoint, requestBytes, streaming, opaqueParts }: Intent): Attempt["facts"] {
  return { action, family, endpoint, bytes: requestBytes, streaming, opaque: opaqueParts };
}

function replaced({ found, operators }: Scrubbed): Counts {
  if (!Object.values(operators).includes("allow")) return found;
  return Object.fromEntries(Object.entries(found).filter(([type]) => operators[type] !== "allow"));
}
