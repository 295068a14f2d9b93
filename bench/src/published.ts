/**
 * The packages as they are published: built to JavaScript, in a folder of their own, with the dependencies of this checkout beside
 * them. So no figure holds what only a checkout pays, such as Node's type stripper.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PUBLISHED } from "../../scripts/build.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SCOPE = "@sluice";

export interface Published {
  /** The program `sluice`. */
  readonly cli: string;
  readonly remove: () => void;
}

export function installPublished(): Published {
  const built = spawnSync(process.execPath, [join(ROOT, "scripts", "build.ts")], { cwd: ROOT, encoding: "utf8" });
  if (built.status !== 0) throw new Error(`the packages do not build:\n${built.stdout}${built.stderr}`);
  const dir = mkdtempSync(join(tmpdir(), "sluice-published-"));
  const modules = join(dir, "node_modules");
  mkdirSync(join(modules, SCOPE), { recursive: true });
  link(join(ROOT, "node_modules"), modules);
  for (const workspace of PUBLISHED) {
    const to = join(modules, SCOPE, workspace);
    cpSync(join(ROOT, workspace, "dist"), to, { recursive: true });
    const own = join(ROOT, workspace, "node_modules");
    if (!existsSync(own)) continue;
    mkdirSync(join(to, "node_modules"));
    link(own, join(to, "node_modules"));
  }
  return {
    cli: join(modules, SCOPE, "gateway", "src", "cli", "main.js"),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Other people's packages; ours would be the sources. */
function link(from: string, to: string): void {
  for (const name of readdirSync(from)) {
    if (name !== SCOPE && !name.startsWith(".")) symlinkSync(join(from, name), join(to, name));
  }
}
