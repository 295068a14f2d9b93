import { expect, test } from "vitest";
import type { ControlEvent } from "../core/event.ts";
import { watchClock } from "./clock-watch.ts";
import { type EvidenceLog, eventLeaf } from "./index.ts";
import { NOW, appendMany, audit, open, temporaryFolder, until } from "./test/opened.ts";

const HOUR_MS = 3_600_000;

interface Watched {
  readonly dir: string;
  readonly log: EvidenceLog;
  /** Both clocks stand still but for what a test does to them. */
  readonly clocks: { wall: number; steady: number };
  readonly events: ControlEvent[];
  readonly stop: () => Promise<void>;
}

async function watched(): Promise<Watched> {
  const clocks = { wall: NOW, steady: 1000 };
  const dir = temporaryFolder();
  const log = await open({ dir, clock: () => clocks.wall });
  const events: ControlEvent[] = [];
  const stop = watchClock({
    log,
    clock: () => clocks.wall,
    monotonic: () => clocks.steady,
    onFault: (error) => expect.fail(error.message),
    record: (event) => {
      events.push(event);
      return log.append(eventLeaf({ time: clocks.wall, event }));
    },
  });
  return { dir, log, clocks, events, stop };
}

async function leavesOf(log: EvidenceLog): Promise<{ type: string; time?: string; name?: string }[]> {
  const leaves = [];
  for await (const { bytes } of log.entries(0)) leaves.push(JSON.parse(bytes.toString()) as { type: string });
  return leaves;
}

test.each([
  { jumpMs: HOUR_MS, facts: { direction: "forward", seconds: 3600 } },
  { jumpMs: -HOUR_MS, facts: { direction: "back", seconds: 3600 } },
  { jumpMs: 2500, facts: { direction: "forward", seconds: 2.5 } },
])(
  "a clock that jumps by $jumpMs ms between two checkpoints is on record once, and the order stays",
  async ({ jumpMs, facts }) => {
    const { dir, log, clocks, events, stop } = await watched();
    await log.append(eventLeaf({ time: clocks.wall, event: { name: "test.before" } }));
    await log.proof(0);
    clocks.wall += 500 + jumpMs;
    clocks.steady += 500;
    const { index } = await log.append(eventLeaf({ time: clocks.wall, event: { name: "test.after" } }));
    await log.proof(index);
    await until(() => events.length > 0);
    await stop();
    await log.proof(2);
    expect(events).toEqual([{ name: "clock.jumped", facts }]);
    const leaves = await leavesOf(log);
    expect(leaves.map(({ name }) => name)).toEqual(["test.before", "test.after", "clock.jumped"]);
    // The times say what the clock said; nobody sorts by them.
    expect(leaves.map(({ time }) => Date.parse(time ?? ""))).toEqual([NOW, clocks.wall, clocks.wall]);
    expect(await audit(dir)).toMatchObject({ ok: true, problems: [] });
  },
);

test("a log that is opened an hour before its last entry goes on behind it", async () => {
  const dir = temporaryFolder();
  const first = await open({ dir });
  await appendMany(first, 300);
  await first.close();
  const again = await open({ dir, clock: () => NOW - HOUR_MS });
  expect(await appendMany(again, 10)).toEqual(Array.from({ length: 10 }, (_, i) => 300 + i));
  await again.close();
  expect(await audit(dir)).toMatchObject({ ok: true, problems: [], size: 310 });
});

test("a clock that is slewed, or runs apart by less than the limit, is no event", async () => {
  const { log, clocks, events, stop } = await watched();
  for (let n = 0; n < 10; n++) {
    clocks.wall += 60_043;
    clocks.steady += 60_000;
    const { index } = await log.append({ type: "test" });
    await log.proof(index);
  }
  clocks.wall += 1900;
  const { index } = await log.append({ type: "test" });
  await log.proof(index);
  await stop();
  expect(events).toEqual([]);
});
