/** Reads what stands on the log the way anybody would: the checkpoint and the entry bundles over HTTP (C2SP tlog-tiles). */
import { tilePath } from "@sluice/verifier";

const BUNDLE_ENTRIES = 256;
const PATIENCE_MS = 5_000;
const PAUSE_MS = 20;

export interface RecordedLeaf {
  readonly index: number;
  readonly type: string;
  readonly code?: string;
  readonly [field: string]: unknown;
}

/** Every published leaf. The log must be public. */
export async function leaves(url: string): Promise<RecordedLeaf[]> {
  const checkpoint = await (await fetch(`${url}/evidence/checkpoint`)).text();
  const size = Number(checkpoint.split("\n")[1]);
  const found: RecordedLeaf[] = [];
  for (let bundle = 0; bundle * BUNDLE_ENTRIES < size; bundle++) {
    const width = Math.min(BUNDLE_ENTRIES, size - bundle * BUNDLE_ENTRIES);
    const response = await fetch(`${url}/evidence/${tilePath("entries", bundle, width)}`);
    // A partial bundle is gone once a larger one was published; whoever called asks again.
    if (response.status !== 200) return found;
    const bytes = Buffer.from(await response.arrayBuffer());
    for (let at = 0; at < bytes.length; ) {
      const end = at + 2 + bytes.readUInt16BE(at);
      found.push({ index: found.length, ...(JSON.parse(bytes.toString("utf8", at + 2, end)) as { type: string }) });
      at = end;
    }
  }
  return found;
}

/** The first published leaf that fits, as soon as a checkpoint covers it. Throws when none comes. */
export async function leafWhere(
  url: string,
  what: string,
  fits: (leaf: RecordedLeaf) => boolean,
): Promise<RecordedLeaf> {
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; ) {
    const leaf = (await leaves(url)).find(fits);
    if (leaf !== undefined) return leaf;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`not on record: ${what}`);
}

/** The leaf with this evidence id. */
export function leafAt(url: string, id: string | null): Promise<RecordedLeaf> {
  return leafWhere(url, `entry ${id}`, ({ index }) => String(index) === id);
}

/** How the exchange with this evidence id ended. */
export function outcomeOf(url: string, id: string | null): Promise<RecordedLeaf> {
  return leafWhere(
    url,
    `the outcome of ${id}`,
    ({ type, ...leaf }) => type === "outcome" && String(leaf["intent"]) === id,
  );
}
