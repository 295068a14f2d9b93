/**
 * The detector as it is published: compiled to JavaScript in a temporary folder, so that no figure holds the cost of stripping types.
 * Runs measurements of it in processes of their own.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Outcome, Task } from "./detector-child.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const MODEL = join(ROOT, "detector", "model", "names.bin");
/** What turns the bytes of the model into what `detect` takes as `names`. */
export const READER = join(ROOT, "detector", "src", "names", "model.ts");

function compile(...args: readonly string[]): void {
  spawnSync(process.execPath, [join(ROOT, "node_modules", "typescript", "bin", "tsc"), ...args], {
    stdio: "ignore",
    cwd: ROOT,
  });
}

export class BuiltDetector {
  readonly #folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  readonly #entry = join(this.#folder, "src", "index.js");
  readonly #reader = join(this.#folder, "src", "names", "model.js");
  readonly #child = join(this.#folder, "detector-child.js");

  constructor() {
    symlinkSync(join(ROOT, "node_modules"), join(this.#folder, "node_modules"), "junction");
    writeFileSync(join(this.#folder, "package.json"), '{ "type": "module" }\n');
    const options = [
      "--outDir",
      this.#folder,
      "--composite",
      "false",
      "--incremental",
      "false",
      "--declaration",
      "false",
    ];
    compile("-p", join(ROOT, "detector", "tsconfig.json"), ...options);
    const child = fileURLToPath(new URL("./detector-child.ts", import.meta.url));
    compile(child, ...options, "--ignoreConfig", "--target", "es2024", "--module", "nodenext", "--types", "node");
    // What has an error of types runs all the same; the type check is another step.
    if (!existsSync(this.#entry) || !existsSync(this.#child)) throw new Error("the detector does not compile");
  }

  /** A measurement with the names model when `names`, in a fresh process; `flags`: of Node. */
  measure(task: Omit<Task, "entry" | "reader" | "model">, names: boolean, flags: readonly string[] = []): Outcome {
    const whole: Task = { ...task, entry: this.#entry, ...(names ? { reader: this.#reader, model: MODEL } : {}) };
    const output = execFileSync(process.execPath, [...flags, this.#child, JSON.stringify(whole)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
    return JSON.parse(output) as Outcome;
  }

  /** Writes the texts where children can read them. Returns the path. */
  share(name: string, texts: readonly string[] | Readonly<Record<string, string>>): string {
    const path = join(this.#folder, `${name}.json`);
    writeFileSync(path, JSON.stringify(texts));
    return path;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
