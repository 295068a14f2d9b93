/**
 * Builds what is published: `tsc -b` from nothing, then a package.json beside the output that points at it, so that each
 * `<workspace>/dist` is a package of its own. The output keeps the `src/` folder, so that a path relative to package.json is the same
 * built and unbuilt. Fails rather than write a package that only works from the sources.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** The workspaces that are published, dependencies first. */
export const PUBLISHED = ["detector", "verifier", "gateway"] as const;

interface SourceManifest {
  readonly name: string;
  readonly version: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  /** Folders of the package; those beside `src` are copied as they are. Absent: `src` alone. */
  readonly files?: readonly string[];
  readonly [field: string]: unknown;
}

interface PublishedManifest {
  readonly name: string;
  readonly version: string;
  readonly files: readonly string[];
  readonly exports?: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

const built = (path: string): string => path.replace(/\.ts$/, ".js");

/** The manifest for the built package: the same, with TypeScript paths turned into JavaScript and what only developers need left out. */
function publishedManifest(source: SourceManifest): PublishedManifest {
  const { scripts: _scripts, devDependencies: _devDependencies, private: _private, exports, bin, ...rest } = source;
  return {
    ...rest,
    files: source.files ?? ["src"],
    ...(exports === undefined ? {} : { exports: mapValues(exports, entryPoint) }),
    ...(bin === undefined ? {} : { bin: mapValues(bin, built) }),
  };
}

function entryPoint(path: string): string | { types: string; default: string } {
  return path.endsWith(".ts") ? { types: path.replace(/\.ts$/, ".d.ts"), default: built(path) } : path;
}

function mapValues<T>(record: Readonly<Record<string, string>>, map: (value: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

/** Everything in a built file that still names a source file, apart from imports, which the compiler rewrites. */
function unbuiltReferences(code: string): string[] {
  const withoutComments = code.replace(/\/\*[^]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
  return [...withoutComments.matchAll(/["'`](\.{1,2}\/[^"'`\s]*\.ts)["'`]/g)].map((match) => match[1] ?? "");
}

function fail(message: string): never {
  console.error(`build: ${message}`);
  process.exit(1);
}

function build(workspace: string): void {
  const folder = join(ROOT, workspace);
  const dist = join(folder, "dist");
  const manifest = publishedManifest(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as SourceManifest);
  writeFileSync(join(dist, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);

  // What is not TypeScript (templates, tables) is read at run time from beside the code.
  cpSync(join(folder, "src"), join(dist, "src"), {
    recursive: true,
    filter: (path) => !/\.ts$|[\\/]test$|[\\/]test[\\/]|[\\/]vectors$|[\\/]vectors[\\/]|\.snap$/.test(path),
  });
  for (const name of manifest.files)
    if (name !== "src") cpSync(join(folder, name), join(dist, name), { recursive: true });
  for (const name of ["README.md", "LICENSE", "NOTICE"]) {
    const from = [join(folder, name), join(ROOT, name)].find((path) => existsSync(path));
    if (from !== undefined) cpSync(from, join(dist, name));
  }
  for (const path of readdirSync(join(dist, "src"), { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith(".js")) continue;
    const references = unbuiltReferences(readFileSync(join(dist, "src", path), "utf8"));
    if (references.length > 0)
      fail(`${workspace}/src/${path} still reads ${references.join(", ")}, which is not in the package`);
  }
  for (const [name, path] of Object.entries(manifest.bin ?? {})) {
    const file = join(dist, path);
    if (!existsSync(file)) fail(`bin ${name} of ${workspace} is missing: ${path}`);
    if (!readFileSync(file, "utf8").startsWith("#!")) fail(`bin ${name} of ${workspace} has no #! line`);
    chmodSync(file, 0o755);
  }
  console.log(`build: ${workspace}/dist is ${manifest.name} ${manifest.version}`);
}

// Not import.meta.main, which Node 22 does not have.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const workspace of [...PUBLISHED, "bench"])
    rmSync(join(ROOT, workspace, "dist"), { recursive: true, force: true });
  const compiled = spawnSync(join(ROOT, "node_modules", ".bin", "tsc"), ["-b", ...PUBLISHED], {
    cwd: ROOT,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (compiled.status !== 0) fail("tsc reported errors, and nothing was packaged");
  for (const workspace of PUBLISHED) build(workspace);
}
