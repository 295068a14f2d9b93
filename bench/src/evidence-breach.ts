/**
 * How long a breach report takes over a long log: bundles of real leaves are read over and over, so that what is measured is the reading of
 * them and not the disk. Once for one credential among a thousand, once for a window that all records are in, which is the worst.
 */
import { formatBundle, type Source, TILE_WIDTH } from "@sluice/verifier";
import { BreachTally, scan, type Selection } from "../../gateway/src/audit/index.ts";
import { canonicalJson } from "../../gateway/src/evidence/canonical-json.ts";
import type { Leaf } from "../../gateway/src/evidence/index.ts";
import { exchangeLeaves } from "./evidence-leaves.ts";

const BUNDLES = 400;
const CREDENTIALS = 1_000;

export interface BreachSeconds {
  readonly credential: number;
  readonly everything: number;
}

export async function breachSeconds(records: number): Promise<BreachSeconds> {
  const size = records - (records % TILE_WIDTH);
  const source = bundlesOf();
  const one = { credentials: new Set([nameOf(7)]) };
  return { credential: await seconds(source, size, one), everything: await seconds(source, size, { from: 0 }) };
}

async function seconds(source: Source, size: number, selection: Selection): Promise<number> {
  const began = performance.now();
  const tally = new BreachTally();
  for await (const found of scan({ source, size, selection })) tally.add(found);
  if (tally.report().exchanges.total === 0) throw new Error("nothing was found");
  return (performance.now() - began) / 1000;
}

const nameOf = (number: number): string => `credential-${number}`.padEnd(22, "x");

/** Outcomes name the intent before them by the index that it has in the first round; in later ones none is open by that index. */
function bundlesOf(): Source {
  let principal = 0;
  const leaves = exchangeLeaves({ pseudonym: () => nameOf(principal++ % CREDENTIALS) });
  const bytes = (leaf: Leaf): Uint8Array => Buffer.from(canonicalJson(leaf));
  const bundles = Array.from({ length: BUNDLES }, (_, bundle) =>
    formatBundle(
      Array.from({ length: TILE_WIDTH }, (_each, at) =>
        bytes(at % 2 === 0 ? leaves.intent() : leaves.outcome(bundle * TILE_WIDTH + at - 1)),
      ),
    ),
  );
  let next = 0;
  return { read: () => Promise.resolve(bundles[next++ % BUNDLES]) };
}
