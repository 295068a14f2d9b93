/** What the rows of the surrogate operator are given: choices, and what is known of where the text comes from. */
import type { Replacements } from "../replacements.ts";
import type { Draws } from "./draws.ts";

export interface Environment {
  /** Choices determined by key, type and parts: always the same for the same value. */
  readonly draws: (type: string, ...parts: readonly string[]) => Draws;
  /** Equality class of the value: what choices are made of, so that two spellings of one value get one stand-in. */
  readonly key: string;
  /** ISO 639-1, of the pools. */
  readonly language: string | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly region: string | undefined;
  readonly replacements: Replacements | undefined;
  /** This place may be restored. */
  readonly restorable: boolean;
}

/**
 * A stand-in for `value`, or undefined when it is not written like its type. `attempt` counts the ones that were refused: the
 * same value, another choice.
 */
export type SurrogateRow = (value: string, attempt: number, environment: Environment) => string | undefined;
