import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { codeOf, refusal } from "./test/authenticator.ts";
import { base64url, publishing, SUPPORT, seconds, withIdp } from "./test/forge.ts";
import { type Idp, startIdp } from "./test/idp.ts";

const { corp, claims } = withIdp();

describe("a provider's keys", () => {
  test("after a rotation the new key is fetched once and the old one is refused at once, tokens in memory included", async () => {
    const other = await startIdp();
    try {
      const gate = corp({}, {}, other);
      const old = await other.token(SUPPORT);
      await gate.authenticate(old);
      await other.rotate();
      expect(gate.authenticate(old)).not.toBeInstanceOf(Promise);
      expect((await gate.authenticate(await other.token(SUPPORT))).id).toBe("corp:alice");
      expect(other.requests.get("/jwks")).toBe(2);
      expect(await codeOf(() => gate.authenticate(old))).toBe("token_invalid");
    } finally {
      await other.stop();
    }
  });

  test("a rotation that keeps the old key published ends no token", async () => {
    const other = await startIdp();
    try {
      const gate = corp({}, {}, other);
      const old = await other.token(SUPPORT);
      await gate.authenticate(old);
      await other.rotate("keep");
      await gate.authenticate(await other.token(SUPPORT));
      expect(gate.authenticate(old)).not.toBeInstanceOf(Promise);
    } finally {
      await other.stop();
    }
  });

  test("a key that was withdrawn is noticed ten minutes later, though nobody brings a new token", async () => {
    let now = Date.now();
    const other = await startIdp();
    try {
      const gate = corp({}, { clock: () => now }, other);
      const old = await other.token({ ...SUPPORT, exp: seconds() + 86_400 });
      await gate.authenticate(old);
      await other.rotate();
      now += 10 * 60_000;
      await gate.authenticate(old);
      await expect.poll(() => other.requests.get("/jwks")).toBe(2);
      await expect.poll(() => codeOf(() => gate.authenticate(old)).catch(() => "let in")).toBe("token_invalid");
    } finally {
      await other.stop();
    }
  });

  test("a flood of tokens with unknown keys costs the provider one fetch in thirty seconds", async () => {
    let now = Date.now();
    const other = await startIdp();
    try {
      const gate = corp({}, { clock: () => now }, other);
      await gate.authenticate(await other.token(SUPPORT));
      const flood = async (): Promise<void> => {
        const tokens = Array.from({ length: 300 }, (_, n) => {
          const header = base64url({ alg: "RS256", kid: `flood-${n}-${now}` });
          return `${header}.${base64url(claims({ iss: other.issuer }))}.${"A".repeat(342)}`;
        });
        const codes = await Promise.all(tokens.map((token) => codeOf(() => gate.authenticate(token))));
        expect(new Set(codes)).toEqual(new Set(["token_invalid"]));
      };
      await flood();
      await flood();
      expect(other.requests.get("/jwks")).toBe(2);
      now += 30_000;
      await flood();
      expect(other.requests.get("/jwks")).toBe(3);
    } finally {
      await other.stop();
    }
  });

  test("a provider that was never reached lets nobody in, says so, and is asked again after five seconds", async () => {
    let now = Date.now();
    const other = await startIdp();
    const token = await other.token(SUPPORT);
    await other.stop();
    const gate = corp({}, { clock: () => now }, other);
    const error = await refusal(() => gate.authenticate(token));
    expect(error).toMatchObject({
      code: "provider_unavailable",
      kind: "upstream",
      retriable: true,
      retryAfterSeconds: 5,
    });
    await other.start();
    try {
      expect(await codeOf(() => gate.authenticate(token))).toBe("provider_unavailable");
      now += 5_000;
      expect((await gate.authenticate(token)).id).toBe("corp:alice");
    } finally {
      await other.stop();
    }
  });

  test("while the provider is down its known keys are good for a day, for new tokens too, and no longer", async () => {
    let now = Date.now();
    const other = await startIdp();
    const gate = corp({}, { clock: () => now }, other);
    const week = { ...SUPPORT, exp: seconds() + 7 * 86_400 };
    const [first, second, third] = [await other.token(week), await other.token(week), await other.token(week)];
    await gate.authenticate(first);
    await other.stop();
    now += 23 * 3_600_000;
    expect((await gate.authenticate(second)).id).toBe("corp:alice");
    now += 3_600_000;
    for (const token of [third, second, first])
      expect(await codeOf(() => gate.authenticate(token))).toBe("provider_unavailable");
  });

  test.each<[string, (other: Idp) => NonNullable<Idp["instead"]>]>([
    ["redirects to another host", () => (_, res) => void res.writeHead(302, { location: "http://127.0.0.2:1/" }).end()],
    ["answers with an error", () => (_, res) => void res.writeHead(500).end("no")],
    ["answers with a page", () => (_, res) => void res.writeHead(200, { "content-type": "text/html" }).end("<p>")],
    [
      "answers with half a document",
      () => (_, res) => void res.writeHead(200, { "content-type": "application/json" }).end("{"),
    ],
    ["answers without end", () => (_, res) => endless(res)],
    ["hangs up", () => (req) => void req.socket.destroy()],
    ["says it is somebody else", (other) => publishing(other, [], { issuer: "https://evil.test" })],
    ["says it is itself with a slash", (other) => publishing(other, [], { issuer: `${other.issuer}/` })],
    ["does not say where its keys are", (other) => publishing(other, [], { jwks_uri: undefined })],
    ["has its keys in a file", (other) => publishing(other, [], { jwks_uri: "file:///etc/passwd" })],
    [
      "publishes more keys than anybody needs",
      (other) =>
        publishing(
          other,
          Array.from({ length: 101 }, () => ({ kty: "RSA" })),
        ),
    ],
  ])("a provider that %s is unavailable, and nothing of its answer is told", async (_, make) => {
    const other = await startIdp();
    try {
      const token = await other.token(SUPPORT);
      other.instead = make(other);
      const gate = corp({}, {}, other);
      const error = await refusal(() => gate.authenticate(token));
      expect(error.code).toBe("provider_unavailable");
      expect(error.message).not.toMatch(/evil|passwd|<p>/);
    } finally {
      await other.stop();
    }
  });
});

function endless(res: ServerResponse): void {
  res.writeHead(200, { "content-type": "application/json" });
  const more = (): void => {
    while (!res.destroyed && res.write(" ".repeat(65_536)));
    if (!res.destroyed) res.once("drain", more);
  };
  more();
}
