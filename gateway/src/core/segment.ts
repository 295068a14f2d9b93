/**
 * The one shape for everything that carries text: a JSON string, an SSE delta, a table cell, a terminal chunk. A transform
 * gets segments and returns as many as it got, in the same order.
 */
export interface Segment {
  /** Names the lane: segments with the same path are consecutive pieces of one text. Never holds payload of a value. */
  readonly path: string;
  readonly text: string;
  /** True when no more text follows on this path. */
  readonly final: boolean;
  /** Who wrote the text. What came from `system` is never restored to the user. Absent on the way back. */
  readonly origin?: Origin;
  /** `json`: `text` is a piece of serialized JSON (tool arguments), so what is put in must be escaped. Default `text`. */
  readonly encoding?: "text" | "json";
}

export type Origin = "system" | "user" | "assistant" | "tool";

/** Findings by type, for example `{ EMAIL: 2 }`. The only thing about findings that may be logged, shown or recorded. */
export type Counts = Readonly<Record<string, number>>;
