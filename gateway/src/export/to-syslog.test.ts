import { createServer as createTcp, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { createServer as createTls, type TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { SyslogSettings } from "../core/export.ts";
import { Secret } from "../core/secret.ts";
import { openPki, type Pki, type PkiPair } from "../core/test/pki.ts";
import { freePort } from "../server/test/free-port.ts";
import { Pump } from "./pump.ts";
import { SyslogDestination } from "./to-syslog.ts";
import { RECORDS } from "./test/leaves.ts";
import { openRsyslog, type Rsyslog, whyNoRsyslog } from "./test/rsyslog.ts";
import { ADDRESSES, FAST, openScene } from "./test/setup.ts";

const PEER = "gateway.sluice.example";
const VERSION = "0.1.0";
let pki: Pki;
let ca: PkiPair;
let server: PkiPair;
let client: PkiPair;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(() => {
  pki = openPki();
  ca = pki.authority("ca");
  server = pki.issue("server", { names: "DNS:siem.example" });
  client = pki.issue("client", { subject: `/CN=${PEER}`, names: `DNS:${PEER}` });
});
afterAll(() => pki.remove());
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function settings(port: number, more: Partial<SyslogSettings> = {}): SyslogSettings {
  return {
    name: "siem",
    kind: "syslog",
    from: "beginning",
    allowPrivateAddress: true,
    ca: ca.cert,
    host: "127.0.0.1",
    port,
    serverName: "siem.example",
    client: { certificate: new Secret(client.cert), key: new Secret(client.key) },
    format: "structured",
    messageBytesMax: 8_192,
    enterprise: 32_473,
    settleMs: 300,
    ...more,
  };
}

function destination(port: number, more: Partial<SyslogSettings> = {}): SyslogDestination {
  const made = new SyslogDestination({ settings: settings(port, more), addresses: ADDRESSES, version: VERSION });
  cleanups.push(() => made.close());
  return made;
}

const RANGE = { from: 0, to: RECORDS.length, records: RECORDS };
const NEVER = new AbortController().signal;

/** A receiver of ours that does what a test says; messages are cut out of the stream by their counted octets. */
async function receiver(onLink: (socket: TLSSocket, links: number) => void = (socket) => socket.resume()) {
  const sockets: TLSSocket[] = [];
  const tls = createTls(
    { key: server.key, cert: server.cert, ca: ca.cert, requestCert: true, rejectUnauthorized: true },
    (socket) => {
      sockets.push(socket);
      socket.on("error", () => undefined);
      onLink(socket, sockets.length);
    },
  );
  await new Promise<void>((resolve) => tls.listen(0, "127.0.0.1", resolve));
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    tls.close();
  });
  return { port: (tls.address() as AddressInfo).port, sockets };
}

describe("what was sent by syslog counts as arrived", () => {
  it("when the receiver has closed its side after ours, and goes on living", async () => {
    let heard = "";
    const { port, sockets } = await receiver((socket) =>
      socket.on("data", (chunk: Buffer) => (heard += chunk.toString("latin1"))),
    );
    const began = performance.now();
    await destination(port).deliver(RANGE, NEVER);
    expect(performance.now() - began).toBeGreaterThan(300);
    expect(sockets).toHaveLength(2);
    for (let count = 0, at = 0; at < heard.length; count++) {
      const length = Number(/^(\d+) /.exec(heard.slice(at))?.[1]);
      const start = at + String(length).length + 1;
      expect(heard.slice(start, start + length)).toContain(`index="${count}"`);
      at = start + length;
    }
  });

  it("not when it dies within its time, though it has closed the link in order", async () => {
    const { port } = await receiver((socket, links) => {
      socket.resume();
      // The second link outlives the first one, and then its process dies.
      if (links === 2) setTimeout(() => socket.destroy(), 150);
    });
    await expect(destination(port).deliver(RANGE, NEVER)).rejects.toMatchObject({ code: "export_unavailable" });
  });

  it("not when it ends the link by itself", async () => {
    const { port } = await receiver((socket, links) => {
      if (links === 1) socket.once("data", () => socket.destroy());
      socket.resume();
    });
    await expect(destination(port).deliver(RANGE, NEVER)).rejects.toMatchObject({ code: "export_unavailable" });
  });

  it("not when nobody waits for it any more", async () => {
    const { port } = await receiver();
    const waiting = new AbortController();
    const delivered = destination(port).deliver(RANGE, waiting.signal);
    setTimeout(() => waiting.abort(), 50);
    await expect(delivered).rejects.toMatchObject({ code: "export_unavailable" });
  });
});

describe("a receiver is not sent anything", () => {
  const refused = async (port: number, more: Partial<SyslogSettings>, reason: RegExp | string): Promise<void> => {
    const error = await destination(port, more)
      .deliver(RANGE, NEVER)
      .catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(reason);
  };

  it("that has another name", async () => {
    const { port } = await receiver();
    await refused(port, { serverName: "other.example" }, /ERR_TLS_CERT_ALTNAME_INVALID/);
  });

  it("that no authority of ours vouches for", async () => {
    const { port } = await receiver();
    const others = openPki();
    cleanups.push(async () => others.remove());
    await refused(port, { ca: others.authority("other").cert }, /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO/);
  });

  it("at an address that is not public, unless that is allowed", async () => {
    const { port } = await receiver();
    await refused(port, { allowPrivateAddress: false }, /not public/);
  });

  it("that speaks no TLS", async () => {
    const tcp: Server = createTcp((socket) => socket.end("hello\n"));
    await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
    cleanups.push(async () => tcp.close());
    await refused((tcp.address() as AddressInfo).port, {}, /could not be reached|has closed/);
  });
});

const why = whyNoRsyslog();

describe.skipIf(why !== undefined)(`rsyslogd${why === undefined ? "" : `: skipped, ${why}`}`, () => {
  async function openReceiver(isSlow = false): Promise<{ rsyslog: Rsyslog; port: number }> {
    const port = await freePort();
    const rsyslog = openRsyslog({ port, ca, server, peer: PEER, isSlow });
    cleanups.push(() => rsyslog.remove());
    await rsyslog.start();
    return { rsyslog, port };
  }
  const indexesOf = (lines: readonly string[]): number[] =>
    lines.map((line) => Number(/ index="(\d+)"/.exec(line)?.[1]));

  it("takes what is sent, in each form, as one message each", async () => {
    const { rsyslog, port } = await openReceiver();
    for (const format of ["structured", "cef", "ocsf"] as const)
      await destination(port, { format }).deliver(RANGE, NEVER);
    await vi.waitFor(() => expect(rsyslog.lines()).toHaveLength(3 * RECORDS.length));
    expect(indexesOf(rsyslog.lines())).toEqual([...RECORDS, ...RECORDS, ...RECORDS].map(({ index }) => index));
  });

  it("refuses who has no certificate, or somebody else's", async () => {
    const { port } = await openReceiver();
    const stranger = pki.issue("stranger", { names: "DNS:stranger.example" });
    const { client: _client, ...rest } = settings(port);
    const nobody = new SyslogDestination({ settings: rest, addresses: ADDRESSES, version: VERSION });
    cleanups.push(() => nobody.close());
    await expect(nobody.deliver(RANGE, NEVER)).rejects.toMatchObject({ code: "export_unavailable" });
    const other = { certificate: new Secret(stranger.cert), key: new Secret(stranger.key) };
    await expect(destination(port, { client: other }).deliver(RANGE, NEVER)).rejects.toMatchObject({
      code: "export_unavailable",
    });
  });

  it("killed in mid-stream and started again lacks nothing: 5,000 records, no gap, and what came twice is known by its index", async () => {
    const RECORDS_MAX = 5_000;
    // What it has read it holds for up to three seconds, and a kill takes that with it.
    const { rsyslog, port } = await openReceiver(true);
    const scene = await openScene();
    cleanups.push(() => scene.close());
    const pump = new Pump({
      ...scene,
      destination: new SyslogDestination({
        settings: settings(port, { settleMs: 4_000 }),
        addresses: ADDRESSES,
        version: VERSION,
      }),
      origin: "log.example/evidence",
      start: () => 0,
      holder: "test",
      clock: Date.now,
      onFault: () => undefined,
      times: { ...FAST, awayMs: 60_000 },
    });
    cleanups.push(() => pump.close());
    scene.log.grow(RECORDS_MAX / 2);
    await vi.waitFor(() => expect(rsyslog.lines().length).toBeGreaterThan(500), { timeout: 10_000, interval: 5 });
    await rsyslog.kill();
    scene.log.grow(RECORDS_MAX / 4);
    await rsyslog.start();
    await vi.waitFor(() => expect(rsyslog.lines().length).toBeGreaterThan(RECORDS_MAX / 2), {
      timeout: 10_000,
      interval: 5,
    });
    scene.log.grow(RECORDS_MAX / 4);
    await rsyslog.kill();
    await rsyslog.start();
    await vi.waitFor(() => expect(pump.status).toMatchObject({ next: RECORDS_MAX, state: "following" }), {
      timeout: 30_000,
      interval: 50,
    });
    const seen = new Map<number, string>();
    // The last line before a kill may have been cut off.
    for (const line of rsyslog.lines()) {
      const [index = -1] = indexesOf([line]);
      if (/^<\d+>1 .*test$/.test(line)) seen.set(index, line);
    }
    expect(seen.size).toBe(RECORDS_MAX);
    expect(Math.max(...seen.keys())).toBe(RECORDS_MAX - 1);
    expect(rsyslog.lines().length).toBeGreaterThan(RECORDS_MAX);
  }, 60_000);
});
