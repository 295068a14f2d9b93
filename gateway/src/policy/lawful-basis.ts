/**
 * The checks of the law that hold with policies and without, and that no policy can lift: a lawful basis for the purpose, a
 * condition for special categories, a footing for what leaves the EEA, an agreement with who processes for us. Pure. States
 * what is missing and where it is registered; whether what is registered is right is for people to judge.
 */
import type { Connection, Purpose } from "../core/connection.ts";
import type { Denied } from "../core/decision.ts";
import type { Code } from "../core/errors.ts";
import type { ConsentState } from "../core/register.ts";
import type { Counts } from "../core/segment.ts";
import { adequacyOf, DPF_COUNTRY } from "./adequacy.ts";
import { staysInEea } from "./facts.ts";
import type { RequestAction } from "./schema.ts";

const CONSENT = "eu-gdpr:A6-1-a";
const LEGITIMATE_INTERESTS = "eu-gdpr:A6-1-f";
const EXPLICIT_CONSENT = "eu-gdpr:A9-2-a";

export interface Planned {
  readonly action: RequestAction;
  readonly purpose: Purpose;
  readonly connection: Connection;
  /** The request names whom the data is about. */
  readonly hasSubject: boolean;
  /** Milliseconds since the epoch: an adequacy decision may have ended. */
  readonly now: number;
}

/** What forbids the request whatever it holds. */
export function missingBefore({ action, purpose, connection, hasSubject, now }: Planned): Denied | undefined {
  return (
    missingAssessment(purpose) ??
    (restsOnConsent(purpose) && !hasSubject ? missingSubject(purpose) : undefined) ??
    (discloses(action, connection)
      ? (missingAgreement(connection, purpose) ?? missingTransfer(connection, purpose, now))
      : undefined)
  );
}

export interface Processed {
  readonly purpose: Purpose;
  readonly hasSubject: boolean;
  /** What the consent ledger says of this person and purpose; absent when nobody asked it. */
  readonly consent?: ConsentState | undefined;
  /** Special categories found. */
  readonly special: Counts;
}

/** What forbids it now that its text has been looked at. */
export function missingAfter({ purpose, hasSubject, consent, special }: Processed): Denied | undefined {
  if (consent?.optedOut === true) {
    const message = "the data subject has opted out of processing by AI (GDPR Art. 21)";
    return denied("subject_opted_out", message, purpose);
  }
  const found = Object.keys(special);
  const needsConsent = restsOnConsent(purpose) || (found.length > 0 && asksExplicitly(purpose));
  return (
    (needsConsent ? missingConsent(purpose, consent, hasSubject) : undefined) ??
    (found.length > 0 ? missingCondition(purpose, found) : undefined)
  );
}

/** GDPR Art. 6(1)(a). */
function restsOnConsent({ basis }: Purpose): boolean {
  return basis.startsWith(CONSENT);
}

/** GDPR Art. 9(2)(a): explicit consent, asked for when special categories are found. */
function asksExplicitly({ condition }: Purpose): boolean {
  return condition?.startsWith(EXPLICIT_CONSENT) === true;
}

/** What is scrubbed or restored comes back to who sent it, and the rehearsal is this process: nobody receives anything. */
export function discloses(action: RequestAction, connection: Connection): boolean {
  return action !== "scrub" && action !== "restore" && !connection.rehearsal;
}

/** GDPR Art. 6(1)(f): interests are legitimate only where those of the data subject do not override them, which is assessed. */
function missingAssessment(purpose: Purpose): Denied | undefined {
  if (!purpose.basis.startsWith(LEGITIMATE_INTERESTS) || purpose.assessment !== undefined) return undefined;
  return denied(
    "assessment_missing",
    `purpose "${purpose.id}" rests on legitimate interests (GDPR Art. 6(1)(f)) and no assessment of them is registered: ` +
      `write its reference to purposes.${purpose.id}.assessment in sluice.yaml`,
    purpose,
  );
}

function missingSubject(purpose: Purpose): Denied {
  return denied(
    "subject_missing",
    `purpose "${purpose.id}" needs consent (GDPR Art. 6(1)(a), 9(2)(a)) and the request does not say whose: ` +
      "name the data subject in the header Sluice-Data-Subject",
    purpose,
  );
}

function missingConsent(purpose: Purpose, consent: ConsentState | undefined, hasSubject: boolean): Denied | undefined {
  if (!hasSubject) return missingSubject(purpose);
  switch (consent?.state) {
    case "given":
      return undefined;
    case "withdrawn":
      return denied(
        "consent_withdrawn",
        `the data subject has withdrawn consent to purpose "${purpose.id}" (GDPR Art. 7(3))`,
        purpose,
      );
    case "none":
    case undefined:
      return denied(
        "consent_missing",
        `the data subject has not consented to purpose "${purpose.id}" (GDPR Art. 6(1)(a), 7(1)): ` +
          "record the consent in the consent ledger",
        purpose,
      );
  }
}

/** GDPR Art. 9(1): prohibited, unless a condition of Art. 9(2) applies. */
function missingCondition(purpose: Purpose, found: readonly string[]): Denied | undefined {
  if (purpose.condition !== undefined) return undefined;
  return denied(
    "condition_missing",
    `the request holds special categories of data (${found.toSorted().join(", ")}) and purpose "${purpose.id}" has no ` +
      `condition for them (GDPR Art. 9(2)): register it as purposes.${purpose.id}.condition in sluice.yaml, or leave them out`,
    purpose,
  );
}

/** GDPR Art. 28(3): processing by a processor is governed by a contract. */
function missingAgreement({ recipient }: Connection, purpose: Purpose): Denied | undefined {
  if (recipient.role !== "processor" || recipient.dpa !== undefined) return undefined;
  return denied(
    "agreement_missing",
    `recipient "${recipient.id}" is a processor and no data processing agreement is registered (GDPR Art. 28(3)): ` +
      `write its reference to recipients.${recipient.id}.dpa in sluice.yaml`,
    purpose,
  );
}

/** GDPR Art. 44: a transfer takes place only on one of the footings of Chapter V. */
function missingTransfer(connection: Connection, purpose: Purpose, now: number): Denied | undefined {
  if (staysInEea(connection)) return undefined;
  const { recipient } = connection;
  const { country, transfer } = recipient;
  const at = `recipients.${recipient.id}.transfer`;
  const refuse = (reason: string): Denied =>
    denied("transfer_missing", `recipient "${recipient.id}" is in ${country}, outside the EEA, and ${reason}`, purpose);
  const adequacy = adequacyOf(country, now);
  switch (transfer?.mechanism) {
    case undefined: {
      const hint = adequacy === undefined ? "" : ` (for ${country} there is adequacy decision ${adequacy.decision})`;
      return refuse(
        `no footing for the transfer is registered (GDPR Chapter V): write it to ${at} in sluice.yaml${hint}`,
      );
    }
    case "adequacy":
      if (adequacy !== undefined) return undefined;
      return refuse(
        `${at} says adequacy, and there is no adequacy decision for ${country} (GDPR Art. 45)` +
          (country === DPF_COUNTRY ? "; recipients certified under the Data Privacy Framework have dpf" : ""),
      );
    case "dpf":
      if (country === DPF_COUNTRY) return undefined;
      return refuse(`${at} says dpf, which covers certified recipients in ${DPF_COUNTRY} only (GDPR Art. 45)`);
    case "scc":
    case "bcr":
      if (transfer?.assessment !== undefined) return undefined;
      return refuse(
        `no transfer impact assessment is registered (GDPR Art. 46, C-311/18): write its reference to ${at}.assessment`,
      );
    case "derogation":
      return undefined;
  }
}

function denied(code: Code, message: string, purpose: Purpose): Denied {
  return { effect: "deny", code, message, purpose, policies: [] };
}
