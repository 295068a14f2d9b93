/**
 * Whether one log goes on where another one ended: the last entry of the old log names the new one, and the first entry of the new
 * log holds the old one's last checkpoint. Both logs must have been verified by themselves; this looks at the seam only.
 */

import { parseCheckpoint } from "./checkpoint.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { encodeBase64 } from "./bytes.ts";
import { VerifierError } from "./errors.ts";
import { parseLeaf } from "./leaf.ts";
import { readBundle, readFile } from "./log-files.ts";
import { parseNote } from "./note.ts";
import type { Problem } from "./report.ts";
import type { Source } from "./source.ts";
import { TILE_WIDTH, bundleWidth } from "./tile.ts";

/** Empty when the seam holds. Never rejects for what the sources hold. */
export async function verifyContinuation(previous: Source, next: Source): Promise<readonly Problem[]> {
  const [before, after] = [await readCheckpoint(previous), await readCheckpoint(next)];
  if (before === undefined || after === undefined) return [broken("checkpoint", "a log has no readable checkpoint")];
  const problems: Problem[] = [];
  const end = await factsAt(previous, before.size, before.size - 1, "log.frozen");
  if (end === undefined) problems.push(broken("previous", "the last entry of the old log does not freeze it"));
  else if (end["next"] !== after.origin) problems.push(broken("previous", "the old log names another successor"));
  const begin = await factsAt(next, after.size, 0, "log.continued");
  if (begin === undefined) problems.push(broken("tile/entries", "the first entry of the log continues no other"));
  else if (!isOf(begin, before)) {
    problems.push(broken("tile/entries", "the log continues another log, or the same at another end"));
  }
  return problems;
}

function isOf(facts: Readonly<Record<string, unknown>>, { origin, size, root }: Checkpoint): boolean {
  return facts["origin"] === origin && facts["size"] === size && facts["root"] === encodeBase64(root);
}

async function readCheckpoint(source: Source): Promise<Checkpoint | undefined> {
  const { content } = await readFile(source, "checkpoint");
  if (content === undefined) return undefined;
  return orUndefined(() => parseCheckpoint(parseNote(content).text));
}

/** The facts of the event of this name at this index. */
async function factsAt(
  source: Source,
  size: number,
  index: number,
  name: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (index < 0 || index >= size) return undefined;
  const bundle = Math.floor(index / TILE_WIDTH);
  const entry = (await readBundle(source, bundle, bundleWidth(bundle, size))).content?.[index % TILE_WIDTH];
  const leaf = entry === undefined ? undefined : orUndefined(() => parseLeaf(entry));
  const facts: unknown = leaf?.["facts"];
  const isEvent = leaf?.type === "event" && leaf["name"] === name && typeof facts === "object" && facts !== null;
  return isEvent ? (facts as Readonly<Record<string, unknown>>) : undefined;
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof VerifierError) return undefined;
    throw error;
  }
}

function broken(path: string, message: string): Problem {
  return { code: "continuation_broken", path, message };
}
