/** URLs that are credentials: a password before the host, or a path that anybody may post to who knows it. */
import type { Sink } from "./recognizer.ts";
import { isPlaceholder } from "./secret-value.ts";

interface Webhook {
  /** The host; with a full stop in front, what it ends in. */
  readonly host: string;
  readonly path: string;
  /** What the rest of the URL must have in it. */
  readonly holds?: string;
}

const WEBHOOKS: readonly Webhook[] = [
  { host: "hooks.slack.com", path: "/services/" },
  { host: "hooks.slack.com", path: "/workflows/" },
  { host: "hooks.slack.com", path: "/triggers/" },
  { host: "discord.com", path: "/api/webhooks/" },
  { host: ".discord.com", path: "/api/webhooks/" },
  { host: "discordapp.com", path: "/api/webhooks/" },
  { host: "api.telegram.org", path: "/bot" },
  { host: ".webhook.office.com", path: "/webhookb2/" },
  { host: "outlook.office.com", path: "/webhook/" },
  { host: "hooks.zapier.com", path: "/hooks/catch/" },
  { host: "chat.googleapis.com", path: "/v1/spaces/", holds: "&token=" },
  { host: "maker.ifttt.com", path: "/trigger/", holds: "/with/key/" },
  { host: ".make.com", path: "/", holds: "https://hook." },
  { host: ".logic.azure.com:443", path: "/workflows/", holds: "&sig=" },
];
/** A shorter rest is the vendor's documentation. */
const REST_CHARS_MIN = 9;
/** A longer host is none of these. */
const HOST_CHARS_MAX = 80;

/** The URL is [start, end), its host [host, path). Returns whether all of it is a webhook. */
export function findWebhook(text: string, start: number, host: number, path: number, end: number, sink: Sink): boolean {
  if (path - host > HOST_CHARS_MAX || end - path < REST_CHARS_MIN) return false;
  const name = text.slice(host, path).toLowerCase();
  for (const row of WEBHOOKS) {
    if (row.host.startsWith(".") ? !name.endsWith(row.host) : name !== row.host) continue;
    if (!text.startsWith(row.path, path) || end - path < row.path.length + REST_CHARS_MIN) continue;
    if (row.holds !== undefined && !text.slice(start, end).includes(row.holds)) continue;
    sink.add("SECRET", start, end, 0.97, "url", "webhook-url: URL whose path is the credential");
    return true;
  }
  return false;
}

/** https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1: the userinfo is [from, at). Returns whether it has a password. */
export function findPassword(text: string, start: number, from: number, at: number, end: number, sink: Sink): boolean {
  let colon = from;
  while (colon < at && text.charCodeAt(colon) !== 0x3a) colon++;
  if (at - colon <= 1 || isPlaceholder(text, colon + 1, at)) return false;
  sink.add("SECRET", start, end, 0.95, "url", "connection-url: URL with a password before the host");
  return true;
}
