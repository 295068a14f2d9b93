/** What the configuration says about witnesses: who they are, how many must cosign, and what becomes of exchanges when they do not. */

export interface WitnessSettings {
  /** A C2SP tlog-policy that has been read once without a fault. */
  readonly policy: string;
  /** Least time between two rounds of asking. 0: every checkpoint. */
  readonly everyMs: number;
  /** How long checkpoints may be without enough cosignatures before that is a fault. */
  readonly graceMs: number;
  /** From then on no exchange is opened. */
  readonly required: boolean;
}

/** What monitoring is told. Names are those of the policy. */
export interface WitnessStates {
  /** `pending`: records are published that too few have cosigned yet; `missing`: for longer than the configuration allows. */
  readonly quorum: "met" | "pending" | "missing";
  /** Records that enough witnesses have cosigned. */
  readonly size: number;
  readonly witnesses: readonly { readonly name: string; readonly state: WitnessState }[];
}

/** `conflict`: it says that our history is another than the one it cosigned. */
export type WitnessState = "unasked" | "there" | "away" | "conflict";
