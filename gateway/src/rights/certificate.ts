/**
 * What an erasure certificate says, and the text of it that is signed. It holds random ids of keys that are gone, times, and what
 * others answered; it names nobody, and cannot: who it was is not known here any more. A C2SP signed note whose text is a line that
 * says what it is and a line of canonical JSON. The origin of a log holds no space, so no certificate can be read as a checkpoint
 * that the same key signs (docs/erasure.md, decision 0023).
 */
import { CERTIFICATE_HEADER, canonicalJson, type Certificate } from "@sluice/verifier";
import type { Acknowledgement } from "../core/subjects.ts";
import type { Erasure, SinkCall } from "./erasure.ts";

export interface CertificateFacts {
  readonly erasure: Erasure;
  readonly sinks: readonly SinkCall[];
  readonly origin: string;
  /** Of the event `subject.erased`. */
  readonly entry: {
    readonly index: number;
    readonly text: string;
    /** As it stands in the text. */
    readonly time: string;
    readonly proof: string;
  };
  /** Milliseconds since the epoch. Absent: not known when it was issued. */
  readonly backupsDeadBy: number | undefined;
  /** The last moment at which a gateway that did not answer can have held a key. */
  readonly cacheMs: number;
  readonly now: number;
}

/** The text of the note, which ends with a newline. */
export function certificateText(facts: CertificateFacts): string {
  return `${CERTIFICATE_HEADER}\n${canonicalJson(certificateOf(facts))}\n`;
}

export function certificateOf(facts: CertificateFacts): Certificate {
  const { erasure, sinks, origin, entry, backupsDeadBy, cacheMs, now } = facts;
  const { destroyedAt } = erasure;
  if (destroyedAt === undefined) throw new Error("assertion: nothing was destroyed yet");
  return {
    v: 1,
    id: erasure.id,
    origin,
    request: { reference: erasure.reference, basis: erasure.basis, received: iso(erasure.createdAt) },
    scope: { ids: erasure.ids, records: erasure.records },
    recorded: entry.time,
    destroyed: iso(destroyedAt),
    gateways: erasure.gateways.map((each) => gatewayOf(each, destroyedAt + cacheMs)),
    sinks: sinks.map(sinkOf),
    datasets: erasure.datasets.map((name) => ({ name, tainted: entry.time })),
    ...(backupsDeadBy === undefined ? {} : { backupsDeadBy: iso(backupsDeadBy) }),
    ...(erasure.restored ? { restored: true as const } : {}),
    issued: iso(now),
    entry: { index: entry.index, text: entry.text, proof: entry.proof },
  };
}

function gatewayOf({ gateway, at }: Acknowledgement, clearedBy: number): Certificate["gateways"][number] {
  return at === undefined ? { gateway, clearedBy: iso(clearedBy) } : { gateway, cleared: iso(at) };
}

function sinkOf({ sink, kind, state, at, removed, reason }: SinkCall): Certificate["sinks"][number] {
  if (at === undefined || state === "pending") throw new Error(`assertion: sink ${sink} has not been settled`);
  const about = { sink, kind, state, at: iso(at) };
  return {
    ...about,
    ...(removed === undefined ? {} : { removed }),
    ...(reason === undefined ? {} : { reason }),
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
