import { createHash, createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { verifyCommitment } from "./commitment.ts";

const body = Buffer.from('{"model":"m"}');
const salt = new Uint8Array(32).fill(3);
const commitment = createHmac("sha256", salt).update(createHash("sha256").update(body).digest()).digest("base64");

test("a commitment opens with its salt and its bytes, and with no others", async () => {
  expect(await verifyCommitment(commitment, salt, body)).toBe(true);
  expect(await verifyCommitment(commitment, salt, Buffer.from('{"model":"n"}'))).toBe(false);
  expect(await verifyCommitment(commitment, new Uint8Array(32).fill(4), body)).toBe(false);
  expect(await verifyCommitment(commitment.slice(4), salt, body)).toBe(false);
  expect(await verifyCommitment("not base64", salt, body)).toBe(false);
});

test("a salt that is not 32 bytes long is no salt", async () => {
  const short = new Uint8Array(16);
  const made = createHmac("sha256", short).update(createHash("sha256").update(body).digest()).digest("base64");
  expect(await verifyCommitment(made, short, body)).toBe(false);
});
