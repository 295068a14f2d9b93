/**
 * One person, one id. Some providers write the same address now so and now so, and take it for the same person; whoever compares
 * character by character has two people then, of whom one may say yes to what the other asks.
 */
import type { IdentitySettings, ProviderSettings } from "../core/identity.ts";

export type Spelling = Pick<ProviderSettings, "foldsCase">;

/** What this gateway calls somebody whom the provider calls so: as it stands, or the one spelling of all that differ by case. */
export function spelled(subject: string, { foldsCase }: Spelling): string {
  return foldsCase === true ? subject.normalize("NFC").toLowerCase() : subject;
}

/** Id of a principal, as somebody wrote it down → as the settings in force spell it. They may have begun to fold since. */
export type Speller = (id: string) => string;

export function speller({ providers, saml }: Pick<IdentitySettings, "providers" | "saml">): Speller {
  const folding = new Set(
    [...providers, ...saml].filter(({ foldsCase }) => foldsCase === true).map(({ name }) => name),
  );
  return (id) => {
    // A provider's name has no colon.
    const colon = id.indexOf(":");
    return folding.has(id.slice(0, colon)) ? id.slice(0, colon) + spelled(id.slice(colon), { foldsCase: true }) : id;
  };
}
