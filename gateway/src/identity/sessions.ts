/**
 * Sessions of people who logged in with a browser. The cookie holds 32 random bytes and the store their SHA-256, so that reading
 * the database opens nobody's session. A session remembers what the provider said of the person and no rights: these are worked
 * out anew at each request, from the configuration that is in force then. It ends by itself when it is idle or old, and at once
 * when the person logs out, is disabled, or the provider says so.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Asserted } from "./claims.ts";
import type { Random } from "./key-format.ts";

/** What is kept of a session. Times in milliseconds since the epoch. */
export interface SessionRecord {
  /** SHA-256 of the cookie's value, base64url. */
  readonly id: string;
  readonly asserted: Asserted;
  /** The provider's own id of it (claim `sid`), by which it can end it. */
  readonly providerSession?: string;
  /** When the person proved to the provider who he is, by its word; absent: it did not say. */
  readonly authenticatedAt?: number;
  readonly createdAt: number;
  readonly seenAt: number;
}

/** Durable when it resolves. All reject with database_unavailable. */
export interface SessionStore {
  add(record: SessionRecord): Promise<void>;
  get(id: string): Promise<SessionRecord | undefined>;
  seen(id: string, at: number): Promise<void>;
  /** Ends all that match every given member, and says how many. */
  remove(which: SessionMatch): Promise<number>;
  /** Ends what was created or seen last before these times. */
  purge(before: { readonly createdAt: number; readonly seenAt: number }): Promise<number>;
}

export interface SessionMatch {
  readonly id?: string;
  readonly provider?: string;
  readonly subject?: string;
  readonly providerSession?: string;
}

export interface SessionLimits {
  /** Longest pause between two requests, in milliseconds. */
  readonly idleMs: number;
  /** Longest life, however busy. */
  readonly absoluteMs: number;
}

/** OWASP ASVS 4.0, 3.3: for what is sensitive, minutes of idleness and hours in all. */
export const SESSION_LIMITS: SessionLimits = { idleMs: 30 * 60_000, absoluteMs: 12 * 60 * 60_000 };

/**
 * RFC 6265bis section 4.1.3.2: the prefix makes browsers refuse the cookie unless it is Secure, has Path=/ and no Domain, so that
 * neither plain HTTP nor a neighbour's host can set it.
 */
export const SESSION_COOKIE = "__Host-sluice-session";

const ID_BYTES = 32;
const COOKIE = /^[A-Za-z0-9_-]{43}$/;
/** How late a request may be put down: not every one is worth a write. */
const SEEN_EVERY_MS = 60_000;

export interface SessionOptions {
  readonly store: SessionStore;
  readonly random: Random;
  /** At least 32 bytes; the same on every gateway that shares the store. */
  readonly key: Uint8Array;
  readonly limits: SessionLimits;
}

export class Sessions {
  readonly #options: SessionOptions;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Gives the cookie's value, which is kept nowhere. */
  async begin(
    asserted: Asserted,
    now: number,
    { providerSession, authenticatedAt }: Pick<SessionRecord, "providerSession" | "authenticatedAt"> = {},
  ): Promise<string> {
    const cookie = Buffer.from(this.#options.random(ID_BYTES)).toString("base64url");
    await this.#options.store.add({
      id: idOf(cookie),
      asserted,
      createdAt: now,
      seenAt: now,
      ...(providerSession === undefined ? {} : { providerSession }),
      ...(authenticatedAt === undefined ? {} : { authenticatedAt }),
    });
    return cookie;
  }

  /** Undefined when there is none behind this cookie, or it has ended. */
  async find(cookie: string, now: number): Promise<SessionRecord | undefined> {
    if (!COOKIE.test(cookie)) return undefined;
    const { store, limits } = this.#options;
    const record = await store.get(idOf(cookie));
    if (record === undefined) return undefined;
    if (now - record.seenAt >= limits.idleMs || now - record.createdAt >= limits.absoluteMs) {
      await store.remove({ id: record.id });
      return undefined;
    }
    if (now - record.seenAt >= SEEN_EVERY_MS) await store.seen(record.id, now);
    return record;
  }

  /** Ends the session behind the cookie, if there is one. */
  async end(cookie: string): Promise<void> {
    if (COOKIE.test(cookie)) await this.#options.store.remove({ id: idOf(cookie) });
  }

  /** Ends all that match; at least one member must be given. */
  endAll(which: SessionMatch): Promise<number> {
    if (Object.values(which).every((each) => each === undefined))
      throw new Error("assertion: this would end everybody's");
    return this.#options.store.remove(which);
  }

  sweep(now: number): Promise<number> {
    const { idleMs, absoluteMs } = this.#options.limits;
    return this.#options.store.purge({ createdAt: now - absoluteMs, seenAt: now - idleMs });
  }

  /** What a form of this session must hold. Another session's, or one that was guessed, is refused. */
  formToken(record: Pick<SessionRecord, "id">): string {
    return createHmac("sha256", this.#options.key).update(`form:${record.id}`).digest("base64url");
  }

  isFormToken(record: Pick<SessionRecord, "id">, token: string): boolean {
    const [expected, given] = [this.formToken(record), token].map((each) => Buffer.from(each));
    return expected !== undefined && given?.length === expected.length && timingSafeEqual(expected, given);
  }
}

function idOf(cookie: string): string {
  return createHash("sha256").update(cookie).digest("base64url");
}

/** The value of a cookie of ours in a `Cookie` header (RFC 6265 section 4.2.1). Two of one name are nobody's. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  const values = header
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}

/** The `Set-Cookie` value that begins a session, or ends it when `value` is empty. */
export function sessionCookie(value: string, limits: SessionLimits = SESSION_LIMITS): string {
  const age = value === "" ? 0 : Math.floor(limits.absoluteMs / 1_000);
  return `${SESSION_COOKIE}=${value}; Path=/; Max-Age=${age}; Secure; HttpOnly; SameSite=Lax`;
}
