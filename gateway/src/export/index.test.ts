import { afterEach, expect, it, vi } from "vitest";
import type { ExportSettings, HookSettings } from "../core/export.ts";
import { Secret } from "../core/secret.ts";
import { Exports } from "./index.ts";
import { ORIGIN } from "./test/leaves.ts";
import { ADDRESSES, FAST, openScene, type Scene } from "./test/setup.ts";
import { type StandIn, startStandIn } from "./test/stand-in.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const hook = (name: string, peer: StandIn, more: Partial<HookSettings> = {}): HookSettings => ({
  name,
  kind: "webhook",
  from: "beginning",
  allowPrivateAddress: true,
  url: peer.url,
  secret: new Secret(`whsec_${Buffer.alloc(24, 7).toString("base64")}`),
  ...more,
});

async function open(settings: ExportSettings): Promise<{ scene: Scene; exports: Exports }> {
  const scene = await openScene();
  cleanups.push(() => scene.close());
  const exports = new Exports({
    ...scene,
    settings,
    origin: ORIGIN,
    stamps: () => Promise.resolve([]),
    clock: Date.now,
    version: "0.1.0",
    addresses: ADDRESSES,
    onFault: (error) => scene.faults.push(error),
    times: FAST,
  });
  cleanups.push(() => exports.close());
  return { scene, exports };
}

const indexesOf = (peer: StandIn): number[] =>
  peer.asked.flatMap(({ body }) =>
    (JSON.parse(body) as { data: { events: { metadata: { sequence: number } }[] } }).data.events.map(
      ({ metadata }) => metadata.sequence,
    ),
  );
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

it("a destination that is taken out and comes back goes on where it was, and no other one waits for it", async () => {
  const [first, second] = [await startStandIn(), await startStandIn()];
  cleanups.push(first.close, second.close);
  const { scene, exports } = await open({ destinations: [hook("first", first), hook("second", second)] });
  scene.log.grow(150);
  await vi.waitFor(() => expect([indexesOf(first), indexesOf(second)]).toEqual([upTo(150), upTo(150)]));
  exports.configure({ destinations: [hook("second", second)] });
  await vi.waitFor(() => expect(exports.states.map(({ destination }) => destination)).toEqual(["second"]));
  scene.log.grow(50);
  await vi.waitFor(() => expect(indexesOf(second)).toEqual(upTo(200)));
  exports.configure({ destinations: [hook("second", second), hook("first", first)] });
  await vi.waitFor(() => expect(indexesOf(first)).toEqual(upTo(200)));
  expect(scene.faults).toEqual([]);
});

it("without destinations nothing runs, and it closes", async () => {
  const { scene, exports } = await open({ destinations: [] });
  scene.log.grow(10);
  expect(await exports.status()).toEqual([]);
});

it("says what never arrived, beside how far it is", async () => {
  const peer = await startStandIn(({ body }) => ({ status: body.includes('"sequence":3,') ? 422 : 200 }));
  cleanups.push(peer.close);
  const { scene, exports } = await open({ destinations: [hook("picky", peer)] });
  scene.log.grow(8);
  await vi.waitFor(async () =>
    expect(await exports.status()).toMatchObject([
      {
        destination: "picky",
        kind: "webhook",
        state: "following",
        refusals: [{ from: 3, to: 4, records: 1, reason: "export_refused" }],
      },
    ]),
  );
});
