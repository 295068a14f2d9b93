/**
 * What an end without warning costs: processes that are killed, and machines that lose their power, at any moment while eight
 * writers append. After each the log is opened again and every record that was acknowledged is looked for.
 *
 * Power is lost by stopping the writer and copying the image of the file system that its log lies on: what the kernel had not
 * written through yet is not in the copy. Where loop mounts are not permitted, a simulated disk stands in, and the result says so.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type EvidenceLog, openEvidence } from "../../gateway/src/evidence/index.ts";
import { PowerDisk } from "../../gateway/src/evidence/test/power-disk.ts";

export interface Rounds {
  readonly rounds: number;
  /** Records that a writer was told were durable, over all rounds. */
  readonly acknowledged: number;
  /** Those of them that were not there afterwards, or were other ones. */
  readonly lost: number;
  /** What a reader must know of how it was done. */
  readonly note?: string;
}

const APPENDER = fileURLToPath(new URL("../../gateway/src/evidence/test/appender.ts", import.meta.url));
const ORIGIN = "log.example/evidence";
/** From the first record on: long enough for several commits, checkpoints and segments, short enough to hit their beginnings. */
const WRITING_MS_MAX = 120;
/** Numbers of a round's records begin here, times the round. */
const ROUND_STEP = 1_000_000;
const IMAGE_BYTES = 64 * 1024 * 1024;
const COPIES_MAX = 20;

/** Kills a process with SIGKILL `n` times while it appends, all to one log. */
export async function killRounds(n: number): Promise<Rounds> {
  return inFolder(async (dir) => {
    const log = join(dir, "log");
    const tally = new Tally();
    for (let round = 0; round < n; round++) {
      const writer = await startWriter(log, round);
      await pause(randomInt(0, WRITING_MS_MAX));
      writer.child.kill("SIGKILL");
      tally.add(await writer.ended());
      await tally.check(log, round);
    }
    return tally.result(n);
  });
}

/** Takes the power away `n` times while a process appends, all to one log. */
export async function powerRounds(n: number): Promise<Rounds> {
  return inFolder(async (dir) => {
    const image = join(dir, "image");
    const refusal = prepareImage(image, dir);
    if (refusal !== undefined) {
      return { ...(await simulatedRounds(n)), note: `power loss on a simulated disk: ${refusal}` };
    }
    const tally = new Tally();
    for (let round = 0; round < n; round++) {
      tally.add(await losePower(image, dir, round));
      await mounted(image, dir, (folder) => tally.check(join(folder, "log"), round));
    }
    return tally.result(n);
  });
}

/** One round; afterwards the image is what the disk held when the power went. Gives the lines of acknowledged records. */
async function losePower(image: string, dir: string, round: number): Promise<readonly string[]> {
  const survived = join(dir, "survived");
  const lines = await mounted(image, dir, async (folder) => {
    const writer = await startWriter(join(folder, "log"), round);
    await pause(randomInt(0, WRITING_MS_MAX));
    writer.child.kill("SIGSTOP");
    // Of what the writer said before it stopped, all is read; what it says after the copy must not count.
    await pause(20);
    const acknowledged = [...writer.lines];
    await copyAtOnce(image, survived);
    writer.child.kill("SIGKILL");
    await writer.ended();
    return acknowledged;
  });
  copyFileSync(survived, image);
  return lines;
}

/** A copy is the disk at one moment only when nothing was written to the image meanwhile. */
async function copyAtOnce(image: string, copy: string): Promise<void> {
  for (let at = 0; at < COPIES_MAX; at++) {
    const before = writesOf(image);
    copyFileSync(image, copy);
    if (writesOf(image) === before) return;
    await pause(10);
  }
  throw new Error("the kernel does not stop writing to the image");
}

/** The statistics of the loop device behind the image: completed writes, and bytes written. */
function writesOf(image: string): string {
  const devices = readdirSync("/sys/block").filter((name) => name.startsWith("loop"));
  const device = devices.find((name) => {
    const file = `/sys/block/${name}/loop/backing_file`;
    return existsSync(file) && readFileSync(file, "utf8").trim() === image;
  });
  const fields = readFileSync(`/sys/block/${device}/stat`, "utf8").trim().split(/\s+/);
  // Documentation/block/stat.rst of the kernel: write I/Os, write sectors; in flight.
  return [fields[4], fields[6], fields[8]].join(" ");
}

async function mounted<T>(image: string, dir: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(dir, "mounted");
  mkdirSync(folder, { recursive: true });
  const failed = run("mount", ["-o", "loop", image, folder]);
  if (failed !== undefined) throw new Error(failed);
  try {
    return await use(folder);
  } finally {
    const stuck = run("umount", [folder]);
    if (stuck !== undefined) console.error(stuck);
  }
}

/** An ext4 file system in a file, tried once; why not, where that is not permitted. */
function prepareImage(image: string, dir: string): string | undefined {
  const folder = join(dir, "mounted");
  mkdirSync(folder);
  return (
    run("truncate", ["-s", String(IMAGE_BYTES), image]) ??
    run("mkfs.ext4", ["-q", "-F", image]) ??
    run("mount", ["-o", "loop", image, folder]) ??
    run("umount", [folder])
  );
}

/** What it complained of; undefined when it succeeded. */
function run(program: string, args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (status === 0) return undefined;
  return `${program}: ${(error?.message ?? stderr.trim().split("\n")[0]) || "failed"}`;
}

interface Writer {
  readonly child: ChildProcess;
  /** "<index> <n>" of each acknowledged record so far. */
  readonly lines: readonly string[];
  /** All lines, when it has ended. */
  ended(): Promise<readonly string[]>;
}

async function startWriter(dir: string, round: number): Promise<Writer> {
  const args = ["--disable-warning=ExperimentalWarning", APPENDER, dir, String(round * ROUND_STEP)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  const over = Promise.all([once(child, "exit"), once(reader, "close")]);
  const first = once(reader, "line") as Promise<[string]>;
  reader.on("line", (line) => {
    if (line !== "ready") lines.push(line);
  });
  const [said] = await Promise.race([first, over.then(() => ["nothing"])]);
  if (said !== "ready") throw new Error(`the log could not be opened in round ${round}: ${said}`);
  return { child, lines, ended: () => over.then(() => lines) };
}

/** What was acknowledged, and how much of it is not there. */
class Tally {
  readonly #acknowledged = new Map<number, number>();
  readonly #lost = new Set<number>();
  #fresh: number[] = [];

  add(lines: readonly string[]): void {
    this.#fresh = [];
    for (const line of lines) {
      // The end may have cut the last line short.
      const match = /^(\d+) (\d+)$/.exec(line);
      if (match === null) continue;
      this.note(Number(match[1]), Number(match[2]));
    }
  }

  note(index: number, n: number): void {
    // Two records of one index: one of them is not there, whichever it is.
    if (this.#acknowledged.has(index)) this.#lost.add(index);
    this.#acknowledged.set(index, n);
    this.#fresh.push(index);
  }

  /** Opens the log and looks for what is new, every tenth time for all. */
  async check(dir: string, round: number): Promise<void> {
    const log = await openEvidence({ dir, origin: ORIGIN, clock: Date.now, checkpointIntervalMs: 20 });
    try {
      await this.look(log, round % 10 === 9 ? 0 : Math.min(...this.#fresh, log.published));
    } finally {
      await log.close();
    }
  }

  async look(log: Pick<EvidenceLog, "entries" | "published">, from: number): Promise<void> {
    const missing = new Set([...this.#acknowledged.keys()].filter((index) => index >= from));
    for await (const { index, bytes } of log.entries(from)) {
      const { n } = JSON.parse(bytes.toString("utf8")) as { n: number };
      if (this.#acknowledged.get(index) === n) missing.delete(index);
    }
    for (const index of missing) this.#lost.add(index);
  }

  result(rounds: number): Rounds {
    return { rounds, acknowledged: this.#acknowledged.size, lost: this.#lost.size };
  }
}

/** The disk of the tests, which keeps after a power loss what POSIX promises and any part of the rest. */
async function simulatedRounds(n: number): Promise<Rounds> {
  const disk = new PowerDisk(() => randomInt(2 ** 32) / 2 ** 32);
  const tally = new Tally();
  return inFolder(async (dir) => {
    const of = { dir, origin: ORIGIN, clock: Date.now, checkpointIntervalMs: 4, segmentBytesMax: 100_000 };
    const open = (): Promise<EvidenceLog> => openEvidence({ ...of, disk: disk.forProcess() });
    for (let round = 0; round < n; round++) {
      const log = await open();
      await tally.look(log, 0);
      let next = round * ROUND_STEP;
      let powered = true;
      const writer = async (): Promise<void> => {
        while (powered) {
          const number = next++;
          tally.note((await log.append({ v: 1, type: "test", n: number }, new Uint8Array(32))).index, number);
        }
      };
      const writers = Array.from({ length: 8 }, () => writer().catch(() => undefined));
      await pause(randomInt(0, WRITING_MS_MAX));
      powered = false;
      disk.losePower();
      await Promise.all(writers);
      await log.close().catch(() => undefined);
    }
    const last = await open();
    await tally.look(last, 0);
    await last.close();
    return tally.result(n);
  });
}

async function inFolder<T>(use: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), "sluice-crash-"));
  try {
    return await use(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
