/** A provider for the tests of a file, a gateway in front of it, and tokens that the provider itself would never issue. */
import { sign } from "node:crypto";
import { importJWK, type JWK, type JWTPayload, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll } from "vitest";
import { authenticatorFor, providerFor, settingsFor } from "./authenticator.ts";
import { AUDIENCE, type Idp, startIdp } from "./idp.ts";

export const SUPPORT = { groups: ["Support"] };

export const seconds = (): number => Math.floor(Date.now() / 1_000);

export const base64url = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** Call at the top of a test file. `idp` is there once its tests run. */
export function withIdp() {
  let idp: Idp;
  beforeAll(async () => {
    idp = await startIdp();
  });
  afterAll(() => idp.stop());

  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  return {
    get idp(): Idp {
      return idp;
    },

    /** A gateway that trusts the provider, or another one. */
    corp(
      change: Parameters<typeof providerFor>[1] = {},
      setup: Parameters<typeof authenticatorFor>[1] = {},
      provider: Idp = idp,
    ) {
      const made = authenticatorFor(settingsFor({ providers: [providerFor(provider.issuer, change)] }), setup);
      closing.push(() => made.close());
      return made;
    },

    /** What the provider would sign for Alice. */
    claims: (change: Record<string, unknown> = {}): JWTPayload => ({
      iss: idp.issuer,
      sub: "alice",
      aud: AUDIENCE,
      exp: seconds() + 600,
      iat: seconds(),
      ...SUPPORT,
      ...change,
    }),

    /** A token made with the provider's own key: whatever is refused of it is refused for what it says. */
    async signed(payload: JWTPayload, header: Record<string, unknown> = {}, key: JWK = idp.key): Promise<string> {
      const alg = typeof header["alg"] === "string" ? header["alg"] : "RS256";
      return new SignJWT(payload)
        .setProtectedHeader({ alg, typ: "at+jwt", kid: idp.key.kid ?? "", ...header })
        .sign(await importJWK(key, alg));
    },

    /** The same from texts that no library would write. */
    signedText(header: string, payload: string | Buffer): string {
      const input = `${base64url(header)}.${Buffer.from(payload).toString("base64url")}`;
      return `${input}.${sign("sha256", Buffer.from(input), { key: idp.key as never, format: "jwk" }).toString("base64url")}`;
    },

    /** A header that goes with the provider's key. */
    header: (): string => JSON.stringify({ alg: "RS256", typ: "at+jwt", kid: idp.key.kid }),
  };
}

export function publicOf(key: JWK): JWK {
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...rest } = key;
  return rest;
}

/** A provider that says what the test wants it to say. */
export function publishing(
  other: Idp,
  keys: readonly JWK[],
  discovery: Record<string, unknown> = {},
): NonNullable<Idp["instead"]> {
  return (req, res) => {
    const document = req.url?.startsWith("/.well-known/")
      ? { issuer: other.issuer, jwks_uri: `${other.issuer}/jwks`, ...discovery }
      : { keys };
    res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(document));
  };
}
