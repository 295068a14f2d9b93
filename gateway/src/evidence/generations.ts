/**
 * The file `keys/generations.json`: which keys a log has signed with, from when and until when. A log whose keys were never changed
 * has none. It is durable before a new key signs and before an old one stops, so that the keys of a log are never a guess.
 */

import { VerifierError, parseVkey } from "@sluice/verifier";
import { corrupt } from "./corrupt.ts";

export const GENERATIONS_FILE = "generations.json";
/** The private keys of the first generation, and of those after it, are files of these names. */
export function keyFileName(scheme: string, generation: number): string {
  return generation === 1 ? `log-${scheme}.pem` : `log-${scheme}-${String(generation)}.pem`;
}

/** Keys that came and go together. The first one is 1. */
export interface Generation {
  readonly vkeys: readonly string[];
  /** Size of the first checkpoint that they sign. */
  readonly from: number;
  /** Size of the last one; absent while they sign. */
  readonly to?: number;
}

/** Throws evidence_corrupt: without it nobody knows which key is the log's. */
export function parseGenerations(bytes: Uint8Array): readonly Generation[] {
  try {
    const generations = JSON.parse(Buffer.from(bytes).toString("utf8")) as unknown;
    if (Array.isArray(generations) && generations.length > 0 && generations.every(isGeneration)) return generations;
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof VerifierError)) throw error;
  }
  throw corrupt(`keys/${GENERATIONS_FILE} cannot be read`, { remedy: "restore the folder `keys` from a backup" });
}

export function formatGenerations(generations: readonly Generation[]): string {
  return `${JSON.stringify(generations, undefined, 2)}\n`;
}

function isGeneration(value: unknown): value is Generation {
  if (typeof value !== "object" || value === null || !("vkeys" in value && "from" in value)) return false;
  const { vkeys, from } = value;
  const to = "to" in value ? value.to : undefined;
  const areSizes = isSize(from) && (to === undefined || isSize(to));
  return areSizes && Array.isArray(vkeys) && vkeys.length > 0 && vkeys.every(isVkey);
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isVkey(value: unknown): boolean {
  return typeof value === "string" && parseVkey(value).name !== "";
}
