/** What AUTHORIZE says: an answer with the reasons that go on record. A denial is a value, not an error. */
import type { Operator, Purpose } from "./connection.ts";
import type { Code } from "./errors.ts";
import type { Counts } from "./segment.ts";

export type Decision = Allowed | Denied;

export interface Allowed {
  readonly effect: "allow";
  readonly purpose: Purpose;
  readonly obligations: Obligations;
  /** Ids of the policies that determined the answer; empty when none is configured. */
  readonly policies: readonly string[];
  readonly risk: Risk;
}

export interface Denied {
  readonly effect: "deny";
  readonly code: Code;
  /** What is missing and how to get it. Holds names of the configuration only. */
  readonly message: string;
  readonly purpose?: Purpose;
  readonly policies: readonly string[];
}

/** What must be done along with the yes. Collected from all determining policies, the strictest of each kind. */
export interface Obligations {
  /** Each must be met by people who are not the requester; empty when nobody is asked. */
  readonly approvals: readonly ApprovalRule[];
  /** Operator by type or category, where it is stricter than the connection's rule. */
  readonly masks: Readonly<Record<string, Operator>>;
  /** ISO 8601 duration of days, where it is shorter than the purpose's. */
  readonly retention?: string;
  readonly limits: readonly RateRule[];
}

export interface ApprovalRule {
  /** Group whose members may say yes. */
  readonly group: string;
  /** Distinct people who must say yes. */
  readonly people: number;
}

export interface RateRule {
  /** Policy that asks for it; requests are counted for principal and policy together. */
  readonly policy: string;
  readonly requests: number;
  readonly perMs: number;
}

/** 0 to 100, and what it was computed from; never from the text itself. */
export interface Risk {
  readonly score: number;
  /** For the approver and the record: `health data found`, `outside the EEA`. Names of the configuration and counts only. */
  readonly reasons: readonly string[];
}

/** What the detector says of a request. */
export interface FoundFacts {
  /** Findings by type. */
  readonly found: Counts;
  /** Findings by category. */
  readonly categories: Counts;
  /** Signals of special categories (GDPR Art. 9) by category. */
  readonly special: Counts;
}
