import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Secret } from "../core/secret.ts";
import { person } from "../reviews/test/setup.ts";
import type { ChannelSettings } from "../core/channels.ts";
import { ACTIONS } from "./slack-clicks.ts";
import { APP, BOT, type FakeSlack, startSlack } from "./test/fake-slack.ts";
import { openChannels, type TestChannels } from "./test/setup.ts";

const SIGNING = "8f742231b10e8888abcd99yyyzzz85a5";
const BOB = person("corp:bob");

let slack: FakeSlack;
let channels: TestChannels;

function settingsFor(more: Partial<NonNullable<ChannelSettings["slack"]>> = {}): Partial<ChannelSettings> {
  return {
    slack: {
      token: new Secret(BOT),
      team: "T01",
      rooms: [{ room: "C01", groups: ["privacy"] }],
      people: new Map([
        ["UBOB", "corp:bob"],
        ["UALICE", "corp:alice"],
        ["UCARL", "corp:carl"],
        ["UGONE", "corp:gone"],
      ]),
      apiUrl: slack.url,
      ...more,
    },
  };
}

let clicks = 0;
function clickOf(review: string, user = "UBOB", decision: "approve" | "deny" = "approve", more: object = {}): object {
  clicks += 1;
  return {
    type: "block_actions",
    team: { id: "T01", domain: "acme" },
    user: { id: user, username: "somebody", team_id: "T01" },
    api_app_id: "A01",
    container: { type: "message", message_ts: "1700000000.000001", channel_id: "C01" },
    trigger_id: `1.2.${clicks}`,
    actions: [
      {
        type: "button",
        action_id: ACTIONS[decision],
        value: review,
        action_ts: `1700000001.${String(clicks).padStart(6, "0")}`,
      },
    ],
    ...more,
  };
}

interface Sent {
  readonly at?: number;
  readonly secret?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Posts as Slack does. */
async function send(payload: unknown, { at = Date.now(), secret = SIGNING, headers = {} }: Sent = {}): Promise<number> {
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor(at / 1_000));
  const signature = `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
  const { statusCode } = await channels.app.inject({
    method: "POST",
    url: "/slack/interactions",
    payload: body,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": signature,
      ...headers,
    },
  });
  return statusCode;
}

const refusals = (): unknown[] => channels.named("channel.refused").map(({ facts }) => facts?.["code"]);
const votesOf = async (review: string): Promise<number> => (await channels.desk.store.read(review))?.votes.length ?? 0;

beforeEach(async () => {
  slack = await startSlack();
  channels = await openChannels(settingsFor({ signingSecret: new Secret(SIGNING) }));
});
afterEach(async () => {
  await channels.close();
  await slack.close();
});

describe("a message", () => {
  test("has buttons with the review's id alone, and changes when the review is decided elsewhere", async () => {
    const review = await channels.hold();
    const [posted] = slack.calls;
    expect(posted).toMatchObject({ method: "chat.postMessage", args: { channel: "C01" } });
    const buttons = posted?.blocks.find(({ type }) => type === "actions")?.elements;
    expect(buttons).toMatchObject([
      { url: `https://sluice.example/reviews/${review}` },
      { action_id: ACTIONS.approve, value: review },
      { action_id: ACTIONS.deny, value: review },
    ]);
    await channels.desk.desk.vote(review, BOB, "deny");
    await expect.poll(() => slack.calls.length).toBe(2);
    expect(slack.calls[1]).toMatchObject({
      method: "chat.update",
      args: { channel: "C01", ts: "1700000000.000001", text: "alice: denied" },
    });
    expect(slack.calls[1]?.blocks.some(({ type }) => type === "actions")).toBe(false);
  });

  test("formats and mentions nobody, whatever people are called", async () => {
    const recipient = {
      id: "a",
      name: "<!channel> *Acme* <https://evil.example|x>",
      country: "US",
      role: "processor",
    } as const;
    await channels.hold("{}", { connection: { name: "acme", recipient } });
    const blocks = JSON.stringify(slack.calls[0]?.blocks);
    expect(blocks).not.toContain("mrkdwn");
    expect(slack.calls[0]?.args["text"]).not.toContain("<");
  });

  test("says that what will be sent is to be read first, and leads to where it stands", async () => {
    const review = await channels.hold();
    const blocks = slack.calls[0]?.blocks ?? [];
    expect(JSON.stringify(blocks)).toContain(
      "What will be sent is not in this message. Read it first, behind “Read it”",
    );
    const buttons = blocks.find(({ type }) => type === "actions")?.elements ?? [];
    expect(buttons[0]).toMatchObject({ action_id: "sluice.open", url: `https://sluice.example/reviews/${review}` });
    expect((await channels.get("bob", `/reviews/${review}`)).body).toContain("[EMAIL_1]");
  });

  test("has no button for a yes that needs a passkey, and such a click does not count", async () => {
    await channels.close();
    channels = await openChannels({ ...settingsFor({ signingSecret: new Secret(SIGNING) }), passkeys: { risk: 70 } });
    const review = await channels.hold();
    const buttons = slack.calls[0]?.blocks.find(({ type }) => type === "actions")?.elements ?? [];
    expect(buttons.map(({ action_id: action }) => action)).toEqual(["sluice.open", ACTIONS.deny]);
    await send(clickOf(review));
    expect(refusals()).toEqual(["step_up_required"]);
    await send(clickOf(review, "UBOB", "deny"));
    expect(await channels.stateOf(review)).toBe("denied");
  });
});

describe("a click that Slack has signed", () => {
  test("is the vote of the person that the configuration names, and its outcome is told to that person", async () => {
    const review = await channels.hold();
    expect(await send(clickOf(review))).toBe(200);
    expect(await channels.desk.store.read(review)).toMatchObject({ state: "granted", votes: [{ person: "corp:bob" }] });
    expect(channels.named("channel.decided")).toMatchObject([{ actor: "corp:bob", facts: { channel: "slack" } }]);
    const told = slack.calls.find(({ method }) => method === "chat.postEphemeral");
    expect(told?.args).toMatchObject({ user: "UBOB", channel: "C01" });
  });

  test("counts once, also when it is delivered again", async () => {
    const review = await channels.hold("{}", { approvals: [{ group: "privacy", people: 2 }] });
    const click = clickOf(review);
    const all = await Promise.all(Array.from({ length: 10 }, () => send(click)));
    expect(all).toEqual(Array.from({ length: 10 }, () => 200));
    expect(await votesOf(review)).toBe(1);
    expect(refusals()).toEqual(Array.from({ length: 9 }, () => "message_replayed"));
  });

  test.each([
    ["a user whom nobody knows", clickOf, "UEVE", "person_unknown"],
    ["a user whose person the gateway does not know", clickOf, "UGONE", "person_unknown"],
    ["the requester", clickOf, "UALICE", "approval_self"],
    ["somebody without the group", clickOf, "UCARL", "permission_missing"],
  ])("by %s does not count", async (_, click, user, code) => {
    const review = await channels.hold();
    expect(await send(click(review, user))).toBe(200);
    expect(refusals()).toEqual([code]);
    expect(await votesOf(review)).toBe(0);
    const told = slack.calls.find(({ method }) => method === "chat.postEphemeral");
    expect(told?.args["text"]).toContain(code);
  });

  test("from another workspace does not count, even by a user of the same id", async () => {
    const review = await channels.hold();
    await send(clickOf(review, "UBOB", "approve", { team: { id: "T02" } }));
    expect(refusals()).toEqual(["person_unknown"]);
    expect(await votesOf(review)).toBe(0);
  });

  test("on what is closed says so", async () => {
    const review = await channels.hold();
    await channels.desk.desk.vote(review, BOB, "deny");
    await send(clickOf(review));
    expect(refusals()).toEqual(["review_closed"]);
  });

  test.each([
    ["no interaction", { type: "view_submission" }],
    ["two actions", clickOf("rv-00", "UBOB", "approve", { actions: [{}, {}] })],
    ["a list", []],
    ["nothing", null],
  ])("that is %s is refused", async (_, payload) => {
    expect(await send(payload)).toBe(400);
  });
});

describe("a request that is not Slack's", () => {
  const cases: [string, Sent, string][] = [
    ["signed with another secret", { secret: "wrong" }, "signature_invalid"],
    ["signed in another form", { headers: { "x-slack-signature": "v1=00" } }, "signature_invalid"],
    [
      "with a signature of the right length",
      { headers: { "x-slack-signature": `v0=${"0".repeat(64)}` } },
      "signature_invalid",
    ],
    ["without a time", { headers: { "x-slack-request-timestamp": "" } }, "signature_invalid"],
    [
      "with another time than the signed one",
      { headers: { "x-slack-request-timestamp": "1700000000" } },
      "signature_invalid",
    ],
    ["six minutes old", { at: Date.now() - 360_000 }, "message_expired"],
    ["from six minutes ahead", { at: Date.now() + 360_000 }, "message_expired"],
  ];
  test.each(cases)("%s is refused, and that is on record", async (_, how, code) => {
    const review = await channels.hold();
    expect(await send(clickOf(review), how)).toBe(401);
    expect(refusals()).toEqual([code]);
    expect(await votesOf(review)).toBe(0);
  });

  test("floods the log no more than sixty times a minute, and what was left out is counted", async () => {
    for (let at = 0; at < 70; at++) await send({}, { secret: "wrong" });
    expect(refusals()).toHaveLength(60);
    channels.desk.laterMs += 61_000;
    await send({}, { secret: "wrong" });
    expect(channels.named("channel.refused").at(-1)?.facts?.["skipped"]).toBe(10);
  });

  test("finds no door when clicks come by socket", async () => {
    channels.channels.configure({ webhooks: [], alarms: [] });
    expect(await send({})).toBe(404);
  });
});

describe("socket mode", () => {
  beforeEach(async () => {
    await channels.close();
    channels = await openChannels(settingsFor({ appToken: new Secret(APP) }));
    await expect.poll(() => slack.sockets.size).toBe(1);
  });

  test("brings clicks without an address of our own, and acknowledges each", async () => {
    const review = await channels.hold();
    slack.deliver("env-1", clickOf(review));
    await expect.poll(() => slack.acknowledged).toEqual(["env-1"]);
    expect(await channels.stateOf(review)).toBe("granted");
  });

  test("counts what is delivered twice once, and survives what it does not understand", async () => {
    const review = await channels.hold("{}", { approvals: [{ group: "privacy", people: 2 }] });
    const click = clickOf(review);
    slack.sendRaw("{");
    slack.sendRaw('"text"');
    slack.deliver("env-0", { type: "odd" });
    slack.deliver("env-1", click);
    slack.deliver("env-2", click);
    await expect.poll(() => slack.acknowledged.toSorted()).toEqual(["env-0", "env-1", "env-2"]);
    expect(await votesOf(review)).toBe(1);
    expect(refusals()).toEqual(["message_replayed"]);
    expect(channels.faults.map(({ code }) => code)).toEqual(["field_invalid"]);
  });

  test("connects again when the connection is cut, and when Slack cannot be reached for a while", async () => {
    slack.refuse = { status: 500, error: "", times: 1 };
    const [cut] = slack.sockets;
    cut?.destroy();
    const again = (): boolean => slack.sockets.size === 1 && !slack.sockets.has(cut as never);
    await expect.poll(again, { timeout: 10_000 }).toBe(true);
    expect(channels.faults.map(({ code }) => code)).toEqual(["channel_unavailable"]);
    const review = await channels.hold();
    slack.deliver("env-9", clickOf(review));
    await expect.poll(() => slack.acknowledged).toEqual(["env-9"]);
    expect(await channels.stateOf(review)).toBe("granted");
  });
});
