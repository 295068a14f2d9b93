/** `breach` from the files of a log, as whoever has no gateway runs it; over the API it is in server/audit.test.ts. */
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { exchange } from "../audit/test/log.ts";
import { eventLeaf, openEvidence } from "../evidence/index.ts";
import { folder } from "./test/sluice.ts";

const here = folder();
afterAll(() => here.remove());

test("a log that was pruned is counted from there on, and that is said", async () => {
  const dir = join(here.path, "data");
  const log = await openEvidence({ dir, origin: "test.example/log", clock: Date.now, checkpointIntervalMs: 20 });
  for (let minute = 0; minute < 300; minute++) await exchange(log, { principal: "service:crm", minute });
  const facts = { minimumIndex: 512 };
  const { index } = await log.append(eventLeaf({ time: Date.now(), event: { name: "retention.pruned", facts } }));
  await log.proof(index);
  await log.prune(512);
  await log.close();

  const { code, out, err } = await here.sluice(["breach", "data", "--connection", "crm", "--json"]);
  expect([code, err]).toEqual([0, "records below 512 were pruned, and are not counted\n"]);
  expect((JSON.parse(out) as { report: object }).report).toMatchObject({ exchanges: { total: 44, open: 0 } });
});
