/** An erasure as it is carried out, step by step, and what is asked for one. Plain data; erasures.ts carries it out. */
import type { Acknowledgement, Identifier, SubjectId } from "../core/subjects.ts";

/**
 * In this order, and each durable before the next begins: `opened`: wanted, and nothing done yet · `recorded`: on the log, so that it
 * will be done whatever happens · `destroyed`: no key is left, and sinks are being called · `settled`: every sink has answered or was
 * given up, and the identifiers are gone · `certified`.
 */
export type ErasureState = "opened" | "recorded" | "destroyed" | "settled" | "certified";

export interface Erasure {
  /** `er-` and 32 hexadecimal digits. */
  readonly id: string;
  readonly state: ErasureState;
  readonly ids: readonly SubjectId[];
  /** The controller's own number of the request. */
  readonly reference: string;
  readonly basis: string;
  readonly requestedBy: string;
  /** How many exchanges hold data under these ids. */
  readonly records: number;
  /** Names of what was trained on them. */
  readonly datasets: readonly string[];
  readonly gateways: readonly Acknowledgement[];
  /** Milliseconds since the epoch, like the next ones. */
  readonly createdAt: number;
  readonly recordedAt?: number;
  readonly destroyedAt?: number;
  readonly settledAt?: number;
  /** Index of the event on the log. */
  readonly evidence?: number;
  /** The database did not know it, and learned of it from the log. */
  readonly restored: boolean;
  readonly hasCertificate: boolean;
}

/** What became of one sink. */
export interface SinkCall {
  readonly sink: string;
  readonly kind: string;
  /** `expires`: nobody is called; `at` is when the copy is gone. */
  readonly state: "pending" | "acknowledged" | "residual" | "expires";
  readonly attempts: number;
  /** When it answered, was given up, or expires. */
  readonly at?: number;
  /** Rows, objects: as the sink counts. */
  readonly removed?: number;
  /** A code: why it is a residual, or pending still. */
  readonly reason?: string;
}

export interface ErasureRequest {
  readonly identifiers: readonly Identifier[];
  readonly reference: string;
  /** Ground of GDPR Art. 17(1) that the person relies on. */
  readonly basis: string;
}

/** What an erasure would come to. */
export interface ErasurePlan {
  readonly ids: readonly SubjectId[];
  readonly records: number;
  readonly sinks: readonly { readonly sink: string; readonly kind: string }[];
  readonly datasets: readonly string[];
}

/** An erasure as it stands. */
export interface ErasureStatus {
  readonly erasure: Erasure;
  readonly sinks: readonly SinkCall[];
  /** It had been carried out before it was asked for now. */
  readonly repeated: boolean;
}

/** Grounds of GDPR Art. 17(1), and that of who deletes by itself. */
export const ERASURE_BASES = ["A17-1-a", "A17-1-b", "A17-1-c", "A17-1-d", "A17-1-e", "A17-1-f", "A5-1-e"] as const;
