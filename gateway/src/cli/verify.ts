import type { Command } from "commander";
import type { Policy, Problem, Source, StampTrust } from "@sluice/verifier";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { readBytes, readText } from "./input.ts";
import type { KeySource } from "./log-report.ts";
import { addVerb, type Cli, finish, repeated } from "./verb.ts";

interface VerifyFlags {
  readonly proof?: string;
  readonly entry?: string;
  readonly certificate?: string;
  readonly vkey?: readonly string[];
  readonly policy?: string;
  readonly origin?: string;
  readonly earlier?: readonly string[];
  readonly retired?: readonly string[];
  readonly continues?: string;
  readonly tsaRoots?: readonly string[];
  readonly keyFile?: string;
  readonly json?: boolean;
}

/** Problems shown to people by default; `fsck` and `--json` show all. */
const PROBLEMS_SHOWN_MAX = 20;

export function addVerify(program: Command, cli: Cli): void {
  addVerb(program, "verify [log]", {
    summary:
      "Check an evidence log without trusting it: every entry, tile and signature; or one entry against its proof",
    examples: [
      "sluice verify ./sluice-data --vkey 'sluice.example.com/log+1a2b3c4d+AY…'",
      "sluice verify https://sluice.example.com/evidence --json",
      "sluice verify ./sluice-data --earlier checkpoint-of-last-month",
      "sluice verify ./sluice-data --earlier checkpoint-of-last-year --retired 'sluice.example.com/log+1a2b3c4d+AY…'",
      "sluice verify ./sluice-data --continues ./evidence-2026",
      "sluice verify https://sluice.example.com/evidence --policy witnesses.policy",
      "sluice verify ./sluice-data --tsa-roots tsa-roots.pem",
      "sluice verify --proof 17.tlog-proof --entry 17.json --vkey 'sluice.example.com/log+1a2b3c4d+AY…'",
      "sluice verify --certificate er-5e9d….certificate --vkey 'sluice.example.com/log+1a2b3c4d+AY…'",
    ],
    failed: "the log, the proof or the certificate is not in order",
  })
    .option("--vkey <key>", "a key of the log, as its operator published it; may be given more than once", repeated)
    .option("--policy <file>", "logs, witnesses and the quorum that must have cosigned (C2SP tlog-policy)")
    .option("--origin <name>", "the origin to expect (default: the name of a pinned key)")
    .option(
      "--earlier <file>",
      "a checkpoint kept from before: the log must still contain it; may be given more than once",
      repeated,
    )
    .option(
      "--retired <key>",
      "a key that the log has retired; counts for --earlier only; may be given more than once",
      repeated,
    )
    .option("--continues <log>", "the frozen log before this one: each must name the other (verify it by itself, too)")
    .option(
      "--tsa-roots <file>",
      "also check the log's time-stamps, which must lead to these roots (PEM); may be given more than once",
      repeated,
    )
    .option("--proof <file>", "check one entry against this .tlog-proof instead of a whole log")
    .option("--entry <file>", "the exact bytes of that entry")
    .option("--certificate <file>", "check this certificate of an erasure instead of a log")
    .option("--key-file <file>", "an API key with the role auditor, for a log over HTTP that asks for one")
    .action((place: string | undefined, flags: VerifyFlags) => finish(cli, flags, () => verify(cli, place, flags)));
}

async function verify(cli: Cli, place: string | undefined, flags: VerifyFlags): Promise<ExitCode> {
  if ((flags.proof === undefined) !== (flags.entry === undefined)) {
    throw new CliError(EXIT.usage, "proof_incomplete", "--proof and --entry belong together");
  }
  if (flags.proof !== undefined && flags.entry !== undefined)
    return verifyOne(cli, place, flags, flags.proof, flags.entry);
  if (flags.certificate !== undefined) return verifyCertificate(cli, place, flags, flags.certificate);
  if (place === undefined) {
    throw new CliError(
      EXIT.usage,
      "log_missing",
      "which log? `sluice verify <folder or URL>`, or --proof and --entry for one entry",
    );
  }
  return verifyWhole(cli, place, flags, PROBLEMS_SHOWN_MAX);
}

async function verifyCertificate(
  cli: Cli,
  place: string | undefined,
  flags: VerifyFlags,
  path: string,
): Promise<ExitCode> {
  const [{ verifyCertificateFile }, { keysFor, openLog }] = await Promise.all([
    import("./certificate.ts"),
    import("./log-source.ts"),
  ]);
  const pinned = flags.vkey ?? [];
  // It is checked offline; a log is only asked for its keys, when none are pinned.
  const log = place === undefined || pinned.length > 0 ? undefined : await openLog(place, flags.keyFile);
  return verifyCertificateFile(cli.terminal, path, await keysFor(pinned, log, cli.terminal), flags);
}

export interface WholeFlags {
  readonly vkey?: readonly string[];
  readonly policy?: string;
  readonly origin?: string;
  readonly earlier?: readonly string[];
  readonly retired?: readonly string[];
  readonly continues?: string;
  readonly tsaRoots?: readonly string[];
  readonly keyFile?: string;
  readonly json?: boolean;
}

/** The whole log; `fsck` shares it, and has more to tell `beside` what the verifier says. */
export async function verifyWhole(
  cli: Cli,
  place: string,
  flags: WholeFlags,
  problemsMax: number,
  beside: { readonly records?: { readonly ok: boolean } } = {},
): Promise<ExitCode> {
  const { terminal } = cli;
  const [{ verifyLog }, { keysFor, openLog }, { printReport, reportJson }] = await Promise.all([
    import("@sluice/verifier"),
    import("./log-source.ts"),
    import("./log-report.ts"),
  ]);
  const log = await openLog(place, flags.keyFile);
  const pinned = flags.vkey ?? [];
  const policy = await policyOf(flags.policy);
  const vkeys = isEnough(policy, pinned) ? pinned : await keysFor(pinned, log, terminal);
  const earlier = await Promise.all((flags.earlier ?? []).map(readBytes));
  const timestamps = await stampTrust(flags.tsaRoots);
  const checked = await orUsage(() =>
    verifyLog(log.source, {
      vkeys,
      earlier,
      ...(flags.retired === undefined ? {} : { retired: flags.retired }),
      ...(timestamps === undefined ? {} : { timestamps }),
      ...(policy === undefined ? {} : { policy }),
      ...(flags.origin === undefined ? {} : { origin: flags.origin }),
      progress: ({ entries, size }) => terminal.progress(`${entries} of ${size} entries checked`),
    }),
  );
  terminal.progress(undefined);
  const seam = flags.continues === undefined ? [] : await seamOf(flags.continues, log.source, flags.keyFile);
  const report = { ...checked, ok: checked.ok && seam.length === 0, problems: [...checked.problems, ...seam] };
  const keys = keySourceOf(policy, pinned);
  const ok = report.ok && beside.records?.ok !== false;
  if (flags.json === true) terminal.json({ ...reportJson(report, log.place, keys), ...beside, ok });
  else printReport(terminal, { ...report, ok }, { keys, problemsMax });
  return ok ? EXIT.ok : EXIT.failed;
}

/** What is wrong with the place where one log ends and the other begins. */
async function seamOf(previous: string, source: Source, keyFile: string | undefined): Promise<readonly Problem[]> {
  const [{ verifyContinuation }, { openLog }] = await Promise.all([
    import("@sluice/verifier"),
    import("./log-source.ts"),
  ]);
  return verifyContinuation((await openLog(previous, keyFile)).source, source);
}

/** The roots that an auditor pins for time-stamps. Throws a CliError (2) for a file that holds none. */
async function stampTrust(files: readonly string[] | undefined): Promise<StampTrust | undefined> {
  if (files === undefined) return undefined;
  const { VerifierError, parseTimestampRoots } = await import("@sluice/verifier");
  const texts = await Promise.all(files.map(readText));
  try {
    return { roots: texts.flatMap(parseTimestampRoots), now: Date.now() };
  } catch (thrown) {
    if (thrown instanceof VerifierError) throw new CliError(EXIT.usage, thrown.code, `--tsa-roots: ${thrown.message}`);
    throw thrown;
  }
}

async function verifyOne(
  cli: Cli,
  place: string | undefined,
  flags: VerifyFlags,
  proof: string,
  entry: string,
): Promise<ExitCode> {
  const [{ verifyProof }, { keysFor, openLog }, { printProofReport, reportJson }] = await Promise.all([
    import("@sluice/verifier"),
    import("./log-source.ts"),
    import("./log-report.ts"),
  ]);
  const [proofBytes, entryBytes] = await Promise.all([readBytes(proof), readBytes(entry)]);
  const pinned = flags.vkey ?? [];
  const policy = await policyOf(flags.policy);
  // A proof is checked offline; the log is only asked for its keys, when none are pinned.
  const enough = isEnough(policy, pinned);
  const log = place === undefined || enough ? undefined : await openLog(place, flags.keyFile);
  const vkeys = enough ? pinned : await keysFor(pinned, log, cli.terminal);
  const report = await orUsage(() =>
    verifyProof(proofBytes, entryBytes, {
      vkeys,
      ...(policy === undefined ? {} : { policy }),
      ...(flags.origin === undefined ? {} : { origin: flags.origin }),
    }),
  );
  const keys = keySourceOf(policy, pinned);
  if (flags.json === true) cli.terminal.json(reportJson(report, undefined, keys));
  else printProofReport(cli.terminal, report, keys);
  return report.ok ? EXIT.ok : EXIT.failed;
}

async function policyOf(file: string | undefined): Promise<Policy | undefined> {
  if (file === undefined) return undefined;
  const { VerifierError, parsePolicy } = await import("@sluice/verifier");
  const bytes = await readBytes(file);
  try {
    return parsePolicy(bytes);
  } catch (thrown) {
    if (!(thrown instanceof VerifierError)) throw thrown;
    throw new CliError(EXIT.usage, thrown.code, `${file}, ${thrown.message}`);
  }
}

/** A policy that lists logs says which keys are believed. */
function isEnough(policy: Policy | undefined, pinned: readonly string[]): boolean {
  return pinned.length > 0 || (policy?.logs.length ?? 0) > 0;
}

function keySourceOf(policy: Policy | undefined, pinned: readonly string[]): KeySource {
  if (pinned.length > 0) return "pinned";
  return isEnough(policy, pinned) ? "of the policy" : "read from the log itself";
}

/** The verifier rejects for one reason only: a key that was given and is none. */
async function orUsage<T>(work: () => Promise<T>): Promise<T> {
  const { VerifierError } = await import("@sluice/verifier");
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof VerifierError) throw new CliError(EXIT.usage, thrown.code, `--vkey: ${thrown.message}`);
    throw thrown;
  }
}
