import type { Transfer } from "./register.ts";
import type { Secret } from "./secret.ts";

/** A registered target, as the config resolved it. Immutable; a reload makes new objects. */
export interface Connection {
  readonly name: string;
  /** Protocol family, compared with `Intent.family`. */
  readonly kind: string;
  readonly url: URL;
  /** How the credential travels to the target; absent when the target wants none. */
  readonly credential?: { readonly header: string; readonly prefix: string; readonly secret: Secret };
  /** Headers always sent to the target, for example an API version. */
  readonly headers: Readonly<Record<string, string>>;
  /** Query parameters always sent to the target, for example Azure's `api-version`. */
  readonly query: Readonly<Record<string, string>>;
  readonly recipient: Recipient;
  /** Names that policies may ask for: `resource in Tag::"production"`. */
  readonly tags: readonly string[];
  /** Model names or patterns with one trailing `*`, in order of preference. */
  readonly models: readonly string[];
  readonly rules: MaskingRules;
  readonly limits: ConnectionLimits;
  readonly allowPrivateAddress: boolean;
  /** Set on the built-in rehearsal upstream: labelled as such everywhere. */
  readonly rehearsal: boolean;
  /** Endpoints of a custom inference API; empty for the built-in families. */
  readonly endpoints: readonly CustomEndpoint[];
}

/** Who receives the data (GDPR Art. 4(9)) and on what footing it may leave. */
export interface Recipient {
  readonly id: string;
  readonly name: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly role: "processor" | "controller" | "joint-controller";
  /** Reference to the data processing agreement (Art. 28); absent means none is registered. */
  readonly dpa?: string;
  /** Footing of a recipient outside the EEA (Art. 45, 46, 49); absent means none is registered. */
  readonly transfer?: Transfer;
}

export interface Purpose {
  readonly id: string;
  /** DPV 2 term, for example `dpv:CustomerCare`. */
  readonly dpv: string;
  /** DPV term of the lawful basis, for example `eu-gdpr:A6-1-b`. */
  readonly basis: string;
  /** DPV term of the condition under which special categories are processed, for example `eu-gdpr:A9-2-h`; absent means they are not. */
  readonly condition?: string;
  /** Reference to the assessment of legitimate interests, which basis Art. 6(1)(f) needs. */
  readonly assessment?: string;
  /** ISO 8601 duration of days, for example `P30D`. */
  readonly retention: string;
}

/** What may be done with a finding; docs/operators.md says what each does. */
export const OPERATORS = [
  "placeholder",
  "redact",
  "mask",
  "hash",
  "pseudonym",
  "format-preserving",
  "surrogate",
  "generalize",
  "encrypt",
  "encrypt-deterministic",
  "drop",
  "allow",
  "block",
] as const;

export type Operator = (typeof OPERATORS)[number];

export interface MaskingRules {
  /** Operator by type (`EMAIL`) or category (`contact`); the type wins over the category, the category over `default`. */
  readonly request: Readonly<Record<string, Operator>>;
  /** The same for what the model recalls or invents on the way back. Empty: the answer is only restored. */
  readonly response: Readonly<Record<string, Operator>>;
  readonly default: Operator;
  /** Types and categories whose placeholder is never turned back into the value. */
  readonly neverRestore: readonly string[];
  /** What to do with images, audio and files, which are not scanned. */
  readonly opaqueParts: "block" | "withhold" | "allow";
}

export interface ConnectionLimits {
  readonly responseBytesMax: number;
  readonly eventBytesMax: number;
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  /** Longest silence between two chunks of an answer. */
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs: number;
  /** Retries before the first byte of an answer, on connection failure or 502, 503, 504. */
  readonly retriesMax: number;
}

/** One endpoint of a custom inference API. Paths are dotted, `*` stands for any index or key: `inputs.*.text`. */
export interface CustomEndpoint {
  /** Path below the connection's URL, for example `/generate`. */
  readonly path: string;
  readonly requestText: readonly string[];
  readonly requestSystem: readonly string[];
  /** Strings that are passed on as they are: codes and ids. Every other string is scanned. */
  readonly requestFixed: readonly string[];
  readonly responseText: readonly string[];
  readonly stream: "none" | "sse" | "json-lines";
}
