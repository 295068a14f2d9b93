/** The contract of every channel, each against a peer that speaks its protocol. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SluiceError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { asking } from "../reviews/test/setup.ts";
import type { ChannelSettings } from "../core/channels.ts";
import { BOT, startSlack } from "./test/fake-slack.ts";
import { startHook } from "./test/hook.ts";
import { startMailServer } from "./test/mail-server.ts";
import { ALICE, openChannels, type TestChannels } from "./test/setup.ts";

interface Peer {
  readonly settings: Partial<ChannelSettings>;
  /** What has arrived, as texts. */
  received(): readonly string[];
  /** Refuses the next message: for now, or for good. */
  refuse(how: "now" | "for good"): void;
  close(): Promise<void>;
}

const groups = ["privacy"];
const KEY = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

async function hook(form: "standard" | "teams"): Promise<Peer> {
  const server = await startHook();
  const url = new Secret(server.url);
  const webhook = { name: "peer", form, url, secret: new Secret(KEY), allowPrivateAddress: true, groups };
  return {
    settings: { webhooks: [webhook] },
    received: () => server.posts.map(({ body }) => body),
    refuse: (how) => server.answers.push({ status: how === "now" ? 503 : 400 }),
    close: () => server.close(),
  };
}

const PEERS: Readonly<Record<string, () => Promise<Peer>>> = {
  async email() {
    const server = await startMailServer();
    const to = [{ address: "bob@example.org", person: "corp:bob", groups }];
    const smtp = { host: "127.0.0.1", port: server.port, tls: "none" } as const;
    return {
      settings: { email: { server: smtp, from: "s@example.org", to, preview: true } },
      received: () => server.mails.map(({ headers, text }) => `${headers}\n${text}`),
      refuse: (how) => {
        server.refuse = { code: how === "now" ? 451 : 554, times: 1 };
      },
      close: () => server.close(),
    };
  },
  webhook: () => hook("standard"),
  teams: () => hook("teams"),
  async slack() {
    const server = await startSlack();
    const rooms = [{ room: "C01", groups }];
    return {
      settings: { slack: { token: new Secret(BOT), team: "T01", rooms, people: new Map(), apiUrl: server.url } },
      received: () => server.calls.map(({ args }) => JSON.stringify(args)),
      refuse: (how) => {
        const error = how === "now" ? "internal_error" : "channel_not_found";
        server.refuse = { status: 200, error, times: 1 };
      },
      close: () => server.close(),
    };
  },
};

describe.each(Object.entries(PEERS))("the channel %s", (kind, open) => {
  let peer: Peer;
  let channels: TestChannels;
  beforeEach(async () => {
    peer = await open();
    channels = await openChannels(peer.settings);
  });
  afterEach(async () => {
    await channels.close();
    await peer.close();
  });

  test("says what a review is about, where it is, and nothing of what will be sent", async () => {
    const review = await channels.hold('{"text":"the secret of [PERSON_1]"}');
    expect(peer.received()).toHaveLength(1);
    const [text = ""] = peer.received();
    for (const said of [`https://sluice.example/reviews/${review}`, "alice", "support", "70", "Acme AI"])
      expect(text).toContain(said);
    expect(text).not.toMatch(/the secret|PERSON.1/);
  });

  test("serves its groups and no other", async () => {
    await channels.hold("{}", { approvals: [{ group: "security", people: 1 }] });
    expect(peer.received()).toEqual([]);
    await channels.hold("{ }", {
      approvals: [
        { group: "security", people: 1 },
        { group: "privacy", people: 2 },
      ],
    });
    expect(peer.received()).toHaveLength(1);
  });

  test("shows characters that nobody sees by their number", async () => {
    const recipient = { id: "a", name: "Acme\u202EIA\r\nX: y", country: "US", role: "processor" } as const;
    await channels.hold("{}", { connection: { name: "acme", recipient } });
    if (kind !== "webhook") expect(peer.received()[0]).toContain("⟨U+202E⟩");
    // JSON for programs holds values as they are, escaped.
    expect(peer.received()[0]).not.toContain("\r\nX: y");
  });

  test("is asked again when it is not ready, and holds up nobody", async () => {
    peer.refuse("now");
    const review = await channels.hold();
    expect(peer.received()).toEqual([]);
    expect(channels.faults).toMatchObject([{ code: "channel_unavailable", retriable: true }]);
    expect(await channels.stateOf(review)).toBe("pending");
    channels.desk.laterMs += 15_000;
    await channels.channels.settled();
    expect(peer.received()).toHaveLength(1);
    expect(channels.named("channel.notified").map(({ facts }) => facts?.["try"])).toEqual([1, 2]);
  });

  test("is not asked again when it refuses for good", async () => {
    peer.refuse("for good");
    await channels.hold();
    channels.desk.laterMs += 30_000;
    await channels.channels.settled();
    expect(peer.received()).toEqual([]);
    expect(channels.named("channel.failed")).toMatchObject([{ facts: { final: true, code: "field_invalid" } }]);
  });

  test("is given up in the end when it is away", async () => {
    await peer.close();
    await channels.hold();
    expect(channels.faults).toMatchObject([{ code: "channel_unavailable" }]);
    for (let at = 0; at < 8; at++) {
      channels.desk.laterMs += 8_000;
      await channels.channels.settled();
    }
    expect(channels.named("channel.failed").at(-1)?.facts?.["final"]).toBe(true);
    // So that there is something to close afterwards.
    peer = { ...peer, close: () => Promise.resolve() };
  });

  test("says nothing that cannot be put on record", async () => {
    peer.refuse("now");
    await channels.hold();
    channels.desk.recordFails = true;
    channels.desk.laterMs += 15_000;
    await channels.channels.settled();
    expect(peer.received()).toEqual([]);
    expect(channels.faults.at(-1)?.code).toBe("evidence_unavailable");
  });

  test("says an alarm once, with what to do and where, and nothing of anybody", async () => {
    channels.channels.configure({ webhooks: [], ...peer.settings, alarms: groups });
    for (let at = 0; at < 100; at++) channels.channels.alarms.heard({ name: "passkey.cloned", actor: "corp:bob" });
    await expect.poll(() => peer.received().length).toBe(1);
    channels.channels.alarms.saw(new SluiceError("key_invalid", ""));
    await channels.channels.settled();
    expect(peer.received()).toHaveLength(1);
    const text = (peer.received()[0] ?? "").replaceAll(/=\r?\n/g, "").replaceAll(/\s+/g, " ");
    for (const said of ["there may be a copy of somebody's passkey", "The yes was refused", "https://sluice.example"])
      expect(text).toContain(said);
    expect(text.replaceAll("bob@example.org", "")).not.toMatch(/\bbob\b/);
    expect(channels.named("alarm.raised")).toMatchObject([{ facts: { alarm: true, kind: "passkey-cloned" } }]);
    expect(channels.named("channel.notified")).toMatchObject([{ facts: { kind: "alarm", try: 1 } }]);
  });

  test("says an alarm again when it is not ready, and to nobody whose group hears none", async () => {
    channels.channels.alarms.saw(new SluiceError("seal_invalid", ""));
    await channels.channels.settled();
    expect(channels.named("channel.notified")).toEqual([]);
    channels.channels.configure({ webhooks: [], ...peer.settings, alarms: groups });
    peer.refuse("now");
    channels.channels.alarms.saw(new SluiceError("assertion_replayed", ""));
    await expect.poll(() => channels.named("channel.failed").length).toBe(1);
    channels.desk.laterMs += 15_000;
    await expect.poll(() => peer.received().length).toBe(1);
  });

  test("says that nothing can be put on record, although that cannot be put on record", async () => {
    channels.channels.configure({ webhooks: [], ...peer.settings, alarms: groups });
    channels.desk.recordFails = true;
    channels.channels.alarms.saw(new SluiceError("evidence_unavailable", ""));
    await expect.poll(() => peer.received().length).toBe(1);
  });

  test("is told once, however often the same is heard", async () => {
    const review = await channels.hold();
    channels.channels.opened(review);
    channels.channels.missed();
    await channels.channels.settled();
    channels.desk.laterMs += 30_000;
    await channels.channels.settled();
    expect(peer.received()).toHaveLength(1);
  });

  test("is told after a restart what was missed before it", async () => {
    await channels.desk.desk.ask(asking(ALICE, "{}"), undefined, 0).catch(() => undefined);
    await channels.channels.settled();
    expect(peer.received()).toEqual([]);
    channels.channels.missed();
    await expect.poll(() => peer.received().length).toBe(1);
  });
});
