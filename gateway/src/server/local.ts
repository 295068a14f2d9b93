/** The gateway as a target of its own: what the scrub API "forwards" to. */
import type { Config } from "../config/config.ts";
import { connectionLimits } from "../config/connections.ts";
import { defaultRules } from "../config/load.ts";
import { connectionLimitsSchema } from "../config/schema.ts";
import type { Connection } from "../core/connection.ts";
import { COUNTRY_NONE } from "../core/countries.ts";
import { LOCAL } from "../protocols/http/routes.ts";

/** Nobody receives anything through it: its recipient is the controller itself. With the rules of a connection that states none. */
export function localConnection({ controller }: Pick<Config, "controller">): Connection {
  return {
    name: LOCAL,
    kind: LOCAL,
    url: new URL("about:blank"),
    headers: {},
    query: {},
    recipient: {
      id: LOCAL,
      name: controller?.name ?? "this gateway",
      country: controller?.country ?? COUNTRY_NONE,
      role: "controller",
    },
    tags: [],
    models: [],
    rules: defaultRules(),
    limits: connectionLimits(connectionLimitsSchema.parse({})),
    allowPrivateAddress: false,
    rehearsal: false,
    endpoints: [],
  };
}

export function isLocal({ kind }: Pick<Connection, "kind">): boolean {
  return kind === LOCAL;
}
