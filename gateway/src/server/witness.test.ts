import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Leaf,
  type LogInfo,
  parseBundle,
  parseCheckpoint,
  parseLeaf,
  parseLogInfo,
  parseNote,
  parsePolicy,
  tilePath,
  verifyLog,
} from "@sluice/verifier";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Door, openDoor } from "../witness/http.ts";
import { parseLogList } from "../witness/log-list.ts";
import { Witness } from "../witness/witness.ts";
import { documentFor } from "./test/config.ts";
import { type Started, startForTest } from "./test/running.ts";

/** A gateway whose log two witnesses cosign, both of them required. The witnesses are real ones, on sockets of their own. */
const folder = mkdtempSync(join(tmpdir(), "sluice-witnesses-"));
const witnesses: Witness[] = [];
const doors: Door[] = [];
let gateway: Started;
let token: string;
let info: LogInfo;

const open = async (witness: Witness, port = 0): Promise<Door> => {
  const door = await openDoor({
    witness,
    host: "127.0.0.1",
    port,
    loopback: true,
    prefix: "",
    requestsPerMinute: 10_000,
    clock: Date.now,
    onFault: () => undefined,
  });
  doors.push(door);
  return door;
};

beforeAll(async () => {
  const places: { name: string; vkey: string; url: string }[] = [];
  for (const name of ["one", "two"]) {
    const witness = new Witness({ dir: join(folder, name), clock: Date.now, logs: new Map() });
    witnesses.push(witness);
    places.push({ name, vkey: witness.keys.vkeys[0] ?? "", url: (await open(witness)).url });
  }
  const configured = await documentFor({});
  token = configured.token;
  const document = {
    ...configured.document,
    rehearsal: true,
    witnesses: { policy: places, quorum: "all", every: "checkpoint", missing_after: "2s", required: true },
  };
  gateway = await startForTest(() => JSON.stringify(document));
  info = parseLogInfo(Buffer.from(await (await fetch(`${gateway.url}/evidence/log.json`)).arrayBuffer()));
});

afterAll(async () => {
  await gateway.stop();
  for (const door of doors) await door.close();
  for (const witness of witnesses) witness.close();
  rmSync(folder, { recursive: true, force: true });
});

const chat = (): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ model: "rehearsal/rehearsal", messages: [{ role: "user", content: "hello" }] }),
  });
const text = async (path: string): Promise<string> => (await fetch(`${gateway.url}${path}`)).text();

async function leaves(): Promise<Leaf[]> {
  const { size } = parseCheckpoint(parseNote(await text("/evidence/checkpoint")).text);
  const found: Leaf[] = [];
  for (let bundle = 0; bundle * 256 < size; bundle++) {
    const response = await fetch(
      `${gateway.url}/evidence/${tilePath("entries", bundle, Math.min(256, size - bundle * 256))}`,
    );
    found.push(...parseBundle(new Uint8Array(await response.arrayBuffer())).map((entry) => parseLeaf(entry)));
  }
  return found;
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 50));
}

test("before a witness has cosigned, no exchange is opened, and the probes say why", async () => {
  // Neither knows the log yet.
  const refused = await chat();
  expect(await refused.json()).toMatchObject({ error: { code: "witness_quorum_missing" } });
  expect(refused.status).toBeGreaterThanOrEqual(500);
  expect(await (await fetch(`${gateway.url}/health`)).json()).toMatchObject({ status: "ok", witnesses: "missing" });
  const ready = await fetch(`${gateway.url}/ready`);
  expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining("witnesses")]);
  expect(await text("/metrics")).toMatch(/^sluice_witness_quorum 0$/m);
});

test("with both there, exchanges are opened and an auditor's policy is met", async () => {
  const list = parseLogList(`logs/v0\nvkey ${info.vkeys[0] ?? ""}\nqpd 1000000\ncontact nobody\n`, "logs.txt");
  for (const witness of witnesses) witness.setLogs(list);
  await until(async () => (await chat()).status === 200);
  const policy = parsePolicy(
    `log ${info.vkeys[0] ?? ""}\nwitness one ${witnesses[0]?.keys.vkeys[0] ?? ""}\nwitness two ${witnesses[1]?.keys.vkeys[0] ?? ""}\n` +
      "group both all one two\nquorum both\n",
  );
  const read = async (path: string): Promise<Uint8Array | undefined> => {
    const response = await fetch(`${gateway.url}/evidence/${path}`);
    return response.status === 200 ? new Uint8Array(await response.arrayBuffer()) : undefined;
  };
  await until(async () => (await verifyLog({ read }, { vkeys: [], policy })).ok);
  await until(async () => (await text("/health")).includes('"witnesses":"met"'));
  const metrics = await text("/metrics");
  expect(metrics).toMatch(/^sluice_witness_quorum 1$/m);
  expect(metrics).toMatch(/^sluice_witness_state\{witness="one",state="there"\} 1$/m);
  expect(Number(/^sluice_witnessed_size (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(0);
});

test("one that goes away is on record, then exchanges are refused, and opened again when it is back", {
  timeout: 60_000,
}, async () => {
  const door = doors[1]!;
  const port = Number(new URL(door.url).port);
  await door.close();
  await until(async () => (await chat()).status !== 200);
  expect(await (await chat()).json()).toMatchObject({ error: { code: "witness_quorum_missing" } });
  await open(witnesses[1]!, port);
  await until(async () => (await chat()).status === 200);
  // What was before the list of logs reached them is another test's.
  const seen = async (): Promise<unknown[]> =>
    (await leaves()).filter(({ type, target }) => type === "event" && target === "two").map(({ name }) => name);
  await until(async () => (await seen()).at(-1) === "witness.back");
  expect((await seen()).slice(-2)).toEqual(["witness.away", "witness.back"]);
});
