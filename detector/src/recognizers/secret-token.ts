/**
 * Tokens that say themselves whose they are: the provider's prefix, its alphabet and its length. Facts about prefixes and
 * lengths come from the providers' pages and from the rules of gitleaks (MIT). One row per kind of token.
 */
import { classAt, DASH, DIGIT, isAsciiAlnum, isDigitCode, LETTER, LONG } from "../scanner/characters.ts";
import type { Island } from "../scanner/island.ts";
import { shapeOf } from "./secret-value.ts";
import type { Recognizer, Sink } from "./recognizer.ts";

interface TokenRow {
  readonly prefix: string;
  readonly kind: string;
  /** Characters behind the prefix. */
  readonly min: number;
  readonly max?: number;
  /** "upper": A–Z and digits; "alnum"; "word": letters, digits, `_`, `-`; "dotted": word and `.`. */
  readonly alphabet: "upper" | "alnum" | "word" | "dotted";
  /** The token must hold a stretch of letters and digits at least this long: `sk-folding-cube` is a CSS class. */
  readonly solid?: number;
}

const ROWS: readonly TokenRow[] = [
  { prefix: "sk-ant-", kind: "Anthropic API key", min: 16, alphabet: "word" },
  { prefix: "sk-proj-", kind: "OpenAI API key", min: 16, alphabet: "word" },
  { prefix: "sk-svcacct-", kind: "OpenAI API key", min: 16, alphabet: "word" },
  { prefix: "sk-admin-", kind: "OpenAI API key", min: 16, alphabet: "word" },
  { prefix: "sk-or-v1-", kind: "OpenRouter API key", min: 32, alphabet: "alnum" },
  { prefix: "sk-", kind: "OpenAI API key", min: 20, alphabet: "word", solid: 16 },
  { prefix: "sk_live_", kind: "Stripe secret key", min: 10, alphabet: "alnum" },
  { prefix: "sk_test_", kind: "Stripe secret key", min: 10, alphabet: "alnum" },
  { prefix: "rk_live_", kind: "Stripe restricted key", min: 10, alphabet: "alnum" },
  { prefix: "rk_test_", kind: "Stripe restricted key", min: 10, alphabet: "alnum" },
  { prefix: "whsec_", kind: "Stripe webhook secret", min: 24, alphabet: "alnum" },
  { prefix: "ghp_", kind: "GitHub token", min: 30, alphabet: "alnum" },
  { prefix: "gho_", kind: "GitHub token", min: 30, alphabet: "alnum" },
  { prefix: "ghu_", kind: "GitHub token", min: 30, alphabet: "alnum" },
  { prefix: "ghs_", kind: "GitHub token", min: 30, alphabet: "word" },
  { prefix: "ghr_", kind: "GitHub token", min: 30, alphabet: "alnum" },
  { prefix: "github_pat_", kind: "GitHub token", min: 22, alphabet: "word" },
  { prefix: "glpat-", kind: "GitLab token", min: 18, alphabet: "dotted" },
  { prefix: "gldt-", kind: "GitLab deploy token", min: 18, alphabet: "word" },
  { prefix: "glrt-", kind: "GitLab runner token", min: 18, alphabet: "dotted" },
  { prefix: "glptt-", kind: "GitLab trigger token", min: 18, alphabet: "word" },
  { prefix: "xoxb-", kind: "Slack token", min: 10, alphabet: "word" },
  { prefix: "xoxp-", kind: "Slack token", min: 10, alphabet: "word" },
  { prefix: "xoxa-", kind: "Slack token", min: 10, alphabet: "word" },
  { prefix: "xoxr-", kind: "Slack token", min: 10, alphabet: "word" },
  { prefix: "xoxs-", kind: "Slack token", min: 10, alphabet: "word" },
  { prefix: "xoxe-", kind: "Slack token", min: 10, alphabet: "word" },
  { prefix: "xoxe.", kind: "Slack token", min: 20, alphabet: "dotted" },
  { prefix: "xapp-", kind: "Slack app token", min: 10, alphabet: "word" },
  { prefix: "xai-", kind: "xAI API key", min: 40, alphabet: "alnum" },
  { prefix: "AKIA", kind: "AWS access key id", min: 16, max: 16, alphabet: "upper" },
  { prefix: "ASIA", kind: "AWS access key id", min: 16, max: 16, alphabet: "upper" },
  { prefix: "ABIA", kind: "AWS access key id", min: 16, max: 16, alphabet: "upper" },
  { prefix: "AIza", kind: "Google API key", min: 35, max: 35, alphabet: "word" },
  { prefix: "ATATT3", kind: "Atlassian token", min: 60, alphabet: "word" },
  { prefix: "GOCSPX-", kind: "Google OAuth secret", min: 24, alphabet: "word" },
  { prefix: "ya29.", kind: "Google OAuth token", min: 20, alphabet: "dotted" },
  { prefix: "npm_", kind: "npm token", min: 30, alphabet: "alnum" },
  { prefix: "pypi-", kind: "PyPI token", min: 50, alphabet: "word" },
  { prefix: "hf_", kind: "Hugging Face token", min: 30, alphabet: "alnum" },
  { prefix: "gsk_", kind: "Groq API key", min: 40, alphabet: "alnum" },
  { prefix: "nvapi-", kind: "NVIDIA API key", min: 40, alphabet: "word" },
  { prefix: "pplx-", kind: "Perplexity API key", min: 40, alphabet: "alnum" },
  { prefix: "r8_", kind: "Replicate token", min: 37, max: 37, alphabet: "alnum" },
  { prefix: "dop_v1_", kind: "DigitalOcean token", min: 64, max: 64, alphabet: "alnum" },
  { prefix: "dckr_pat_", kind: "Docker token", min: 20, alphabet: "word" },
  { prefix: "shpat_", kind: "Shopify token", min: 32, alphabet: "alnum" },
  { prefix: "shpss_", kind: "Shopify secret", min: 32, alphabet: "alnum" },
  { prefix: "SG.", kind: "SendGrid API key", min: 60, alphabet: "dotted" },
  { prefix: "sq0atp-", kind: "Square token", min: 22, alphabet: "word" },
  { prefix: "sq0csp-", kind: "Square secret", min: 40, alphabet: "word" },
  { prefix: "dapi", kind: "Databricks token", min: 32, max: 34, alphabet: "word" },
  { prefix: "glsa_", kind: "Grafana token", min: 32, alphabet: "word" },
  { prefix: "hvs.", kind: "Vault token", min: 24, alphabet: "word" },
  { prefix: "lin_api_", kind: "Linear API key", min: 32, alphabet: "alnum" },
  { prefix: "sbp_", kind: "Supabase token", min: 40, alphabet: "alnum" },
  { prefix: "tskey-", kind: "Tailscale key", min: 16, alphabet: "word" },
  { prefix: "secret_", kind: "Notion token", min: 43, max: 43, alphabet: "alnum" },
  { prefix: "AGE-SECRET-KEY-1", kind: "age secret key", min: 58, max: 58, alphabet: "upper" },
];

const BY_FIRST = new Map<number, TokenRow[]>();
for (const row of ROWS) {
  const first = row.prefix.charCodeAt(0);
  BY_FIRST.set(first, [...(BY_FIRST.get(first) ?? []), row]);
}

/** No row asks for fewer characters, prefix included. */
const TOKEN_MIN = 14;
/** Fewer different characters than this are a placeholder: `ghp_xxxxxxxx…`. */
const ENTROPY_MIN = 2.5;

export const secretToken: Recognizer = {
  name: "secret-token",
  trigger: DIGIT | LONG,
  find(island: Island, sink: Sink): void {
    const { text, start, end } = island;
    if (end - start < TOKEN_MIN) return;
    let i = start;
    while (i < end) {
      const from = i;
      let dotted = false;
      for (; i < end; i++) {
        if ((classAt(text, i) & (LETTER | DIGIT | DASH)) !== 0) continue;
        if (text.charCodeAt(i) !== 0x2e || i === from) break;
        dotted = true;
      }
      if (i === from) {
        i++;
        continue;
      }
      if (i - from < TOKEN_MIN || (from > 0 && isTokenCode(text.charCodeAt(from - 1)))) continue;
      if (dotted && text.startsWith("eyJ", from) && findJwt(text, from, i, sink)) continue;
      const row = BY_FIRST.get(text.charCodeAt(from))?.find((candidate) => text.startsWith(candidate.prefix, from));
      if (row !== undefined) findToken(text, from, i, row, sink);
    }
  },
};

function isTokenCode(code: number): boolean {
  return isAsciiAlnum(code) || code === 0x5f || code === 0x2d;
}

function inAlphabet(code: number, alphabet: TokenRow["alphabet"]): boolean {
  switch (alphabet) {
    case "upper":
      return isDigitCode(code) || (code >= 0x41 && code <= 0x5a);
    case "alnum":
      return isAsciiAlnum(code);
    case "word":
      return isTokenCode(code);
    case "dotted":
      return isTokenCode(code) || code === 0x2e;
  }
}

function findToken(text: string, start: number, limit: number, row: TokenRow, sink: Sink): void {
  const from = start + row.prefix.length;
  let end = from;
  let solid = 0;
  let longest = 0;
  for (; end < limit && inAlphabet(text.charCodeAt(end), row.alphabet); end++) {
    solid = isAsciiAlnum(text.charCodeAt(end)) ? solid + 1 : 0;
    longest = Math.max(longest, solid);
  }
  // A sentence's full stop is not part of it.
  while (end > from && text.charCodeAt(end - 1) === 0x2e) end--;
  const length = end - from;
  if (length < row.min || length > (row.max ?? length) || longest < (row.solid ?? 0)) return;
  const shape = shapeOf(text, from, end);
  if (shape.entropy < ENTROPY_MIN || (shape.digits === 0 && row.alphabet !== "upper")) return;
  sink.add("SECRET", start, end, 0.97, "secret-token", `prefix and length of a ${row.kind}`);
}

/** https://www.rfc-editor.org/rfc/rfc7519#section-3: three parts of base64url, of which the first two are JSON objects. */
function findJwt(text: string, start: number, limit: number, sink: Sink): boolean {
  const firstDot = text.indexOf(".", start);
  if (firstDot - start < 10 || firstDot + 4 > limit || !text.startsWith("eyJ", firstDot + 1)) return false;
  let secondDot = firstDot + 1;
  while (secondDot < limit && text.charCodeAt(secondDot) !== 0x2e) secondDot++;
  if (secondDot - firstDot < 8) return false;
  let end = secondDot;
  if (secondDot < limit) {
    end = secondDot + 1;
    while (end < limit && text.charCodeAt(end) !== 0x2e) end++;
    if (end === secondDot + 1) end = secondDot;
  }
  sink.add("SECRET", start, end, 0.98, "secret-token", "header and payload of a JSON Web Token");
  return true;
}
