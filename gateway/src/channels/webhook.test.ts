import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Secret } from "../core/secret.ts";
import type { SluiceError } from "../core/errors.ts";
import { asking, person } from "../reviews/test/setup.ts";
import type { ChannelSettings } from "../core/channels.ts";
import { type Hook, startHook } from "./test/hook.ts";
import { ALICE, openChannels, type TestChannels } from "./test/setup.ts";

const KEY = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const BOB = person("corp:bob");

let hook: Hook;
let channels: TestChannels;

function to(url: string, more: Partial<ChannelSettings["webhooks"][number]> = {}): Partial<ChannelSettings> {
  const webhook = { name: "siem", form: "standard", allowPrivateAddress: true, groups: ["privacy"] } as const;
  return { webhooks: [{ ...webhook, url: new Secret(url), secret: new Secret(KEY), ...more }] };
}

beforeEach(async () => {
  hook = await startHook();
  channels = await openChannels(to(hook.url));
});
afterEach(async () => {
  await channels.close();
  await hook.close();
});

async function reopen(settings: Partial<ChannelSettings>): Promise<void> {
  await channels.close();
  channels = await openChannels(settings);
}

describe("a signed event", () => {
  // Somebody else's implementation of the specification.
  const receiver = new OpenAI({ apiKey: "none", webhookSecret: KEY });

  test("is taken by another implementation of Standard Webhooks, and not with another body, time or key", async () => {
    await channels.hold();
    const [{ body, headers } = { body: "", headers: {} }] = hook.posts;
    await receiver.webhooks.verifySignature(body, headers, KEY, 300);
    const later = { ...headers, "webhook-timestamp": String(Number(headers["webhook-timestamp"]) + 1) };
    const other = `whsec_${Buffer.alloc(32, 8).toString("base64")}`;
    await expect(receiver.webhooks.verifySignature(`${body} `, headers, KEY, 300)).rejects.toThrow();
    await expect(receiver.webhooks.verifySignature(body, later, KEY, 300)).rejects.toThrow();
    await expect(receiver.webhooks.verifySignature(body, headers, other, 300)).rejects.toThrow();
    // Replayed ten minutes later, it is outside of the receiver's window.
    const old = { ...headers, "webhook-timestamp": String(Number(headers["webhook-timestamp"]) - 600) };
    await expect(receiver.webhooks.verifySignature(body, old, KEY, 300)).rejects.toThrow();
  });

  test("has the same id in each try, and another for the end of the review", async () => {
    hook.answers = [{ status: 500 }];
    const review = await channels.hold();
    channels.desk.laterMs += 10_000;
    await channels.channels.settled();
    await channels.desk.desk.vote(review, BOB, "deny");
    await expect.poll(() => hook.posts.length).toBe(2);
    expect(hook.posts.map(({ headers }) => headers["webhook-id"])).toEqual([
      `msg_${review}_opened`,
      `msg_${review}_closed`,
    ]);
    expect(hook.posts.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      {
        type: "review.opened",
        // The id, whatever people are shown.
        data: { id: review, state: "pending", requester: ALICE.id, purpose: "support", passkey_required: false },
      },
      { type: "review.closed", data: { id: review, state: "denied" } },
    ]);
  });
});

describe("the address of a webhook", () => {
  test.each(["http://127.0.0.1:9/in", "http://[::1]:9/in", "http://10.1.2.3/in", "http://localhost:9/in"])(
    "is not %s unless that is allowed",
    async (url) => {
      await reopen(to(url, { allowPrivateAddress: false }));
      await channels.hold();
      expect(channels.faults.map(({ code }) => code)).toEqual(["upstream_address_private"]);
      expect(channels.named("channel.failed")).toMatchObject([{ facts: { final: true } }]);
    },
  );

  test("is never that of a cloud's metadata", async () => {
    await reopen(to("http://169.254.169.254/latest/meta-data"));
    await channels.hold();
    expect(channels.faults.map(({ code }) => code)).toEqual(["upstream_address_private"]);
  });

  test("is the one of the configuration: a redirect is not followed", async () => {
    const inner = await startHook();
    hook.answers = [{ status: 307, headers: { location: inner.url } }];
    await channels.hold();
    expect(inner.posts).toEqual([]);
    expect(channels.faults.map(({ code }) => code)).toEqual(["upstream_redirect"]);
    await inner.close();
  });

  test("is in no event and no fault: it may be a secret", async () => {
    hook.answers = [{ status: 500 }];
    await channels.hold();
    const said = JSON.stringify([channels.desk.events, channels.faults.map(({ message }) => message)]);
    expect(said).not.toContain("127.0.0.1");
  });
});

test("a receiver that says when to come again is not asked before", async () => {
  hook.answers = [{ status: 429, headers: { "retry-after": "30" } }];
  await channels.hold();
  channels.desk.laterMs += 20_000;
  await channels.channels.settled();
  expect(hook.posts).toHaveLength(0);
  channels.desk.laterMs += 11_000;
  await channels.channels.settled();
  expect(hook.posts).toHaveLength(1);
});

test("a receiver that hangs holds up no other, no request, and not the end", async () => {
  const hung = createServer(() => undefined);
  await new Promise<void>((resolve) => hung.listen(0, "127.0.0.1", resolve));
  const { port } = hung.address() as AddressInfo;
  const webhooks = [to(`http://127.0.0.1:${port}/in`), to(hook.url, { name: "quick" })].flatMap(
    (each) => each.webhooks ?? [],
  );
  await reopen({ webhooks });
  const began = Date.now();
  for (const text of ["1", "2", "3", "4"]) {
    const asked = await channels.desk.desk.ask(asking(ALICE, text), undefined, 0).catch((thrown: unknown) => thrown);
    channels.channels.opened((asked as SluiceError).details?.["review"] ?? "");
  }
  await expect.poll(() => hook.posts.length).toBe(4);
  await channels.channels.close();
  expect(Date.now() - began).toBeLessThan(5_000);
  hung.closeAllConnections();
  hung.close();
});

test("Teams gets a card with a link to the review, and names in it are no markup", async () => {
  await reopen(to(hook.url, { form: "teams" }));
  const recipient = { id: "a", name: "[Acme](https://evil.example)", country: "US", role: "processor" } as const;
  const review = await channels.hold("{}", { connection: { name: "acme", recipient } });
  const [{ body } = { body: "{}" }] = hook.posts;
  expect(JSON.parse(body)).toMatchObject({
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        content: {
          type: "AdaptiveCard",
          version: "1.4",
          actions: [{ type: "Action.OpenUrl", url: `https://sluice.example/reviews/${review}` }],
        },
      },
    ],
  });
  expect(body).toContain("What will be sent is not in this message. Read it first, behind “Read and decide”");
  expect(body).toContain("\\\\[Acme\\\\]\\\\(https://evil.example\\\\)");
  expect(body.length).toBeLessThan(28_000);
});
