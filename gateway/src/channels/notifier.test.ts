import { afterEach, beforeEach, expect, test } from "vitest";
import { asking, openDesk, person, type TestDesk } from "../reviews/test/setup.ts";
import type { Channel } from "./channel.ts";
import { Notifier } from "./notifier.ts";
import { channelMigrations, ChannelStore } from "./store.ts";

let desk: TestDesk;
let store: ChannelStore;
beforeEach(async () => {
  desk = await openDesk({ settings: { pendingPerPrincipalMax: 1_000 } });
  for (const { up } of channelMigrations) await up(desk.database.sql);
  store = new ChannelStore(desk.database.sql);
});
afterEach(() => desk.close());

function channelThat(notify: Channel["notify"]): Channel {
  const quiet = { raise: () => Promise.resolve(), close: () => Promise.resolve() };
  return { id: "test-1", follows: true, groups: [], serves: () => true, notify, ...quiet };
}

function notifierOf(channel: Channel): Notifier {
  return new Notifier({
    store,
    reviewOf: (id) => desk.store.read(id),
    pending: () => Promise.resolve([]),
    channels: () => [channel],
    alarmed: () => [],
    origin: () => "https://sluice.example",
    noticeOf: () => ({ url: "https://sluice.example", requester: "alice", stepUp: false }),
    record: () => Promise.resolve({ index: 0 }),
    clock: () => Date.now() + desk.laterMs,
    onFault: (error) => desk.faults.push(error),
    turnMs: 5,
  });
}

async function held(count: number): Promise<string[]> {
  const alice = person("corp:alice", []);
  for (let at = 0; at < count; at++)
    await desk.desk.ask(asking(alice, `{"at":${at}}`), undefined, 0).catch(() => undefined);
  const of = { requester: "corp:alice" };
  const ids: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await desk.store.list({ of, state: "pending", limit: 100, cursor });
    ids.push(...page.reviews.map(({ id }) => id));
    if (page.next === undefined) return ids;
    cursor = page.next;
  }
}

test("of two gateways that hear of the same three hundred reviews, one tells of each", async () => {
  const told: string[] = [];
  const ids = await held(300);
  const channel = channelThat(({ review }) => {
    told.push(review.id);
    return Promise.resolve(undefined);
  });
  const both = [notifierOf(channel), notifierOf(channel)];
  for (const notifier of both) for (const id of ids) notifier.opened(id);
  await expect.poll(() => told.length, { timeout: 20_000 }).toBe(300);
  for (const notifier of both) await notifier.close();
  expect(new Set(told).size).toBe(300);
});

test("the end of a review is told after its beginning, and only where that was told", async () => {
  const told: string[] = [];
  let begun = false;
  const { resolve: go, promise: gate } = Promise.withResolvers<void>();
  const notifier = notifierOf(
    channelThat(async ({ kind, earlier }) => {
      begun = true;
      if (kind === "opened") await gate;
      told.push(`${kind} ${earlier ?? "-"}`);
      return "place";
    }),
  );
  const [first = "", second = ""] = await held(2);
  notifier.opened(first);
  await expect.poll(() => begun).toBe(true);
  for (const id of [first, second]) {
    await desk.desk.vote(id, person("corp:bob"), "deny");
    notifier.closed(id);
  }
  await severalTurns();
  go();
  await expect.poll(() => told).toEqual(["opened -"]);
  desk.laterMs += 5_000;
  await expect.poll(() => told).toEqual(["opened -", "closed place"]);
  await notifier.close();
});

const severalTurns = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

test("no more than two are under way to a channel at a time", async () => {
  let running = 0;
  let most = 0;
  let done = 0;
  const notifier = notifierOf(
    channelThat(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      done += 1;
      return undefined;
    }),
  );
  for (const id of await held(20)) notifier.opened(id);
  await expect.poll(() => done, { timeout: 10_000 }).toBe(20);
  await notifier.close();
  expect(most).toBe(2);
});

test("what is announced and never comes holds up nothing", async () => {
  const told: string[] = [];
  const notifier = notifierOf(
    channelThat(({ review }) => {
      told.push(review.id);
      return Promise.resolve(undefined);
    }),
  );
  for (let at = 0; at < 150; at++) notifier.opened(`rv-${at}`);
  const [real = ""] = await held(1);
  notifier.opened(real);
  await expect.poll(() => told).toEqual([real]);
  await notifier.close();
  expect(desk.faults).toEqual([]);
});
