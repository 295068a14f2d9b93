/**
 * Where the lists and vectors lie that the model is trained with and that no dependency of this repository holds:
 * sources/node_modules, which git ignores.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "sources");
const require = createRequire(join(FOLDER, "package.json"));

/** Path of a file of one of the packages, or a plain word and exit code 2. */
export function sourceFile(name: string, path: string): string {
  const file = join(FOLDER, "node_modules", name, path);
  if (existsSync(file)) return file;
  process.stderr.write(
    `${name} is missing. Run: npm ci --prefix detector/train/sources --ignore-scripts (about 500 MB).\n`,
  );
  process.exit(2);
}

/** What the package exports. */
export function source(name: string): unknown {
  sourceFile(name, "package.json");
  return require(name);
}
