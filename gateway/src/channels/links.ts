/**
 * Links by which a person decides without logging in: opaque, signed, for one review, one person and one decision, used once, and
 * over when the review is. A link is 16 random bytes and an HMAC-SHA256 over them and all that it stands for; that stands in the
 * database. So neither who reads the database nor who writes it can make a link, and the link tells nobody anything.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { SluiceError } from "../core/errors.ts";
import type { ChannelStore, Link } from "./store.ts";

export interface LinkOptions {
  readonly store: Pick<ChannelStore, "addLink" | "link">;
  /** 32 bytes, for this use alone. */
  readonly key: Uint8Array;
  readonly random: (bytes: number) => Uint8Array;
}

const ID_BYTES = 16;
const MAC_BYTES = 32;
/** What a path may hold of a link: 48 bytes in base64url. */
const TOKEN = /^[A-Za-z0-9_-]{64}$/;

/** Resolves with the token, which is kept nowhere, once the link holds. */
export async function giveLink(
  link: Omit<Link, "id" | "usedAt">,
  { store, key, random }: LinkOptions,
): Promise<string> {
  const idBytes = Buffer.from(random(ID_BYTES));
  const whole: Link = { ...link, id: idBytes.toString("base64url") };
  await store.addLink(whole);
  return Buffer.concat([idBytes, macOf(whole, key)]).toString("base64url");
}

/** Throws link_invalid, link_expired, link_used. Uses nothing up. */
export async function readLink(token: string, now: number, { store, key }: LinkOptions): Promise<Link> {
  const bytes = TOKEN.test(token) ? Buffer.from(token, "base64url") : undefined;
  if (bytes?.length !== ID_BYTES + MAC_BYTES) throw invalid();
  const link = await store.link(bytes.subarray(0, ID_BYTES).toString("base64url"));
  if (link === undefined || !timingSafeEqual(bytes.subarray(ID_BYTES), macOf(link, key))) throw invalid();
  if (now >= link.expiresAt) throw new SluiceError("link_expired", "the link is over, as is the time to decide");
  if (link.usedAt !== undefined) throw used();
  return link;
}

export function used(): SluiceError {
  return new SluiceError("link_used", "the link was used already; it holds once");
}

function invalid(): SluiceError {
  return new SluiceError("link_invalid", "this is no link of this gateway; it may have been cut, or is long over");
}

function macOf({ id, review, person, decision, expiresAt }: Link, key: Uint8Array): Buffer {
  // JSON of a list: no two different ones have the same text.
  return createHmac("sha256", key)
    .update(JSON.stringify([id, review, person, decision, expiresAt]))
    .digest();
}
