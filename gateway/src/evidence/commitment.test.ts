import { createHash, createHmac, randomBytes } from "node:crypto";
import { verifyCommitment } from "@sluice/verifier";
import { expect, test } from "vitest";
import { SaltPool, commit } from "./commitment.ts";

test("the verifier opens a commitment with its salt and the bytes, and with nothing else", async () => {
  const body = new TextEncoder().encode("the forwarded body");
  const salt = new Uint8Array(32).fill(7);
  const commitment = commit(salt, createHash("sha256").update(body).digest());
  expect(await verifyCommitment(commitment, salt, body)).toBe(true);
  expect(await verifyCommitment(commitment, new Uint8Array(32).fill(8), body)).toBe(false);
  expect(await verifyCommitment(commitment, salt, body.slice(1))).toBe(false);
});

test("a commitment is the HMAC-SHA256 of the digest under the salt", () => {
  for (let i = 0; i < 100; i++) {
    const salt = randomBytes(32);
    const digest = randomBytes(32);
    expect(commit(salt, digest)).toBe(createHmac("sha256", salt).update(digest).digest("base64"));
  }
});

test("a commitment is over a digest of 32 bytes", () => {
  expect(() => commit(new Uint8Array(32), new Uint8Array(31))).toThrow("32 bytes");
  expect(() => commit(new Uint8Array(31), new Uint8Array(32))).toThrow("32 bytes");
});

test("salts are 32 bytes, never given twice, and wiped after use", () => {
  const pool = new SaltPool();
  const seen = new Set<string>();
  for (let i = 0; i < 2000; i++) {
    const salt = pool.with((bytes) => {
      seen.add(bytes.toString("hex"));
      return bytes;
    });
    expect(salt).toHaveLength(32);
    expect(salt.every((byte) => byte === 0)).toBe(true);
  }
  expect(seen.size).toBe(2000);
});
