import { expect, test } from "vitest";
import { open, temporaryFolder } from "../evidence/test/opened.ts";
import type { EvidenceLog } from "../evidence/index.ts";
import { BreachTally, type BreachReport } from "./breach.ts";
import { scan, type Selection } from "./scan.ts";
import { event, exchange, refusal, sourceOf, START } from "./test/log.ts";

async function reportOf(log: EvidenceLog, selection: Selection): Promise<BreachReport> {
  await log.proof(log.size - 1);
  const tally = new BreachTally();
  for await (const found of scan({ source: sourceOf(log), size: log.published, selection, events: true }))
    tally.add(found);
  return tally.report();
}

test("what a principal did is told apart from what others did: counts, times, recipients, and what was sent in clear", async () => {
  const log = await open({ dir: temporaryFolder() });
  for (let minute = 0; minute < 300; minute++) await exchange(log, { principal: "service:other", minute });
  await exchange(log, { principal: "service:crm", minute: 300, allowed: true });
  await exchange(log, { principal: "service:crm", minute: 301, ended: "failed" });
  await exchange(log, { principal: "service:crm", minute: 302, ended: "open" });
  await refusal(log, "service:crm", 303);
  await event(log, "service:crm", 304, "evidence.read");
  await event(log, "service:other", 305, "evidence.read");

  const report = await reportOf(log, { principals: new Set([log.pseudonym("service:crm")]) });
  expect(report).toMatchObject({
    first: "2026-11-20T15:00:00.000Z",
    last: "2026-11-20T15:04:00.000Z",
    exchanges: { total: 3, answered: 1, unanswered: 1, open: 1, refused: 1 },
    bytes: { sent: 300, received: 50 },
    recipients: [{ name: "acme", country: "DE", exchanges: 3 }],
    categories: [
      { name: "contact", count: 6 },
      { name: "direct-identifier", count: 3 },
    ],
    types: [
      { name: "EMAIL", found: 6, clear: 0, operators: { placeholder: 6 } },
      { name: "PERSON", found: 3, clear: 1, operators: { placeholder: 2 } },
    ],
    refusals: [{ name: "policy_denied", count: 1 }],
    events: [{ name: "evidence.read", count: 1 }],
  });
  expect(report.principals).toHaveLength(1);
});

test("a window takes what began in it, and the outcomes that came after it", async () => {
  const log = await open({ dir: temporaryFolder() });
  for (let minute = 0; minute < 10; minute++) await exchange(log, { principal: "service:crm", minute });
  const report = await reportOf(log, { from: START + 3 * 60_000, to: START + 5 * 60_000 });
  expect(report.exchanges).toEqual({ total: 2, answered: 2, unanswered: 0, open: 0, refused: 0 });
  expect(report.first).toBe("2026-11-20T10:03:00.000Z");
});

test("entries of a window are found where the clock jumped back, since order is not taken from times", async () => {
  const log = await open({ dir: temporaryFolder() });
  for (const minute of [0, 600, 1, 601, 2]) await exchange(log, { principal: "service:crm", minute });
  const report = await reportOf(log, { from: START, to: START + 60 * 60_000 });
  expect(report.exchanges.total).toBe(3);
});

test("records asked for by index come with their outcomes and nothing else, over bundles", async () => {
  const log = await open({ dir: temporaryFolder() });
  const indexes: number[] = [];
  for (let minute = 0; minute < 400; minute++) {
    indexes.push(
      await exchange(log, { principal: "service:crm", minute, ended: minute % 2 === 0 ? "completed" : "open" }),
    );
  }
  const asked = [indexes[0], indexes[127], indexes[350]] as number[];
  await log.proof(log.size - 1);
  const found: number[] = [];
  for await (const { index } of scan({
    source: sourceOf(log),
    size: log.published,
    selection: { records: new Set(asked) },
  }))
    found.push(index);
  expect(found).toEqual([asked[0], (asked[0] as number) + 1, asked[1], asked[2], (asked[2] as number) + 1]);
});

test("a bundle that is missing is an error, and never a smaller answer", async () => {
  const log = await open({ dir: temporaryFolder() });
  for (let minute = 0; minute < 200; minute++) await exchange(log, { principal: "service:crm", minute });
  await log.proof(log.size - 1);
  const source = sourceOf(log);
  const lacking = { read: async (path: string) => (path.includes("entries/000") ? undefined : source.read(path)) };
  const reading = async (): Promise<void> => {
    for await (const { index } of scan({ source: lacking, size: log.published, selection: { from: START } }))
      void index;
  };
  await expect(reading()).rejects.toMatchObject({ code: "evidence_corrupt" });
});

test("a name in a text that looks like the members that are looked for does not deceive the scan", async () => {
  const log = await open({ dir: temporaryFolder() });
  const pseudonym = log.pseudonym("service:crm");
  await log.append({
    v: 1,
    type: "event",
    name: "test.noise",
    time: new Date(START).toISOString(),
    facts: { note: `"principal":"${pseudonym}","type":"intent","time":"2026-11-20T10:00:00.000Z","intent":0` },
  });
  await exchange(log, { principal: "service:crm", minute: 1 });
  const report = await reportOf(log, { principals: new Set([pseudonym]) });
  expect(report.exchanges).toMatchObject({ total: 1, answered: 1 });
  expect(report.events).toEqual([]);
});
