/**
 * Tells a URL, in one of two forms: `standard`, a JSON event for programs, and `teams`, an adaptive card for a room of Microsoft
 * Teams with a link to the review. Both are signed as Standard Webhooks say
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). Nothing is decided by what it
 * answers.
 */
import { createHmac } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import type { Secret } from "../core/secret.ts";
import type { Alarm } from "./alarms.ts";
import { asks, type Channel, type Notice } from "./channel.ts";
import type { Outbound } from "./outbound.ts";
import { factsOf, headline, readFirst, time } from "./wording.ts";

export interface WebhookOptions {
  readonly id: string;
  readonly form: "standard" | "teams";
  readonly url: URL;
  readonly allowPrivateAddress: boolean;
  /** `whsec_` and base64. Absent: not signed, which only `teams` may be. */
  readonly secret?: Secret;
  readonly groups: readonly string[];
  readonly post: Outbound;
  readonly clock: Clock;
}

export function createWebhookChannel(options: WebhookOptions): Channel {
  const { id, form, groups, post, clock } = options;
  /** `message`: the same for each try, so that a receiver that has seen it can pass over it. */
  function send(message: string, said: unknown): Promise<void> {
    const body = JSON.stringify(said);
    return post({ ...options, channel: id }, body, standardWebhook(message, body, clock(), options.secret?.reveal()));
  }
  return {
    id,
    follows: form === "standard",
    groups,
    serves: (review) => asks(review, groups),
    async notify(notice) {
      const said = form === "teams" ? reviewCard(notice) : eventOf(notice, clock());
      await send(`msg_${notice.review.id}_${notice.kind}`, said);
      return undefined;
    },
    raise: (alarm, url) =>
      send(`msg_${alarm.id}`, form === "teams" ? alarmCard(alarm, url) : alarmEvent(alarm, url, clock())),
    close: () => Promise.resolve(),
  };
}

/** "The signature is … the id, timestamp and payload joined by a full stop"; `v1` is HMAC-SHA256, base64. */
export function standardWebhook(id: string, body: string, now: number, secret?: string): Record<string, string> {
  const timestamp = String(Math.floor(now / 1_000));
  const headers = { "webhook-id": id, "webhook-timestamp": timestamp };
  if (secret === undefined) return headers;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { ...headers, "webhook-signature": `v1,${mac}` };
}

/** "type … data … timestamp": the payload's recommended structure. */
function eventOf({ kind, review, state, url, stepUp }: Notice, now: number): unknown {
  return {
    type: `review.${kind}`,
    timestamp: new Date(now).toISOString(),
    data: {
      id: review.id,
      url,
      kind: review.kind,
      state,
      // For programs, which keep what they get: ids and no names.
      requester: [review.requester, ...review.actors].join(", through "),
      purpose: review.purpose,
      basis: review.basis,
      connection: review.connection,
      recipient: review.recipient,
      categories: review.categories,
      risk: review.risk,
      approvals: review.approvals.map(({ group, people }) => ({ group, people })),
      passkey_required: stepUp,
      expires_at: new Date(review.expiresAt).toISOString(),
    },
  };
}

function alarmEvent({ id, kind, hour, title, todo }: Alarm, url: string, now: number): unknown {
  return {
    type: "alarm.raised",
    timestamp: new Date(now).toISOString(),
    data: { id, kind, hour: new Date(hour).toISOString(), title, todo, url },
  };
}

function reviewCard(notice: Notice): unknown {
  const facts = factsOf(notice).map(({ label, value }) => ({ title: label, value: unformatted(value) }));
  const title = "Read and decide";
  const hint = { type: "TextBlock", text: unformatted(readFirst(notice, title)), wrap: true };
  return cardOf(headline(notice), [{ type: "FactSet", facts }, hint], { title, url: notice.url });
}

function alarmCard({ title, todo, hour }: Alarm, url: string): unknown {
  const text = `In the hour from ${time(hour)}. ${unformatted(todo)}`;
  return cardOf(`ALARM: ${title}`, [{ type: "TextBlock", text, wrap: true }], { title: "Open the gateway", url });
}

/** https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using: adaptive cards. */
function cardOf(
  title: string,
  what: readonly object[],
  link: { readonly title: string; readonly url: string },
): unknown {
  return {
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          body: [
            { type: "TextBlock", text: unformatted(title), weight: "Bolder", size: "Medium", wrap: true },
            ...what,
          ],
          actions: [{ type: "Action.OpenUrl", ...link }],
        },
      },
    ],
  };
}

/** Cards read a subset of Markdown: what is a name must not become a link or another text. */
function unformatted(text: string): string {
  return text.replaceAll(/[\\`*_[\]()#~>|]/g, (char) => `\\${char}`);
}
