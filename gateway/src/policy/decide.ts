/**
 * AUTHORIZE: (principal, intent, connection) → Decision. Pure: it never waits, reads no clock and changes nothing, so the
 * same facts always give the same decision. A denial is a value; what is missing is named in its message.
 */
import type { Connection, Purpose } from "../core/connection.ts";
import type { Code } from "../core/errors.ts";
import type { Intent } from "../core/intent.ts";
import type { Principal } from "../core/principal.ts";

export type Decision =
  | { readonly effect: "allow"; readonly purpose: Purpose }
  | { readonly effect: "deny"; readonly code: Code; readonly message: string; readonly purpose?: Purpose };

export function decide(
  principal: Principal,
  intent: Pick<Intent, "purpose" | "opaqueParts">,
  connection: Connection,
  purposes: ReadonlyMap<string, Purpose>,
): Decision {
  const purpose = decidePurpose(principal, intent.purpose, purposes);
  if (purpose.effect === "deny") return purpose;

  if (principal.connections !== undefined && !principal.connections.includes(connection.name)) {
    return {
      effect: "deny",
      code: "connection_not_allowed",
      message: `credential "${principal.credential}" may not use connection "${connection.name}"`,
      purpose: purpose.purpose,
    };
  }
  const opaque = Object.keys(intent.opaqueParts);
  if (opaque.length > 0 && connection.rules.opaqueParts === "block") {
    return {
      effect: "deny",
      code: "part_not_scannable",
      message:
        `the request holds parts that cannot be scanned (${opaque.join(", ")}) and connection "${connection.name}" ` +
        `blocks them; remove them, or set rules.opaque_parts to "withhold" or "allow"`,
      purpose: purpose.purpose,
    };
  }
  return purpose;
}

/** One exchange has one purpose (GDPR Art. 5(1)(b)): the one asked for, else the credential's default. */
export function decidePurpose(
  principal: Principal,
  asked: string | undefined,
  purposes: ReadonlyMap<string, Purpose>,
): Decision {
  const id = asked ?? principal.defaultPurpose;
  if (id === undefined) {
    return {
      effect: "deny",
      code: "purpose_missing",
      message:
        `no purpose: send the header Sluice-Purpose with one of [${principal.purposes.join(", ")}], ` +
        `or give credential "${principal.credential}" a default_purpose`,
    };
  }
  const purpose = purposes.get(id);
  // Not echoed when unknown: the header is the client's text.
  if (purpose === undefined) {
    return {
      effect: "deny",
      code: "purpose_unknown",
      message: `the purpose asked for is not registered; credential "${principal.credential}" may use [${principal.purposes.join(", ")}]`,
    };
  }
  if (!principal.purposes.includes(id)) {
    return {
      effect: "deny",
      code: "purpose_not_allowed",
      message: `credential "${principal.credential}" may not use purpose "${id}"; allowed: [${principal.purposes.join(", ")}]`,
      purpose,
    };
  }
  return { effect: "allow", purpose };
}
