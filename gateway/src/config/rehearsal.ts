/**
 * The built-in stand-in for a provider, so that Sluice can be tried without an account and without anything leaving the
 * machine. The config names its connections; the server starts it and says where it listens.
 */
import type { Connection, Recipient } from "../core/connection.ts";
import type { Config } from "./config.ts";
import { connectionLimits } from "./connections.ts";
import { deepFreeze } from "./freeze.ts";
import { defaultRules } from "./rules.ts";
import { connectionLimitsSchema } from "./schema.ts";

interface Family {
  readonly kind: string;
  /** Where the family's endpoints begin below the origin, as its SDKs take it in their base URL. */
  readonly basePath: string;
}

const FAMILIES: Readonly<Record<string, Family>> = {
  rehearsal: { kind: "openai", basePath: "/v1" },
  "rehearsal-anthropic": { kind: "anthropic", basePath: "/" },
};

/** Names that a document with `rehearsal: true` may refer to and must not define. */
export const REHEARSAL_CONNECTIONS: readonly string[] = Object.keys(FAMILIES);

/** User-assigned code of ISO 3166-1 for "unknown". */
const COUNTRY_UNKNOWN = "ZZ";

/**
 * Adds recipient `rehearsal` and one connection a family, last in order, all marked `rehearsal: true`. `origin` is where the
 * stand-in listens, for example `http://127.0.0.1:40123`. The policy version stays: it says that the rehearsal is on.
 */
export function withRehearsal(config: Config, origin: URL): Config {
  const recipient: Recipient = {
    id: "rehearsal",
    name: "Rehearsal upstream (this process; nothing leaves it)",
    country: config.controller?.country ?? COUNTRY_UNKNOWN,
    role: "processor",
  };
  const added = Object.entries(FAMILIES).map(([name, { kind, basePath }]): Connection => {
    // Beside a real connection it answers to its own name only: a misspelt model must not end in a rehearsal.
    const isAlone = config.connections.every((each) => each.kind !== kind);
    return {
      name,
      kind,
      url: new URL(basePath, origin),
      headers: {},
      query: {},
      recipient,
      tags: [],
      models: isAlone ? ["rehearsal", "*"] : [name],
      rules: defaultRules(),
      limits: connectionLimits(connectionLimitsSchema.parse({})),
      allowPrivateAddress: true,
      rehearsal: true,
      endpoints: [],
    };
  });
  return deepFreeze({
    ...config,
    recipients: new Map([...config.recipients, [recipient.id, recipient]]),
    connections: [...config.connections, ...added],
  });
}
