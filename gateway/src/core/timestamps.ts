/** What the configuration says about time-stamps: who is asked for them, and how often. */

export interface TimestampSettings {
  /** Empty: nobody is asked. */
  readonly authorities: readonly TimestampAuthority[];
  /** Longest time between two stamps by one authority while entries arrive. */
  readonly everyMs: number;
}

export interface TimestampAuthority {
  /** Host of its URL, as it stands on record; unlike that of any other. */
  readonly name: string;
  readonly url: string;
  /** Certificates that its stamps must lead to, PEM; read once without a fault. */
  readonly roots: string;
  /** Policies that are accepted, in dotted decimal. Absent: any. */
  readonly policies?: readonly string[];
  readonly allowPrivateAddress: boolean;
}
