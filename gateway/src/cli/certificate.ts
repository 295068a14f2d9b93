/** `sluice verify --certificate`: an erasure certificate, checked offline and shown to people. */
import type { CertificateReport } from "@sluice/verifier";
import { visible } from "../core/visible.ts";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { readBytes } from "./input.ts";
import type { Terminal } from "./terminal.ts";

export interface CertificateFlags {
  readonly origin?: string;
  readonly json?: boolean;
}

/** `vkeys`: at least one. Throws a CliError (2) for a key that is none. */
export async function verifyCertificateFile(
  terminal: Terminal,
  path: string,
  vkeys: readonly string[],
  { origin, json }: CertificateFlags,
): Promise<ExitCode> {
  const { verifyCertificate, VerifierError } = await import("@sluice/verifier");
  const bytes = await readBytes(path);
  let report: CertificateReport;
  try {
    report = await verifyCertificate(bytes, { vkeys, ...(origin === undefined ? {} : { origin }) });
  } catch (thrown) {
    if (thrown instanceof VerifierError) throw new CliError(EXIT.usage, thrown.code, `--vkey: ${thrown.message}`);
    throw thrown;
  }
  if (json === true) terminal.json(report);
  else print(terminal, report);
  return report.ok ? EXIT.ok : EXIT.failed;
}

function print(terminal: Terminal, { ok, certificate, problems }: CertificateReport): void {
  const { green, red } = terminal.colors;
  const row = (name: string, text: string): void => terminal.line(`${name.padEnd(10)} ${visible(text)}`);
  if (certificate !== undefined) {
    const { id, origin, request, scope, destroyed, gateways, sinks, datasets, backupsDeadBy, entry } = certificate;
    row("erasure", id);
    row("log", `${origin}, entry ${entry.index}`);
    row("request", `${request.reference}, ${request.basis}, received ${request.received}`);
    row(
      "destroyed",
      `${counted(scope.ids.length, "key")}, needed to read ${counted(scope.records, "exchange")}, at ${destroyed}`,
    );
    for (const { gateway, cleared, clearedBy } of gateways)
      row(
        "gateway",
        `${gateway}: ${cleared === undefined ? `did not answer; cleared by ${clearedBy ?? "?"}` : `cleared at ${cleared}`}`,
      );
    for (const { sink, kind, state, at, reason } of sinks)
      row("sink", `${sink} (${kind}): ${state} ${at}${reason === undefined ? "" : `, ${reason}`}`);
    for (const { name, tainted } of datasets) row("dataset", `${name}: tainted ${tainted}`);
    row(
      "backups",
      backupsDeadBy === undefined ? "not known when it was issued" : `of keys are dead by ${backupsDeadBy}`,
    );
  }
  for (const { code, message } of problems) row("problem", `${code}: ${message}`);
  terminal.line(
    `${"result".padEnd(10)} ${ok ? `${green("ok")}: signed by the log, and the log says the same` : red("NOT OK")}`,
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
