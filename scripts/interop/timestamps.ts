/**
 * Two judges of the same time-stamps: ours and `openssl ts -verify`. `node timestamps.ts [seed]` compares 2,000 mutated stamps and those
 * that are wrong by design; it fails when openssl refuses one that we accept, or accepts one that no rule of docs/timestamps.md refuses.
 */
import { Opinion } from "../../verifier/src/timestamp/test/openssl.ts";

const MUTATIONS = 2_000;
const seed = Number(process.argv[2] ?? 20_261_122);

const opinion = new Opinion();
try {
  const cases = [...opinion.structural(), ...opinion.mutated(MUTATIONS, seed)];
  const { accepted, refused, stricter, wrong } = await opinion.compare(cases);
  const alone = [...stricter.values()].reduce((sum, count) => sum + count, 0);
  process.stdout.write(
    `ok   openssl: ${cases.length} time-stamps (seed ${seed}): ${accepted} accepted and ${refused} refused by both, ${alone} refused by us alone\n`,
  );
  for (const [rule, count] of stricter) process.stdout.write(`     ${String(count).padStart(4)}  ${rule}\n`);
  for (const each of wrong) process.stderr.write(`interop: ${each}\n`);
  if (wrong.length > 0) process.exitCode = 1;
} finally {
  opinion.close();
}
