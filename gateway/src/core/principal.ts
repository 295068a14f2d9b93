/** Who asks. `id` is stable for the credential's owner and never goes on record in clear (see evidence: principal pseudonym). */
export interface Principal {
  readonly id: string;
  readonly kind: "service";
  /** Id of the credential that proved it, for example the key id. */
  readonly credential: string;
  /** Purposes this credential may use. Without `defaultPurpose` each request must name one. */
  readonly purposes: readonly string[];
  readonly defaultPurpose?: string;
  /** Connections this credential may use; absent means all. */
  readonly connections?: readonly string[];
  /** May read the evidence log over HTTP. */
  readonly readEvidence: boolean;
  readonly limits: PrincipalLimits;
}

export interface PrincipalLimits {
  readonly requestsPerMinute: number;
  readonly concurrentStreams: number;
}
