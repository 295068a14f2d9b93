/**
 * Clicks on buttons in Slack: who clicked, what, and whether it counts. A click comes by a request that Slack has signed
 * (https://docs.slack.dev/authentication/verifying-requests-from-slack) or by a socket that we have opened to Slack. Which person
 * a user of Slack is, is said by the configuration and by nothing in the message. Each click counts once.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import type { Clock } from "../core/clock.ts";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import type { Decisions } from "./decisions.ts";
import type { ChannelStore } from "./store.ts";
import { STATES } from "./wording.ts";

export interface ClickOptions {
  readonly decisions: Decisions;
  readonly store: Pick<ChannelStore, "seeFirst">;
  readonly clock: Clock;
}

/** Who clicks in this workspace. */
export interface Workspace {
  /** Slack's id of it: T… */
  readonly team: string;
  /** Slack's user id → person. */
  readonly people: ReadonlyMap<string, string>;
  /** Tells one user something that nobody else sees. */
  readonly answer: (room: string, user: string, text: string) => Promise<unknown>;
}

/** What a button of ours says it is. */
export const ACTIONS = { approve: "sluice.approve", deny: "sluice.deny" } as const;

/** "if the timestamp is more than five minutes from local time", the request is not looked at. */
const AGE_SECONDS_MAX = 300;
const SEEN_MS = 86_400_000;

const id = z.string().regex(/^[A-Z0-9]{1,32}$/);
const click = z.object({
  type: z.literal("block_actions"),
  team: z.object({ id }),
  user: z.object({ id }),
  container: z.object({ channel_id: id }),
  actions: z
    .array(
      z.object({
        action_id: z.string().max(255),
        action_ts: z.string().regex(/^[0-9.]{1,32}$/),
        value: z.string().max(128).optional(),
      }),
    )
    .length(1),
});

export interface Signed {
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  /** As it came. */
  readonly body: string;
}

/** Throws signature_invalid, message_expired. */
export function checkSignature({ timestamp, signature, body }: Signed, secret: Secret, now: number): void {
  if (timestamp === undefined || signature === undefined || !/^\d{1,12}$/.test(timestamp))
    throw new SluiceError("signature_invalid", "the request is not signed");
  const expected = Buffer.from(
    `v0=${createHmac("sha256", secret.reveal()).update(`v0:${timestamp}:${body}`).digest("hex")}`,
  );
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new SluiceError("signature_invalid", "the request's signature does not hold");
  if (Math.abs(now / 1_000 - Number(timestamp)) > AGE_SECONDS_MAX)
    throw new SluiceError("message_expired", `the request is older or newer than ${AGE_SECONDS_MAX} seconds`);
}

/** The interaction in a signed form's field `payload`. Throws field_invalid. */
export function payloadOf(body: string): unknown {
  try {
    return JSON.parse(new URLSearchParams(body).get("payload") ?? "");
  } catch {
    throw new SluiceError("field_invalid", "payload: not the JSON of an interaction");
  }
}

/**
 * What came of a click, refusals included, is told to who clicked and is on record. Rejects with field_invalid for what is no
 * click of ours, and with what keeps the gateway from working.
 */
export async function takeClick(
  payload: unknown,
  { team, people, answer }: Workspace,
  { decisions, store, clock }: ClickOptions,
): Promise<void> {
  const parsed = click.safeParse(payload);
  const action = parsed.data?.actions[0];
  if (!parsed.success || action === undefined)
    throw new SluiceError("field_invalid", "payload: not an interaction that this gateway knows");
  const decision =
    action.action_id === ACTIONS.approve ? "approve" : action.action_id === ACTIONS.deny ? "deny" : undefined;
  // The link to the review is a button too.
  if (decision === undefined) return;
  const { user, container, team: from } = parsed.data;
  const say = (text: string): Promise<unknown> =>
    // That it was said is not what makes it so.
    answer(container.channel_id, user.id, escaped(text)).catch(() => undefined);
  try {
    if (!/^rv-[0-9a-f]{1,64}$/.test(action.value ?? ""))
      throw new SluiceError("field_invalid", "payload: the button names no review");
    const person = from.id === team ? people.get(user.id) : undefined;
    if (person === undefined) {
      const unknown = new SluiceError(
        "person_unknown",
        "this gateway does not know whom your Slack account belongs to",
      );
      await decisions.refused("slack", unknown);
      throw unknown;
    }
    const once = JSON.stringify([from.id, user.id, action.action_ts, action.action_id, action.value]);
    const seen = createHash("sha256").update(once).digest("base64url");
    if (!(await store.seeFirst(`slack:${seen}`, clock() + SEEN_MS))) {
      const replayed = new SluiceError("message_replayed", "this click was counted already");
      await decisions.refused("slack", replayed, { review: action.value ?? "" });
      throw replayed;
    }
    const review = await decisions.decide({ review: action.value ?? "", by: person, decision, channel: "slack" });
    await say(`Your decision is on record. The review is: ${STATES[review.state]}.`);
  } catch (thrown) {
    const error = toSluiceError(thrown);
    await say(`Your click did not count (${error.code}): ${error.message}`);
    if (error.kind === "internal" || error.kind === "integrity") throw error;
  }
}

/** https://docs.slack.dev/messaging/formatting-message-text/#escaping: these three, and nothing else. */
export function escaped(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
