/** Whose keys and certificates are. Whoever holds one that belongs to nobody can ask with it, and approve as himself. */
import type { Role } from "../core/principal.ts";
import type { PoliciesConfig } from "./policy.ts";
import type { Path } from "./problem.ts";
import type { ConfigDocument } from "./schema.ts";
import type { Report } from "./source.ts";

const APPROVING: ReadonlySet<Role> = new Set(["approver", "privacy-officer"]);

/** Warns of each that may ask for what people have to approve, and names no owner. */
export function warnOwnerless(
  { keys, identity: { groups, agents, certificates } }: Pick<ConfigDocument, "keys" | "identity">,
  policies: PoliciesConfig | undefined,
  report: Report,
): void {
  const decides = Object.values(groups).some(({ roles }) => roles.some((role) => APPROVING.has(role)));
  if (!decides || policies?.files.some(({ text }) => text.includes("@approve(")) !== true) return;
  const ofAgents = new Set(Object.values(agents).flatMap(({ from, owners }) => (owners.length > 0 ? from : [])));
  const warn = (path: Path, { owners, roles, connections }: Credential): void => {
    if (owners.length > 0 || roles.length === 0 || connections?.length === 0) return;
    report.warn(path, "has no `owners`: who holds it and is an approver too can approve what it asks for", "key");
  };
  for (const [id, each] of Object.entries(keys)) if (!ofAgents.has(`key:${id}`)) warn(["keys", id], each);
  for (const [name, each] of Object.entries(certificates)) warn(["identity", "certificates", name], each);
}

interface Credential {
  readonly owners: readonly string[];
  readonly roles: readonly Role[];
  readonly connections?: readonly string[] | undefined;
}
