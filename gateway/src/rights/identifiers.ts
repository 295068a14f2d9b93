/** What somebody is asked for by, before anything is done with it. */
import { SluiceError } from "../core/errors.ts";
import type { Identifier } from "../core/subjects.ts";

/** How a value is compared; undefined when nothing is left of it. */
export type Normalise = (identifier: Identifier) => string | undefined;

/** Of one request: a person has few, and each may have an id in every epoch. */
export const IDENTIFIERS_MAX = 50;

/** Throws identifier_empty for what would be compared with nothing, field_invalid for none and for too many. */
export function checkIdentifiers(identifiers: readonly Identifier[], normalise: Normalise): void {
  if (identifiers.length === 0 || identifiers.length > IDENTIFIERS_MAX)
    throw new SluiceError("field_invalid", `identifiers: 1 to ${IDENTIFIERS_MAX}`);
  for (const [at, identifier] of identifiers.entries()) {
    if (normalise(identifier) !== undefined) continue;
    throw new SluiceError(
      "identifier_empty",
      `identifiers.${at}: nothing is left of it once it is brought to the form in which ${identifier.type} is compared; write it out`,
    );
  }
}
