/** Witnesses' part of the document → their policy, read once to see that it is one, and when they are asked. */
import { type Policy, parsePolicy, VerifierError } from "@sluice/verifier";
import type { WitnessSettings } from "../core/witnesses.ts";
import { isLoopback } from "./connections.ts";
import { valueAt } from "./plain.ts";
import type { Path } from "./problem.ts";
import { lookUp, type References } from "./references.ts";
import type { WitnessesDocument } from "./sections/witnesses.ts";
import type { Report } from "./source.ts";
import { durationMs } from "./units.ts";

/** The policy file, as a reference. */
export function witnessFiles(document: unknown): string[] {
  const policy = valueAt(document, ["witnesses", "policy"]);
  return typeof policy === "string" && policy !== "" ? [`file:${policy}`] : [];
}

/** Undefined when there is a problem, which is in the report. */
export function resolveWitnesses(
  document: WitnessesDocument,
  { references, report }: { readonly references: References; readonly report: Report },
): WitnessSettings | undefined {
  const path: Path = ["witnesses", "policy"];
  const text = policyText(document, references, report);
  if (text === undefined) return undefined;
  let policy: Policy;
  try {
    policy = parsePolicy(text);
  } catch (thrown) {
    if (!(thrown instanceof VerifierError)) throw thrown;
    report.problem(
      path,
      typeof document.policy === "string" ? `${document.policy}, ${thrown.message}` : thrown.message,
    );
    return undefined;
  }
  for (const [index, { name, url }] of policy.witnesses.entries()) {
    const at = typeof document.policy === "string" ? path : [...path, index, "url"];
    const wrong = url === undefined ? "has no URL and is never asked" : urlProblem(url);
    if (url === undefined) report.warn(at, `the witness ${name} ${wrong ?? ""}`);
    else if (wrong !== undefined) report.problem(at, `the URL of the witness ${name} ${wrong}`);
  }
  const everyMs = document.every === "checkpoint" ? 0 : (durationMs(document.every) ?? 0);
  const graceMs = durationMs(document.missing_after) ?? 0;
  if (graceMs <= everyMs) {
    report.problem(
      ["witnesses", "missing_after"],
      "must be longer than `witnesses.every`, or the quorum is missing between any two",
    );
  }
  return { policy: text, everyMs, graceMs, required: document.required };
}

function policyText(document: WitnessesDocument, references: References, report: Report): string | undefined {
  const { policy, quorum } = document;
  if (typeof policy === "string") {
    if (quorum !== undefined) report.problem(["witnesses", "quorum"], "stands in the policy file itself", "key");
    const found = lookUp(references, `file:${policy}`);
    // What is looked up has lost its last line break, which ends a line of a policy.
    if ("value" in found) return `${found.value}\n`;
    report.missing(["witnesses", "policy"], found.reason);
    return undefined;
  }
  const lines = policy.map(({ name, vkey, url }) => `witness ${name} ${vkey} ${url}\n`).join("");
  if (quorum === "none") return `${lines}quorum none\n`;
  // A list has no names of groups, so any that is no witness's will do.
  const names = policy.map(({ name }) => name);
  let group = "witnesses";
  while (names.includes(group)) group += "-";
  return `${lines}group ${group} ${quorum ?? "all"} ${names.join(" ")}\nquorum ${group}\n`;
}

function urlProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return "must be an https URL";
  if (url.protocol === "http:" && !isLoopback(url.hostname)) return "must be an https URL";
  if (url.username !== "" || url.password !== "") return "must not hold a user or password";
  if (url.search !== "" || url.hash !== "") return "must not hold a query or a fragment";
  return undefined;
}
