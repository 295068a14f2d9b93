/** What the organisation has on file about its processing; the policy asks it, the record of processing is made of it. */
import type { Purpose, Recipient } from "./connection.ts";

export interface Register {
  readonly purposes: ReadonlyMap<string, Purpose>;
  readonly recipients: ReadonlyMap<string, Recipient>;
}

/** On what footing personal data may leave the EEA (GDPR Chapter V). */
export interface Transfer {
  readonly mechanism: TransferMechanism;
  /** Where it is found: a decision, the entry in a list, the date of the clauses. */
  readonly reference: string;
  /** Reference to the transfer impact assessment; needed for clauses and binding corporate rules. */
  readonly assessment?: string;
}

/** `adequacy` Art. 45 · `dpf` Art. 45, certified under the EU-US Data Privacy Framework · `scc` Art. 46(2)(c) · `bcr` Art. 47 · `derogation` Art. 49 */
export const TRANSFER_MECHANISMS = ["adequacy", "dpf", "scc", "bcr", "derogation"] as const;

export type TransferMechanism = (typeof TRANSFER_MECHANISMS)[number];

/** What the consent ledger says of one person and one purpose now (GDPR Art. 7). */
export interface ConsentState {
  /** `none`: never asked or never answered. */
  readonly state: "given" | "withdrawn" | "none";
  /** Version of the text that was shown. */
  readonly textVersion?: string;
  /** The person wants no processing by AI at all (GDPR Art. 21). */
  readonly optedOut: boolean;
}
