/** Keys that are made at the first start and must stay the same: files of 32 bytes that only the process's owner can read. */
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { SluiceError } from "../core/errors.ts";

const KEY_BYTES = 32;

/** The key in the file at `path` (0600), made now when there is none. Throws evidence_corrupt for a file that holds something else. */
export function keepKey(path: string): Buffer {
  try {
    writeFileSync(path, randomBytes(KEY_BYTES), { mode: 0o600, flag: "wx", flush: true });
  } catch (thrown) {
    if (!(thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST")) throw thrown;
  }
  const key = readFileSync(path);
  if (key.length === KEY_BYTES) return key;
  throw new SluiceError(
    "evidence_corrupt",
    `${path} does not hold a key of ${KEY_BYTES} bytes; restore it from a backup or remove it`,
  );
}
