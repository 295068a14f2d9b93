/** An authenticator with ordinary settings, for tests that care about one of them. */
import { randomBytes } from "node:crypto";
import { type Code, SluiceError } from "../../core/errors.ts";
import type { Clock } from "../../core/clock.ts";
import { type AuthenticatorOptions, createAuthenticator } from "../authenticate.ts";
import type { Directory } from "../directory.ts";
import { createDisabled, type Disabled } from "../disabled.ts";
import { createKeyVerifier, type Key } from "../keys.ts";
import { createProviderFetch } from "../provider-fetch.ts";
import { createTokenSealer } from "../sealed-token.ts";
import type { AgentSettings, GroupSettings, IdentitySettings, ProviderSettings } from "../../core/identity.ts";
import { AUDIENCE } from "./idp.ts";

export const LIMITS = { requestsPerMinute: 600, concurrentStreams: 20 };

export function providerFor(issuer: string, change: Partial<ProviderSettings> = {}): ProviderSettings {
  return {
    name: "corp",
    issuer,
    audiences: [AUDIENCE],
    algorithms: ["RS256", "PS256", "ES256", "EdDSA"],
    clockSkewMs: 60_000,
    subjectClaim: "sub",
    groupsClaim: ["groups"],
    ...change,
  };
}

export function groupFor(change: Partial<GroupSettings> = {}): GroupSettings {
  return { name: "support", from: ["corp:Support"], roles: ["user"], purposes: ["support"], limits: LIMITS, ...change };
}

export function agentFor(change: Partial<AgentSettings> = {}): AgentSettings {
  return { name: "crm-bot", from: ["corp:crm-bot"], purposes: ["support"], ...change };
}

export function settingsFor(change: Partial<IdentitySettings> = {}): IdentitySettings {
  return {
    providers: [],
    saml: [],
    groups: [groupFor()],
    agents: [],
    certificates: [],
    rememberMs: 30 * 86_400_000,
    ...change,
  };
}

export interface Setup {
  readonly keys?: readonly Key[];
  readonly clock?: Clock;
  readonly cacheMax?: number;
  readonly disabled?: Disabled;
  readonly directory?: Directory;
  readonly heard?: NonNullable<AuthenticatorOptions["heard"]>;
}

/** With the real fetch; `clock` is what it takes for now. */
export function authenticatorFor(settings: IdentitySettings, { keys = [], clock = Date.now, ...rest }: Setup = {}) {
  const disabled = rest.disabled ?? createDisabled();
  const provider = createProviderFetch();
  const authenticator = createAuthenticator(settings, {
    keys: createKeyVerifier(keys, { clock, processKey: randomBytes(32) }),
    fetchJson: provider.fetchJson,
    sealer: createTokenSealer(randomBytes(32), AUDIENCE),
    disabled,
    clock,
    random: randomBytes,
    processKey: randomBytes(32),
    ...rest,
  });
  return { ...authenticator, disabled, close: provider.close };
}

export async function refusal(attempt: () => unknown): Promise<SluiceError> {
  try {
    await attempt();
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown;
    throw thrown;
  }
  throw new Error("was let in");
}

export const codeOf = async (attempt: () => unknown): Promise<Code> => (await refusal(attempt)).code;
