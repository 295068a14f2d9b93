/**
 * Where a log's files come from. A source knows no format; the verifier knows no network and no disk. Here is the source
 * for a log served over HTTP; a directory's is written by whoever has a file system.
 */

import { BUNDLE_BYTES_MAX } from "./bundle.ts";
import { concatBytes } from "./bytes.ts";
import { VerifierError } from "./errors.ts";

/**
 * Gives the bytes of a file of the log by its path relative to the log's directory (`checkpoint`, `tile/0/000`), undefined
 * when there is no such file, and rejects when that cannot be told. Reads may overlap and are not retried.
 */
export interface Source {
  read(path: string): Promise<Uint8Array | undefined>;
}

/** The largest file any log can have: a full bundle of entries of full length. */
export const FILE_BYTES_MAX = BUNDLE_BYTES_MAX;

const ABSENT_STATUSES: ReadonlySet<number> = new Set([404, 410]);

/** What is used of the web's `fetch`. */
export type Fetcher = (url: string, init: { cache?: "no-store" }) => Promise<Response>;

/** A log under `prefix`, read with the given `fetch`. Rejects with source_unreadable for any status but 200, 404 and 410. */
export function httpSource(prefix: string, fetcher: Fetcher): Source {
  const base = prefix.endsWith("/") ? prefix : `${prefix}/`;
  return {
    async read(path) {
      // Tiles never change; the checkpoint does, and a stale one would look like missing entries.
      const response = await fetcher(`${base}${path}`, path === "checkpoint" ? { cache: "no-store" } : {});
      if (ABSENT_STATUSES.has(response.status)) {
        await response.body?.cancel();
        return undefined;
      }
      if (response.status !== 200) {
        await response.body?.cancel();
        throw new VerifierError("source_unreadable", `the server answered ${String(response.status)}`);
      }
      return readLimited(response);
    },
  };
}

async function readLimited(response: Response): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > FILE_BYTES_MAX) {
      await reader.cancel();
      throw new VerifierError("source_unreadable", "the answer is longer than any file of a log");
    }
    chunks.push(value);
  }
  return concatBytes(...chunks);
}
