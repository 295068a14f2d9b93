/**
 * A Permit is the proof that the gate let one exchange pass: it was authorized, scrubbed, and its intent is durably on
 * record. Whoever dials demands one, and the permit carries the resolved connection, so that the place that dials cannot
 * resolve another. Only the gate mints permits; a look-alike object fails at run time, not just in the type checker.
 */
import type { Connection } from "../core/connection.ts";

declare const minted: unique symbol;

export interface Permit {
  readonly [minted]: true;
  readonly connection: Connection;
  /** Evidence id of the recorded intent. */
  readonly exchange: string;
}

const live = new WeakSet<object>();

/** For the gate alone (the room's door does not export it). */
export function mintPermit(connection: Connection, exchange: string): Permit {
  const permit = Object.freeze({ connection, exchange }) as Permit;
  live.add(permit);
  return permit;
}

/** Ends a permit: nothing can be forwarded with it any more. */
export function revokePermit(permit: Permit): void {
  live.delete(permit);
}

/** Throws unless `permit` was minted by the gate and its exchange has not ended. A failure is a bug, not an operating error. */
export function assertPermit(permit: Permit): void {
  if (!live.has(permit)) throw new Error("assertion: forwarding without a live permit of the gate");
}
