/** Starts the real gateway on its embedded defaults (rehearsal upstream, temporary data directory, ephemeral port). */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Running, start } from "../start.ts";

export interface Started extends Running {
  readonly dir: string;
  readonly key: string;
  readonly printed: string[];
  stop(): Promise<void>;
}

export async function startForTest(config?: (dir: string) => string): Promise<Started> {
  const dir = mkdtempSync(join(tmpdir(), "sluice-test-"));
  const printed: string[] = [];
  let file: string | undefined;
  if (config !== undefined) {
    file = join(dir, "sluice.yaml");
    writeFileSync(file, config(dir));
  }
  const running = await start({
    dataDir: join(dir, "data"),
    print: (line) => printed.push(line),
    ...(file === undefined ? { port: 0 } : { config: file }),
  });
  return {
    ...running,
    dir,
    printed,
    key: running.firstKey ?? "",
    async stop() {
      await running.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** What gateways of one database hold alike, from one data folder to another (docs/custody.md). */
export function copySharedKeys(from: string, to: string): void {
  for (const name of ["subject-index", "sessions", "channels"])
    cpSync(join(from, "keys", `${name}.key`), join(to, "keys", `${name}.key`));
  cpSync(join(from, "custody"), join(to, "custody"), { recursive: true });
}

/** Every file below `dir` that holds one of `values` as UTF-8 text. */
export function filesHolding(dir: string, values: readonly string[]): string[] {
  const found: string[] = [];
  for (const name of readdirSync(dir, { recursive: true }) as string[]) {
    const path = join(dir, name);
    if (!statSync(path).isFile()) continue;
    const bytes = readFileSync(path);
    for (const value of values) if (bytes.includes(value)) found.push(`${path} holds a planted value`);
  }
  return found;
}
