/** The command line as a real process, in a folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Folder {
  readonly path: string;
  /** Runs to the end. */
  sluice(args: readonly string[], input?: string | Uint8Array, env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Starts and leaves running. */
  spawn(args: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess;
  write(name: string, content: string | Uint8Array): string;
  read(name: string): string;
  remove(): void;
}

export function folder(): Folder {
  const path = mkdtempSync(join(tmpdir(), "sluice-cli-"));
  const { NO_COLOR: _noColor, FORCE_COLOR: _forceColor, CI: _ci, ...inherited } = process.env;
  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess =>
    spawn(process.execPath, [MAIN, ...args], { cwd: path, env: { ...inherited, ...env }, stdio: "pipe" });
  return {
    path,
    spawn: start,
    async sluice(args, input = "", env) {
      const child = start(args, env);
      child.stdin?.end(input);
      const [out, err] = [collect(child.stdout), collect(child.stderr)];
      const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
      return { code, out: await out, err: await err };
    },
    write(name, content) {
      writeFileSync(join(path, name), content);
      return join(path, name);
    },
    read: (name) => readFileSync(join(path, name), "utf8"),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

async function collect(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = "";
  if (stream === null) return text;
  for await (const chunk of stream) text += String(chunk);
  return text;
}
