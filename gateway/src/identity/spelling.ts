/**
 * One person, one id. Some providers write the same address now so and now so, and take it for the same person; whoever compares
 * character by character has two people then, of whom one may say yes to what the other asks.
 */
import type { ProviderSettings } from "../core/identity.ts";

export type Spelling = Pick<ProviderSettings, "foldsCase">;

/** What this gateway calls somebody whom the provider calls so: as it stands, or the one spelling of all that differ by case. */
export function spelled(subject: string, { foldsCase }: Spelling): string {
  return foldsCase === true ? subject.normalize("NFC").toLowerCase() : subject;
}
