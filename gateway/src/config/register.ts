/** Controller, purposes and recipients: what the record of processing (GDPR Art. 30) is made of. States what is missing; decides nothing. */
import type { Purpose, Recipient } from "../core/connection.ts";
import type { Transfer } from "../core/register.ts";
import type { Controller } from "./config.ts";
import { didYouMean } from "./nearest.ts";
import type { ConfigDocument } from "./schema.ts";
import type { Path } from "./problem.ts";
import type { Report } from "./source.ts";
import { COUNTRIES, EEA, LAWFUL_BASES, PURPOSES } from "./vocabulary.ts";

const DPV = "dpv:";
const EU_GDPR = "eu-gdpr:";

export function resolveController(document: ConfigDocument, report: Report): Controller | undefined {
  const { controller } = document;
  if (controller === undefined) return undefined;
  checkCountry(controller.country, ["controller", "country"], report);
  const { name, contact, country, dpo } = controller;
  return { name, contact, country, ...(dpo === undefined ? {} : { dpo }) };
}

export function resolvePurposes(document: ConfigDocument, report: Report): Map<string, Purpose> {
  const purposes = new Map<string, Purpose>();
  for (const [id, { dpv, basis, condition, assessment, retention }] of Object.entries(document.purposes)) {
    const path = ["purposes", id];
    if (dpv.startsWith(DPV) && !PURPOSES.has(dpv.slice(DPV.length))) {
      const known = [...PURPOSES].map((term) => DPV + term);
      report.warn(
        [...path, "dpv"],
        `"${dpv}" is not a purpose of DPV 2.1 (https://w3id.org/dpv#vocab-purposes)${didYouMean(dpv, known)}`,
      );
    }
    if (!isTerm(basis, "A6-1-")) {
      report.problem(
        [...path, "basis"],
        "not a lawful basis of the DPV extension for the GDPR: eu-gdpr:A6-1-a to A6-1-f, and what is narrower",
      );
    }
    if (condition !== undefined && !isTerm(condition, "A9-2-")) {
      report.problem(
        [...path, "condition"],
        "not a condition of the DPV extension for the GDPR for special categories: eu-gdpr:A9-2-a to A9-2-j",
      );
    }
    if (basis.startsWith(`${EU_GDPR}A6-1-f`) && assessment === undefined) {
      report.warn(
        path,
        "rests on legitimate interests and no `assessment` is registered (GDPR Art. 6(1)(f)): its requests will be refused",
        "key",
      );
    }
    purposes.set(id, {
      id,
      dpv,
      basis,
      retention,
      ...(condition === undefined ? {} : { condition }),
      ...(assessment === undefined ? {} : { assessment }),
    });
  }
  return purposes;
}

export function resolveRecipients(document: ConfigDocument, report: Report): Map<string, Recipient> {
  const recipients = new Map<string, Recipient>();
  for (const [id, { name, country, role, dpa, transfer }] of Object.entries(document.recipients)) {
    const path = ["recipients", id];
    const known = checkCountry(country, [...path, "country"], report);
    if (known && !EEA.has(country) && transfer === undefined) {
      report.warn(
        path,
        `is in ${country}, outside the EEA, and no \`transfer\` mechanism is registered (GDPR Chapter V)`,
        "key",
      );
    }
    if (role === "processor" && dpa === undefined) {
      report.warn(path, "is a processor and no `dpa` is registered (GDPR Art. 28(3))", "key");
    }
    recipients.set(id, {
      id,
      name,
      country,
      role,
      ...(dpa === undefined ? {} : { dpa }),
      ...(transfer === undefined ? {} : { transfer: resolveTransfer(transfer) }),
    });
  }
  return recipients;
}

function resolveTransfer({
  mechanism,
  reference,
  assessment,
}: NonNullable<ConfigDocument["recipients"][string]["transfer"]>): Transfer {
  return { mechanism, reference, ...(assessment === undefined ? {} : { assessment }) };
}

/** A term of the DPV extension for the GDPR whose name begins so. */
function isTerm(text: string, beginning: string): boolean {
  return text.startsWith(EU_GDPR + beginning) && LAWFUL_BASES.has(text.slice(EU_GDPR.length));
}

/** Codes that people write for what ISO 3166-1 calls otherwise. */
const COUNTRY_SLIPS: Readonly<Record<string, string>> = { UK: "GB", EL: "GR" };

function checkCountry(country: string, path: Path, report: Report): boolean {
  if (COUNTRIES.has(country)) return true;
  const upper = country.toUpperCase();
  const meant = COUNTRY_SLIPS[upper] ?? (COUNTRIES.has(upper) ? upper : undefined);
  const hint = meant === undefined ? "" : `; did you mean "${meant}"?`;
  report.problem(path, `not a country code of ISO 3166-1 alpha-2, such as DE${hint}`);
  return false;
}
