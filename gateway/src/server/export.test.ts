/**
 * Evidence on its way to every kind of destination at once, from the front door: what a client planted is nowhere but where the
 * client sent it, each destination has every record, and what is known of them is where operators look.
 */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openPki } from "../core/test/pki.ts";
import { type FakeS3, startFakeS3 } from "../export/test/fake-s3.ts";
import { type StandIn, startStandIn } from "../export/test/stand-in.ts";
import { newKey } from "../identity/keys.ts";
import { documentFor } from "./test/config.ts";
import { type Started, startForTest } from "./test/running.ts";

const PLANTED = ["canary.person@planted.example", "DE89370400440532013000", "4111111111111111", "Canary Prompt Text"];
const TEXT = `${PLANTED[3]}: mail ${PLANTED[0]}, IBAN ${PLANTED[1]}, card ${PLANTED[2]}`;

const closers: (() => unknown)[] = [];
const heard = { syslog: "" };
let peers: Record<"otlp" | "splunk" | "hook", StandIn>;
let s3: FakeS3;
let sluice: Started;
let token: string;
let operator: string;

beforeAll(async () => {
  const pki = openPki();
  closers.push(() => pki.remove());
  const ca = pki.authority("ca");
  const server = pki.issue("server", { names: "DNS:siem.example" });
  const us = pki.issue("us", { names: "DNS:us.example" });
  const tls = createServer(
    { key: server.key, cert: server.cert, ca: ca.cert, requestCert: true, rejectUnauthorized: true },
    (socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (chunk: Buffer) => (heard.syslog += chunk.toString("latin1")));
    },
  );
  await new Promise<void>((resolve) => tls.listen(0, "127.0.0.1", resolve));
  closers.push(() => tls.close());
  peers = {
    otlp: await startStandIn(),
    splunk: await startStandIn(({ path, body }) =>
      path.endsWith("/ack")
        ? { body: { acks: Object.fromEntries((JSON.parse(body) as { acks: number[] }).acks.map((id) => [id, true])) } }
        : { body: { code: 0, ackId: peers.splunk.asked.length } },
    ),
    hook: await startStandIn(),
  };
  s3 = await startFakeS3({ bucket: "evidence", region: "us-east-1", accessKey: "AKID", secretKey: "s3cret" });
  for (const each of [...Object.values(peers), s3]) closers.push(() => each.close());

  const configured = await documentFor({});
  const made = await newKey(randomBytes);
  [token, operator] = [configured.token, made.token];
  const { document } = configured;
  document.keys[made.id] = { hash: made.hash, principal: "service:ops", purposes: ["support"], roles: ["operator"] };
  document["rehearsal"] = true;
  const near = { allow_private_address: true };
  sluice = await startForTest((dir) => {
    const secret = (name: string, value: string): string => {
      writeFileSync(join(dir, name), value);
      return `file:${name}`;
    };
    const port = (tls.address() as AddressInfo).port;
    document["export"] = {
      destinations: {
        siem: {
          ...near,
          kind: "syslog",
          address: `127.0.0.1:${port}`,
          server_name: "siem.example",
          ca: `file:${ca.certFile}`,
          certificate: `file:${us.certFile}`,
          key: `file:${us.keyFile}`,
          settle: "200ms",
        },
        cef: {
          ...near,
          kind: "syslog",
          format: "cef",
          address: `127.0.0.1:${port}`,
          server_name: "siem.example",
          ca: `file:${ca.certFile}`,
          certificate: `file:${us.certFile}`,
          key: `file:${us.keyFile}`,
          settle: "200ms",
        },
        otlp: { ...near, kind: "otlp", url: new URL("/v1/logs", peers.otlp.url).href },
        splunk: { ...near, kind: "splunk", url: peers.splunk.url.href, token: secret("token", "t0k") },
        hook: {
          ...near,
          kind: "webhook",
          url: peers.hook.url.href,
          secret: secret("hook", `whsec_${Buffer.alloc(32, 7).toString("base64")}`),
        },
        vault: {
          ...near,
          kind: "s3",
          endpoint: s3.url.href,
          bucket: "evidence",
          access_key: secret("akid", "AKID"),
          secret_key: secret("sk", "s3cret"),
          lock: { mode: "compliance", days: 30 },
          every: "100ms",
        },
      },
    };
    return JSON.stringify(document);
  });
  closers.push(() => sluice.stop());
}, 60_000);
afterAll(async () => {
  for (const close of closers.toReversed()) await close();
});

const url = (): string => sluice.gateway.listeners[0]?.url ?? "";
const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url()}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
const get = (path: string, key: string): Promise<Response> =>
  fetch(`${url()}${path}`, { headers: { authorization: `Bearer ${key}` } });

interface Status {
  readonly destinations: readonly {
    readonly destination: string;
    readonly state: string;
    readonly lag: number;
    readonly next: number;
    readonly refusals: unknown[];
  }[];
}

describe("evidence that goes to every kind of destination", () => {
  it("arrives at each of them, and none of it is what a client wrote", async () => {
    for (const stream of [false, true]) {
      const response = await post("/v1/chat/completions", {
        model: "rehearsal",
        messages: [{ role: "user", content: TEXT }],
        stream,
      });
      expect(await response.text()).toContain("canary");
    }
    await post("/v1/chat/completions", { model: `a/${PLANTED[0]}`, messages: [{ role: "user", content: TEXT }] });
    await post(
      "/v1/chat/completions",
      { model: "rehearsal", messages: [{ role: "user", content: TEXT }] },
      { "sluice-purpose": "Canary-Prompt" },
    );
    await post(`/v1/${PLANTED[2]}`, { text: TEXT });
    await post("/api/scrub", { text: TEXT });
    await vi.waitFor(
      async () => {
        const { destinations } = (await (await get("/api/exports", operator)).json()) as Status;
        expect(destinations.map(({ destination }) => destination)).toEqual([
          "siem",
          "cef",
          "otlp",
          "splunk",
          "hook",
          "vault",
        ]);
        for (const each of destinations) expect(each).toMatchObject({ state: "following", lag: 0, refusals: [] });
        expect(destinations[0]?.next).toBeGreaterThan(8);
      },
      { timeout: 20_000, interval: 100 },
    );
    const sent = [
      heard.syslog,
      ...Object.values(peers).flatMap(({ asked }) => asked.map(({ body, path }) => `${path} ${body}`)),
    ];
    const kept = [...s3.objects].flatMap(([key, versions]) => [
      key,
      ...versions.map(({ body }) => body.toString("latin1")),
    ]);
    for (const each of [...sent, ...kept])
      for (const value of [...PLANTED, "Canary-Prompt"]) expect(each).not.toContain(value);
    expect(kept.join("\n")).not.toMatch(/"type":"intent"|principal/);
    expect(s3.refusals).toEqual([]);
  });

  it("has every index at each, with the same hash", async () => {
    const { destinations } = (await (await get("/api/exports", operator)).json()) as Status;
    const next = Math.min(...destinations.map((each) => each.next));
    const hashes = (text: string, pattern: RegExp): Map<number, string> =>
      new Map([...text.matchAll(pattern)].map(({ groups }) => [Number(groups?.["index"]), groups?.["hash"] ?? ""]));
    const bodies = (peer: StandIn): string => peer.asked.map(({ body }) => body).join("\n");
    const syslog = hashes(heard.syslog, /index="(?<index>\d+)" leaf="(?<hash>[0-9a-f]{64})"/g);
    const splunk = hashes(
      bodies(peers.splunk),
      /"sluice_index":"(?<index>\d+)","sluice_leaf":"(?<hash>[0-9a-f]{64})"/g,
    );
    const hook = hashes(bodies(peers.hook), /"index":(?<index>\d+),"leaf_hash":"(?<hash>[0-9a-f]{64})"/g);
    const otlp = hashes(bodies(peers.otlp), /\\"index\\":(?<index>\d+),\\"leaf_hash\\":\\"(?<hash>[0-9a-f]{64})\\"/g);
    for (let index = 0; index < next; index++) {
      expect(syslog.get(index)).toMatch(/^[0-9a-f]{64}$/);
      for (const each of [splunk, hook, otlp]) expect(each.get(index)).toBe(syslog.get(index));
    }
  });

  it("is measured, and told to who may know", async () => {
    const metrics = await (await fetch(`${url()}/metrics`)).text();
    expect(metrics).toMatch(/^sluice_export_lag_records\{destination="siem"\} \d+$/m);
    expect(metrics).toContain('sluice_export_failing{destination="vault"} 0');
    expect((await get("/api/exports", token)).status).toBe(403);
  });
});
