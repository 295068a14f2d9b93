/** Shows what a verification found, to people. Names what was checked, so that nobody takes silence for proof. */
import { Buffer } from "node:buffer";
import type { ProofReport, Report } from "@sluice/verifier";
import type { Terminal } from "./terminal.ts";

export type KeySource = "pinned" | "of the policy" | "read from the log itself";

/** Reports as plain JSON: hashes in base64. */
export function reportJson(
  report: Report | ProofReport,
  place: string | undefined,
  keys: KeySource,
): Record<string, unknown> {
  const { root, ...rest } = report;
  const { extra, ...plain } = "extra" in rest ? rest : { ...rest, extra: undefined };
  return {
    ...plain,
    ...(root === undefined ? {} : { root: base64(root) }),
    ...(extra === undefined ? {} : { extra: base64(extra) }),
    ...(place === undefined ? {} : { place }),
    keys,
  };
}

export function printReport(terminal: Terminal, report: Report, shown: { keys: KeySource; problemsMax: number }): void {
  printHead(terminal, report, shown.keys);
  const { entries, tiles, signatures } = report.checked;
  row(
    terminal,
    "checked",
    [counted(entries, "entry", "entries"), counted(tiles, "tile"), counted(signatures, "signature")].join(", "),
  );
  if (report.pruned > 0) {
    row(
      terminal,
      "pruned",
      `the first ${counted(report.pruned, "entry", "entries")}, as the log says; their hashes were checked`,
    );
  }
  printTime(terminal, report);
  if (report.orphans.length > 0) {
    const listed = report.orphans.slice(0, shown.problemsMax).join(", ");
    const more = report.orphans.length > shown.problemsMax ? ", …" : "";
    row(
      terminal,
      "orphans",
      `${counted(report.orphans.length, "intent")} without an outcome (in flight, or cut off): ${listed}${more}`,
    );
  }
  printProblems(terminal, report, shown.problemsMax);
  if (!report.complete)
    row(
      terminal,
      "",
      terminal.colors.red("the check stopped early: what comes after the last problem was not looked at"),
    );
  printResult(terminal, report.ok, "every entry, tile and signature is as the checkpoint says");
}

/** Times are those that the authorities state. What came after the last stamp has only the log's own clock. */
function printTime(terminal: Terminal, { timestamps, size = 0 }: Report): void {
  if (timestamps?.from === undefined || timestamps.to === undefined || timestamps.size === undefined) return;
  const { verified, authorities, from, to, size: stamped } = timestamps;
  const [first, last] = [from, to].map((time) => new Date(time).toISOString());
  const by = authorities.map(printable).join(" and ");
  row(terminal, "time", `${counted(verified, "stamp")} by ${by}, between ${first} and ${last}`);
  if (size > stamped) row(terminal, "", `${counted(size - stamped, "entry", "entries")} after the last one`);
}

export function printProofReport(terminal: Terminal, report: ProofReport, keys: KeySource): void {
  printHead(terminal, report, keys);
  if (report.index !== undefined) row(terminal, "entry", `index ${report.index}`);
  printProblems(terminal, report, report.problems.length);
  printResult(terminal, report.ok, "the entry is in the log");
}

function printHead(terminal: Terminal, report: Report | ProofReport, keys: KeySource): void {
  if (report.origin !== undefined) row(terminal, "log", printable(report.origin));
  if (report.size !== undefined) row(terminal, "size", counted(report.size, "entry", "entries"));
  if (report.root !== undefined) row(terminal, "root", base64(report.root));
  for (const { name, keyId, status } of report.signatures) {
    const fine = status === "missing" && report.quorum?.met === true;
    const shown = fine ? status : status === "verified" ? terminal.colors.green(status) : terminal.colors.red(status);
    row(terminal, "signature", `${printable(name)}+${keyId} ${shown}`);
  }
  row(terminal, "keys", keys);
  if (report.quorum !== undefined) {
    const { met, witnesses } = report.quorum;
    const by = witnesses.length === 0 ? "cosigned by no witness" : `cosigned by ${witnesses.map(printable).join(", ")}`;
    row(terminal, "quorum", `${met ? terminal.colors.green("met") : terminal.colors.red("missing")}: ${by}`);
  }
}

function printProblems(terminal: Terminal, { problems }: Report | ProofReport, problemsMax: number): void {
  for (const { code, path, index, message } of problems.slice(0, problemsMax)) {
    const place = index === undefined ? path : `${path} entry ${index}`;
    row(terminal, "problem", `${terminal.colors.red(code)} ${printable(place)}: ${printable(message)}`);
  }
  if (problems.length > problemsMax)
    row(terminal, "", `and ${problems.length - problemsMax} more; \`sluice fsck\` lists them`);
}

function printResult(terminal: Terminal, ok: boolean, meaning: string): void {
  row(terminal, "result", ok ? `${terminal.colors.green("ok")}: ${meaning}` : terminal.colors.red("NOT OK"));
}

function row(terminal: Terminal, label: string, text: string): void {
  terminal.line(`${label.padEnd(10)} ${text}`);
}

function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** A log under test may be hostile: nothing of it may steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�");
}
