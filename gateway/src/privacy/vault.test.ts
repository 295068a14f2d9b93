import { Session } from "node:inspector";
import { PlaceholderMap } from "@sluice/detector";
import { describe, expect, it } from "vitest";
import { countingBytes, testVault } from "./test/setup.ts";
import type { Vault } from "./vault.ts";

const ALICE = { principal: "alice", session: "chat" };

/** One request: issues the values and keeps them. Returns the placeholders. */
function request(vault: Vault, conversation = ALICE, values: readonly string[] = [], now = 0): Promise<string[]> {
  return vault.exclusive(conversation, now, async (initial) => {
    const map = new PlaceholderMap({ initial, digest: (type, key) => `${type}${key.length}` });
    const result = values.map((value) => map.issue("EMAIL", value).placeholder);
    return { result, keep: map.carry() };
  });
}

const known = (vault: Vault, conversation = ALICE, now = 0): Promise<string[]> =>
  vault.exclusive(conversation, now, async (initial) => ({ result: initial.map(({ value }) => value) }));

describe("the vault", () => {
  it("F9 gives a conversation its numbers back", async () => {
    const vault = testVault();
    expect(await request(vault, ALICE, ["a@x.org", "b@x.org"])).toEqual(["[EMAIL_1]", "[EMAIL_2]"]);
    expect(await request(vault, ALICE, ["c@x.org", "b@x.org"])).toEqual(["[EMAIL_3]", "[EMAIL_2]"]);
    expect(vault.conversations).toBe(1);
  });

  it("F10 never gives them to another principal, nor to another conversation", async () => {
    const vault = testVault();
    await request(vault, { principal: "a", session: "1b" }, ["a@x.org"]);
    for (const other of [
      { principal: "b", session: "1b" },
      { principal: "a1", session: "b" },
      { principal: "a", session: "1" },
    ]) {
      expect(await known(vault, other)).toEqual([]);
    }
  });

  it("lets the requests of one conversation number one after another, and others meanwhile", async () => {
    const vault = testVault();
    let release = () => {};
    const waits = new Promise<void>((resolve) => {
      release = resolve;
    });
    const order: string[] = [];
    const slow = vault.exclusive(ALICE, 0, async () => {
      order.push("slow begins");
      await waits;
      order.push("slow ends");
      return { result: 0 };
    });
    const next = request(vault, ALICE, ["a@x.org"]).then(() => order.push("next"));
    await request(vault, { principal: "bob", session: "chat" }, ["a@x.org"]).then(() => order.push("bob"));
    release();
    await Promise.all([slow, next]);
    expect(order).toEqual(["slow begins", "bob", "slow ends", "next"]);
  });

  it("keeps what it had when the work fails, and goes on", async () => {
    const vault = testVault();
    await request(vault, ALICE, ["a@x.org"]);
    const failed = vault.exclusive(ALICE, 0, () => Promise.reject(new Error("no")));
    const after = known(vault);
    await expect(failed).rejects.toThrow("no");
    expect(await after).toEqual(["a@x.org"]);
  });

  it("forgets after the time to live, counted from the last use", async () => {
    const vault = testVault({ ttlMs: 1_000 });
    await request(vault, ALICE, ["a@x.org"], 0);
    expect(await known(vault, ALICE, 900)).toEqual(["a@x.org"]);
    expect(await known(vault, ALICE, 1_800)).toEqual(["a@x.org"]);
    expect(await known(vault, ALICE, 2_800)).toEqual([]);
    expect(vault.conversations).toBe(0);
    await request(vault, ALICE, ["a@x.org"], 3_000);
    vault.sweep(3_999);
    expect(vault.conversations).toBe(1);
    vault.sweep(4_000);
    expect(vault.conversations).toBe(0);
  });

  it("forgets the conversation used least recently, by number and by bytes", async () => {
    const conversation = (index: number) => ({ principal: "alice", session: `chat-${index}` });
    for (const limits of [{ conversationsMax: 2 }, { bytesMax: 220 }]) {
      const vault = testVault(limits);
      for (const index of [0, 1]) await request(vault, conversation(index), ["a@x.org"]);
      await known(vault, conversation(0));
      await request(vault, conversation(2), [
        "a@x.org",
        ...(limits.bytesMax === undefined ? [] : ["longer.address@x.org"]),
      ]);
      expect(await known(vault, conversation(1))).toEqual([]);
      expect(await known(vault, conversation(0))).toEqual(["a@x.org"]);
    }
  });

  it("F8 never uses the number of a forgotten placeholder again", async () => {
    const vault = testVault({ placeholdersMax: 2 });
    await vault.exclusive(ALICE, 0, async () => {
      const map = new PlaceholderMap({ digest: () => "" });
      map.issue("IBAN", "DE89370400440532013000");
      for (const value of ["a@x.org", "b@x.org", "c@x.org"]) map.issue("EMAIL", value);
      return { result: undefined, keep: map.carry() };
    });
    await vault.exclusive(ALICE, 0, async (initial) => {
      expect(initial.map(({ placeholder, value }) => `${placeholder}${value}`)).toEqual([
        "[IBAN_1]",
        "[EMAIL_2]b@x.org",
        "[EMAIL_3]c@x.org",
      ]);
      const map = new PlaceholderMap({ initial, digest: () => "" });
      expect(map.issue("IBAN", "FR1420041010050500013M02606").placeholder).toBe("[IBAN_2]");
      expect(map.issue("EMAIL", "a@x.org").placeholder).toBe("[EMAIL_4]");
      return { result: undefined };
    });
  });

  it("never uses a nonce twice", async () => {
    const random = countingBytes();
    const nonces: string[] = [];
    const vault = testVault({
      random: (bytes) => {
        const made = random(bytes);
        if (bytes === 12) nonces.push(Buffer.from(made).toString("hex"));
        return made;
      },
    });
    for (let index = 0; index < 5; index++) await request(vault, ALICE, [`${index}@x.org`]);
    expect(new Set(nonces).size).toBe(5);
  });

  it("holds neither value nor principal in clear between requests", { timeout: 60_000 }, async () => {
    const vault = testVault();
    const marker = Buffer.from(`canary-${Date.now()}`).toString(); // flat: a heap snapshot does not show joined strings
    // Built anew for each use, so that only the vault could keep them.
    const value = () => Buffer.from(`${marker}-value@x.org`).toString();
    const principal = () => Buffer.from(`${marker}-principal`).toString();
    await request(vault, { principal: principal(), session: "chat" }, [value()]);
    const snapshot = await heapSnapshot();
    expect(snapshot.includes(marker)).toBe(true); // the snapshot does show strings
    expect(snapshot.includes(value())).toBe(false);
    expect(snapshot.includes(principal())).toBe(false);
    expect(await known(vault, { principal: principal(), session: "chat" })).toEqual([value()]);
  });
});

async function heapSnapshot(): Promise<string> {
  const session = new Session();
  session.connect();
  const chunks: string[] = [];
  session.on("HeapProfiler.addHeapSnapshotChunk", ({ params }) => chunks.push(params.chunk));
  await new Promise<void>((resolve, reject) => {
    session.post("HeapProfiler.collectGarbage", () => {
      session.post("HeapProfiler.takeHeapSnapshot", {}, (error) => (error === null ? resolve() : reject(error)));
    });
  });
  session.disconnect();
  return chunks.join("");
}
