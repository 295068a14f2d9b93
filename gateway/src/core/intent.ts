import type { Connection } from "./connection.ts";
import type { Principal } from "./principal.ts";
import type { Segment } from "./segment.ts";

/** What a protocol wants to do, before anybody has decided whether it may. */
export interface Intent {
  readonly action: Action;
  /** Protocol family that the target must speak, compared with the connection's kind, for example `openai`. */
  readonly family: string;
  /** What the client asked for: an alias, `connection/model`, a model name, or the name of a connection. */
  readonly target: string;
  /** Which of the targets of an alias, from 0: those before it failed. */
  readonly candidate?: number;
  /** From the `Sluice-Purpose` header; absent means the credential's default. */
  readonly purpose?: string;
  /** From the `Sluice-Session` header: keeps placeholders stable over a conversation whose history the client truncates. */
  readonly session?: string;
  /** From the `Sluice-Data-Subject` header: whom the data is about, by the controller's own id. What needs consent needs it. */
  readonly subject?: string;
  /** Endpoint in the family's own words, for example `chat.completions`. */
  readonly endpoint: string;
  /** Every text of the request, in canonical order. */
  readonly segments: readonly Segment[];
  /** Parts that cannot be scanned as text (images, audio, files), by kind, for example `{ image: 2 }`. */
  readonly opaqueParts: Readonly<Record<string, number>>;
  readonly streaming: boolean;
  /** Bytes of the request body as received and decoded. */
  readonly requestBytes: number;
  /** Whoever asked has left: work for them may stop. */
  readonly signal?: LeaveSignal;
  /** Address that the request came from; a fact for policy, never passed on. */
  readonly network?: string;
  /** Whoever asked, as the protocol knows it. Absent: what was said of it first is good until the end. */
  readonly sender?: Sender;
}

/** Asked by the gate when it matters, so that a request to which nothing happens costs nothing for it. */
export interface Sender {
  /** `Gate.identityChanges` from before it was identified. */
  readonly identifiedAt: number;
  /** Who asks, by what is known now. Throws, or rejects with, what lets nobody in. */
  identify(): Principal | Promise<Principal>;
  /** What reaches the upstream beside the body, but for what the connection adds by itself. */
  travels(connection: Connection): Travels;
}

export interface Travels {
  /** Below the connection's URL. */
  readonly path: string;
  /** Without `?`; usually empty. */
  readonly query: string;
  /** Name, value, name, value. */
  readonly headers: readonly string[];
}

/** Costs less than an AbortSignal, of which a request would need one. */
export interface LeaveSignal {
  readonly aborted: boolean;
  /** Called once, when `aborted` becomes true. Set by who waits long; there is one. */
  onLeft?: (() => void) | undefined;
}

export type Action = "infer" | "embed" | "list" | "scrub" | "restore";

/** How an exchange ended. Exactly one outcome follows each intent. */
export interface Outcome {
  readonly status: "completed" | "failed" | "cancelled" | "denied";
  /** Error code when not completed. */
  readonly code?: string;
  /** Status of the upstream's answer in its protocol's words, for example HTTP 200. Absent when nothing was received. */
  readonly upstreamStatus?: number;
  readonly responseBytes: number;
  /** Milliseconds from dialling the upstream to its last byte. */
  readonly upstreamMs: number;
  /** Tokens as the upstream reported them. */
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** SHA-256 over what the upstream sent (before restoring), for the commitment; absent when nothing was received. */
  readonly responseDigest?: Uint8Array;
}
