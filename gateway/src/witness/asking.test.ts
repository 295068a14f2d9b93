import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Policy, parseNote, parsePolicy, verifyLog, verifyProof } from "@sluice/verifier";
import { describe, expect, test } from "vitest";
import type { SluiceError } from "../core/errors.ts";
import type { ControlEvent } from "../core/event.ts";
import type { WitnessSettings } from "../core/witnesses.ts";
import { type EvidenceLog, openEvidence } from "../evidence/index.ts";
import { Asking, type AskingOptions } from "./asking.ts";
import type { Door } from "./http.ts";
import { afterTest, openHttp, openWitness, temporaryFolder } from "./test/opened.ts";
import { ORIGIN, SignedLog } from "./test/signed-log.ts";
import type { Witness } from "./witness.ts";

const SECOND = 1_000;

async function openLog(dir = join(temporaryFolder(), "log"), checkpointIntervalMs = 20): Promise<EvidenceLog> {
  const log = await openEvidence({ dir, origin: ORIGIN, clock: Date.now, checkpointIntervalMs });
  afterTest(() => log.close().catch(() => undefined));
  return log;
}

const listOf = (log: EvidenceLog): string => `logs/v0\nvkey ${log.vkeys[0] ?? ""}\nqpd 1000000\ncontact nobody\n`;

async function witnessOf(log: EvidenceLog, name: string): Promise<{ witness: Witness; door: Door; line: string }> {
  const witness = openWitness(listOf(log), { name: `${name}.example`, clock: Date.now });
  const door = await openHttp(witness, { clock: Date.now });
  return { witness, door, line: `witness ${name} ${witness.keys.vkeys[0] ?? ""} ${door.url}\n` };
}

/** The policy for who asks, and what an auditor is given: the same, with the log's key. */
function policies(log: EvidenceLog, text: string): { settings: WitnessSettings; policy: Policy } {
  const settings = { policy: text, everyMs: 0, graceMs: 60 * SECOND, required: false };
  return { settings, policy: parsePolicy(`log ${log.vkeys[0] ?? ""}\n${text}`) };
}

interface Told {
  readonly events: ControlEvent[];
  readonly faults: SluiceError[];
}

async function ask(
  log: EvidenceLog,
  settings: WitnessSettings,
  options: Partial<AskingOptions> = {},
): Promise<{ asking: Asking } & Told> {
  const events: ControlEvent[] = [];
  const faults: SluiceError[] = [];
  const asking = await Asking.open({
    settings,
    log,
    record: (event) => {
      events.push(event);
      return log.append({ v: 1, type: "event", name: event.name });
    },
    clock: Date.now,
    onFault: (error) => faults.push(error),
    ...options,
  });
  afterTest(() => asking.close());
  return { asking, events, faults };
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 10));
}

const append = (log: EvidenceLog, count: number): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, (_, n) => log.append({ v: 1, type: "test", n })));
const read = async (log: EvidenceLog, path: string): Promise<string> =>
  (await log.file(path))?.body.toString("utf8") ?? "";
const audit = (log: EvidenceLog, policy: Policy) =>
  verifyLog({ read: async (path) => (await log.file(path))?.body }, { vkeys: [], policy });

describe("a log with two witnesses", () => {
  test("has its checkpoints and receipts cosigned by both, and an auditor's policy is met", async () => {
    const log = await openLog();
    const [one, two] = [await witnessOf(log, "one"), await witnessOf(log, "two")];
    const { settings, policy } = policies(log, `${one.line}${two.line}group both all one two\nquorum both\n`);
    const { asking, events, faults } = await ask(log, settings);
    for (const count of [1, 300, 40]) {
      await append(log, count);
      await until(() => asking.states().size === log.size && log.published === log.size);
      const report = await audit(log, policy);
      expect(report).toMatchObject({ ok: true, size: log.size, quorum: { met: true, witnesses: ["one", "two"] } });
    }
    // The public's checkpoint is the cosigned one, and it still bears the log's own two signatures.
    await until(async () => parseNote(await read(log, "checkpoint")).signatures.length === 4);
    expect(await read(log, "checkpoint")).toBe(await read(log, "checkpoint.cosigned"));
    const entry = (await Array.fromAsync(log.entries(7, 8)))[0]!.bytes;
    expect(await verifyProof(await log.proof(7), entry, { vkeys: [], policy })).toMatchObject({ ok: true });
    expect(asking.states()).toMatchObject({
      quorum: "met",
      witnesses: [
        { name: "one", state: "there" },
        { name: "two", state: "there" },
      ],
    });
    expect([events, faults]).toEqual([[], []]);
    expect(one.witness.heads()).toMatchObject([{ size: log.size }]);
  });

  test("of which one cosigns with both its keys counts each as the policy has it", async () => {
    const log = await openLog();
    const one = await witnessOf(log, "one");
    const [ed = "", ml = ""] = one.witness.keys.vkeys;
    const { settings, policy } = policies(
      log,
      `witness ed ${ed} ${one.door.url}\nwitness ml ${ml} ${one.door.url}\ngroup w all ed ml\nquorum w\n`,
    );
    const { asking } = await ask(log, settings);
    await append(log, 5);
    await until(() => asking.states().size === 5);
    expect(await audit(log, policy)).toMatchObject({ ok: true, quorum: { witnesses: ["ed", "ml"] } });
  });

  test("keeps its cosignatures over a restart, and tells a witness that knows more than it thinks nothing wrong", async () => {
    const dir = join(temporaryFolder(), "log");
    const first = await openLog(dir);
    const one = await witnessOf(first, "one");
    const { settings, policy } = policies(first, `${one.line}quorum one\n`);
    const { asking } = await ask(first, settings);
    await append(first, 5);
    await until(() => asking.states().size === first.size);
    await asking.close();
    await first.close();
    const second = await openLog(dir);
    expect(await audit(second, policy)).toMatchObject({ ok: true, size: 5 });
    // It begins with an old size of zero again and is told 5.
    const again = await ask(second, settings);
    await append(second, 3);
    await until(() => again.asking.states().size === 8);
    expect(again.events).toEqual([]);
  });
});

test("while it grows all the time, a policy is met at a checkpoint not long ago", { timeout: 30_000 }, async () => {
  const log = await openLog(undefined, 20);
  const one = await witnessOf(log, "one");
  const { settings, policy } = policies(log, `${one.line}quorum one\n`);
  const { asking } = await ask(log, settings);
  const growing = { on: true };
  const grows = (async () => {
    while (growing.on) {
      await append(log, 3);
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
  })();
  afterTest(() => {
    growing.on = false;
    return grows.catch(() => undefined);
  });
  await until(() => asking.states().size > 50);
  for (let look = 0; look < 20; look++) {
    const report = await audit(log, policy);
    expect(report.problems).toEqual([]);
    expect(report.size).toBeGreaterThan(50);
    const index = report.size! - 1;
    const entry = (await Array.fromAsync(log.entries(index, index + 1)))[0]!.bytes;
    expect(await verifyProof(await log.proof(index), entry, { vkeys: [], policy })).toMatchObject({ ok: true });
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  growing.on = false;
  await grows;
});

describe("a witness that is away", () => {
  test("is on record once, costs the others nothing, and is on record when it is back", {
    timeout: 30_000,
  }, async () => {
    const log = await openLog();
    const [one, two] = [await witnessOf(log, "one"), await witnessOf(log, "two")];
    const { settings } = policies(log, `${one.line}${two.line}group w any one two\nquorum w\n`);
    const port = Number(new URL(two.door.url).port);
    await two.door.close();
    const { asking, events } = await ask(log, settings);
    await append(log, 3);
    await until(() => events.length > 0);
    await append(log, 3);
    await until(() => asking.states().size >= 6);
    expect(events).toEqual([{ name: "witness.away", target: "two", facts: { reason: "unreachable" } }]);
    await until(
      () =>
        asking
          .states()
          .witnesses.map(({ state }) => state)
          .join() === "there,away",
    );
    await openHttp(two.witness, { port, clock: Date.now });
    await until(() => events.length > 1);
    expect(events[1]).toMatchObject({ name: "witness.back", target: "two" });
    await until(() => two.witness.heads()[0]?.size === log.size);
  });

  test.each<[string, number, string, string]>([
    ["404", 404, "", "unknown-log"],
    ["403", 403, "", "signature-refused"],
    ["429", 429, "", "limited"],
    ["500", 500, "", "unreachable"],
    ["302 to elsewhere", 302, "", "refused"],
    ["200 and no line", 200, "nothing", "answer-invalid"],
    ["200 and nothing", 200, "", "answer-invalid"],
    ["200 and a line of its own that fails", 200, "— one.example AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "answer-invalid"],
    ["200 and far too much", 200, "x".repeat(70_000), "unreachable"],
  ])("answers %s: it is away, and nothing of its answer is published", async (_, status, body, reason) => {
    const log = await openLog();
    const one = await witnessOf(log, "one");
    const { url, asked } = await answering(status, "text/plain", body);
    const { settings } = policies(log, `${one.line.replace(one.door.url, url)}quorum one\n`);
    const { asking, events } = await ask(log, settings);
    await append(log, 3);
    await until(() => events.length > 0);
    expect(events[0]).toEqual({ name: "witness.away", target: "one", facts: { reason } });
    expect(asked()).toBeGreaterThanOrEqual(2);
    expect(asking.states().size).toBe(0);
    expect(parseNote(await read(log, "checkpoint")).signatures).toHaveLength(2);
    expect(await read(log, "checkpoint.cosigned")).toBe("");
  });

  test("is left alone for longer and longer", async () => {
    const log = await openLog();
    const one = await witnessOf(log, "one");
    const { url, asked } = await answering(500, "text/plain", "");
    const { settings } = policies(log, `${one.line.replace(one.door.url, url)}quorum one\n`);
    const { events } = await ask(log, settings);
    await append(log, 1);
    await until(() => events.length > 0);
    for (let n = 0; n < 10; n++) {
      await append(log, 1);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect(asked()).toBeLessThanOrEqual(3);
  });
});

/** A server that says the same to everybody. */
async function answering(status: number, type: string, body: string): Promise<{ url: string; asked: () => number }> {
  let count = 0;
  const server: Server = createServer((req, res) => {
    count += 1;
    req.resume();
    req.on("end", () => res.writeHead(status, { "content-type": type, location: "/elsewhere" }).end(body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  afterTest(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => count };
}

describe("a witness that knows another history of this log", () => {
  test.each<[string, number, string, string, object]>([
    ["409 with more than there is", 409, "text/x.tlog.size", "99999\n", { reason: "longer", size: 99_999 }],
    [
      "409 without a size, as witnesses said of another root before",
      409,
      "text/plain",
      "root mismatch\n",
      { reason: "another" },
    ],
    ["422", 422, "text/plain", "no\n", { reason: "another" }],
  ])("%s: the conflict is on record and a fault, and health shows it", async (_, status, type, body, facts) => {
    const log = await openLog();
    await append(log, 5);
    const one = await witnessOf(log, "one");
    const { url } = await answering(status, type, body);
    const { settings } = policies(log, `${one.line.replace(one.door.url, url)}quorum one\n`);
    const { asking, events, faults } = await ask(log, settings);
    await until(() => events.length > 0);
    expect(events[0]).toMatchObject({ name: "witness.conflict", target: "one", facts });
    expect(faults).toMatchObject([{ code: "witness_conflict" }]);
    await until(() => asking.states().witnesses[0]?.state === "conflict");
  });

  test("is asked again after a minute at the earliest: each turn is on record, and the record is something to ask about", async () => {
    const log = await openLog();
    await append(log, 5);
    const one = await witnessOf(log, "one");
    const { url, asked } = await answering(422, "text/plain", "no\n");
    const { settings } = policies(log, `${one.line.replace(one.door.url, url)}quorum one\n`);
    const { events } = await ask(log, settings);
    await until(() => events.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect([asked(), events.length]).toEqual([1, 1]);
  });

  test("a size that changes with every question is no reason to ask for ever", async () => {
    const log = await openLog();
    await append(log, 50);
    await log.proof(49);
    const one = await witnessOf(log, "one");
    let asked = 0;
    const server = createServer((req, res) => {
      asked += 1;
      req.resume();
      req.on("end", () => res.writeHead(409, { "content-type": "text/x.tlog.size" }).end(`${asked % 40}\n`));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    afterTest(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { settings } = policies(log, `${one.line.replace(one.door.url, url)}quorum one\n`);
    const { events } = await ask(log, settings);
    await until(() => events.length > 0);
    expect(events[0]).toMatchObject({ name: "witness.away", facts: { reason: "answer-invalid" } });
    expect(asked).toBeLessThanOrEqual(12);
  });
});

describe("where the quorum is required", () => {
  test("exchanges are refused when it has been missing for longer than configured, and open again when it is met", async () => {
    let ahead = 0;
    const clock = (): number => Date.now() + ahead;
    const log = await openLog();
    const one = await witnessOf(log, "one");
    const { settings } = policies(log, `${one.line}quorum one\n`);
    const { asking, faults } = await ask(log, { ...settings, required: true }, { clock });
    await append(log, 1);
    await until(() => asking.states().size === log.size);
    expect(asking.refusal()).toBeUndefined();
    const port = Number(new URL(one.door.url).port);
    await one.door.close();
    await append(log, 1);
    await until(() => log.published === log.size);
    ahead += 59 * SECOND;
    expect(asking.refusal()).toBeUndefined();
    ahead += 2 * SECOND;
    expect(asking.refusal()).toMatchObject({ code: "witness_quorum_missing", retriable: true });
    expect(asking.states().quorum).toBe("missing");
    await until(() => faults.some(({ code }) => code === "witness_quorum_missing"));
    await openHttp(one.witness, { port, clock: Date.now });
    ahead += 60 * SECOND;
    await append(log, 1);
    await until(() => asking.refusal() === undefined);
    expect(asking.states().size).toBeGreaterThanOrEqual(2);
  });

  test("a log that was never cosigned waits for its witnesses, and a restart gives no new time", async () => {
    const dir = join(temporaryFolder(), "log");
    const log = await openLog(dir);
    const one = await witnessOf(log, "one");
    const { settings } = policies(log, `${one.line}quorum one\n`);
    const required = { ...settings, required: true };
    await one.door.close();
    const { asking } = await ask(log, required);
    expect(asking.refusal()).toMatchObject({ code: "witness_quorum_missing" });
    const port = Number(new URL(one.door.url).port);
    const door = await openHttp(one.witness, { port, clock: Date.now });
    await until(() => asking.refusal() === undefined);
    await door.close();
    await append(log, 2);
    await asking.close();
    await log.close();
    const again = await openLog(dir);
    const later = await ask(again, required, { clock: () => Date.now() + 100 * SECOND });
    expect(later.asking.refusal()).toMatchObject({ code: "witness_quorum_missing" });
  });

  test("of nobody, nothing is ever refused", async () => {
    const log = await openLog();
    const one = await witnessOf(log, "one");
    await one.door.close();
    const { settings } = policies(log, `${one.line}quorum none\n`);
    const later = () => Date.now() + 1_000 * SECOND;
    const { asking } = await ask(log, { ...settings, required: true }, { clock: later });
    expect(asking.refusal()).toBeUndefined();
    expect(asking.states().quorum).toBe("met");
  });

  test("and where it is not, nothing is refused", async () => {
    const log = await openLog();
    const one = await witnessOf(log, "one");
    await one.door.close();
    const { settings } = policies(log, `${one.line}quorum one\n`);
    const { asking } = await ask(log, settings, { clock: () => Date.now() + 1_000 * SECOND });
    await append(log, 1);
    expect(asking.refusal()).toBeUndefined();
  });
});

test("a checkpoint that another log signed is no business of ours: its witnesses' lines do not fit", async () => {
  const log = await openLog();
  const one = await witnessOf(log, "one");
  const other = new SignedLog();
  const foreign = openWitness(other.list, { name: "one.example", clock: Date.now });
  const answer = await foreign.addCheckpoint(Buffer.from(other.ask(0, 3)));
  const { url } = await answering(200, "text/plain", answer.body);
  const { settings } = policies(
    log,
    `witness one ${foreign.keys.vkeys[0] ?? ""} ${url}\n${one.line.replace("one", "two")}group w all one two\nquorum w\n`,
  );
  const { asking, events } = await ask(log, settings);
  await append(log, 3);
  await until(() => events.length > 0);
  expect(events[0]).toMatchObject({ name: "witness.away", target: "one", facts: { reason: "answer-invalid" } });
  expect(asking.states().size).toBe(0);
});

test("a witness that another gateway of this log has asked already, a moment before this one heard of it, is no conflict", async () => {
  const log = await openLog();
  await append(log, 3);
  await log.proof(2);
  const old = await read(log, "checkpoint");
  await append(log, 2);
  const one = await witnessOf(log, "one");
  const { settings } = policies(log, `${one.line}quorum one\n`);
  const first = await ask(log, settings);
  await until(() => first.asking.states().size === 5);
  // This gateway's view of the log is behind, and catches up while the witness waits to be asked again.
  let published = 3;
  setTimeout(() => {
    published = 5;
  }, 500);
  const behind = {
    get published() {
      return published;
    },
    onPublished: log.onPublished.bind(log),
    addCosignatures: log.addCosignatures.bind(log),
    file: (path: string) => (path === "checkpoint" ? Promise.resolve({ body: Buffer.from(old) }) : log.file(path)),
  };
  const second = await ask(behind as unknown as EvidenceLog, settings);
  await until(() => second.asking.states().witnesses[0]?.state !== "unasked");
  expect(second.asking.states().witnesses).toEqual([{ name: "one", state: "there" }]);
  expect(second.events).toEqual([]);
});
