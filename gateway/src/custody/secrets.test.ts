import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ControlEvent } from "../core/event.ts";
import { SluiceError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { Secrets, type Trouble } from "./secrets.ts";
import type { Reading } from "./source.ts";

const REFERENCE = "vault:kv/acme#key";
const KEEP_MS = 60_000;
const gone: Reading = { reason: "is not there", gone: true };
const away: Reading = { reason: "cannot be reached", gone: false };

let now = 0;
let reading: Reading = { value: "" };
let reads = 0;
let secrets: Secrets;
let events: ControlEvent[];
let troubles: Trouble[];
let recordFails = false;

const read = async (): Promise<Reading> => {
  reads += 1;
  return reading;
};

beforeEach(() => {
  vi.useFakeTimers();
  [now, reads, events, troubles, recordFails] = [1_000_000, 0, [], [], false];
  secrets = new Secrets(() => now);
});
afterEach(() => {
  secrets.close();
  vi.useRealTimers();
});

async function use(value: string): Promise<Secret> {
  reading = { value };
  const followed = (await secrets.follow([REFERENCE], read)).get(REFERENCE);
  secrets.begin({
    refreshMs: 10_000,
    keepMs: KEEP_MS,
    record: (event) => {
      if (recordFails) return Promise.reject(new SluiceError("evidence_unavailable", "no room"));
      events.push(event);
      return Promise.resolve({ index: events.length });
    },
    warn: (trouble) => troubles.push(trouble),
  });
  if (followed === undefined || "reason" in followed) throw new Error("assertion: it is there");
  return followed.secret;
}

const withdrawn = expect.objectContaining({ code: "secret_unavailable", retriable: true }) as Error;

describe("a secret that is rotated", () => {
  test("is used by whoever asks after the next reading; who has the old one keeps it", async () => {
    const secret = await use("old");
    const running = secret.reveal();
    reading = { value: "new" };
    await vi.advanceTimersByTimeAsync(10_000);
    expect(secret.reveal()).toBe("new");
    expect(running).toBe("old");
    expect(events).toEqual([{ name: "secret.changed", target: REFERENCE }]);
  });

  test("is not used before it is on record", async () => {
    const secret = await use("old");
    reading = { value: "new" };
    recordFails = true;
    await secrets.refresh();
    expect(secret.reveal()).toBe("old");
    expect(troubles).toHaveLength(1);
    recordFails = false;
    await secrets.refresh();
    expect(secret.reveal()).toBe("new");
  });

  test("is read again at once when the target refuses it, and not more often than every ten seconds", async () => {
    const secret = await use("old");
    reading = { value: "new" };
    for (let at = 0; at < 5; at++) secrets.refused(secret);
    await vi.advanceTimersByTimeAsync(0);
    expect(secret.reveal()).toBe("old");
    now += 10_000;
    for (let at = 0; at < 5; at++) secrets.refused(secret);
    await vi.advanceTimersByTimeAsync(0);
    expect(secret.reveal()).toBe("new");
    expect(reads).toBe(2);
  });

  test("is not taken when it could not be sent where the old one was", async () => {
    const secret = await use("old");
    for (const value of ["new\r\nx-other: 1", "nëw", "", "\n", "x".repeat(300_000)]) {
      reading = { value };
      await secrets.refresh();
      expect(secret.reveal()).toBe("old");
    }
    expect(troubles).toHaveLength(5);
    expect(inspect(troubles)).not.toContain("x-other");
  });

  test("may end with a line break, which is no part of it", async () => {
    const secret = await use("old\n");
    expect(secret.reveal()).toBe("old");
    reading = { value: "new\r\n" };
    await secrets.refresh();
    expect(secret.reveal()).toBe("new");
  });

  test("is one Secret over reloads, so that what holds it need not be made anew", async () => {
    const secret = await use("old");
    const again = (await secrets.follow([REFERENCE], () => Promise.resolve({ value: "new" }))).get(REFERENCE);
    expect(again).toMatchObject({ value: "new" });
    expect(again !== undefined && "secret" in again && again.secret).toBe(secret);
    expect(secret.reveal()).toBe("new");
  });
});

describe("a source that fails", () => {
  test("leaves the last value for its time and warns each time; then the secret is not used any more", async () => {
    const secret = await use("value");
    reading = away;
    now += KEEP_MS - 1;
    await secrets.refresh();
    expect(secret.reveal()).toBe("value");
    expect(troubles).toEqual([
      { reference: REFERENCE, reason: "cannot be reached", readAt: 1_000_000, usedUntil: 1_000_000 + KEEP_MS },
    ]);
    now += 1;
    expect(() => secret.reveal()).toThrow(withdrawn);
    expect((await secrets.follow([REFERENCE], read)).get(REFERENCE)).toEqual({ reason: "cannot be reached" });
    reading = { value: "value" };
    await secrets.refresh();
    expect(secret.reveal()).toBe("value");
    expect(events).toEqual([]);
  });

  test("that says once that the secret is gone is asked again two seconds later, and believed the second time", async () => {
    const secret = await use("value");
    reading = gone;
    await secrets.refresh();
    expect(secret.reveal()).toBe("value");
    await vi.advanceTimersByTimeAsync(2_000);
    expect(() => secret.reveal()).toThrow(withdrawn);
    expect(() => secret.reveal()).toThrow("its source says that it is gone");
    reading = { value: "back" };
    await secrets.refresh();
    expect(secret.reveal()).toBe("back");
  });

  test("that says gone, then fails, then says gone has not said it twice", async () => {
    const secret = await use("value");
    for (const each of [gone, away, gone]) {
      reading = each;
      await secrets.refresh();
    }
    expect(secret.reveal()).toBe("value");
  });

  test("at the first reading gives the reason and no secret", async () => {
    const followed = await secrets.follow([REFERENCE], () => Promise.resolve(away));
    expect(followed.get(REFERENCE)).toEqual({ reason: "cannot be reached" });
  });
});

test("a source that throws costs a warning, not the value", async () => {
  const secret = await use("value");
  await secrets.follow([REFERENCE], () => Promise.reject(new TypeError("canary of a bug")));
  expect(secret.reveal()).toBe("value");
  expect(troubles.map(({ reason }) => reason)).toEqual([`${REFERENCE}: internal error`]);
});

test("what is not referred to any more is not read any more", async () => {
  await use("value");
  secrets.retain([]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(reads).toBe(1);
});

test("readings that overlap are one, and no more than eight run at once", async () => {
  let [running, most] = [0, 0];
  const slow = async (reference: string): Promise<Reading> => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 10));
    running -= 1;
    return { value: reference };
  };
  const references = Array.from({ length: 30 }, (_, at) => `env:NAME_${at}`);
  const followed = secrets.follow(references, slow);
  await vi.advanceTimersByTimeAsync(1_000);
  expect((await followed).size).toBe(30);
  expect(most).toBe(8);
});

test("neither the secrets nor what tells of them show a value", async () => {
  const secret = await use("canary-value-2231");
  const shown =
    inspect([secrets, secret, troubles], { depth: Infinity, showHidden: true }) +
    JSON.stringify([secrets, secret, troubles]) +
    String(secret);
  expect(shown).not.toContain("canary-value-2231");
  expect(shown).toContain("[secret]");
});
