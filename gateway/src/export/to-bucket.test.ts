import { verifyLog } from "@sluice/verifier";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BucketSettings } from "../core/export.ts";
import { Secret } from "../core/secret.ts";
import { appendMany, open, ORIGIN, temporaryFolder } from "../evidence/test/opened.ts";
import type { EvidenceLog } from "../evidence/index.ts";
import { Pump } from "./pump.ts";
import { BucketDestination, type BucketOptions } from "./to-bucket.ts";
import { type FakeS3, startFakeS3 } from "./test/fake-s3.ts";
import { ADDRESSES, FAST, openScene } from "./test/setup.ts";

const [ACCESS, SECRET, BUCKET, REGION] = ["AKIDEXAMPLE", "s3cr3t/with+signs", "evidence-1", "eu-central-1"];
const DAY_MS = 86_400_000;
const NEVER = new AbortController().signal;
const cleanups: (() => Promise<unknown>)[] = [];
let s3: FakeS3;
let log: EvidenceLog;

beforeEach(async () => {
  s3 = await startFakeS3({ bucket: BUCKET, region: REGION, accessKey: ACCESS, secretKey: SECRET });
  cleanups.push(() => s3.close());
  log = await open({ dir: temporaryFolder() });
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function bucket(more: Partial<BucketSettings> = {}, over: Partial<BucketOptions> = {}): BucketDestination {
  const settings: BucketSettings = {
    name: "vault",
    kind: "s3",
    from: "beginning",
    allowPrivateAddress: true,
    endpoint: s3.url,
    region: REGION,
    bucket: BUCKET,
    prefix: "logs/one",
    accessKey: new Secret(ACCESS),
    secretKey: new Secret(SECRET),
    lock: { mode: "COMPLIANCE", days: 30 },
    everyMs: 0,
    ...more,
  };
  const destination = new BucketDestination({
    settings,
    addresses: ADDRESSES,
    clock: Date.now,
    file: (path) => log.file(path),
    stamps: () => Promise.resolve([]),
    ...over,
  });
  cleanups.push(() => destination.close());
  return destination;
}

async function grow(count: number): Promise<number> {
  const indexes = await appendMany(log, count);
  await vi.waitFor(() => expect(log.published).toBe((indexes.at(-1) ?? 0) + 1), { timeout: 5_000 });
  return log.published;
}

const all = (from: number, to: number) => ({ from, to, records: [] });
/** What a reader finds who is pointed at the folder in the bucket. */
const stored = (path: string): Buffer | undefined => s3.objects.get(`logs/one/${path}`)?.at(-1)?.body;

describe("a bucket", () => {
  it("gets tiles and checkpoints by which the whole tree can be computed, and no entry", async () => {
    let from = 0;
    for (const count of [1, 254, 2, 600]) {
      const to = await grow(count);
      await bucket().deliver(all(from, to), NEVER);
      from = to;
    }
    expect([...s3.objects.keys()].filter((key) => /entries|keys|segments|journal|salt|json/.test(key))).toEqual([]);
    expect(stored("checkpoint")).toEqual((await log.file("checkpoint"))?.body);
    // Hashes are from the bucket alone; what entries are good for is for who has them.
    const source = {
      read: async (path: string) => (path.startsWith("tile/entries/") ? (await log.file(path))?.body : stored(path)),
    };
    const report = await verifyLog(source, { vkeys: log.vkeys, origin: ORIGIN });
    expect(report).toMatchObject({ size: 857, problems: [] });
    expect(s3.objects.get("logs/one/checkpoint.857")).toHaveLength(1);
    expect(s3.refusals).toEqual([]);
  });

  it("locks each object in the mode and for the time that was asked, so that nobody deletes it before", async () => {
    await bucket().deliver(all(0, await grow(300)), NEVER);
    for (const [key, versions] of s3.objects) {
      for (const { mode, until } of versions) {
        expect(mode).toBe("COMPLIANCE");
        expect(until).toBeGreaterThan(Date.now() + 29 * DAY_MS);
        expect(until).toBeLessThanOrEqual(Date.now() + 30 * DAY_MS);
      }
      expect(() => s3.deleteVersion(key, 0, Date.now(), true)).toThrow("AccessDenied");
    }
    expect(() => s3.deleteVersion("logs/one/checkpoint", 0, Date.now() + 31 * DAY_MS)).not.toThrow();
  });

  it("in governance mode lets who may bypass it", async () => {
    await bucket({ lock: { mode: "GOVERNANCE", days: 1 } }).deliver(all(0, await grow(1)), NEVER);
    expect(() => s3.deleteVersion("logs/one/checkpoint", 0, Date.now())).toThrow("AccessDenied");
    expect(() => s3.deleteVersion("logs/one/checkpoint", 0, Date.now(), true)).not.toThrow();
  });

  it("gets each timestamp once, whenever it comes", async () => {
    const listed: string[] = [];
    const over: Partial<BucketOptions> = {
      file: (path) => (path.startsWith("ts/") ? Promise.resolve({ body: Buffer.from("token") }) : log.file(path)),
      stamps: () => Promise.resolve([...listed]),
    };
    const size = await grow(1);
    const destination = bucket({}, over);
    await destination.deliver(all(0, size), NEVER);
    listed.push("ts/1.7.tsr", "ts/1.checkpoint");
    await destination.deliver(all(1, await grow(1)), NEVER);
    await bucket({}, over).deliver(all(2, await grow(1)), NEVER);
    for (const path of listed) expect(s3.objects.get(`logs/one/${path}`)).toHaveLength(1);
  });

  it.each<[string, () => void, string]>([
    ["locks nothing though it was told to", () => void (s3.liesAboutLocks = true), "export_unavailable"],
    ["has taken nothing though it said so", () => void (s3.losesObjects = true), "export_unavailable"],
    ["has no Object Lock", () => void (s3.hasLock = false), "export_refused"],
  ])("that %s has acknowledged nothing", async (_what, misbehave, code) => {
    misbehave();
    await expect(bucket().deliver(all(0, await grow(1)), NEVER)).rejects.toMatchObject({ code });
  });

  it.each([
    ["another secret", { secretKey: new Secret("guess") }, "SignatureDoesNotMatch"],
    ["another key", { accessKey: new Secret("AKIDOTHER") }, "InvalidAccessKeyId"],
    ["another bucket", { bucket: "evidence-2" }, "NoSuchBucket"],
  ])("refuses %s", async (_what, more, code) => {
    await expect(bucket(more).deliver(all(0, await grow(1)), NEVER)).rejects.toMatchObject({
      code: "export_unavailable",
    });
    expect(s3.refusals).toContain(code);
  });

  it("is fed by the pump like any other destination, from checkpoint to checkpoint", async () => {
    const scene = await openScene();
    cleanups.push(() => scene.close());
    const pump = new Pump({
      ...scene,
      log,
      destination: bucket(),
      origin: ORIGIN,
      start: () => 0,
      holder: "one",
      clock: Date.now,
      onFault: (error) => scene.faults.push(error),
      times: FAST,
    });
    cleanups.push(() => pump.close());
    const size = await grow(520);
    await vi.waitFor(() => expect(pump.status.next).toBe(size), { timeout: 5_000 });
    expect(stored("tile/0/001")).toEqual((await log.file("tile/0/001"))?.body);
    expect(scene.faults).toEqual([]);
  });
});
