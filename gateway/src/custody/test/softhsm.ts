/** A SoftHSM2 token of its own in a temporary folder. Debian: softhsm2. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PLACES = [
  "/usr/lib/softhsm/libsofthsm2.so",
  "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
  "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
  "/usr/lib64/pkcs11/libsofthsm2.so",
  "/opt/homebrew/lib/softhsm/libsofthsm2.so",
];

export const SOFTHSM_MODULE = PLACES.find((path) => existsSync(path));

export interface Token {
  readonly dir: string;
  readonly tokens: string;
  readonly pin: string;
  add(label: string): void;
  remove(): void;
}

/** The module reads SOFTHSM2_CONF when it is initialized: one token folder at a time in a process. */
export function makeToken(label: string): Token {
  const dir = mkdtempSync(join(tmpdir(), "sluice-softhsm-"));
  const tokens = join(dir, "tokens");
  const conf = join(dir, "softhsm2.conf");
  const pin = "canary-pin-7391";
  mkdirSync(tokens);
  writeFileSync(conf, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  process.env["SOFTHSM2_CONF"] = conf;
  const add = (name: string): void => {
    const args = ["--init-token", "--free", "--label", name, "--so-pin", "12345678", "--pin", pin];
    execFileSync("softhsm2-util", args, { stdio: "pipe" });
  };
  add(label);
  return { dir, tokens, pin, add, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
