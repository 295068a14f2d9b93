/**
 * Tells a URL, in one of two forms: `standard`, a JSON event for programs, and `teams`, an adaptive card for a room of Microsoft
 * Teams with a link to the review. Both are signed as Standard Webhooks say
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). Nothing is decided by what it
 * answers.
 */
import { createHmac } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import type { Secret } from "../core/secret.ts";
import { asks, type Channel, type Notice } from "./channel.ts";
import type { Outbound } from "./outbound.ts";
import { factsOf, headline } from "./wording.ts";

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
  return {
    id,
    follows: form === "standard",
    serves: (review) => asks(review, groups),
    async notify(notice) {
      const body = JSON.stringify(form === "teams" ? cardOf(notice) : eventOf(notice, clock()));
      // The same for each try, so that a receiver that has seen it can pass over it.
      const message = `msg_${notice.review.id}_${notice.kind}`;
      await post({ ...options, channel: id }, body, signed(message, body, clock(), options.secret));
      return undefined;
    },
    close: () => Promise.resolve(),
  };
}

/** "The signature is … the id, timestamp and payload joined by a full stop"; `v1` is HMAC-SHA256, base64. */
function signed(id: string, body: string, now: number, secret: Secret | undefined): Record<string, string> {
  const timestamp = String(Math.floor(now / 1_000));
  const headers = { "webhook-id": id, "webhook-timestamp": timestamp };
  if (secret === undefined) return headers;
  const key = Buffer.from(secret.reveal().replace(/^whsec_/, ""), "base64");
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { ...headers, "webhook-signature": `v1,${mac}` };
}

/** "type … data … timestamp": the payload's recommended structure. */
function eventOf({ kind, review, state, url, requester, stepUp }: Notice, now: number): unknown {
  return {
    type: `review.${kind}`,
    timestamp: new Date(now).toISOString(),
    data: {
      id: review.id,
      url,
      kind: review.kind,
      state,
      requester,
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

/** https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using: adaptive cards. */
function cardOf(notice: Notice): unknown {
  const facts = factsOf(notice).map(({ label, value }) => ({ title: label, value: unformatted(value) }));
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
            { type: "TextBlock", text: unformatted(headline(notice)), weight: "Bolder", size: "Medium", wrap: true },
            { type: "FactSet", facts },
          ],
          actions: [{ type: "Action.OpenUrl", title: "Read and decide", url: notice.url }],
        },
      },
    ],
  };
}

/** Cards read a subset of Markdown: what is a name must not become a link or another text. */
function unformatted(text: string): string {
  return text.replaceAll(/[\\`*_[\]()#~>|]/g, (char) => `\\${char}`);
}
