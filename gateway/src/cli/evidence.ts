/** `sluice evidence`: bundles of records that verify without us, sealed for an auditor if wanted, and how the auditor opens them. */
import { createReadStream } from "node:fs";
import { mkdir, open, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import type { Command } from "commander";
import { visible } from "../core/visible.ts";
import { selectionBody, type SelectionFlags, withSelection } from "./breach.ts";
import { type ApiFlags, openApi, withApi } from "./control-api.ts";
import { CliError, EXIT, type ExitCode, systemCode } from "./exit.ts";
import { identifiersIn } from "./identifiers.ts";
import { readText } from "./input.ts";
import { fileOutput, writeWhole } from "./output.ts";
import { addVerb, type Cli, finish, repeated } from "./verb.ts";

interface BundleFlags extends SelectionFlags, ApiFlags {
  readonly json?: boolean;
  readonly out: string;
  readonly force?: boolean;
  readonly recipient?: readonly string[];
  readonly subject?: string;
}

interface OpenFlags {
  readonly json?: boolean;
  readonly identity?: string;
  readonly vkey?: readonly string[];
}

const AGE = "age-encryption.org/v1";
/** Of a bundle, unpacked; what is larger is no bundle of ours. */
const UNPACKED_BYTES_MAX = 4 * 1024 * 1024 * 1024;
/** Of one file in it, which is held in memory. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;

export function addEvidence(program: Command, cli: Cli): void {
  const evidence = program.command("evidence").description("Bundles of evidence that verify without this gateway");

  const bundle = withSelection(
    withApi(
      addVerb(evidence, "bundle", {
        summary: "Records with proofs, a summary, and the program that checks them, in one archive",
        examples: [
          "sluice evidence bundle --connection openai --window 2026-10-01/2026-11-01 --out october.zip",
          "sluice evidence bundle --principal service:crm --out crm.zip.age --recipient age1pq1…",
          "sluice evidence bundle --subject who.txt --out subject.zip.age --recipient age1pq1…",
        ],
        failed: "the gateway refuses, or nothing is on record",
      }),
    ),
  )
    .option("--subject <file>", "what a person is known by: lines of TYPE=VALUE, as for `sluice subject`; - is stdin")
    .option("--recipient <key>", "seal it for this age key (age1pq1…); may be given more than once", repeated)
    .requiredOption("--out <file>", "where it goes")
    .option("--force", "replace the file if it is there");
  bundle.action(() => {
    const flags: BundleFlags = bundle.opts();
    return finish(cli, flags, () => make(cli, bundle, flags));
  });

  addVerb(evidence, "open <file> <folder>", {
    summary: "Unpack a bundle, opening its seal, and check every file, record and proof",
    examples: [
      "sluice evidence open october.zip october --vkey 'sluice.example.com/log+1a2b3c4d+AY…'",
      "sluice evidence open crm.zip.age crm --identity auditor.age",
    ],
    failed: "the bundle is not in order",
  })
    .option("--identity <file>", "the auditor's age key, for a sealed bundle")
    .option("--vkey <key>", "a key of the log, as its operator published it; may be given more than once", repeated)
    .action((file: string, folder: string, flags: OpenFlags) =>
      finish(cli, flags, () => unpack(cli, file, folder, flags)),
    );

  addVerb(evidence, "keygen <file>", {
    summary: "Make an auditor's key (X25519 with ML-KEM-768) in a file of your own, and print what others seal for",
    examples: ["sluice evidence keygen auditor.age"],
  }).action((file: string, flags: { json?: boolean }) => finish(cli, flags, () => keygen(cli, file, flags)));
}

async function make(cli: Cli, command: Command, flags: BundleFlags): Promise<ExitCode> {
  const body = {
    ...selectionBody(flags),
    ...(flags.subject === undefined ? {} : { identifiers: await identifiersIn(flags.subject) }),
    ...(flags.recipient === undefined ? {} : { recipients: flags.recipient }),
  };
  const output = await fileOutput(flags.out, { force: flags.force === true, mode: 0o600 });
  let bytes = 0;
  try {
    const api = await openApi(command, flags, true);
    for await (const chunk of await api.download("/api/evidence/bundle", body)) {
      bytes += chunk.length;
      await output.write(chunk);
      cli.terminal.progress(`${bytes} bytes`);
    }
    await output.commit();
  } finally {
    cli.terminal.progress(undefined);
    await output.discard();
  }
  if (flags.json === true) cli.terminal.json({ ok: true, file: flags.out, bytes });
  else cli.terminal.line(`${flags.out}: ${bytes} bytes; \`sluice evidence open\` unpacks and checks it`);
  return EXIT.ok;
}

async function unpack(cli: Cli, file: string, folder: string, flags: OpenFlags): Promise<ExitCode> {
  const { verifyBundle } = await import("../audit/index.ts");
  const { VerifierError } = await import("@sluice/verifier");
  await mustBeFree(folder);
  const isSealed = (await headOf(file)) === AGE;
  if (isSealed && flags.identity === undefined) {
    throw new CliError(EXIT.usage, "identity_missing", `${file} is sealed: give the key that opens it with --identity`);
  }
  const plain = Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>;
  const opened = isSealed ? await opening(plain, flags.identity ?? "") : plain;
  await unzip(opened, folder).catch(async (thrown: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw thrown;
  });
  const report = await verifyBundle(folder, flags.vkey ?? []).catch(async (thrown: unknown) => {
    if (!(thrown instanceof VerifierError) && !(thrown instanceof SyntaxError) && systemCode(thrown) === undefined)
      throw thrown;
    const reason =
      thrown instanceof Error && thrown instanceof VerifierError ? thrown.message : "it lacks what a bundle has";
    await rm(folder, { recursive: true, force: true });
    throw new CliError(EXIT.failed, "bundle_malformed", `${file} is no evidence bundle: ${reason}`);
  });
  if (flags.json === true) cli.terminal.json(report);
  else {
    const { terminal } = cli;
    terminal.line(`bundle      of ${visible(report.origin)}, made ${visible(report.made)}`);
    terminal.line(`checked     ${report.files} files, ${report.records} records; keys ${report.keys}`);
    for (const { path, message } of report.problems)
      terminal.line(terminal.colors.red(`${visible(path)}: ${visible(message)}`));
    terminal.line(
      report.ok
        ? terminal.colors.green("result      every file, record and proof is in order")
        : "result      NOT in order",
    );
  }
  return report.ok ? EXIT.ok : EXIT.failed;
}

async function opening(sealed: ReadableStream<Uint8Array>, path: string): Promise<ReadableStream<Uint8Array>> {
  const { unseal } = await import("../audit/index.ts");
  const text = await readText(path);
  const identity = text.split("\n").find((line) => line.startsWith("AGE-SECRET-KEY-")) ?? "";
  return unseal(sealed, identity.trim());
}

async function mustBeFree(folder: string): Promise<void> {
  const found = await stat(folder).catch((thrown: unknown) => {
    if (systemCode(thrown) === "ENOENT") return undefined;
    throw thrown;
  });
  if (found !== undefined)
    throw new CliError(EXIT.usage, "folder_exists", `${folder} is there already; give another one`);
}

async function headOf(file: string): Promise<string> {
  const handle = await open(file).catch((thrown: unknown) => {
    throw new CliError(EXIT.environment, systemCode(thrown) ?? "unreadable", `cannot read ${file}`);
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(AGE.length), 0, AGE.length, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Names that lead out of the folder are refused, and so is what unpacks to more than a bundle holds. */
async function unzip(stream: ReadableStream<Uint8Array>, folder: string): Promise<void> {
  const { Unzip, UnzipInflate } = await import("fflate");
  let bytes = 0;
  const writes: Promise<void>[] = [];
  let failed: CliError | undefined;
  const unzipping = new Unzip((entry) => {
    if (!/^[\w.-]+(?:\/[\w.-]+)*$/.test(entry.name) || /(?:^|\/)\.\.?(?:\/|$)/.test(entry.name)) {
      failed ??= new CliError(EXIT.failed, "bundle_malformed", "the archive holds a name that leads out of its folder");
      return;
    }
    const chunks: Uint8Array[] = [];
    let length = 0;
    entry.ondata = (error, chunk, final) => {
      if (error !== null) failed ??= damaged();
      bytes += chunk.length;
      length += chunk.length;
      if (bytes > UNPACKED_BYTES_MAX || length > FILE_BYTES_MAX) {
        failed ??= new CliError(
          EXIT.failed,
          "bundle_too_large",
          "the archive, or a file in it, is larger than a bundle's",
        );
      }
      // Nothing more is kept of an archive that is refused.
      if (failed === undefined) chunks.push(chunk);
      else chunks.length = 0;
      if (final && failed === undefined) writes.push(write(join(folder, entry.name), Buffer.concat(chunks)));
    };
    entry.start();
  });
  unzipping.register(UnzipInflate);
  await mkdir(folder, { mode: 0o700 });
  try {
    for await (const chunk of stream) {
      unzipping.push(chunk);
      if (failed !== undefined) throw failed;
      await Promise.all(writes.splice(0));
    }
    unzipping.push(new Uint8Array(0), true);
  } catch (thrown) {
    // What the library says of a file that is no archive, or whose seal breaks in its middle, has no code.
    const isSaid = thrown instanceof CliError || systemCode(thrown) !== undefined;
    throw failed ?? (isSaid ? thrown : damaged());
  }
  await Promise.all(writes);
  if (failed !== undefined) throw failed;
}

function damaged(): CliError {
  return new CliError(
    EXIT.failed,
    "bundle_damaged",
    "the archive is damaged, or was not sealed as a whole; get it again",
  );
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const handle = await open(path, "wx", 0o600).catch((thrown: unknown) => {
    if (systemCode(thrown) !== "EEXIST") throw thrown;
    throw new CliError(EXIT.failed, "bundle_malformed", "the archive holds two files of one name");
  });
  try {
    await handle.writeFile(bytes);
  } finally {
    await handle.close();
  }
}

async function keygen(cli: Cli, file: string, flags: { json?: boolean }): Promise<ExitCode> {
  const { newAuditorKey } = await import("../audit/index.ts");
  const { identity, recipient } = await newAuditorKey();
  await writeWhole(file, `# public key: ${recipient}\n${identity}\n`, { force: false, mode: 0o600 });
  if (flags.json === true) cli.terminal.json({ ok: true, file, recipient });
  else cli.terminal.line(recipient);
  return EXIT.ok;
}
