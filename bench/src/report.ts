/** What a run prints: figures under fixed keys for machines, and a table for people, each with the machine that they hold for. */
import { readFileSync, statfsSync } from "node:fs";
import { cpus, release, tmpdir, totalmem } from "node:os";

/** null: not measured, and a note of the report says why. */
export type Figure = number | null | Readonly<Record<string, number | null>>;
export type Figures = Readonly<Record<string, Figure>>;

export interface Environment {
  readonly date: string;
  readonly machine: string;
  readonly cores: number;
  readonly memory_gb: number;
  readonly kernel: string;
  readonly node: string;
  readonly filesystem: string;
  readonly load_average_before: number;
}

/** Magic numbers of statfs(2) that say whether fdatasync reaches a disk. */
const FILESYSTEMS: Readonly<Record<number, string>> = {
  0xef53: "ext4",
  0x58465342: "xfs",
  0x9123683e: "btrfs",
  0x794c7630: "overlayfs",
  0x01021994: "tmpfs (memory: durable figures mean nothing here)",
};

export function environment(): Environment {
  const cores = cpus();
  const type = statfsSync(tmpdir()).type;
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: cores[0]?.model.trim() ?? "unknown",
    cores: cores.length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    filesystem: FILESYSTEMS[type] ?? `0x${type.toString(16)}`,
    load_average_before: Number(readFileSync("/proc/loadavg", "latin1").split(" ")[0]),
  };
}

export interface BenchOptions {
  /** Folder of texts with marked names; absent: where the project keeps them. */
  readonly corpora?: string;
  /** Other people's programs are installed and measured too. */
  readonly peers: boolean;
  /** Notes name examples of what went wrong. */
  readonly faults: boolean;
}

export interface Bench {
  /** `quick`: a run of seconds that only shows that the bench works. */
  readonly run: (quick: boolean, options: BenchOptions) => Promise<Measured>;
  /** One line for each key of the figures. */
  readonly meanings: Readonly<Record<string, string>>;
}

export interface Measured {
  /** Program to version. */
  readonly versions: Readonly<Record<string, string>>;
  readonly figures: Figures;
  /** What a reader must know beside the figures, a sentence each. */
  readonly notes?: readonly string[];
}

export interface Report extends Measured {
  readonly name: string;
  readonly quick: boolean;
  readonly at: Environment;
}

export function printJson({ name, quick, at, versions, figures, notes }: Report): void {
  console.log(
    JSON.stringify({ bench: name, quick, ...at, versions, ...figures, ...(notes === undefined ? {} : { notes }) }),
  );
}

export function printTable(
  { name, quick, at, versions, figures, notes = [] }: Report,
  meanings: Bench["meanings"],
): void {
  console.log(`\n${name}, ${at.date}${quick ? ", quick run: too short to be quoted" : ""}`);
  console.log(`${at.cores} × ${at.machine}, ${at.memory_gb} GB, Linux ${at.kernel}, Node ${at.node}, ${at.filesystem}`);
  console.log(`load average before the run: ${at.load_average_before}`);
  for (const [program, version] of Object.entries(versions)) console.log(`${program} ${version}`);
  const rows = Object.entries(figures).flatMap(([key, figure]) =>
    typeof figure === "number" || figure === null
      ? [[key, String(figure), meanings[key] ?? ""]]
      : Object.entries(figure).map(([part, value]) => [`${key}.${part}`, String(value), meanings[key] ?? ""]),
  );
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  console.log("");
  for (const [key = "", value = "", meaning = ""] of rows) {
    console.log(`${key.padEnd(width(0))}  ${value.padStart(width(1))}  ${meaning}`);
  }
  for (const note of notes) console.log(`\n${note}`);
}
