/**
 * What a thief can do who has the log's folder and its keys, and who notices: the witness, and whoever kept one older checkpoint.
 * Each row is a real log, opened and grown by the gateway's own evidence room.
 */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { parsePolicy, verifyLog } from "@sluice/verifier";
import { expect, test } from "vitest";
import type { ControlEvent } from "../core/event.ts";
import { type EvidenceLog, openEvidence } from "../evidence/index.ts";
import { Asking } from "./asking.ts";
import { afterTest, openHttp, openWitness, temporaryFolder } from "./test/opened.ts";
import { ORIGIN } from "./test/signed-log.ts";

async function openLog(dir: string): Promise<EvidenceLog> {
  const log = await openEvidence({ dir, origin: ORIGIN, clock: Date.now, checkpointIntervalMs: 10 });
  afterTest(() => log.close().catch(() => undefined));
  return log;
}

async function append(log: EvidenceLog, from: number, to: number, word = "true"): Promise<void> {
  // One after the other: the order is part of the history.
  for (let n = from; n < to; n++) await log.append({ v: 1, type: "test", n, word });
  await log.proof(to - 1);
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Only the keys go along: the thief writes everything else anew, and it all fits together. */
function stolenKeys(dir: string): string {
  const forged = join(temporaryFolder(), "log");
  cpSync(join(dir, "keys"), join(forged, "keys"), { recursive: true });
  return forged;
}

interface Theft {
  readonly what: string;
  /** The log that the thief serves; `copy` is what the folder was at 60 of 100 records. */
  readonly forge: (folders: { readonly dir: string; readonly copy: string }) => Promise<EvidenceLog>;
  readonly conflict: object;
  readonly problem: string;
}

const THEFTS: readonly Theft[] = [
  {
    what: "rollback: the folder as it was at 60 records is put back",
    forge: ({ copy }) => openLog(copy),
    conflict: { reason: "longer", size: 100 },
    problem: "log_rolled_back",
  },
  {
    what: "fork: from 60 records on the log goes on with others, beyond 100",
    forge: async ({ copy }) => {
      const log = await openLog(copy);
      await append(log, 60, 130, "false");
      return log;
    },
    conflict: { reason: "another", size: 130 },
    problem: "history_changed",
  },
  {
    what: "truncation: the last 10 records are left out and the rest is signed again",
    forge: async ({ dir }) => {
      const log = await openLog(stolenKeys(dir));
      await append(log, 0, 90);
      return log;
    },
    conflict: { reason: "longer", size: 100 },
    problem: "log_rolled_back",
  },
  {
    what: "re-signing: one record of 100 is another, and everything is signed again with the log's keys",
    forge: async ({ dir }) => {
      const log = await openLog(stolenKeys(dir));
      await append(log, 0, 7);
      await append(log, 7, 8, "false");
      await append(log, 8, 100);
      return log;
    },
    conflict: { reason: "another", size: 100 },
    problem: "history_changed",
  },
];

test.each(THEFTS)("$what", { timeout: 30_000 }, async ({ forge, conflict, problem }) => {
  const dir = join(temporaryFolder(), "log");
  const copy = join(temporaryFolder(), "copy");
  let log = await openLog(dir);
  await append(log, 0, 60);
  await log.close();
  cpSync(dir, copy, { recursive: true });
  log = await openLog(dir);
  await append(log, 60, 100);

  const vkey = log.vkeys[0] ?? "";
  const witness = openWitness(`logs/v0\nvkey ${vkey}\nqpd 100000\ncontact nobody\n`, { clock: Date.now });
  const { url } = await openHttp(witness, { clock: Date.now });
  const policy = `witness w ${witness.keys.vkeys[1] ?? ""} ${url}\nquorum w\n`;
  const events: ControlEvent[] = [];
  const ask = async (of: EvidenceLog): Promise<Asking> => {
    const asking = await Asking.open({
      settings: { policy, everyMs: 0, graceMs: 60_000, required: false },
      log: of,
      record: (event) => {
        events.push(event);
        return Promise.resolve({ index: 0 });
      },
      clock: Date.now,
      onFault: () => undefined,
    });
    afterTest(() => asking.close());
    return asking;
  };
  const honest = await ask(log);
  await until(() => honest.states().size === 100);
  await honest.close();
  const kept = (await log.file("checkpoint"))?.body ?? Buffer.alloc(0);
  await log.close();

  const forged = await forge({ dir, copy });
  const source = { read: async (path: string) => (await forged.file(path))?.body };
  // Alone it is a sound log: every entry, tile and signature is as its checkpoint says.
  expect(await verifyLog(source, { vkeys: forged.vkeys })).toMatchObject({ ok: true, problems: [] });
  expect(forged.vkeys[0]).toBe(vkey);

  // (a) The witness contradicts it, keeps what the thief signed, and cosigns nothing.
  const asking = await ask(forged);
  await until(() => events.length > 0);
  expect(events[0]).toMatchObject({ name: "witness.conflict", target: "w", facts: conflict });
  expect(asking.states()).toMatchObject({ size: 0, witnesses: [{ state: "conflict" }] });
  expect(witness.heads()).toMatchObject([{ size: 100 }]);
  if (problem === "history_changed") {
    expect(witness.refused()).toMatchObject([{ origin: ORIGIN, size: forged.size }]);
  }
  const trusted = parsePolicy(`log ${vkey}\n${policy}`);
  expect((await verifyLog(source, { vkeys: [], policy: trusted })).problems).toMatchObject([
    { code: "quorum_missing" },
  ]);

  // (b) So does whoever kept one older checkpoint, without any witness.
  const report = await verifyLog(source, { vkeys: forged.vkeys, earlier: [kept] });
  expect(report.problems.map(({ code }) => code)).toEqual([problem]);
});

test("a log that goes on from a backup of all it had is no conflict", async () => {
  const dir = join(temporaryFolder(), "log");
  const log = await openLog(dir);
  await append(log, 0, 20);
  const witness = openWitness(`logs/v0\nvkey ${log.vkeys[0] ?? ""}\nqpd 100000\ncontact nobody\n`, { clock: Date.now });
  const kept = (await log.file("checkpoint"))?.body ?? Buffer.alloc(0);
  expect((await witness.addCheckpoint(Buffer.from(`old 0\n\n${kept.toString("utf8")}`))).status).toBe(200);
  await log.close();
  const copy = join(temporaryFolder(), "copy");
  cpSync(dir, copy, { recursive: true });
  const again = await openLog(copy);
  await append(again, 20, 30);
  const source = { read: async (path: string) => (await again.file(path))?.body };
  expect(await verifyLog(source, { vkeys: again.vkeys, earlier: [kept] })).toMatchObject({ ok: true });
});
