/**
 * Leaves: what the entries of a Sluice log say, as far as a verifier has to understand them. docs/evidence-format.md names
 * the fields. A type that is not known here is accepted, so that a newer log verifies with an older verifier.
 */

import { decodeUtf8 } from "./bytes.ts";
import { canonicalJson } from "./canonical-json.ts";
import { VerifierError } from "./errors.ts";

export interface Leaf {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Throws leaf_malformed, or leaf_not_canonical for JSON that RFC 8785 spells otherwise (also: a key given twice). */
export function parseLeaf(entry: Uint8Array): Leaf {
  const text = decodeUtf8(entry);
  if (text === undefined) throw new VerifierError("leaf_malformed", "a leaf is UTF-8");
  const leaf = readJson(text);
  if (!isLeaf(leaf)) throw new VerifierError("leaf_malformed", "a leaf is a JSON object with a type");
  if (!isCanonical(leaf, text)) throw new VerifierError("leaf_not_canonical", "the leaf is not in canonical JSON");
  return leaf;
}

function isLeaf(value: unknown): value is Leaf {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return "type" in value && typeof value.type === "string" && value.type !== "";
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new VerifierError("leaf_malformed", "a leaf is JSON");
  }
}

function isCanonical(value: unknown, text: string): boolean {
  try {
    return canonicalJson(value) === text;
  } catch (error) {
    if (error instanceof VerifierError) return false;
    throw error;
  }
}
