/** Two gateways, as processes, that write one log behind a load balancer, and are killed. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Cluster } from "./test/cluster.ts";
import { startPostgres, type TestServer } from "./database/test/postgres.ts";

const ROUNDS = 3;

let server: TestServer;
let cluster: Cluster;
beforeAll(async () => {
  server = await startPostgres();
  cluster = await Cluster.start(await server.database());
}, 60_000);
afterAll(async () => {
  await cluster?.stop();
  await server.stop();
});

test(`after kill -9 of either gateway, ${ROUNDS} times at any moment, reviews, revocations, sessions, order and receipts are as they were answered, in one log`, {
  timeout: 180_000,
}, async () => {
  for (let round = 0; round < ROUNDS; round++) await cluster.round();
  const { acknowledged, decided, sessionsEnded } = cluster.story;
  expect(acknowledged.size).toBeGreaterThan(ROUNDS * 10);
  expect([decided, sessionsEnded]).toEqual([ROUNDS, ROUNDS]);
  expect(await cluster.audit()).toMatchObject({ ok: true, problems: [], missing: [] });
});
