import { createHmac, randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SluiceError } from "../core/errors.ts";
import type { HecSettings, HookSettings, OtlpSettings } from "../core/export.ts";
import { Secret } from "../core/secret.ts";
import type { Destination, Range } from "./destination.ts";
import { Pump } from "./pump.ts";
import { HecDestination } from "./to-splunk.ts";
import { HookDestination } from "./to-webhook.ts";
import { OtlpDestination } from "./to-otlp.ts";
import { ORIGIN, RECORDS } from "./test/leaves.ts";
import { ADDRESSES, FAST, openScene } from "./test/setup.ts";
import { type StandIn, startStandIn } from "./test/stand-in.ts";

const VERSION = "0.1.0";
const NEVER = new AbortController().signal;
const RANGE: Range = { from: 0, to: RECORDS.length, records: RECORDS };
const KEY = Buffer.alloc(24, 7).toString("base64");

const cleanups: (() => Promise<unknown>)[] = [];
let peer: StandIn;
beforeEach(async () => {
  peer = await startStandIn();
  cleanups.push(() => peer.close());
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const common = (url: URL) => ({ name: "siem", from: "beginning", allowPrivateAddress: true, url }) as const;
const closing = <D extends Destination>(destination: D): D => {
  cleanups.push(() => destination.close());
  return destination;
};

function hook(more: Partial<HookSettings> = {}): HookDestination {
  const settings: HookSettings = {
    ...common(new URL("/in", peer.url)),
    kind: "webhook",
    secret: new Secret(`whsec_${KEY}`),
    ...more,
  };
  return closing(
    new HookDestination({
      settings,
      addresses: ADDRESSES,
      clock: () => 1_795_251_600_000,
      origin: ORIGIN,
      version: VERSION,
    }),
  );
}

function otlp(): OtlpDestination {
  const headers = new Map([["authorization", new Secret("Bearer t")]]);
  const settings: OtlpSettings = { ...common(new URL("/v1/logs", peer.url)), kind: "otlp", headers };
  return closing(new OtlpDestination({ settings, addresses: ADDRESSES, version: VERSION }));
}

function hec(more: Partial<HecSettings> = {}): HecDestination {
  const settings: HecSettings = {
    ...common(peer.url),
    kind: "splunk",
    token: new Secret("t0k"),
    acknowledged: true,
    ackMs: 300,
    ...more,
  };
  return closing(
    new HecDestination({
      settings,
      addresses: ADDRESSES,
      clock: Date.now,
      channel: randomUUID,
      version: VERSION,
      pollMs: 20,
    }),
  );
}

const rejection = (destination: Destination, signal = NEVER): Promise<unknown> =>
  destination.deliver(RANGE, signal).catch((thrown: unknown) => thrown);

describe.each([
  ["webhook", () => hook()],
  ["otlp", () => otlp()],
  ["splunk", () => hec({ acknowledged: false })],
])("a receiver by %s", (_kind, open) => {
  it.each([
    [503, { "retry-after": "7" }, { code: "export_unavailable", retryAfterSeconds: 7 }],
    [503, { "retry-after": "soon" }, { code: "export_unavailable" }],
    [429, { "retry-after": "999999" }, { code: "export_unavailable", retryAfterSeconds: 3_600 }],
    [401, {}, { code: "export_unavailable" }],
    [302, { location: "https://elsewhere.example/" }, { code: "export_unavailable" }],
    [400, {}, { code: "export_refused" }],
    [413, {}, { code: "export_refused" }],
  ])("that answers %i is understood", async (status, headers, error) => {
    peer.answer = () => ({ status, headers });
    expect(await rejection(open())).toMatchObject(error);
    expect(peer.asked).toHaveLength(1);
  });

  it("that hangs is given up when nobody waits any more", async () => {
    peer.answer = () => undefined;
    const waiting = new AbortController();
    setTimeout(() => waiting.abort(), 50);
    expect(await rejection(open(), waiting.signal)).toMatchObject({ code: "export_unavailable" });
  });

  it("that is not there is told by its code, without what was sent", async () => {
    const destination = open();
    await peer.close();
    const error = await rejection(destination);
    expect(error).toBeInstanceOf(SluiceError);
    expect(String(error)).toBe("SluiceError: destination siem could not be reached (ECONNREFUSED)");
  });
});

describe("a webhook", () => {
  it("is signed, and one batch has one id however often it is sent", async () => {
    const destination = hook();
    await destination.deliver(RANGE, NEVER);
    await destination.deliver(RANGE, NEVER);
    const [first, second] = peer.asked;
    const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signature } = first?.headers ?? {};
    const mac = createHmac("sha256", Buffer.from(KEY, "base64"))
      .update(`${String(id)}.${String(at)}.${first?.body}`)
      .digest("base64");
    expect(signature).toBe(`v1,${mac}`);
    expect(second?.headers["webhook-id"]).toBe(id);
    const said = JSON.parse(first?.body ?? "") as { data: { from: number; to: number; events: unknown[] } };
    expect(said).toMatchObject({ type: "evidence.recorded", data: { origin: ORIGIN, from: 0, to: RECORDS.length } });
    expect(said.data.events).toHaveLength(RECORDS.length);
  });

  it("is not sent to an address that is not public, unless that is allowed", async () => {
    expect(await rejection(hook({ allowPrivateAddress: false }))).toMatchObject({ code: "upstream_address_private" });
    expect(
      await rejection(hook({ allowPrivateAddress: false, url: new URL(`http://localhost:${peer.url.port}/in`) })),
    ).toMatchObject({ code: "upstream_address_private" });
    expect(peer.asked).toHaveLength(0);
  });
});

describe("OTLP", () => {
  it("is acknowledged by a full success, however that is written", async () => {
    for (const body of [
      {},
      "",
      { partialSuccess: {} },
      { partialSuccess: { rejectedLogRecords: "0", errorMessage: "a warning" } },
    ]) {
      peer.answer = () => ({ body });
      expect(await otlp().deliver(RANGE, NEVER)).toEqual({ refused: 0 });
    }
    expect(peer.asked[0]?.headers["authorization"]).toBe("Bearer t");
  });

  it.each([
    ["3", 3],
    [3, 3],
    [9_999, RECORDS.length],
  ])("that was taken in part counts what was rejected (%s)", async (rejectedLogRecords, count) => {
    peer.answer = () => ({ body: { partialSuccess: { rejectedLogRecords, errorMessage: "x" } } });
    expect(await otlp().deliver(RANGE, NEVER)).toEqual({ refused: count });
  });

  it.each<[unknown]>([
    ["<html>"],
    [{ partialSuccess: { rejectedLogRecords: "many" } }],
    [{ partialSuccess: { rejectedLogRecords: -1 } }],
  ])("answered with something else is not acknowledged", async (body) => {
    peer.answer = () => ({ body });
    expect(await rejection(otlp())).toMatchObject({ code: "export_unavailable" });
  });
});

describe("Splunk's collector", () => {
  const acks = (asked: { body: string }): string[] => (JSON.parse(asked.body) as { acks: number[] }).acks.map(String);
  const isAck = (path: string): boolean => path.endsWith("/ack");

  it("gets events with index, time and hash, and has them when it acknowledges their id", async () => {
    let polls = 0;
    peer.answer = (asked) => {
      if (!isAck(asked.path)) return { body: { text: "Success", code: 0, ackId: 4 } };
      polls += 1;
      return { body: { acks: Object.fromEntries(acks(asked).map((id) => [id, polls >= 3])) } };
    };
    await hec({ ackMs: 5_000, index: "audit" }).deliver(RANGE, NEVER);
    expect(polls).toBe(3);
    const [first] = peer.asked;
    expect(first).toMatchObject({ path: "/services/collector/event", headers: { authorization: "Splunk t0k" } });
    expect(first?.headers["x-splunk-request-channel"]).toMatch(/^[0-9a-f-]{36}$/);
    const events = (first?.body ?? "").split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map(({ fields }) => fields)).toEqual(
      RECORDS.map(({ index, leafHash }) => ({ sluice_index: String(index), sluice_leaf: leafHash })),
    );
    expect(events[0]).toMatchObject({ time: "1795251600.000", index: "audit", source: ORIGIN });
  });

  it.each<[string, (ids: string[]) => unknown]>([
    ["says no for ever", (ids) => ({ acks: Object.fromEntries(ids.map((id) => [id, false])) })],
    ["forgets the id", () => ({ acks: {} })],
    ["says something else than yes", (ids) => ({ acks: Object.fromEntries(ids.map((id) => [id, "true"])) })],
    ["says nothing of the kind", () => "<html>"],
    ["acknowledges another's", () => ({ acks: { 77: true } })],
  ])("that %s has acknowledged nothing", async (_what, lie) => {
    peer.answer = (asked) => (isAck(asked.path) ? { body: lie(acks(asked)) } : { body: { code: 0, ackId: 4 } });
    const destination = hec();
    expect(await rejection(destination)).toMatchObject({ code: "export_unavailable" });
    // The next try is on another channel: ids of the lost one say nothing.
    await rejection(destination);
    const channels = new Set(
      peer.asked.filter(({ path }) => !isAck(path)).map(({ headers }) => headers["x-splunk-request-channel"]),
    );
    expect(channels.size).toBe(2);
  });

  it("that gives no id is told that acknowledgement is off", async () => {
    peer.answer = () => ({ body: { text: "Success", code: 0 } });
    expect(String(await rejection(hec()))).toMatch(/indexer acknowledgement is off/);
    expect(await hec({ acknowledged: false }).deliver(RANGE, NEVER)).toEqual({ refused: 0 });
  });

  it("that drops acknowledgements lacks nothing in the end: what it did not acknowledge is sent again", async () => {
    const scene = await openScene();
    cleanups.push(() => scene.close());
    const kept = new Set<string>();
    const batches = new Map<string, string[]>();
    let id = 0;
    peer.answer = (asked) => {
      if (isAck(asked.path))
        return { body: { acks: Object.fromEntries(acks(asked).map((each) => [each, batches.has(each)])) } };
      id += 1;
      // Some batches are taken with a 200, and lost.
      if (![3, 4, 9, 14, 15, 22].includes(id)) {
        const indexes = asked.body
          .split("\n")
          .map((line) => (JSON.parse(line) as { fields: { sluice_index: string } }).fields.sluice_index);
        batches.set(String(id), indexes);
        for (const index of indexes) kept.add(index);
      }
      return { body: { code: 0, ackId: id } };
    };
    scene.log.grow(2_000);
    const pump = new Pump({
      ...scene,
      destination: hec({ ackMs: 100 }),
      origin: ORIGIN,
      start: () => 0,
      holder: "one",
      clock: Date.now,
      onFault: () => undefined,
      times: { ...FAST, awayMs: 60_000 },
    });
    cleanups.push(() => pump.close());
    await vi.waitFor(() => expect(pump.status.next).toBe(2_000), { timeout: 15_000, interval: 10 });
    expect(kept.size).toBe(2_000);
  }, 20_000);
});
