/**
 * A place that holds copies of what a person is known by, and deletes them when it is asked to. What each kind does is its own file; when
 * it is called, how often, and what is said of it on the certificate is erasures.ts. Deleting is asked for again after every doubt, so a
 * sink must give the same answer to the same request however often it comes.
 */
import { SluiceError } from "../../core/errors.ts";
import type { CallableSink } from "../../core/rights.ts";
import type { Identifier } from "../../core/subjects.ts";

export interface SinkIdentifier extends Identifier {
  readonly normalised: string;
}

export interface Sink {
  /**
   * Deletes what is there about these identifiers, of which there is at least one. `call` is the same for each try of one erasure.
   * Resolves when the other side says that it is gone. Rejects with sink_unavailable when trying again may help, sink_refused when
   * somebody has to look at it first.
   */
  erase(identifiers: readonly SinkIdentifier[], call: string): Promise<{ readonly removed?: number }>;
}

/** Those that a sink is called with. */
export function identifiersFor(
  { types }: Pick<CallableSink, "types">,
  identifiers: readonly SinkIdentifier[],
): readonly SinkIdentifier[] {
  return types === undefined ? identifiers : identifiers.filter(({ type }) => types.includes(type));
}

/** Messages name the sink and a reason of ours, and hold nothing that the other side has said. */
export function sinkUnavailable(name: string, reason: string, cause?: unknown): SluiceError {
  return new SluiceError("sink_unavailable", `sink ${name} ${reason}; it is called again`, { cause });
}

export function sinkRefused(name: string, reason: string, cause?: unknown): SluiceError {
  return new SluiceError("sink_refused", `sink ${name} ${reason}`, { cause });
}
