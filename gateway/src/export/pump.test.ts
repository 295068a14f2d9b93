import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Secret } from "../core/secret.ts";
import { startPostgres, type TestServer } from "../server/database/test/postgres.ts";
import { away, DELIVERED, type Delivered, type Destination, type Range, refused } from "./destination.ts";
import { Pump, type PumpOptions } from "./pump.ts";
import { FAST, GrowingLog, openScene, type Scene } from "./test/setup.ts";

let postgres: TestServer;
beforeAll(async () => {
  postgres = await startPostgres();
}, 60_000);
afterAll(() => postgres.stop());

/** A destination that does what a test says and keeps what it took. */
class Stand implements Destination {
  readonly name: string;
  readonly kind = "stand";
  readonly takes = "records";
  recordsMax = 10;
  deliveriesMax = 3;
  everyMs = 0;
  readonly calls: Range[] = [];
  readonly taken: number[] = [];
  answer: (range: Range, signal: AbortSignal) => Promise<Delivered> = async () => DELIVERED;

  constructor(name = "siem") {
    this.name = name;
  }

  async deliver(range: Range, signal: AbortSignal): Promise<Delivered> {
    this.calls.push(range);
    const delivered = await this.answer(range, signal);
    this.taken.push(...range.records.map(({ index }) => index));
    return delivered;
  }

  close = (): Promise<void> => Promise.resolve();
}

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5_000, interval: 5 });
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe.each(["sqlite", "postgres"] as const)("the pump on %s", (database) => {
  let scene: Scene;
  async function open(): Promise<void> {
    const url: Secret | undefined = database === "postgres" ? await postgres.schema() : undefined;
    scene = await openScene(url);
    const opened = scene;
    cleanups.push(() => opened.close());
  }
  function start(destination: Destination, more: Partial<PumpOptions> = {}): Pump {
    const pump = new Pump({
      ...scene,
      destination,
      origin: "log.example/evidence",
      start: () => 0,
      holder: "one",
      clock: Date.now,
      onFault: (error) => scene.faults.push(error),
      times: FAST,
      ...more,
    });
    cleanups.push(() => pump.close());
    return pump;
  }

  it("sends every record once and in order to who takes them", async () => {
    await open();
    const siem = new Stand();
    scene.log.grow(95);
    const pump = start(siem);
    await until(() => expect(pump.status).toMatchObject({ next: 95, lag: 0, state: "following" }));
    scene.log.grow(5);
    await until(() => expect(siem.taken).toEqual(upTo(100)));
    expect(scene.events).toEqual([]);
  });

  it("moves its cursor only behind what was acknowledged, and goes on from there after a restart", async () => {
    await open();
    const siem = new Stand();
    siem.deliveriesMax = 1;
    siem.answer = ({ from }, signal) =>
      from < 30
        ? Promise.resolve(DELIVERED)
        : new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(away("siem", "gone"))));
    scene.log.grow(100);
    const pump = start(siem);
    await until(() => expect(siem.calls.at(-1)?.from).toBe(30));
    await pump.close();
    const again = new Stand();
    start(again);
    await until(() => expect(again.taken).toEqual(upTo(100).slice(30)));
  });

  it("says so when the log has fewer records than were sent on, and sends nothing of that other history", async () => {
    await open();
    const siem = new Stand();
    scene.log.grow(30);
    const pump = start(siem);
    await until(() => expect(siem.taken).toEqual(upTo(30)));
    await pump.close();
    const restored = new GrowingLog();
    restored.grow(20);
    const again = new Stand();
    const after = start(again, { log: restored });
    await until(() =>
      expect(scene.events.at(-1)).toMatchObject({ name: "export.away", facts: { code: "evidence_corrupt" } }),
    );
    expect(after.status).toMatchObject({ state: "away", next: 30, error: { code: "evidence_corrupt" } });
    expect(scene.faults.at(-1)?.message).toContain("siem has 30 records and the log 20");
    expect(again.taken).toEqual([]);
  });

  it("acknowledges in the order of the log, whichever answer comes first", async () => {
    await open();
    const siem = new Stand();
    const held: (() => void)[] = [];
    siem.answer = ({ from }) =>
      from === 0 ? new Promise((resolve) => held.push(() => resolve(DELIVERED))) : Promise.resolve(DELIVERED);
    scene.log.grow(30);
    const pump = start(siem);
    await until(() => expect(siem.calls).toHaveLength(3));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(pump.status.next).toBe(0);
    held[0]?.();
    await until(() => expect(pump.status.next).toBe(30));
  });

  it("does not count what came after a failure, though the other side took it", async () => {
    await open();
    const siem = new Stand();
    let tries = 0;
    siem.answer = async ({ from }) => {
      if (from !== 10 || tries++ > 0) return DELIVERED;
      await new Promise((resolve) => setTimeout(resolve, 30));
      throw away("siem", "has lost it");
    };
    scene.log.grow(60);
    const pump = start(siem);
    await until(() => expect(pump.status.next).toBe(60));
    expect(new Set(siem.taken)).toEqual(new Set(upTo(60)));
  });

  it("sends everything behind a failure again, and puts one going and one coming back on record, however long it takes", async () => {
    await open();
    const siem = new Stand();
    let isAway = true;
    siem.answer = async ({ from }) => {
      if (isAway && from >= 20) throw away("siem", "is away");
      return DELIVERED;
    };
    scene.log.grow(50);
    const pump = start(siem);
    await until(() => expect(pump.status.state).toBe("away"));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(scene.events.map(({ name }) => name)).toEqual(["export.away"]);
    expect(scene.events[0]).toMatchObject({ target: "siem", facts: { code: "export_unavailable" } });
    expect(scene.faults).toHaveLength(1);
    isAway = false;
    await until(() => expect(scene.events.map(({ name }) => name)).toEqual(["export.away", "export.back"]));
    expect(new Set(siem.taken)).toEqual(new Set(upTo(50)));
    expect(pump.status).not.toHaveProperty("error");
  });

  it("that goes away and comes back is one event each, however often the gateway is started in between", async () => {
    await open();
    const gone = new Stand();
    gone.answer = async () => {
      throw away("siem", "is away");
    };
    scene.log.grow(5);
    for (let starts = 0; starts < 2; starts++) {
      const pump = start(gone);
      await until(() => expect(pump.status.state).toBe("away"));
      await pump.close();
    }
    const pump = start(new Stand());
    await until(() => expect(scene.events.map(({ name }) => name)).toEqual(["export.away", "export.back"]));
    expect(pump.status.state).toBe("following");
  });

  it("is not made to go by what it put on the log itself", async () => {
    await open();
    const siem = new Stand();
    let isAway = true;
    siem.answer = async () => {
      if (isAway) throw away("siem", "is away");
      return DELIVERED;
    };
    scene.log.grow(1);
    start(siem);
    await until(() => expect(scene.events).toHaveLength(1));
    isAway = false;
    await until(() => expect(scene.events).toHaveLength(2));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(scene.log.published).toBe(3);
    const calls = siem.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(siem.calls).toHaveLength(calls);
    // It goes with what comes next.
    scene.log.grow(1);
    await until(() => expect(siem.taken.toSorted((a, b) => a - b)).toEqual(upTo(4)));
  });

  it("that is away holds up no other destination", async () => {
    await open();
    const [slow, quick] = [new Stand("slow"), new Stand("quick")];
    slow.answer = (_range, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(away("slow", "hangs"))));
    scene.log.grow(100);
    start(slow);
    start(quick);
    await until(() => expect(quick.taken).toEqual(upTo(100)));
  });

  it("waits as long as it is told to", async () => {
    await open();
    const siem = new Stand();
    let calls = 0;
    siem.answer = async () => {
      if (calls++ === 0) throw away("siem", "is busy", { retryAfterSeconds: 1 });
      return DELIVERED;
    };
    scene.log.grow(1);
    const began = performance.now();
    start(siem);
    await until(() => expect(siem.taken).toEqual([0]));
    expect(performance.now() - began).toBeGreaterThan(950);
  });

  it("finds out which records are refused, sends the others, and writes down which those were", async () => {
    await open();
    const siem = new Stand();
    siem.answer = async ({ records }) => {
      if (records.some(({ index }) => index === 13)) throw refused("siem", "refuses what it was sent (400)");
      return DELIVERED;
    };
    scene.log.grow(20);
    const pump = start(siem);
    await until(() => expect(pump.status.next).toBeGreaterThanOrEqual(20));
    expect(new Set(siem.taken)).toEqual(new Set(upTo(20).filter((index) => index !== 13)));
    const refusals = await scene.store.refusals({ destination: "siem", origin: "log.example/evidence" });
    expect(refusals).toMatchObject([{ from: 13, to: 14, records: 1, reason: "export_refused" }]);
    expect(scene.events).toMatchObject([
      { name: "export.refused", target: "siem", facts: { from: 13, to: 14, records: 1 } },
    ]);
  });

  it("takes who refuses everything for away, and skips nothing", async () => {
    await open();
    const siem = new Stand();
    siem.answer = async () => {
      throw refused("siem", "refuses what it was sent (400)");
    };
    scene.log.grow(20);
    const pump = start(siem);
    await until(() => expect(pump.status.state).toBe("away"));
    expect(pump.status.next).toBe(0);
    expect(await scene.store.refusals({ destination: "siem", origin: "log.example/evidence" })).toEqual([]);
  });

  it("takes who says it rejected every record for away", async () => {
    await open();
    const siem = new Stand();
    siem.answer = async ({ records }) => ({ refused: records.length });
    scene.log.grow(5);
    const pump = start(siem);
    await until(() => expect(pump.status.state).toBe("away"));
    expect(pump.status.next).toBe(0);
  });

  it("writes down where records are that were rejected without saying which, and goes on", async () => {
    await open();
    const siem = new Stand();
    siem.answer = async ({ from }) => ({ refused: from === 10 ? 2 : 0 });
    scene.log.grow(30);
    const pump = start(siem);
    await until(() => expect(pump.status.next).toBeGreaterThanOrEqual(30));
    const refusals = await scene.store.refusals({ destination: "siem", origin: "log.example/evidence" });
    expect(refusals).toMatchObject([{ from: 10, to: 20, records: 2, reason: "partial" }]);
  });

  it("writes down what was rejected while the others of its batch were looked for", async () => {
    await open();
    const siem = new Stand();
    siem.answer = async ({ from, records }) => {
      if (records.some(({ index }) => index === 3)) throw refused("siem", "refuses what it was sent (400)");
      return { refused: from === 5 && records.length === 5 ? 2 : 0 };
    };
    scene.log.grow(10);
    const pump = start(siem);
    await until(() => expect(pump.status.next).toBe(10));
    const refusals = await scene.store.refusals({ destination: "siem", origin: "log.example/evidence" });
    expect(refusals).toMatchObject([
      { from: 5, to: 10, records: 2, reason: "partial" },
      { from: 3, to: 4, records: 1, reason: "export_refused" },
    ]);
  });

  it("skips what was pruned before it could be sent, and says so", async () => {
    await open();
    const siem = new Stand();
    scene.log.grow(100);
    scene.log.minimum = 60;
    const pump = start(siem);
    await until(() => expect(pump.status.next).toBeGreaterThanOrEqual(100));
    expect(siem.taken.slice(0, 40)).toEqual(upTo(100).slice(60));
    expect(scene.events).toMatchObject([
      { name: "export.skipped", target: "siem", facts: { from: 0, to: 60, records: 60 } },
    ]);
  });

  it("begins a new destination with what comes from now on where that was wanted", async () => {
    await open();
    const siem = new Stand();
    scene.log.grow(40);
    const pump = start(siem, { start: () => scene.log.published });
    await until(() => expect(pump.status.state).toBe("following"));
    scene.log.grow(2);
    await until(() => expect(siem.taken).toEqual([40, 41]));
  });

  it("of one gateway of several sends; when that is gone, another goes on from its cursor", async () => {
    await open();
    const [first, second] = [new Stand(), new Stand()];
    scene.log.grow(30);
    const one = start(first);
    await until(() => expect(first.taken).toEqual(upTo(30)));
    const two = start(second, { holder: "two" });
    scene.log.grow(10);
    await until(() => expect(first.taken).toEqual(upTo(40)));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(second.calls).toEqual([]);
    expect(two.status.state).toBe("elsewhere");
    await one.close();
    scene.log.grow(10);
    await until(() => expect(second.taken).toEqual(upTo(50).slice(40)));
    expect(scene.events).toEqual([]);
  });

  it("stops when its place has become another's, and no failure is on record", async () => {
    await open();
    const siem = new Stand();
    scene.log.grow(10);
    const pump = start(siem);
    const key = { destination: "siem", origin: "log.example/evidence" };
    await vi.waitFor(async () => expect(await scene.store.read(key)).toEqual({ next: 10 }));
    const later = Date.now() + 3_600_000;
    expect(await scene.store.take(key, { holder: "two", now: later, untilMs: later + 60_000 }, 0)).toEqual({
      next: 10,
    });
    scene.log.grow(10);
    await until(() => expect(pump.status.state).toBe("elsewhere"));
    expect(scene.faults).toEqual([]);
    expect(await scene.store.read(key)).toEqual({ next: 10 });
  });
});
