/**
 * Pseudonyms without a running gateway, for who looks into a breach on the machine itself: the key that makes them lies beside the
 * log, and whoever may read it may make them.
 */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SluiceError } from "../core/errors.ts";
import { pseudonymOf } from "../evidence/index.ts";

/** `publicFolder`: of the log. Throws key_unavailable where its key cannot be read. */
export async function openNames(publicFolder: string): Promise<(name: string) => string> {
  const path = join(dirname(publicFolder), "keys", "pseudonym.key");
  try {
    const key = await readFile(path);
    return (name) => pseudonymOf(key, name);
  } catch (cause) {
    throw new SluiceError(
      "key_unavailable",
      `names become pseudonyms with ${path}, which cannot be read; give pseudonyms (--pseudonym), or ask the running gateway`,
      { cause },
    );
  }
}
