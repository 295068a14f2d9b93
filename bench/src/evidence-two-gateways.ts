/**
 * `node bench/src/evidence-two-gateways.ts [rounds]`: two gateways that write one log behind a load balancer; in each round one of them is
 * killed (SIGKILL) at any moment while requests, a review, a revocation and a session go on. Ends with 1 when something that was
 * answered is not as it was answered.
 */
import { startPostgres } from "../../gateway/src/server/database/test/postgres.ts";
import { Cluster } from "../../gateway/src/server/test/cluster.ts";

const ROUNDS = 100;
const rounds = Number(process.argv[2] ?? ROUNDS);

const server = await startPostgres({ durable: true });
let ok = false;
try {
  const cluster = await Cluster.start(await server.database());
  try {
    for (let round = 0; round < rounds; round++) await cluster.round();
    const { acknowledged, decided, sessionsEnded } = cluster.story;
    const { size, problems, missing } = await cluster.audit();
    ok = problems.length === 0 && missing.length === 0;
    console.log(
      JSON.stringify({
        rounds,
        acknowledged: acknowledged.size,
        decided,
        sessionsEnded,
        records: size,
        problems,
        missing,
      }),
    );
  } finally {
    await cluster.stop();
  }
} finally {
  await server.stop();
}
process.exit(ok ? 0 : 1);
