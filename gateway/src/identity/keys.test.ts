import { createHmac, randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Code, SluiceError } from "../core/errors.ts";
import { principalFor } from "../core/test/connection.ts";
import { formatKey, newKeyId, parseKey } from "./key-format.ts";
import { parseHash } from "./key-hash.ts";
import { createKeyVerifier, hashKey, type Key, type KeyVerifierOptions, newKey } from "./keys.ts";

const NOW = Date.UTC(2026, 10, 21);

async function mint(change: Partial<Key> = {}): Promise<{ token: string; key: Key }> {
  const { id, token, hash } = await newKey(randomBytes);
  return { token, key: { id, hash, principal: principalFor({ credential: id }), ...change } };
}

function verifierFor(keys: readonly Key[], change: Partial<KeyVerifierOptions> = {}) {
  return createKeyVerifier(keys, { clock: () => NOW, processKey: randomBytes(32), ...change });
}

async function refusal(attempt: Promise<unknown>): Promise<SluiceError> {
  const thrown: unknown = await attempt.then(
    () => new Error("was not refused"),
    (reason: unknown) => reason,
  );
  if (!(thrown instanceof SluiceError)) throw thrown;
  return thrown;
}

const codeOf = async (attempt: Promise<unknown>): Promise<Code> => (await refusal(attempt)).code;

/** Same id, another secret, valid check digits. */
const forge = (token: string): string => formatKey(parseKey(token)?.id ?? "", randomBytes);

describe("the form of a key", () => {
  test("every key that is made is read again, and names its id", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (bytes) => {
        const id = newKeyId((count) => randomBytes(count));
        const token = formatKey(id, () => bytes.subarray(0, 32));
        expect(token).toMatch(/^sluice_[2-9a-hjkmnp-tv-z]{10}_[0-9A-Za-z]{49}$/);
        expect(parseKey(token)?.id).toBe(id);
      }),
    );
  });

  test("one wrong character is noticed without any computation", () => {
    const token = formatKey("service-one", randomBytes);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom("0", "9", "A", "Z", "a", "z", "_", "-"), (at, char) => {
        fc.pre(token[at] !== char);
        expect(parseKey(token.slice(0, at) + char + token.slice(at + 1))).toBeUndefined();
      }),
    );
  });

  test("an id of one's own must be long enough and of the right characters", async () => {
    expect((await newKey(randomBytes, "crm-production")).token).toMatch(/^sluice_crm-production_/);
    for (const id of ["short", "Upper-case", "with_underscore", "-leading-dash", ""]) {
      expect(await codeOf(newKey(randomBytes, id))).toBe("config_invalid");
    }
  });

  test("the hash of an existing key verifies that key, and two hashes of one key differ", async () => {
    const { token, key } = await mint();
    const again = await hashKey(token, randomBytes);
    expect(again.hash).not.toBe(key.hash);
    expect((await verifierFor([{ ...key, hash: again.hash }]).verify(token)).credential).toBe(key.id);
  });
});

describe("verifying", () => {
  test("a right key gives its principal, and from then on without computing", async () => {
    const { token, key } = await mint();
    const verifier = verifierFor([key]);
    expect(verifier.verifyCached(token)).toBeUndefined();
    expect(await verifier.verify(token)).toBe(key.principal);
    expect(verifier.verifyCached(token)).toBe(key.principal);
  });

  test("a missing key, a malformed one, a wrong secret and an unknown id are told apart only by being missing", async () => {
    const { token, key } = await mint();
    const verifier = verifierFor([key]);
    const stranger = (await mint()).token;
    expect(await codeOf(verifier.verify(undefined))).toBe("key_missing");
    expect(await codeOf(verifier.verify(""))).toBe("key_missing");
    const refusals = await Promise.all(
      ["Bearer", `${token}x`, token.toUpperCase(), "x".repeat(100_000), forge(token), stranger].map((wrong) =>
        refusal(verifier.verify(wrong)),
      ),
    );
    expect(new Set(refusals.map((each) => `${each.code} ${each.message}`))).toEqual(
      new Set(["key_invalid the API key is not valid"]),
    );
  });

  test("no error holds any part of a key", async () => {
    const { token, key } = await mint({ expiresAt: NOW - 1 });
    const verifier = verifierFor([key], { parallelMax: 1, queueMax: 1 });
    const wrong = Array.from({ length: 14 }, () => forge(token));
    const refusals = await Promise.all([token, ...wrong].map((each) => refusal(verifier.verify(each))));
    expect(new Set(refusals.map((each) => each.code))).toContain("rate_limited");
    for (const each of refusals) {
      const shown = `${each.message} ${each.stack} ${JSON.stringify(each)}`;
      expect(shown).not.toContain(key.id);
      for (const secret of [token, ...wrong].map((text) => text.split("_")[2] ?? ""))
        expect(shown).not.toContain(secret.slice(0, 12));
    }
  });

  test("an unknown id takes as long as a wrong secret", async () => {
    const { token, key } = await mint();
    const verifier = verifierFor([key]);
    const timed = async (wrong: string): Promise<number> => {
      const start = performance.now();
      await refusal(verifier.verify(wrong));
      return performance.now() - start;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (let round = 0; round < 5; round++) {
      known.push(await timed(forge(token)));
      unknown.push(await timed(formatKey(newKeyId(randomBytes), randomBytes)));
    }
    expect(Math.min(...unknown) / Math.min(...known)).toBeGreaterThan(0.5);
    expect(Math.min(...unknown) / Math.min(...known)).toBeLessThan(2);
  });

  test("an expired key is refused at each use, cached or not, and its expiry is told only to its holder", async () => {
    let now = NOW;
    const { token, key } = await mint({ expiresAt: NOW + 1_000 });
    const verifier = verifierFor([key], { clock: () => now });
    expect(await verifier.verify(token)).toBe(key.principal);
    now = NOW + 1_000;
    expect(verifier.verifyCached(token)).toBeUndefined();
    expect(await codeOf(verifier.verify(token))).toBe("key_expired");
    expect(await codeOf(verifier.verify(forge(token)))).toBe("key_invalid");
  });
});

describe("replacing the keys", () => {
  test("a key that is gone or has another hash is refused at once, one that stays has its new rights", async () => {
    const [gone, changed, stays] = [await mint(), await mint(), await mint()];
    const verifier = verifierFor([gone.key, changed.key, stays.key]);
    for (const { token } of [gone, changed, stays]) await verifier.verify(token);

    const rights = principalFor({ credential: stays.key.id, purposes: ["research"] });
    verifier.setKeys([
      { ...changed.key, hash: (await mint()).key.hash },
      { ...stays.key, principal: rights },
    ]);
    expect(verifier.verifyCached(gone.token)).toBeUndefined();
    expect(verifier.verifyCached(changed.token)).toBeUndefined();
    expect(verifier.verifyCached(stays.token)).toBe(rights);
    expect(await codeOf(verifier.verify(gone.token))).toBe("key_invalid");
    expect(await codeOf(verifier.verify(changed.token))).toBe("key_invalid");
  });

  test("a key that is removed while it is being verified is refused", async () => {
    const { token, key } = await mint();
    const verifier = verifierFor([key]);
    const verifying = codeOf(verifier.verify(token));
    verifier.setKeys([]);
    expect(await verifying).toBe("key_invalid");
    expect(verifier.verifyCached(token)).toBeUndefined();
  });

  test("a hash that is not acceptable changes nothing, and the error names the key's id only", async () => {
    const { token, key } = await mint();
    const verifier = verifierFor([key]);
    const [, , r, p, salt, hash] = key.hash.split("$");
    for (const weak of [
      "secret",
      `scrypt$1024$${r}$${p}$${salt}$${hash}`,
      `scrypt$99999999$${r}$${p}$${salt}$${hash}`,
    ]) {
      expect(() => verifier.setKeys([{ ...key, hash: weak }])).toThrow(new RegExp(`^key "${key.id}": `));
    }
    expect(await verifier.verify(token)).toBe(key.principal);
    expect(() => parseHash(`scrypt$4194304$${r}$${p}$${salt}$${hash}`)).toThrow("128 MiB");
  });
});

describe("rotating a key without downtime", () => {
  test("takes two keys of one principal: both are good until the old one is removed, and no request is refused", async () => {
    const [old, fresh] = [await mint(), await mint()];
    const verifier = verifierFor([old.key]);
    expect((await verifier.verify(old.token)).id).toBe("service:tests");
    verifier.setKeys([old.key, fresh.key]);
    expect((await verifier.verify(fresh.token)).id).toBe("service:tests");
    expect(verifier.verifyCached(old.token)).toBe(old.key.principal);
    verifier.setKeys([fresh.key]);
    expect(verifier.verifyCached(fresh.token)).toBe(fresh.key.principal);
    expect(await codeOf(verifier.verify(old.token))).toBe("key_invalid");
  });
});

describe("under attack", () => {
  test("a hundred first requests with one key cost one computation", async () => {
    const { token, key } = await mint();
    const verifier = verifierFor([key], { parallelMax: 1, queueMax: 0 });
    const principals = await Promise.all(Array.from({ length: 100 }, () => verifier.verify(token)));
    expect(new Set(principals)).toEqual(new Set([key.principal]));
  });

  test("no more than the queue holds wait for a computation; the rest is refused and may try again", async () => {
    const { token } = await mint();
    const verifier = verifierFor([], { parallelMax: 1, queueMax: 2 });
    const strangers = Array.from({ length: 6 }, () => formatKey(newKeyId(randomBytes), randomBytes));
    const refusals = await Promise.all(strangers.map((each) => refusal(verifier.verify(each))));
    expect(refusals.map((each) => each.code).toSorted()).toEqual([
      ...Array<Code>(3).fill("key_invalid"),
      ...Array<Code>(3).fill("rate_limited"),
    ]);
    expect(refusals.find((each) => each.code === "rate_limited")).toMatchObject({
      retriable: true,
      retryAfterSeconds: 1,
    });
    expect(await codeOf(verifier.verify(forge(token)))).toBe("key_invalid");
  });

  test("wrong secrets for one id are throttled, the holder's verified key is not, and an unknown id is throttled alike", async () => {
    let now = NOW;
    const { token, key } = await mint();
    const verifier = verifierFor([key], { clock: () => now });
    await verifier.verify(token);
    for (const victim of [token, formatKey("nobodys-key", randomBytes)]) {
      const codes: Code[] = [];
      for (let attempt = 0; attempt < 12; attempt++) codes.push(await codeOf(verifier.verify(forge(victim))));
      expect(codes).toEqual([...Array<Code>(10).fill("key_invalid"), "rate_limited", "rate_limited"]);
    }
    expect(verifier.verifyCached(token)).toBe(key.principal);
    now += 6_000;
    expect(await codeOf(verifier.verify(forge(token)))).toBe("key_invalid");
  });

  test("the memory of verified keys is bounded and gives up the one that was used longest ago", async () => {
    const [first, second, third] = [await mint(), await mint(), await mint()];
    const verifier = verifierFor([first.key, second.key, third.key], { cacheMax: 2 });
    await verifier.verify(first.token);
    await verifier.verify(second.token);
    verifier.verifyCached(first.token);
    await verifier.verify(third.token);
    expect(verifier.verifyCached(first.token)).toBe(first.key.principal);
    expect(verifier.verifyCached(second.token)).toBeUndefined();
    expect(verifier.verifyCached(third.token)).toBe(third.key.principal);
  });

  test("a verified key costs little more than the HMAC that finds it", async () => {
    const { token, key } = await mint();
    const verifier = verifierFor([key]);
    await verifier.verify(token);
    const best = (work: () => unknown): number =>
      Math.min(
        ...Array.from({ length: 6 }, () => {
          const start = performance.now();
          for (let round = 0; round < 10_000; round++) work();
          return performance.now() - start;
        }),
      );
    const bare = best(() => createHmac("sha256", "a key of the bench").update(token).digest("base64"));
    expect(best(() => verifier.verifyCached(token))).toBeLessThan(3 * bare);
  });
});
