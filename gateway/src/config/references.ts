/**
 * Secrets and key material stand in the configuration by reference: `env:NAME` or `file:/path`. load.ts looks them up; the
 * functions that resolve the document get the answers and wait for nothing.
 */

import type { CustodySettings } from "../core/custody.ts";
import { Secret } from "../core/secret.ts";

/**
 * What was found behind a reference, or why nothing was. The reason never holds what was found. `secret` goes on being read;
 * absent where nobody does that.
 */
export type Found = { readonly value: string; readonly secret?: Secret } | { readonly reason: string };

/** What a reading of a variable or a file gives. `gone`: there is no such thing, as opposed to: it cannot be read. */
export type Read = { readonly value: string } | { readonly reason: string; readonly gone: boolean };

/** Keeps what stands behind references and reads it again; knows the secret services that are no variables and no files. */
export interface SecretKeeper {
  follow(references: Iterable<string>, read: (reference: string) => Promise<Read>): Promise<References>;
  followRemote(settings: CustodySettings, references: Iterable<string>): Promise<References>;
  /** Forgets all others. */
  retain(references: Iterable<string>): void;
}

export function secretOf(found: Extract<Found, { readonly value: string }>): Secret {
  return found.secret ?? new Secret(found.value);
}

/** Answers by reference as the document writes it. */
export type References = ReadonlyMap<string, Found>;

export function lookUp(references: References, reference: string): Found {
  return references.get(reference) ?? { reason: `${reference} was not looked up` };
}
