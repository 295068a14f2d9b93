import { describe, expect, test } from "vitest";
import { codeOf } from "./test/authenticator.ts";
import { SUPPORT, seconds, withIdp } from "./test/forge.ts";
import { AUDIENCE } from "./test/idp.ts";

const given = withIdp();
const { corp, claims, signed } = given;

describe("what a token says", () => {
  const cases: readonly [
    what: string,
    code: string,
    change: Record<string, unknown>,
    header?: Record<string, unknown>,
  ][] = [
    ["for another audience", "token_audience", { aud: "https://other.test" }],
    ["for others only, in a list", "token_audience", { aud: ["https://a.test", `${AUDIENCE}/`] }],
    ["without an audience", "token_audience", { aud: undefined }],
    ["that has ended", "token_expired", { exp: seconds() - 61 }],
    [
      "of a provider whose clock is ten minutes behind",
      "token_expired",
      { iat: seconds() - 1_200, exp: seconds() - 600 },
    ],
    [
      "of a provider whose clock is ten minutes ahead",
      "token_not_yet_valid",
      { iat: seconds() + 600, exp: seconds() + 1_200 },
    ],
    ["that begins later", "token_not_yet_valid", { nbf: seconds() + 120 }],
    ["without an end", "token_invalid", { exp: undefined }],
    ["whose end is a text", "token_invalid", { exp: "4102444800" }],
    ["whose end is beyond all numbers", "token_invalid", { exp: 1e300 }],
    ["whose beginning is a text", "token_invalid", { nbf: "0" }],
    ["of an unknown issuer", "token_issuer_unknown", { iss: "https://evil.test" }],
    ["without an issuer", "token_invalid", { iss: undefined }],
    ["without a subject", "token_invalid", { sub: undefined }],
    ["with an empty subject", "token_invalid", { sub: "" }],
    ["with a subject of two lines", "token_invalid", { sub: "alice\nbob" }],
    ["whose subject is a number", "token_invalid", { sub: 7 }],
    ["with two clients", "token_invalid", { azp: "a", client_id: "b" }],
    ["that is an ID token of a login (nonce)", "token_invalid", { nonce: "n-0S6_WzA2Mj" }],
    ["that is an ID token (at_hash)", "token_invalid", { at_hash: "x" }],
    [
      "that is a logout token",
      "token_invalid",
      { events: { "http://schemas.openid.net/event/backchannel-logout": {} } },
    ],
    ["bound to a key that cannot be proven here (DPoP)", "token_invalid", { cnf: { jkt: "x" } }],
    ["bound to two keys", "token_invalid", { cnf: { "x5t#S256": "x", jkt: "x" } }],
    ["with more than a thousand groups", "token_invalid", { groups: Array.from({ length: 1_001 }, (_, n) => n) }],
    ["of another type", "token_invalid", {}, { typ: "logout+jwt" }],
    ["of a type that is a number", "token_invalid", {}, { typ: 1 }],
    ["with a key in its header (jwk)", "token_invalid", {}, { jwk: { kty: "oct", k: "AA" } }],
    ["with the address of a key in its header (jku)", "token_invalid", {}, { jku: "https://evil.test/keys" }],
    ["with the address of a certificate (x5u)", "token_invalid", {}, { x5u: "https://evil.test/cert" }],
    ["with a certificate in its header (x5c)", "token_invalid", {}, { x5c: ["AA"] }],
    ["that names no known key", "token_invalid", {}, { kid: "nobody" }],
  ];
  test.each(cases)("one %s is refused: %s", async (_, code, change, header) => {
    const gate = corp();
    const token = await signed(claims(change), header);
    expect(await codeOf(() => gate.authenticate(token))).toBe(code);
    // And it is not remembered as good.
    expect(await codeOf(() => gate.authenticate(token))).toBe(code);
  });

  test("an issuer that is the provider's but for a slash is another one", async () => {
    const token = await signed(claims({ iss: `${given.idp.issuer}/` }));
    expect(await codeOf(() => corp().authenticate(token))).toBe("token_issuer_unknown");
  });

  test("the clocks may be apart by the skew that is configured, and no further", async () => {
    const early = await signed(claims({ iat: seconds() + 50, nbf: seconds() + 50 }));
    const late = await signed(claims({ exp: seconds() - 50 }));
    for (const token of [early, late]) {
      expect((await corp().authenticate(token)).id).toBe("corp:alice");
      const strict = corp({ clockSkewMs: 10_000 });
      expect(await codeOf(() => strict.authenticate(token))).toBe(
        token === early ? "token_not_yet_valid" : "token_expired",
      );
    }
  });

  test("a token that is in memory is refused when it ends", async () => {
    let now = Date.now();
    const gate = corp({}, { clock: () => now });
    const token = await given.idp.token(SUPPORT);
    const { expiresAt = 0 } = await gate.authenticate(token);
    now = expiresAt - 1;
    expect(gate.authenticate(token)).not.toBeInstanceOf(Promise);
    now = expiresAt;
    expect(await codeOf(() => gate.authenticate(token))).toBe("token_expired");
  });

  test("only clients that are authorized parties may bring tokens, if any are named", async () => {
    const gate = corp({ authorizedParties: ["portal"] });
    expect((await gate.authenticate(await given.idp.token(SUPPORT))).id).toBe("corp:alice");
    const none = await signed(claims());
    const other = await signed(claims({ azp: "other" }));
    for (const token of [none, other]) expect(await codeOf(() => gate.authenticate(token))).toBe("token_audience");
  });

  test("the person may stand in another claim", async () => {
    const gate = corp({ subjectClaim: "oid" });
    expect((await gate.authenticate(await given.idp.token({ oid: "00u1", ...SUPPORT }))).id).toBe("corp:00u1");
    expect(await codeOf(async () => gate.authenticate(await given.idp.token(SUPPORT)))).toBe("token_invalid");
  });
});
