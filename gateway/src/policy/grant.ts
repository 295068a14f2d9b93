/**
 * What the credential itself allows: its purposes and its connections, and whether the connection takes parts that cannot be
 * scanned. Asked first, and before the text is read. Pure; a denial is a value, and what is missing is named in its message.
 */
import type { Connection, Purpose } from "../core/connection.ts";
import type { Denied } from "../core/decision.ts";
import type { Intent } from "../core/intent.ts";
import type { Principal } from "../core/principal.ts";

export type Grant = { readonly effect: "allow"; readonly purpose: Purpose } | Denied;

export function grantOf(
  principal: Principal,
  intent: Pick<Intent, "purpose" | "opaqueParts">,
  connection: Connection,
  purposes: ReadonlyMap<string, Purpose>,
): Grant {
  const purpose = purposeOf(principal, intent.purpose, purposes);
  if (purpose.effect === "deny") return purpose;

  if (principal.connections !== undefined && !principal.connections.includes(connection.name)) {
    return {
      effect: "deny",
      code: "connection_not_allowed",
      message: `credential "${principal.credential}" may not use connection "${connection.name}"`,
      purpose: purpose.purpose,
      policies: [],
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
      policies: [],
    };
  }
  return purpose;
}

/** One exchange has one purpose (GDPR Art. 5(1)(b)): the one asked for, else the credential's default. */
function purposeOf(principal: Principal, asked: string | undefined, purposes: ReadonlyMap<string, Purpose>): Grant {
  const id = asked ?? principal.defaultPurpose;
  if (id === undefined) {
    return {
      effect: "deny",
      code: "purpose_missing",
      message:
        `no purpose: send the header Sluice-Purpose with one of [${principal.purposes.join(", ")}], ` +
        `or give credential "${principal.credential}" a default_purpose`,
      policies: [],
    };
  }
  const purpose = purposes.get(id);
  // Not echoed when unknown: the header is the client's text.
  if (purpose === undefined) {
    return {
      effect: "deny",
      code: "purpose_unknown",
      message: `the purpose asked for is not registered; credential "${principal.credential}" may use [${principal.purposes.join(", ")}]`,
      policies: [],
    };
  }
  if (!principal.purposes.includes(id)) {
    return {
      effect: "deny",
      code: "purpose_not_allowed",
      message: `credential "${principal.credential}" may not use purpose "${id}"; allowed: [${principal.purposes.join(", ")}]`,
      purpose,
      policies: [],
    };
  }
  return { effect: "allow", purpose };
}
