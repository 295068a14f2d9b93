import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { verifyCertificate } from "@sluice/verifier";
import type { Kysely } from "kysely";
import { afterEach, expect, test } from "vitest";
import type { SinkSettings } from "../core/rights.ts";
import { Secret } from "../core/secret.ts";
import { SluiceError } from "../core/errors.ts";
import { BY, DAY_MS, email, MAIL, Room } from "./test/room.ts";

const REQUEST = {
  identifiers: [email(MAIL), { type: "SUBJECT", value: "c-4711" }],
  reference: "DSR-3",
  basis: "A17-1-b",
};
const HOUR_MS = 3_600_000;

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A system that answers with this status, and what it was told. */
async function system() {
  const state = { status: 204, told: [] as unknown[] };
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      state.told.push(JSON.parse(Buffer.concat(chunks).toString("utf8")));
      response.writeHead(state.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const sink = (name: string, more: Partial<Extract<SinkSettings, { kind: "http" }>> = {}): SinkSettings => ({
    kind: "http",
    name,
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/erase`),
    secret: new Secret("whsec_AAAA"),
    allowPrivateAddress: true,
    ...more,
  });
  return { state, sink };
}

async function open(sinks: readonly SinkSettings[]): Promise<Room> {
  const room = await Room.open({ erasure: { sinks } });
  closers.push(() => room.close());
  await room.exchange([["EMAIL", MAIL]]);
  return room;
}

async function sealedRows(room: Room): Promise<number> {
  const sql = room.database.sql as Kysely<{ erasures: { sealed: Uint8Array | null } }>;
  return (await sql.selectFrom("erasures").select("sealed").where("sealed", "is not", null).execute()).length;
}

async function settle(room: Room, laterMs: number): Promise<void> {
  room.now += laterMs;
  await room.rights.erasures.resume();
}

test("a sink that fails is called again, later each time, and its answer stands on the certificate; then nobody here knows who it was", async () => {
  const { state, sink } = await system();
  state.status = 503;
  const room = await open([sink("crm"), sink("mail", { types: ["PHONE"] }), sink("ids", { types: ["SUBJECT"] })]);
  const { erasure, sinks } = await room.rights.erasures.erase(REQUEST, BY);
  // One has nothing to do with what the person is known by.
  expect(sinks.map((each) => each.sink)).toEqual(["crm", "ids"]);
  await settle(room, 0);
  expect(await sealedRows(room)).toBe(1);
  const waiting = await room.rights.erasures.certificate(erasure.id).catch((thrown: unknown) => thrown);
  expect(waiting).toBeInstanceOf(SluiceError);
  expect((waiting as SluiceError).code).toBe("certificate_pending");
  const before = state.told.length;
  await settle(room, 1_000);
  expect(state.told.length).toBe(before);
  await settle(room, 10_000);
  expect(state.told.length).toBe(before + 2);
  state.status = 204;
  // A process that starts again goes on with it.
  await room.reopen();
  await settle(room, HOUR_MS);
  const report = await verifyCertificate(await room.certificate(erasure.id), { vkeys: room.log.vkeys });
  expect(report).toMatchObject({
    ok: true,
    certificate: {
      sinks: [
        { sink: "crm", state: "acknowledged" },
        { sink: "ids", state: "acknowledged" },
      ],
    },
  });
  expect(await sealedRows(room)).toBe(0);
  expect(state.told.at(-1)).toMatchObject({ data: { identifiers: expect.any(Array) as unknown[] } });
  const ids = new Set(state.told.map((each) => (each as { data: { id: string } }).data.id));
  expect([...ids].sort()).toEqual([`${erasure.id}_crm`, `${erasure.id}_ids`]);
});

test("a sink that never answers becomes a residual with its date, and the certificate comes all the same", async () => {
  const { state, sink } = await system();
  state.status = 500;
  const room = await open([sink("crm")]);
  const { erasure } = await room.rights.erasures.erase(REQUEST, BY);
  await settle(room, 0);
  for (let day = 0; day < 8; day++) await settle(room, DAY_MS);
  const { certificate } = await verifyCertificate(await room.certificate(erasure.id), { vkeys: room.log.vkeys });
  expect(certificate?.sinks).toEqual([
    { sink: "crm", kind: "http", state: "residual", reason: "sink_unavailable", at: expect.any(String) as string },
  ]);
  expect(Date.parse(certificate?.sinks[0]?.at ?? "")).toBeGreaterThan(Date.parse(certificate?.destroyed ?? ""));
  expect(await sealedRows(room)).toBe(0);
  expect(room.faults).toContain("sink_unavailable");
});

test("a sink that is taken out of the configuration meanwhile is a residual, not forgotten", async () => {
  const { state, sink } = await system();
  state.status = 500;
  const room = await open([sink("crm")]);
  const { erasure } = await room.rights.erasures.erase(REQUEST, BY);
  room.erasure = { ...room.erasure, sinks: [] };
  await settle(room, HOUR_MS);
  const { certificate } = await verifyCertificate(await room.certificate(erasure.id), { vkeys: room.log.vkeys });
  expect(certificate?.sinks).toMatchObject([{ sink: "crm", state: "residual", reason: "sink_not_configured" }]);
});
