/**
 * What can be said of a JWT before any key is asked: its length, its form, its header, and whose it claims to be. Nothing here
 * proves anything, and nothing is computed for a token that could never be accepted.
 */
import { SluiceError } from "../core/errors.ts";
import { own, parseObject } from "./strict-json.ts";

/** The head of a request is 16 KiB; a token with two hundred groups in it is some 10 KiB. */
export const TOKEN_CHARS_MAX = 12 * 1024;

export interface UnprovenToken {
  readonly text: string;
  readonly algorithm: string;
  readonly keyId?: string;
  readonly issuer: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

const JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;
const JWE = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){4}$/;

/** RFC 9068 section 2.1 for access tokens, RFC 7519 section 5.1 for the rest. A logout token, a DPoP proof and others say what they are. */
const TYPES: ReadonlySet<string> = new Set(["jwt", "at+jwt", "application/at+jwt"]);
/** OpenID Connect Back-Channel Logout 1.0 section 2.4; providers from before it say nothing else than JWT. */
export const LOGOUT_TYPES: ReadonlySet<string> = new Set(["jwt", "logout+jwt", "application/logout+jwt"]);

/**
 * RFC 7515 section 4.1: members that bring or name a key. A key that comes with the token proves only that somebody has a key.
 */
const OWN_KEYS = ["jwk", "jku", "x5u", "x5c"] as const;

/** Undefined when the text is no JWT at all. Throws `token_invalid` when it is one that nobody here could accept. */
export function readToken(text: string, types: ReadonlySet<string> = TYPES): UnprovenToken | undefined {
  // Every JWT begins with {" in base64url.
  if (!text.startsWith("ey")) return undefined;
  if (text.length > TOKEN_CHARS_MAX) throw invalid(`is longer than ${TOKEN_CHARS_MAX} characters`);
  if (JWE.test(text)) throw invalid("is encrypted; this gateway reads signed ones (JWS) only");
  if (!JWS.test(text)) return undefined;
  const [head = "", body = ""] = text.split(".");
  const header = parseObject(Buffer.from(head, "base64url"));
  if (header === undefined) throw invalid("has a header that is no JSON object, or a member of it twice");
  const { algorithm, keyId } = checkHeader(header, types);
  const claims = parseObject(Buffer.from(body, "base64url"));
  if (claims === undefined) throw invalid("has claims that are no JSON object, or one of them twice");
  const issuer = own(claims, "iss");
  if (typeof issuer !== "string") throw invalid("does not say who issued it (iss)");
  return { text, algorithm, issuer, claims, ...(keyId === undefined ? {} : { keyId }) };
}

function checkHeader(
  header: Readonly<Record<string, unknown>>,
  types: ReadonlySet<string>,
): { algorithm: string; keyId?: string } {
  const algorithm = own(header, "alg");
  if (typeof algorithm !== "string") throw invalid("does not say how it is signed (alg)");
  // RFC 7515 section 4.1.11: what is critical and not understood makes the token invalid; no extension is understood here.
  if (own(header, "crit") !== undefined) throw invalid("has critical extensions (crit), and none is understood");
  const brought = OWN_KEYS.find((name) => own(header, name) !== undefined);
  if (brought !== undefined) throw invalid(`brings a key of its own (${brought}); only the provider's own are asked`);
  const type = own(header, "typ");
  if (type !== undefined && (typeof type !== "string" || !types.has(type.toLowerCase())))
    throw invalid("is no access token (typ)");
  const keyId = own(header, "kid");
  if (keyId === undefined) return { algorithm };
  if (typeof keyId !== "string") throw invalid("has a key id (kid) that is no text");
  return { algorithm, keyId };
}

/** `what` completes "the token …" and holds nothing of the token. */
export function invalid(what: string): SluiceError {
  return new SluiceError("token_invalid", `the token ${what}`);
}
