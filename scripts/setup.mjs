// Runs before `npm start` and `npm test` with whatever Node the machine has, so it is plain JavaScript that old versions
// can read. It installs what is missing and checks that the Node which will run Sluice is new enough.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, "node_modules", ".sluice-lock");
const lock = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  console.log("sluice: installing dependencies (npm ci), once per lock file …");
  const npm = process.env.npm_execpath;
  const ran = npm
    ? spawnSync(process.execPath, [npm, "ci", "--include=optional", "--include=dev", "--loglevel=error"], {
        cwd: root,
        stdio: "inherit",
      })
    : spawnSync("npm", ["ci", "--include=optional", "--include=dev", "--loglevel=error"], {
        cwd: root,
        stdio: "inherit",
        shell: process.platform === "win32",
      });
  if (ran.status !== 0) {
    console.error("sluice: npm ci failed; the messages above say why. Nothing was started.");
    process.exit(ran.status ?? 1);
  }
  writeFileSync(stamp, lock);
}

const bundled = join(root, "node_modules", ".bin", process.platform === "win32" ? "node.cmd" : "node");
const version = existsSync(bundled)
  ? execFileSync(bundled, ["--version"], { encoding: "utf8", shell: process.platform === "win32" }).trim()
  : process.version;
const [major, minor] = version.slice(1).split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `sluice: needs Node 22.18 or newer, found ${version}, and no Node 26 binary could be installed for ` +
      `${process.platform}-${process.arch}. Install Node 26 (https://nodejs.org) and run the command again.`,
  );
  process.exit(1);
}
