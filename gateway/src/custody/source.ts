/** The contract of what holds secrets: a reference goes in, its value or the reason why there is none comes out. */

/**
 * `gone` is the source's own word that there is no such secret; else it could not be asked, or what it has is of no use. The
 * reason names the reference's place and never the value.
 */
export type Reading = { readonly value: string } | { readonly reason: string; readonly gone: boolean };

export interface SecretSource {
  /** `target` is the reference without its scheme. Resolves within some ten seconds and never rejects for what the source does. */
  read(target: string): Promise<Reading>;
}

/** Longest secret: a chain of certificates fits. */
export const SECRET_CHARS_MAX = 262_144;

/** The field of a record of texts that `#field` asks for. */
export function fieldOf(record: unknown, field: string, place: string): Reading {
  if (typeof record !== "object" || record === null || !Object.hasOwn(record, field))
    return { reason: `${place} has no field "${field}"`, gone: true };
  const value = (record as Readonly<Record<string, unknown>>)[field];
  return typeof value === "string" ? { value } : { reason: `field "${field}" of ${place} is not a text`, gone: false };
}
