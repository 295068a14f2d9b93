/**
 * What happened in the control plane, as it goes on record: who did what to what. Ids and names of the configuration only,
 * no payload, no personal data in clear; principals become pseudonyms in evidence.
 */

export interface ControlEvent {
  /** Room and verb: `review.granted`, `key.rotated`, `login.succeeded`, `evidence.read`. */
  readonly name: string;
  /** Principal's id; absent for what the system does by itself. */
  readonly actor?: string;
  /** What it was done to, by id: a review, a key, a session. */
  readonly target?: string;
  /** Names and numbers. Keys in the order of their names. */
  readonly facts?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** Resolves when the event is durable. Rejects with `evidence_unavailable`: what was to be recorded must then not happen. */
export type RecordEvent = (event: ControlEvent, digest?: Uint8Array) => Promise<{ readonly index: number }>;
