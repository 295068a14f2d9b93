/**
 * An evidence bundle: the records that somebody asked for, each with a proof, the checkpoint they lead to, a summary for people,
 * and the program that checks it all offline; one zip archive. Its manifest is put on record by the log itself, with a proof in
 * the bundle: who trusts the log's key needs no other signature. Never holds a value: what a person's own data is comes as
 * files of the rights room, and only when it is asked for.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32, deflateRawSync } from "node:zlib";
import {
  bundleWidth,
  formatProof,
  parseBundle,
  parseCheckpoint,
  parseNote,
  proveInclusion,
  type Source,
  TILE_WIDTH,
  tilePath,
} from "@sluice/verifier";
import { Zip, type ZipInputFile } from "fflate";
import { SluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import { BreachTally } from "./breach.ts";
import { type BundleFile, type BundleManifest, MANIFEST, MANIFEST_ENTRY, MANIFEST_PROOF } from "./offline.ts";
import { scan, type ScanOptions } from "./scan.ts";
import { summaryHtml } from "./summary-html.ts";
import { summaryPdf } from "./summary-pdf.ts";

/** More than this is what `sluice verify` on a copy of the log is for. */
const RECORDS_MAX = 100_000;

export interface BundleOptions extends Pick<ScanOptions, "source" | "size" | "minimum" | "selection" | "progress"> {
  readonly origin: string;
  /** What was asked for, for people: pseudonyms and names of the configuration. */
  readonly asked: BundleManifest["selection"];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Who asked; on record. */
  readonly actor: string;
  readonly record: RecordEvent;
  /** Proof of an entry of the log, once a checkpoint covers it. */
  readonly proof: (index: number) => Promise<string>;
  /** Configurations that were in force, by hash, where they were kept. */
  readonly policy?: (hash: string) => Promise<Uint8Array | undefined>;
  /** Timestamps of the log's checkpoints: path below the log, content. */
  readonly timestamps?: () => Promise<readonly Content[]>;
  /** Of the rights room: what is about one person. */
  readonly more?: readonly Content[];
}

export interface Content {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What `bundle` would find out when the answer has begun. Rejects with selection_empty, selection_too_large. */
export async function checkSelection(options: BundleOptions): Promise<void> {
  let records = 0;
  for await (const { leaf } of scan({ ...options, events: true })) if (leaf.type !== "") records += 1;
  if (records === 0) throw new SluiceError("selection_empty", "the log holds no record of what was asked for");
  if (records <= RECORDS_MAX) return;
  throw new SluiceError(
    "selection_too_large",
    `${records} records are meant, more than ${RECORDS_MAX}; ask for a shorter period`,
  );
}

/** Of a selection that was checked. Rejects with what reading the log rejects with. */
export async function* bundle(options: BundleOptions): AsyncGenerator<Uint8Array> {
  const { source, origin, now } = options;
  const archive = new Archive(new Date(now));
  const checkpoint = await mustRead(source, "checkpoint");
  const note = parseNote(checkpoint);
  // What all proofs lead to, whatever has been published since the question.
  const { size } = parseCheckpoint(note.text);
  const readTile = async (level: number, index: number, width: number): Promise<Uint8Array> =>
    mustRead(source, tilePath(level, index, width));

  const tally = new BreachTally();
  const policies = new Set<string>();
  let records = 0;
  for await (const found of scan({ ...options, events: true })) {
    records += 1;
    if (records > RECORDS_MAX) {
      throw new SluiceError(
        "selection_too_large",
        `more than ${RECORDS_MAX} records are meant; ask for a shorter period`,
      );
    }
    tally.add(found);
    if (typeof found.leaf["policy"] === "string") policies.add(found.leaf["policy"]);
    archive.add(`records/${found.index}.json`, found.entry);
    const hashes = await proveInclusion(found.index, size, readTile);
    archive.add(`records/${found.index}.tlog-proof`, text(formatProof({ index: found.index, hashes, note })));
    yield* archive.written();
  }

  archive.add("log/checkpoint", checkpoint);
  archive.add("log/log.json", await mustRead(source, "log.json"));
  for (const { path, bytes } of (await options.timestamps?.()) ?? []) archive.add(`log/${path}`, bytes);
  for (const hash of policies) {
    const kept = await options.policy?.(hash);
    if (kept !== undefined) archive.add(`policies/${hash}.json`, kept);
  }
  for (const { path, bytes } of options.more ?? []) archive.add(path, bytes);
  const summary = {
    origin,
    size,
    made: new Date(now).toISOString(),
    asked: options.asked,
    records,
    report: tally.report(),
  };
  archive.add("summary.json", text(`${JSON.stringify(summary, undefined, 2)}\n`));
  archive.add("summary.html", text(summaryHtml(summary)));
  archive.add("summary.pdf", await summaryPdf(summary));
  for (const { path, bytes } of await programOf()) archive.add(path, bytes);

  const manifest: BundleManifest = {
    v: 1,
    kind: "sluice evidence bundle",
    made: summary.made,
    origin,
    size,
    selection: options.asked,
    records,
    files: archive.files,
  };
  const manifestBytes = text(`${JSON.stringify(manifest, undefined, 2)}\n`);
  archive.add(MANIFEST, manifestBytes);
  const { index } = await options.record({
    name: "evidence.exported",
    actor: options.actor,
    facts: { manifest: createHash("sha256").update(manifestBytes).digest("hex"), records },
  });
  archive.add(MANIFEST_PROOF, text(await options.proof(index)));
  archive.add(MANIFEST_ENTRY, await entryOf(source, index));
  archive.end();
  yield* archive.written();
}

/** https://pkware.cachefly.net/webdocs/APPNOTE/APPNOTE-6.3.9.TXT, section 4.4.5 */
const DEFLATED = 8;

/** A zip archive that is written as it grows. */
class Archive {
  readonly files: BundleFile[] = [];
  readonly #zip: Zip;
  readonly #mtime: Date;
  #written: Uint8Array[] = [];

  constructor(mtime: Date) {
    this.#mtime = mtime;
    this.#zip = new Zip((error, bytes) => {
      if (error !== null) throw error;
      this.#written.push(bytes);
    });
  }

  add(path: string, bytes: Uint8Array): void {
    this.files.push({ path, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") });
    const file: ZipInputFile = {
      filename: path,
      mtime: this.#mtime,
      size: bytes.length,
      crc: crc32(bytes),
      compression: DEFLATED,
      ondata: () => undefined,
    };
    this.#zip.add(file);
    // The system's own: the library's takes longer for each file the more there are.
    file.ondata?.(null, deflateRawSync(bytes), true);
  }

  end(): void {
    this.#zip.end();
  }

  written(): Uint8Array[] {
    const written = this.#written;
    this.#written = [];
    return written;
  }
}

async function entryOf(source: Source, index: number): Promise<Uint8Array> {
  const { size } = parseCheckpoint(parseNote(await mustRead(source, "checkpoint")).text);
  const number = Math.floor(index / TILE_WIDTH);
  const entries = parseBundle(await mustRead(source, tilePath("entries", number, bundleWidth(number, size))));
  const entry = entries[index % TILE_WIDTH];
  if (entry === undefined) throw new SluiceError("evidence_corrupt", `the log lacks the entry of index ${index}`);
  return entry;
}

async function mustRead(source: Source, path: string): Promise<Uint8Array> {
  const bytes = await source.read(path);
  if (bytes === undefined)
    throw new SluiceError("evidence_corrupt", `the log lacks ${path}; \`sluice fsck\` says more`);
  return bytes;
}

/** The verifier as it is installed here, and the program that uses it, so that they run where they are unpacked. */
async function programOf(): Promise<Content[]> {
  const index = fileURLToPath(import.meta.resolve("@sluice/verifier"));
  const extension = extname(index);
  const dir = dirname(index);
  const names = (await readdir(dir, { recursive: true })).filter(
    (name) => name.endsWith(extension) && !/\.test\.|\.d\.ts$|(?:^|[\\/])test[\\/]/.test(name),
  );
  const verifier = await Promise.all(
    names.toSorted().map(async (name) => ({
      path: `verifier/${name.replaceAll("\\", "/")}`,
      bytes: await readFile(join(dir, name)),
    })),
  );
  const own = fileURLToPath(new URL(`./offline${extname(import.meta.filename)}`, import.meta.url));
  const program = (await readFile(own, "utf8")).replaceAll("@sluice/verifier", `./verifier/${basename(index)}`);
  const main = `verify${extname(own)}`;
  return [
    ...verifier,
    {
      path: main,
      bytes: text(`${program}\n${MAIN}`),
    },
    { path: "package.json", bytes: text('{ "type": "module" }\n') },
    { path: "README.txt", bytes: text(readme(main)) },
  ];
}

/**
 * What makes a program of offline.ts: it stands at the end of its text. A bundle may come from anybody, and what it says of itself
 * must not draw over what is said of it.
 */
const MAIN = `
const pinned = process.argv.flatMap((arg, at, args) => (args[at - 1] === "--vkey" ? [arg] : []));
const report = await verifyBundle(import.meta.dirname, pinned);
const { ok, origin, made, files, records, keys, problems } = report;
const say = (line) => console.log(line.replaceAll(/[^ -~]/g, "?"));
say("bundle of " + origin + ", made " + made + ": " + files + " files, " + records + " records; keys " + keys);
for (const { path, message } of problems) say(path + ": " + message);
say(ok ? "every file, record and proof is in order" : "NOT in order");
process.exitCode = ok ? 0 : 1;
`;

function readme(main: string): string {
  return `This is an evidence bundle of a Sluice log. To check it, offline, with Node.js 22.18 or later:

    node ${main} --vkey 'the key that the operator published'

records/       each record as it was hashed, and its proof (https://c2sp.org/tlog-proof)
log/           the checkpoint that the proofs lead to (https://c2sp.org/tlog-checkpoint), and the log's keys as it says them
policies/      configurations that were in force, by the hash that records name, where they were kept
summary.*      what the records say, for people; the records count
manifest.json  every file and its SHA-256; manifest.entry.json is the log's own entry about it, with its proof

Any other tool that reads C2SP proofs can check the records as well. What the bundle cannot show: that no record was left out.
For that, verify the whole log.
`;
}

function text(content: string): Uint8Array {
  return Buffer.from(content, "utf8");
}
