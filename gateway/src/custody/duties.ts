/**
 * Separation of duties: who turns keys cannot read what they protect, and who may read cannot turn keys. A principal with both
 * roles has neither duty, so that nobody gets round the rule by holding two hats.
 */
import { SluiceError } from "../core/errors.ts";
import type { Principal, Role } from "../core/principal.ts";

interface Duty {
  /** One of these is needed. */
  readonly roles: readonly Role[];
  /** None of these may be held besides. */
  readonly never: readonly Role[];
}

const DUTIES = {
  /** Make, rotate and wrap keys; put secrets in. */
  rotate: { roles: ["operator"], never: ["privacy-officer"] },
  /** See which keys there are, their age and their provider. */
  look: { roles: ["operator", "privacy-officer", "auditor"], never: [] },
  /** Read in clear what is sealed about people. */
  reveal: { roles: ["privacy-officer"], never: ["operator"] },
} as const satisfies Record<string, Duty>;

/** Throws `permission_missing`. */
export function demand(principal: Principal, duty: keyof typeof DUTIES): void {
  const { roles, never }: Duty = DUTIES[duty];
  const refuse = (why: string): SluiceError =>
    new SluiceError("permission_missing", `credential "${principal.credential}" may not do this: ${why}`);
  if (!principal.roles.some((role) => roles.includes(role))) throw refuse(`it needs the role ${roles.join(" or ")}`);
  const both = principal.roles.find((role) => never.includes(role));
  if (both !== undefined) throw refuse(`who is ${both} as well has neither duty`);
}
