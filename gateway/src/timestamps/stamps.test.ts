import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Report,
  checkpointImprint,
  parseLogInfo,
  parseTimestampRoots,
  sha256,
  stampPath,
  stampedCheckpointPath,
  verifyLog,
} from "@sluice/verifier";
import { describe, expect, test } from "vitest";
import { stamp } from "../../../verifier/src/timestamp/test/authority.ts";
import { eventLeaf } from "../evidence/index.ts";
import { served } from "../evidence/test/opened.ts";
import { DAY_MS, MINUTE_MS, ORIGIN, START, Stamped, TestAuthority } from "./test/authority.ts";

const [A, B] = ["Authority A", "Authority B"];

/** An auditor with the roots of these authorities, and nothing but the folder as a static web server gives it. */
async function audit(stamped: Stamped, authorities: readonly TestAuthority[], now = stamped.now): Promise<Report> {
  const source = served(stamped.dir);
  const info = parseLogInfo((await source.read("log.json")) ?? new Uint8Array(0));
  const roots = parseTimestampRoots(authorities.map(({ roots: pem }) => pem).join(""));
  return verifyLog(source, { vkeys: info.vkeys, origin: ORIGIN, timestamps: { roots, now } });
}

async function two(): Promise<{ stamped: Stamped; a: TestAuthority; b: TestAuthority }> {
  const made: TestAuthority[] = [];
  const stamped = await Stamped.open(async (now) => {
    made.push(await TestAuthority.open(now, A), await TestAuthority.open(now, B));
    return made;
  });
  return { stamped, a: made[0]!, b: made[1]! };
}

test("a log is stamped by both authorities, and an auditor with their roots sees from when to when", async () => {
  const { stamped, a, b } = await two();
  await stamped.grow(3);
  await stamped.pass(0);
  await stamped.grow(2);
  await stamped.pass(10 * MINUTE_MS);
  const report = await audit(stamped, [a, b]);
  expect(report.problems).toEqual([]);
  expect(report.timestamps).toEqual({
    verified: 4,
    authorities: [`CN=${A}`, `CN=${B}`],
    from: START,
    to: START + 10 * MINUTE_MS,
    size: stamped.named("timestamp.made").at(-1)?.facts?.["size"],
  });
});

test("stamps are made while entries arrive, and their own entries call for none", async () => {
  const { stamped, a, b } = await two();
  await stamped.grow();
  for (let minutes = 0; minutes < 60; minutes++) await stamped.pass(MINUTE_MS);
  expect([a.asked, b.asked]).toEqual([1, 1]);
  await stamped.grow();
  for (let minutes = 0; minutes < 60; minutes++) await stamped.pass(MINUTE_MS);
  expect([a.asked, b.asked]).toEqual([2, 2]);
});

test("after an erasure the log is stamped at once, over the erasure's own entry", async () => {
  const { stamped, a } = await two();
  await stamped.grow();
  await stamped.pass(0);
  await stamped.record({ name: "review.granted" });
  await stamped.published();
  await stamped.pass(20_000);
  expect(a.asked).toBe(1);
  const { index } = await stamped.record({ name: "subject.erased" });
  await stamped.published();
  await stamped.pass(20_000);
  expect(a.asked).toBe(2);
  expect(stamped.named("timestamp.made").at(-1)?.facts?.["size"]).toBeGreaterThan(index);
});

test("while an authority is away for a day the log goes on, the gap is on record, and then that day is stamped", async () => {
  const { stamped, a, b } = await two();
  await stamped.grow();
  await stamped.pass(0);
  a.instead = { status: 503 };
  for (let hour = 0; hour < 24; hour++) {
    await stamped.grow();
    for (let part = 0; part < 6; part++) await stamped.pass(10 * MINUTE_MS);
  }
  const gaps = stamped.named("timestamp.gap");
  expect(gaps).toHaveLength(1);
  expect(gaps[0]?.facts).toEqual({
    authority: a.settings.name,
    code: "timestamp_unavailable",
    from: new Date(START).toISOString(),
    to: expect.stringMatching(/^2026-11-21T09:/) as string,
  });
  expect(stamped.faults).toHaveLength(1);
  // Asked again every ten minutes at most, not every second.
  expect(a.asked).toBeLessThan(24 * 6 + 20);

  a.instead = undefined;
  await stamped.pass(10 * MINUTE_MS);
  expect(stamped.named("timestamp.back").map(({ facts }) => facts)).toEqual([
    {
      authority: a.settings.name,
      from: new Date(START).toISOString(),
      size: expect.any(Number) as number,
      to: new Date(stamped.now).toISOString(),
    },
  ]);
  const report = await audit(stamped, [a, b]);
  expect(report.problems).toEqual([]);
  expect(report.timestamps?.to).toBe(stamped.now);
  expect(report.timestamps?.size).toBeGreaterThan(24);
});

test("a hiccup is tried again and is no gap", async () => {
  const { stamped, a } = await two();
  a.instead = { status: 500 };
  await stamped.grow();
  await stamped.pass(0);
  a.instead = undefined;
  await stamped.pass(5_000);
  expect(a.asked).toBe(2);
  expect(stamped.events.map(({ name }) => name)).toEqual(["timestamp.made", "timestamp.made"]);
});

describe("what is no stamp is not kept", () => {
  test.each<[string, (authority: TestAuthority) => unknown, string]>([
    ["of another time than ours", (a) => (a.offMs = 61 * MINUTE_MS), "timestamp_in_future"],
    ["of a clock that is behind", (a) => (a.offMs = -61 * MINUTE_MS), "a minute behind ours"],
    ["under another policy", (a) => (a.wrong = { policy: "1.2.3.4.9" }), "timestamp_policy_refused"],
    ["that answers another request", (a) => (a.wrong = { nonce: Uint8Array.of(1) }), "timestamp_nonce_mismatch"],
    ["of something else", (a) => (a.wrong = { imprint: new Uint8Array(32) }), "timestamp_imprint_mismatch"],
    ["but a page", (a) => (a.instead = { body: Buffer.from("<html>"), type: "text/html" }), "something else"],
    [
      "but much",
      (a) => (a.instead = { body: new Uint8Array(70_000), type: "application/timestamp-reply" }),
      "too long",
    ],
    [
      "but noise",
      (a) => (a.instead = { body: new Uint8Array(7), type: "application/timestamp-reply" }),
      "der_malformed",
    ],
    ["but a redirect", (a) => (a.instead = { status: 302 }), "redirect"],
  ])("%s", async (_, spoil, reason) => {
    const { stamped, a, b } = await two();
    spoil(a);
    await stamped.grow();
    for (let i = 0; i < 8; i++) await stamped.pass(20_000);
    expect(stamped.faults).toEqual([expect.stringContaining(reason)]);
    expect(stamped.named("timestamp.made").map(({ facts }) => facts?.["authority"])).toEqual([b.settings.name]);
    expect((await audit(stamped, [b])).problems).toEqual([]);
  });

  test("when its address is not to be dialled", async () => {
    const { stamped, a } = await two();
    stamped.stamps.configure({ authorities: [{ ...a.settings, allowPrivateAddress: false }], everyMs: MINUTE_MS });
    await stamped.grow();
    for (let i = 0; i < 8; i++) await stamped.pass(20_000);
    expect(a.asked).toBe(0);
    expect(stamped.named("timestamp.gap")[0]?.facts?.["code"]).toBe("upstream_address_private");
  });
});

test("another start knows what was stamped, and that an authority has been away", async () => {
  const { stamped, a, b } = await two();
  await stamped.grow();
  await stamped.pass(0);
  b.instead = { status: 503 };
  await stamped.grow();
  for (let i = 0; i < 12; i++) await stamped.pass(MINUTE_MS);
  await stamped.stop();
  b.instead = undefined;
  await stamped.start([a, b]);
  const paths = stamped.stamps.newest(10);
  expect(paths.filter((path) => path.endsWith(".tsr"))).toHaveLength(3);
  expect((await stamped.stamps.newestFiles(10)).map(({ path }) => path)).toEqual(paths);
  await stamped.pass(10 * MINUTE_MS);
  expect(stamped.named("timestamp.back")).toHaveLength(1);
  expect(a.asked).toBe(2);
});

test("a ceremony with the log's keys, which is made while no gateway runs, is stamped at the next start", async () => {
  const { stamped, a, b } = await two();
  await stamped.grow();
  await stamped.pass(0);
  await stamped.log.append(eventLeaf({ time: stamped.now, event: { name: "log.key_added" } }));
  await stamped.stop();
  await stamped.start([a, b]);
  await stamped.pass(20_000);
  expect(a.asked).toBe(2);
  await stamped.pass(20_000);
  expect(a.asked).toBe(2);
});

describe("an auditor sees", () => {
  async function damaged(damage: (path: string, dir: string) => Promise<void>): Promise<readonly string[]> {
    const { stamped, a, b } = await two();
    await stamped.grow(3);
    await stamped.pass(0);
    const path = stamped.named("timestamp.made")[0]?.target ?? "";
    await damage(path, join(stamped.dir, "public"));
    return (await audit(stamped, [a, b])).problems.map(({ code, path: at }) => `${code} ${at === path ? "there" : at}`);
  }

  test("a stamp that was taken away", async () => {
    expect(await damaged((path, dir) => rm(join(dir, path)))).toEqual(["timestamp_missing there"]);
  });

  test("a stamp that was changed", async () => {
    const changed = async (path: string, dir: string): Promise<void> => {
      const bytes = await readFile(join(dir, path));
      bytes[bytes.length - 3]! ^= 1;
      await writeFile(join(dir, path), bytes);
    };
    expect(await damaged(changed)).toEqual(["timestamp_changed there"]);
  });

  test("a stamped checkpoint that is not of this log", async () => {
    const changed = async (path: string, dir: string): Promise<void> => {
      const file = join(dir, `${path.split(".")[0]}.checkpoint`);
      const lines = (await readFile(file, "utf8")).split("\n");
      lines[2] = Buffer.alloc(32, 7).toString("base64");
      await writeFile(file, lines.join("\n"));
    };
    expect(await damaged(changed)).toContainEqual(expect.stringMatching(/^history_changed ts\/\d+\.checkpoint$/));
  });

  test("stamps of an authority that he does not trust", async () => {
    const { stamped, a } = await two();
    await stamped.grow();
    await stamped.pass(0);
    const report = await audit(stamped, [a]);
    expect(report.problems.map(({ code }) => code)).toEqual(["timestamp_failed"]);
    expect(report.problems[0]?.message).toContain("timestamp_chain_untrusted");
    expect(report.timestamps?.verified).toBe(1);
  });

  test("that a longer log was stamped before a shorter one", async () => {
    const { stamped, a } = await two();
    stamped.stamps.configure({ authorities: [a.settings], everyMs: 10 * MINUTE_MS });
    await stamped.grow();
    await stamped.pass(0);
    // What a gateway does not do: it keeps a stamp of an hour ago.
    await stamped.grow();
    const checkpoint = (await stamped.log.file("checkpoint"))?.body ?? Buffer.alloc(0);
    const text = checkpoint.toString("utf8");
    const size = Number(text.split("\n")[1]);
    const imprint = checkpointImprint(text.slice(0, text.indexOf("\n\n") + 1)).hash;
    const { signer } = a;
    const early = stamp({ signer, imprint, time: stamped.now - 60 * MINUTE_MS });
    const hash = sha256(early);
    await stamped.log.keep(stampedCheckpointPath(size), checkpoint);
    await stamped.log.keep(stampPath(size, hash), early);
    const facts = { sha256: Buffer.from(hash).toString("base64"), size };
    await stamped.record({ name: "timestamp.made", facts });
    await stamped.published();
    expect((await audit(stamped, [a])).problems.map(({ code }) => code)).toEqual(["timestamp_order"]);
  });

  test("that a log was never stamped", async () => {
    const { stamped, a } = await two();
    await stamped.grow();
    expect((await audit(stamped, [a])).problems.map(({ code }) => code)).toEqual(["timestamps_missing"]);
  });
});

test("stamps are renewed before their certificate expires, and one that was not is worth nothing after it", async () => {
  const made: TestAuthority[] = [];
  const stamped = await Stamped.open(async (now) => {
    made.push(await TestAuthority.open(now, A, now() + 40 * DAY_MS));
    return made;
  });
  const [a] = made as [TestAuthority];
  await stamped.grow();
  await stamped.pass(0);
  const later = START + 60 * DAY_MS;
  expect((await audit(stamped, [a], later)).problems.map(({ code }) => code)).toEqual(["timestamp_not_renewed"]);

  // The authority has got a new certificate; nothing else happens at the gateway.
  a.renew(stamped.now, START + 300 * DAY_MS);
  for (let day = 0; day < 15; day++) await stamped.pass(DAY_MS);
  expect(a.asked).toBe(2);
  expect((await audit(stamped, [a], later)).problems).toEqual([]);
});

test("a stamp does not renew another of the same checkpoint: its tree does not hold it", async () => {
  const made: TestAuthority[] = [];
  const stamped = await Stamped.open(async (now) => {
    made.push(await TestAuthority.open(now, A, now() + 40 * DAY_MS), await TestAuthority.open(now, B));
    return made;
  });
  await stamped.grow();
  await stamped.pass(0);
  const { problems, timestamps } = await audit(stamped, made, START + 60 * DAY_MS);
  expect(problems.map(({ code }) => code)).toEqual(["timestamp_not_renewed"]);
  expect(timestamps?.verified).toBe(2);
});
