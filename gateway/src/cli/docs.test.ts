/** These pages show what is printed: their commands are run, in the order of the page, in one folder each. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { type Folder, folder } from "./test/sluice.ts";

const PAGES = ["cli.md", "policy.md"];
const DOCS = fileURLToPath(new URL("../../../docs/", import.meta.url));
const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const folders: Folder[] = [];
afterAll(() => folders.forEach((each) => each.remove()));

/** How fast it was differs from run to run; the page keeps what it says. */
const SPEED = /characters in [\d.]+ s, [\d.]+ million a second/;

async function printed(here: Folder, command: string, before: string): Promise<string> {
  const sluice = `sluice() { '${process.execPath}' '${MAIN}' "$@"; }; ( ${command}\n) 2>&1`;
  const { NO_COLOR: _noColor, FORCE_COLOR: _forceColor, ...env } = process.env;
  const { stdout } = await promisify(execFile)("sh", ["-c", `${sluice} || true`], { cwd: here.path, env });
  return stdout.replace(SPEED, (now) => SPEED.exec(before)?.[0] ?? now);
}

/** One block: a command with what follows it. `cat` of a file that is not there yet makes it. */
async function run(here: Folder, block: string, known: Set<string>): Promise<string> {
  let out = "";
  for (const part of block.split(/^\$ /m).slice(1)) {
    const end = part.indexOf("\n") + 1;
    const [command, before] = [part.slice(0, end - 1), part.slice(end)];
    const file = /^cat (\S+)$/.exec(command)?.[1];
    if (file !== undefined && !known.has(file)) {
      here.write(file, before);
      known.add(file);
    }
    out += `$ ${command}\n${await printed(here, command, before)}`;
    if (!out.endsWith("\n")) out += "\n";
  }
  return out;
}

test.skipIf(process.platform === "win32").each(PAGES)("docs/%s shows what is really printed", async (name) => {
  const here = folder();
  folders.push(here);
  const known = new Set<string>();
  let page = "";
  for (const part of readFileSync(DOCS + name, "utf8").split(/(^```console\n[\s\S]*?^```$)/m)) {
    const block = /^```console\n([\s\S]*)```$/.exec(part)?.[1];
    page += block === undefined ? part : `\`\`\`console\n${await run(here, block, known)}\`\`\``;
  }
  await expect(page).toMatchFileSnapshot(DOCS + name);
});
