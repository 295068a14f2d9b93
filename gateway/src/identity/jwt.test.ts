import { createHmac, createPublicKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { performance } from "node:perf_hooks";
import fc from "fast-check";
import { exportSPKI, importJWK, type JWK, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { codeOf, refusal } from "./test/authenticator.ts";
import { base64url, publicOf, publishing, SUPPORT, withIdp } from "./test/forge.ts";
import { newKey, startIdp } from "./test/idp.ts";

const given = withIdp();
const { corp, claims, signed, signedText, header } = given;

describe("how a token is signed", () => {
  test("a token without signature is refused, whatever it calls that", async () => {
    const gate = corp();
    for (const alg of ["none", "None", "NONE", "nOnE", ""]) {
      const unsigned = `${base64url({ alg, typ: "at+jwt", kid: given.idp.key.kid })}.${base64url(claims())}.`;
      expect(await codeOf(() => gate.authenticate(unsigned)), alg).toBe("token_invalid");
    }
    const token = await given.idp.token(SUPPORT);
    expect(await codeOf(() => gate.authenticate(token.slice(0, token.lastIndexOf(".") + 1)))).toBe("token_invalid");
    expect(await codeOf(() => gate.authenticate(token.slice(0, token.lastIndexOf("."))))).toBe("token_invalid");
  });

  test("a token signed with the public key as a shared secret is refused, even where HS256 were allowed by mistake", async () => {
    const spki = await exportSPKI((await importJWK(publicOf(given.idp.key), "RS256", { extractable: true })) as never);
    const der = createPublicKey(spki).export({ type: "spki", format: "der" });
    for (const algorithms of [["RS256"], ["RS256", "HS256"]]) {
      const gate = corp({ algorithms });
      for (const secret of [spki, spki.trim(), der, JSON.stringify(publicOf(given.idp.key)), given.idp.key.n ?? ""]) {
        const input = `${base64url({ alg: "HS256", typ: "at+jwt", kid: given.idp.key.kid })}.${base64url(claims())}`;
        const token = `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
        expect(await codeOf(() => gate.authenticate(token))).toBe("token_invalid");
      }
    }
  });

  test("a shared secret among a provider's published keys is not a key here", async () => {
    const secret = randomBytes(32).toString("base64url");
    const fake = await startIdp();
    try {
      fake.instead = publishing(fake, [{ kty: "oct", k: secret, kid: "s", alg: "HS256" }]);
      const gate = corp({ algorithms: ["HS256"] }, {}, fake);
      const token = await new SignJWT(claims({ iss: fake.issuer }))
        .setProtectedHeader({ alg: "HS256", kid: "s" })
        .sign(Buffer.from(secret, "base64url"));
      expect(await codeOf(() => gate.authenticate(token))).toBe("token_invalid");
    } finally {
      await fake.stop();
    }
  });

  test("an algorithm that is not on the list is refused, though the key could do it", async () => {
    const other = await startIdp();
    try {
      // No `alg` in the published key: it fits RS256, RS512 and PS256 alike.
      const { alg: _alg, ...key } = publicOf(other.key);
      other.instead = publishing(other, [key]);
      const gate = corp({ algorithms: ["RS256"] }, {}, other);
      const as = (alg: string) =>
        signed(claims({ iss: other.issuer }), { alg, kid: other.key.kid }, { ...other.key, alg });
      expect((await gate.authenticate(await as("RS256"))).id).toBe("corp:alice");
      for (const alg of ["RS512", "PS256"]) {
        const token = await as(alg);
        expect(await codeOf(() => gate.authenticate(token))).toBe("token_invalid");
      }
    } finally {
      await other.stop();
    }
  });

  test("a key that the provider publishes for one algorithm signs no other, and one for encryption signs nothing", async () => {
    const other = await startIdp();
    try {
      const gate = corp({ algorithms: ["RS256", "PS256"] }, {}, other);
      other.instead = publishing(other, [publicOf(other.key), { ...publicOf(other.key), kid: "enc", use: "enc" }]);
      const ps = await signed(
        claims({ iss: other.issuer }),
        { alg: "PS256", kid: other.key.kid },
        { ...other.key, alg: "PS256" },
      );
      const enc = await signed(claims({ iss: other.issuer }), { kid: "enc" }, other.key);
      for (const token of [ps, enc]) expect(await codeOf(() => gate.authenticate(token))).toBe("token_invalid");
    } finally {
      await other.stop();
    }
  });

  test("a token signed by somebody else, and one changed after it was signed, are refused", async () => {
    const gate = corp();
    const stranger = await newKey("RS256");
    const forged = await signed(claims(), {}, stranger);
    const token = await given.idp.token({ groups: [] });
    const [head = "", , signature = ""] = token.split(".");
    const changed = `${head}.${base64url(claims())}.${signature}`;
    for (const bad of [forged, changed]) expect(await codeOf(() => gate.authenticate(bad))).toBe("token_invalid");
  });

  test("a token whose key is named by nothing is refused when the provider has two that fit", async () => {
    const other = await startIdp();
    try {
      const gate = corp({}, {}, other);
      const { kid: _kid, ...nameless } = other.key;
      const token = await signed(claims({ iss: other.issuer }), { kid: undefined }, nameless);
      expect((await gate.authenticate(token)).id).toBe("corp:alice");
      await other.rotate("keep");
      const late = corp({}, {}, other);
      expect(await codeOf(() => late.authenticate(token))).toBe("token_invalid");
    } finally {
      await other.stop();
    }
  });

  test("an RSA key too short to be trusted is not", async () => {
    const short = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const other = await startIdp();
    try {
      other.instead = publishing(other, [{ ...(short.publicKey.export({ format: "jwk" }) as JWK), kid: "short" }]);
      const gate = corp({}, {}, other);
      const input = `${base64url({ alg: "RS256", kid: "short" })}.${base64url(claims({ iss: other.issuer }))}`;
      const token = `${input}.${sign("sha256", Buffer.from(input), short.privateKey).toString("base64url")}`;
      expect(await codeOf(() => gate.authenticate(token))).toBe("token_invalid");
    } finally {
      await other.stop();
    }
  });
});

describe("the form of a token", () => {
  test("one with any character changed, left out or put in anywhere is refused", async () => {
    const gate = corp();
    const token = await signed(claims());
    // The last character of a signature holds bits that belong to no byte.
    const at = fc.nat(token.length - 2);
    const char = fc.constantFrom("A", "b", "0", "-", "_", ".", "=", "+", " ", "\u00e9");
    const put = fc.constantFrom(0, 1);
    await fc.assert(
      fc.asyncProperty(at, char, put, fc.boolean(), async (from, by, cut, gone) => {
        const changed = token.slice(0, from) + (gone ? "" : by) + token.slice(from + (gone ? 1 : cut));
        fc.pre(changed !== token);
        expect(["token_invalid", "key_invalid", "token_issuer_unknown"]).toContain(
          await codeOf(() => gate.authenticate(changed)),
        );
      }),
      { numRuns: 300 },
    );
  });

  test("a claim or a header member that stands twice is refused, however the second one is spelt", async () => {
    const gate = corp();
    const good = JSON.stringify(claims());
    expect((await gate.authenticate(signedText(header(), good))).id).toBe("corp:alice");
    for (const twice of [
      `${good.slice(0, -1)},"sub":"root"}`,
      `${good.slice(0, -1)},"su\\u0062":"root"}`,
      `${good.slice(0, -1)},"act":{"sub":"a","sub":"b"}}`,
    ]) {
      expect(await codeOf(() => gate.authenticate(signedText(header(), twice)))).toBe("token_invalid");
    }
    const twiceInHeader = `${header().slice(0, -1)},"alg":"none"}`;
    expect(await codeOf(() => gate.authenticate(signedText(twiceInHeader, good)))).toBe("token_invalid");
  });

  test.each([
    ["critical extensions", (): [string, string] => [JSON.stringify({ alg: "RS256", crit: ["exp"], exp: 1 }), "{}"]],
    ["claims that are a list", (): [string, string] => [header(), "[]"]],
    ["claims that are not JSON", (): [string, string] => [header(), "{"]],
    ["claims nested without end", (): [string, string] => [header(), `{"a":${"[".repeat(2_000)}${"]".repeat(2_000)}}`]],
    ["a header that is null", (): [string, string] => ["null", "{}"]],
    ["a key id that is a number", (): [string, string] => [JSON.stringify({ alg: "RS256", kid: 1 }), "{}"]],
  ])("one with %s is refused", async (_, make) => {
    const token = signedText(...make());
    const jwt = token.startsWith("ey");
    expect(await codeOf(() => corp().authenticate(token))).toBe(jwt ? "token_invalid" : "key_invalid");
  });

  test("claims that are not UTF-8 are refused", async () => {
    const token = signedText(
      header(),
      Buffer.concat([Buffer.from(JSON.stringify(claims()).slice(0, -1)), Buffer.from(',"x":"\xff"}', "latin1")]),
    );
    expect(await codeOf(() => corp().authenticate(token))).toBe("token_invalid");
  });

  test("a giant token is refused before anything is computed, and asks no provider", async () => {
    const gate = corp();
    const asked = [...given.idp.requests.values()].reduce((sum, each) => sum + each, 0);
    const giant = `eyJhbGciOiJSUzI1NiJ9.${"A".repeat(10_000_000)}.AAAA`;
    const start = performance.now();
    for (let round = 0; round < 1_000; round++) expect(() => gate.authenticate(giant)).toThrow("longer than 12288");
    expect(performance.now() - start).toBeLessThan(500);
    expect([...given.idp.requests.values()].reduce((sum, each) => sum + each, 0)).toBe(asked);
    const justFits = await signed(claims({ note: "x".repeat(7_000) }));
    expect((await gate.authenticate(justFits)).id).toBe("corp:alice");
  });

  test("what is no token at all is looked at as an API key, and an encrypted one is named as such", async () => {
    const gate = corp();
    for (const text of ["nobody", "a.b.c", "sluice_x", "Bearer", "x".repeat(5_000)])
      expect(await codeOf(() => gate.authenticate(text)), text.slice(0, 20)).toBe("key_invalid");
    for (const text of [
      "ey",
      "eyJ",
      "eyJhbGciOiJSUzI1NiJ9",
      "eyJhbGciOiJSUzI1NiJ9.e30",
      "eyJhbGciOiJSUzI1NiJ9.e30.AA.",
      "eyJh\u0000.e30.AA",
    ])
      expect(await codeOf(() => gate.authenticate(text)), text).toBe("token_invalid");
    expect((await refusal(() => gate.authenticate("eyJhbGciOiJkaXIifQ..AA.AA.AA"))).message).toContain("encrypted");
  });

  test("no refusal holds any part of a token or of what it says", async () => {
    const gate = corp();
    const secret = "jane.doe@example.com";
    const bad = [
      await signed(claims({ sub: secret, aud: secret })),
      await signed(claims({ sub: secret, exp: 1 })),
      await signed(claims({ iss: `https://${secret}` })),
      await signed(claims({ sub: secret, groups: [secret] })),
      await signed(claims({ sub: secret, act: { sub: secret } })),
      await signed(claims({ sub: secret }), { kid: secret }),
    ];
    for (const token of bad) {
      const error = await refusal(() => gate.authenticate(token));
      const shown = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
      expect(shown).not.toContain(secret);
      expect(shown).not.toContain(token.slice(0, 24));
    }
  });
});
