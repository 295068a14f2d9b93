/**
 * Child process: one measurement of the built detector in a process of its own, so that what it costs is not mixed with what the bench
 * costs. Reads its task from the command line, imports nothing but the detector, prints what it measured as JSON.
 */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

export interface Task {
  readonly kind: "load" | "memory" | "speed" | "hostile";
  /** The built detector; where `readNames` is, and what it reads. */
  readonly entry: string;
  readonly reader?: string;
  readonly model?: string;
  /** A JSON file: texts, or name to text. */
  readonly texts?: string;
  /** Keys of TYPES to look for; absent: all, and names too when there is a model. */
  readonly types?: readonly string[];
  readonly seconds?: number;
}

export interface Outcome {
  readonly load?: { readonly ms: number; readonly importMs: number };
  readonly memory?: { readonly bytes: number };
  readonly speed?: { readonly mbPerCpuS: number };
  readonly hostile?: Readonly<Record<string, number>>;
}

type Detect = (text: string, options: object) => readonly object[];

const task = JSON.parse(process.argv[2] ?? "{}") as Task;

async function load(imported: () => void = () => undefined): Promise<(text: string) => number> {
  const { detect } = (await import(pathToFileURL(task.entry).href)) as { detect: Detect };
  const options: { types?: readonly string[]; names?: unknown } = {};
  if (task.types !== undefined) options.types = task.types;
  if (task.reader !== undefined && task.model !== undefined) {
    const { readNames } = (await import(pathToFileURL(task.reader).href)) as {
      readNames: (bytes: Uint8Array) => unknown;
    };
    imported();
    options.names = readNames(readFileSync(task.model));
  }
  return (text) => detect(text, options).length;
}

const read = <T>(): T => JSON.parse(readFileSync(task.texts ?? "", "utf8")) as T;

/** Whole-process CPU seconds: what the collector and the compiler do on other threads counts too. */
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function measureLoad(): Promise<Outcome> {
  const startedAt = performance.now();
  let importedAt = startedAt;
  const scan = await load(() => {
    importedAt = performance.now();
  });
  // The first call pays for tables that are built late.
  scan("Please call Anna Smith.");
  return { load: { ms: performance.now() - importedAt, importMs: importedAt - startedAt } };
}

async function measureMemory(): Promise<Outcome> {
  const scan = await load();
  const texts = read<string[]>();
  const sizes = texts.map((text) => Buffer.byteLength(text));
  const goal = (task.seconds ?? 1) < 1 ? 5_000_000 : 50_000_000;
  for (let at = 0, bytes = 0; bytes < goal; at = (at + 1) % texts.length) {
    scan(texts[at] ?? "");
    bytes += sizes[at] ?? 1;
  }
  return { memory: { bytes: process.memoryUsage().rss } };
}

async function measureSpeed(): Promise<Outcome> {
  const scan = await load();
  const texts = read<string[]>();
  const megabytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6;
  const seconds = task.seconds ?? 1;
  // Until the compiler has seen enough: rates still rise by half between the second and the sixth second.
  for (const end = cpuSeconds() + 8 * seconds; cpuSeconds() < end; ) for (const text of texts) scan(text);
  const rates: number[] = [];
  for (let round = 0; round < 7; round++) {
    const startedAt = cpuSeconds();
    let passes = 0;
    do {
      for (const text of texts) scan(text);
      passes++;
    } while (cpuSeconds() - startedAt < seconds);
    rates.push((megabytes * passes) / (cpuSeconds() - startedAt));
  }
  return { speed: { mbPerCpuS: median(rates) } };
}

async function measureHostile(): Promise<Outcome> {
  const scan = await load();
  const texts = read<Record<string, string>>();
  const rounds: Record<string, number[]> = {};
  // In turn, so that whatever else the machine does meets all of them.
  for (let round = 0; round < 7; round++) {
    for (const [name, text] of Object.entries(texts)) {
      const megabytes = Buffer.byteLength(text) / 1e6;
      const startedAt = cpuSeconds();
      let passes = 0;
      do {
        scan(text);
        passes++;
      } while (cpuSeconds() - startedAt < (task.seconds ?? 1) / 20);
      (rounds[name] ??= []).push((megabytes * passes) / (cpuSeconds() - startedAt));
    }
  }
  const rates = Object.fromEntries(Object.entries(rounds).map(([name, each]) => [name, median(each)]));
  return { hostile: rates };
}

const MEASURES: Readonly<Record<Task["kind"], () => Promise<Outcome>>> = {
  load: measureLoad,
  memory: measureMemory,
  speed: measureSpeed,
  hostile: measureHostile,
};

process.stdout.write(JSON.stringify(await MEASURES[task.kind]()));
