/**
 * Remembers, between the requests of one conversation, which number stands for which value, so that a placeholder keeps its
 * meaning when the client sends a shortened history. Promises: a conversation belongs to one principal and is never seen by
 * another; between requests there is ciphertext only (AES-256-GCM under a key that this process made and never writes; the
 * principal and the conversation's id are in an HMAC, which is also the associated data); values that are never restored are
 * not kept, only a keyed digest of them; everything ends with the process, and before that after the time to live, or when
 * it was used least recently of too many. Requests of one conversation are numbered one after another: the second waits
 * until the first has its numbers, so neither loses any and no number gets two values.
 *
 * Known weakness: the key lies in the memory of the same process. The sealing guards heap dumps taken apart from it, core
 * files that exclude native memory, and strings that linger; it does not guard against who controls the process.
 */
import { createCipheriv, createDecipheriv, createHmac, createSecretKey } from "node:crypto";
import type { Issued } from "@sluice/detector";
import { SluiceError } from "../core/errors.ts";

export interface Conversation {
  readonly principal: string;
  readonly session: string;
}

export interface Vault {
  /**
   * Runs `work` with what was issued so far, alone for this conversation, in the order of the calls. What it returns as `keep`
   * replaces what is known; absent, or when `work` rejects, nothing changes. `now` in milliseconds.
   * Rejects with field_invalid for a session id that is not a token, and with what `work` rejects with.
   */
  exclusive<T>(conversation: Conversation, now: number, work: Work<T>): Promise<T>;
  /** Forgets what expired. Expired conversations are also forgotten whenever one is kept. */
  sweep(now: number): void;
  readonly conversations: number;
}

export type Work<T> = (known: readonly Issued[]) => Promise<{ readonly result: T; readonly keep?: readonly Issued[] }>;

export interface VaultOptions {
  /** Random bytes from a cryptographic source. Called for the key once, and for a nonce each time something is kept. */
  readonly random: (bytes: number) => Uint8Array;
  /** Milliseconds without a request after which a conversation is forgotten. */
  readonly ttlMs: number;
  readonly conversationsMax: number;
  /** Of all conversations together, sealed. */
  readonly bytesMax: number;
  /** Of one conversation; the oldest are forgotten, their numbers are not used again. */
  readonly placeholdersMax: number;
}

export const SESSION_CHARS_MAX = 128;
const SESSION = new RegExp(`^[A-Za-z0-9._~:+/=-]{1,${SESSION_CHARS_MAX}}$`);

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface Sealed {
  readonly box: Buffer;
  expiresAt: number;
}

/** Throws field_invalid. */
export function checkSession(session: string): void {
  if (SESSION.test(session)) return;
  throw new SluiceError(
    "field_invalid",
    `a session id has 1 to ${SESSION_CHARS_MAX} characters of A-Z a-z 0-9 . _ ~ : + / = -`,
  );
}

export function createVault(options: VaultOptions): Vault {
  const key = createSecretKey(Buffer.from(options.random(32)));
  const nameKey = createSecretKey(Buffer.from(options.random(32)));
  /** In the order of last use. */
  const sealed = new Map<string, Sealed>();
  const queues = new Map<string, Promise<void>>();
  let bytes = 0;

  function nameOf({ principal, session }: Conversation): string {
    return createHmac("sha256", nameKey).update(`${principal.length}:${principal}${session}`).digest("base64url");
  }

  function forget(name: string): void {
    bytes -= sealed.get(name)?.box.length ?? 0;
    sealed.delete(name);
  }

  function sweep(now: number): void {
    for (const [name, { expiresAt }] of sealed) {
      if (expiresAt > now) return; // the rest was used later
      forget(name);
    }
  }

  function seal(name: string, issued: readonly Issued[]): Buffer {
    const nonce = options.random(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    cipher.setAAD(Buffer.from(name));
    const text = JSON.stringify(
      issued.map(({ type, number, value, restorable, key }) => [type, number, value, restorable, key]),
    );
    return Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  }

  function unseal(name: string, box: Buffer): Issued[] {
    const decipher = createDecipheriv("aes-256-gcm", key, box.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(name));
    decipher.setAuthTag(box.subarray(-TAG_BYTES));
    const text = Buffer.concat([decipher.update(box.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString(
      "utf8",
    );
    const rows = JSON.parse(text) as [string, number, string, boolean, string][];
    return rows.map(([type, number, value, restorable, key]) => ({
      placeholder: `[${type}_${number}]`,
      type,
      number,
      value,
      restorable,
      key,
    }));
  }

  function keep(name: string, issued: readonly Issued[], now: number): void {
    forget(name);
    if (issued.length === 0) return;
    const box = seal(name, trim(issued, options.placeholdersMax));
    sealed.set(name, { box, expiresAt: now + options.ttlMs });
    bytes += box.length;
    sweep(now);
    for (const oldest of sealed.keys()) {
      if (sealed.size <= options.conversationsMax && bytes <= options.bytesMax) return;
      forget(oldest);
    }
  }

  async function run<T>(name: string, now: number, work: Work<T>): Promise<T> {
    const entry = sealed.get(name);
    if (entry !== undefined && entry.expiresAt <= now) forget(name);
    else if (entry !== undefined) {
      entry.expiresAt = now + options.ttlMs;
      sealed.delete(name);
      sealed.set(name, entry);
    }
    const box = sealed.get(name)?.box;
    const done = await work(box === undefined ? [] : unseal(name, box));
    if (done.keep !== undefined) keep(name, done.keep, now);
    return done.result;
  }

  return {
    async exclusive(conversation, now, work) {
      checkSession(conversation.session);
      const name = nameOf(conversation);
      const result = (queues.get(name) ?? Promise.resolve()).then(() => run(name, now, work));
      // The next one waits for the end of this one, however it ends; its error is for its own caller.
      const settled: Promise<void> = result.then(
        () => undefined,
        () => undefined,
      );
      queues.set(name, settled);
      try {
        return await result;
      } finally {
        if (queues.get(name) === settled) queues.delete(name);
      }
    },
    sweep,
    get conversations() {
      return sealed.size;
    },
  };
}

/** The newest `max`, and before them the highest number of each type that would be lost, without its value. */
function trim(issued: readonly Issued[], max: number): readonly Issued[] {
  if (issued.length <= max) return issued;
  const kept = issued.slice(-max);
  const highest = new Map<string, Issued>();
  for (const one of issued) if (one.number > (highest.get(one.type)?.number ?? 0)) highest.set(one.type, one);
  const stones = [...highest.values()].filter((one) => !kept.includes(one));
  return [...stones.map((one) => ({ ...one, value: "", restorable: false, key: "" })), ...kept];
}
