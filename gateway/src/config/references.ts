/**
 * Secrets and key material stand in the configuration by reference: `env:NAME` or `file:/path`. load.ts looks them up; the
 * functions that resolve the document get the answers and wait for nothing.
 */

/** What was found behind a reference, or why nothing was. The reason never holds what was found. */
export type Found = { readonly value: string } | { readonly reason: string };

/** Answers by reference as the document writes it. */
export type References = ReadonlyMap<string, Found>;

export function lookUp(references: References, reference: string): Found {
  return references.get(reference) ?? { reason: `${reference} was not looked up` };
}
