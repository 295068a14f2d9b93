/**
 * Posts to one channel of Slack that a review waits, with buttons for a yes and a no, and changes the message when the review is
 * over. All that comes from elsewhere is sent as plain text, which Slack neither formats nor links. What is to be sent is not in
 * it. Which click counts is decided in slack-clicks.ts.
 */
import {
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebClient,
  type WebClientOptions,
} from "@slack/web-api";
import { SluiceError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { asks, type Channel, type Notice, unavailable } from "./channel.ts";
import { ACTIONS, escaped } from "./slack-clicks.ts";
import { factsOf, headline, readFirst, time } from "./wording.ts";

export interface SlackRoom {
  readonly id: string;
  readonly client: WebClient;
  /** Slack's id of it: C… */
  readonly room: string;
  readonly groups: readonly string[];
}

const TIMEOUT_MS = 15_000;
const CONCURRENCY_MAX = 4;
const HEADER_CHARS_MAX = 150;
const OPEN_LABEL = "Read it";
const silence = (): void => undefined;

/** The libraries print; here only the gateway's own log does. */
export const SILENT = {
  debug: silence,
  info: silence,
  warn: silence,
  error: silence,
  setLevel: silence,
  setName: silence,
  getLevel: () => LogLevel.ERROR,
};

/** Trying again is the notifier's matter. `apiUrl`: absent for Slack itself. */
export function slackClientOptions(apiUrl?: string): Omit<WebClientOptions, "logger" | "logLevel"> {
  return {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: TIMEOUT_MS,
    maxRequestConcurrency: CONCURRENCY_MAX,
    allowAbsoluteUrls: false,
  };
}

export function openSlack(token: Secret, apiUrl?: string): WebClient {
  return new WebClient(token.reveal(), { ...slackClientOptions(apiUrl), logger: SILENT });
}

export function createSlackChannel({ id, client, room, groups }: SlackRoom): Channel {
  return {
    id,
    follows: true,
    groups,
    serves: (review) => asks(review, groups),
    async notify(notice) {
      const message = { channel: room, text: escaped(headline(notice)), blocks: blocksOf(notice) };
      try {
        if (notice.kind === "opened") {
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- Slack's method, not the window's
          const { ts } = await client.chat.postMessage({ ...message, mrkdwn: false, unfurl_links: false });
          return ts;
        }
        if (notice.earlier !== undefined) await client.chat.update({ ...message, ts: notice.earlier });
        return undefined;
      } catch (thrown) {
        throw failed(id, thrown);
      }
    },
    async raise({ title, todo, hour }, url) {
      const header = { type: "header" as const, text: text(`ALARM: ${title}`.slice(0, HEADER_CHARS_MAX)) };
      const section = { type: "section" as const, text: text(`In the hour from ${time(hour)}, at ${url}\n${todo}`) };
      const message = { channel: room, text: escaped(`ALARM: ${title}`), blocks: [header, section] };
      try {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- Slack's method, not the window's
        await client.chat.postMessage({ ...message, mrkdwn: false, unfurl_links: false });
      } catch (thrown) {
        throw failed(id, thrown);
      }
    },
    close: () => Promise.resolve(),
  };
}

interface Text {
  readonly type: "plain_text";
  readonly text: string;
}

const text = (value: string): Text => ({ type: "plain_text", text: value });

function blocksOf(notice: Notice) {
  const { review, kind, url, stepUp } = notice;
  const header = { type: "header" as const, text: text(headline(notice).slice(0, HEADER_CHARS_MAX)) };
  const facts = factsOf(notice).map(({ label, value }) => text(`${label}: ${value}`));
  const section = { type: "section" as const, fields: facts };
  if (kind === "closed") return [header, section];
  const open = { type: "button" as const, action_id: "sluice.open", text: text(OPEN_LABEL), url };
  const button = (decision: keyof typeof ACTIONS, label: string, style: "primary" | "danger") => ({
    type: "button" as const,
    action_id: ACTIONS[decision],
    text: text(label),
    style,
    value: review.id,
    confirm: {
      title: text(`${label}?`),
      text: text(`${label} this request: your decision goes on record.`),
      confirm: text(label),
      deny: text("Back"),
    },
  });
  const deny = button("deny", "Deny", "danger");
  const elements = stepUp ? [open, deny] : [open, button("approve", "Approve", "primary"), deny];
  const hints = [
    text(readFirst(notice, OPEN_LABEL)),
    ...(stepUp ? [text("A yes to this needs your passkey: decide it in a browser.")] : []),
  ];
  return [header, section, { type: "context" as const, elements: hints }, { type: "actions" as const, elements }];
}

/** Codes of the platform that another try changes nothing about: `invalid_auth`, `channel_not_found`. They name no one. */
const PASSING = new Set(["internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited"]);

function failed(id: string, thrown: unknown): SluiceError {
  if (thrown instanceof WebAPIRateLimitedError)
    return unavailable(id, "is asked to wait", { retryAfterSeconds: thrown.retryAfter });
  if (thrown instanceof WebAPIPlatformError && !PASSING.has(thrown.data.error)) {
    const code = /^[a-z_]{1,64}$/.test(thrown.data.error) ? thrown.data.error : "unknown";
    return new SluiceError("field_invalid", `channel ${id}: Slack refuses for good (${code})`);
  }
  if (thrown instanceof WebAPIHTTPError) return unavailable(id, `answers ${thrown.statusCode}`);
  return unavailable(id, "could not be reached", { cause: thrown });
}
