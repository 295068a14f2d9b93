/** What the rooms get from the configuration: one frozen value with numbers in known units and secrets that do not print. */
import type { Connection, Purpose, Recipient } from "../core/connection.ts";
import type { DetectedTypes, DetectorSettings, RecognizerSettings } from "../core/detection.ts";
import type { CustodySettings } from "../core/custody.ts";
import type { Principal } from "../core/principal.ts";
import type { Secret } from "../core/secret.ts";
import type { DatabaseConfig } from "./database.ts";
import type { SharedEvidenceConfig } from "./evidence-shared.ts";
import type { IdentitySettings } from "../core/identity.ts";
import type { ChannelSettings } from "../core/channels.ts";
import type { RecordingSettings } from "../core/recording.ts";
import type { ReviewsConfig } from "./reviews.ts";
import type { ExportSettings } from "../core/export.ts";
import type { ErasureSettings, RetentionSettings } from "../core/rights.ts";
import type { SubjectsConfig } from "./subjects.ts";
import type { TimestampSettings } from "../core/timestamps.ts";
import type { WitnessSettings } from "../core/witnesses.ts";
import type { PoliciesConfig } from "./policy.ts";

/** Deeply frozen (a `URL` excepted, which JavaScript cannot freeze). A reload makes a new one. */
export interface Config {
  /** The file as the user named it, or "built-in default". */
  readonly source: string;
  /** True when no sluice.yaml was there. */
  readonly builtIn: boolean;
  /**
   * base64url SHA-256 of the configuration in force, without secrets and key hashes: the policy version on record. Where it
   * runs (a `port` or `dataDir` given at the start) is no part of it, so one file has one version on every machine.
   */
  readonly hash: string;
  /** The text of which `hash` is the SHA-256: canonical JSON. */
  readonly effective: string;
  readonly controller?: Controller;
  readonly purposes: ReadonlyMap<string, Purpose>;
  readonly recipients: ReadonlyMap<string, Recipient>;
  /** In the order of the file. */
  readonly connections: readonly Connection[];
  /** alias → `connection/model` */
  readonly aliases: ReadonlyMap<string, readonly string[]>;
  readonly keys: readonly Key[];
  readonly custody: CustodySettings;
  readonly erasure: ErasureSettings;
  readonly recording: RecordingSettings;
  readonly retention: RetentionSettings;
  readonly subjects: SubjectsConfig;
  readonly identity: IdentitySettings;
  readonly reviews: ReviewsConfig;
  readonly channels: ChannelSettings;
  readonly export: ExportSettings;
  readonly database: DatabaseConfig;
  /** Absent: what a credential may do is enough. */
  readonly policies?: PoliciesConfig;
  readonly timestamps: TimestampSettings;
  /** Absent: nobody cosigns. */
  readonly witnesses?: WitnessSettings;
  readonly listeners: readonly Listener[];
  readonly detector: DetectorSettings;
  readonly limits: Limits;
  readonly evidence: EvidenceConfig;
  readonly observability: Observability;
  readonly session: { readonly ttlMs: number };
  readonly pseudonyms: { readonly epoch: string };
  /** The built-in stand-in is wanted: start it and add its connections with `withRehearsal`. */
  readonly rehearsal: boolean;
  /** What is allowed and should be known, each with its place in the file. */
  readonly warnings: readonly string[];
}

export interface Controller {
  readonly name: string;
  readonly contact: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly dpo?: string;
}

/** An API key: who it proves, and the hash that its secret is checked against. */
export interface Key {
  readonly id: string;
  /** `scrypt$N$r$p$salt$hash` */
  readonly hash: string;
  readonly principal: Principal;
  /** People it belongs to, as `provider:subject`. Absent: nobody. */
  readonly owners?: readonly string[];
  /** Milliseconds since the epoch from which the key is refused; absent means never. */
  readonly expiresAt?: number;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** PEM texts. Absent: plaintext, on a loopback address. */
  readonly tls?: {
    readonly cert: string;
    readonly key: Secret;
    /** Authorities of client certificates. Absent: none is asked for. */
    readonly clientCa?: string;
  };
}

export interface Limits {
  readonly bodyBytesMax: number;
  readonly decodedBytesMax: number;
  readonly headerBytesMax: number;
  readonly jsonDepthMax: number;
  readonly textCharsMax: number;
  /** Until a request has arrived as a whole. */
  readonly requestMs: number;
  readonly scrubMs: number;
  readonly drainMs: number;
  /** Exchanges at once, all keys together. */
  readonly streamsMax: number;
  /** Client connections at once, each listener. */
  readonly connectionsMax: number;
}

export interface EvidenceConfig {
  /** Absolute path. */
  readonly dir: string;
  readonly origin: string;
  readonly checkpointIntervalMs: number;
  /** Finished parts of the log lie packed. */
  readonly pack: boolean;
  /** Anybody may read the log over HTTP. */
  readonly public: boolean;
  /** Where the files of a log of many gateways lie. Absent: the log is this gateway's own. */
  readonly shared?: SharedEvidenceConfig;
}

export interface Observability {
  readonly logLevel: "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";
  readonly metrics: boolean;
  readonly otlpUrl?: string;
}

/** What the detector can find; a rule may speak of nothing else. */
export interface Detections {
  /** The detector's TYPES. */
  readonly types: DetectedTypes;
  /** The types that recognizers of the operator's own add. Throws an Error that says what is wrong with them. */
  readonly compile?: (recognizers: readonly RecognizerSettings[]) => DetectedTypes;
  /** Categories that rules may name, even where no recognizer finds one yet. Absent: those of the GDPR (vocabulary.ts). */
  readonly categories?: readonly string[];
}
