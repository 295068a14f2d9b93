/**
 * What all pages of this gateway share: one style, the headers that hold a browser to it, the frame around what a page says, and
 * the page on which a person meets a refusal. Plain HTML that works without script, at 320 pixels, with a keyboard and a screen
 * reader, in the dark. All values are escaped. Pure: whoever answers sends it.
 */
import { createHash } from "node:crypto";
import type { Code, SluiceError } from "../core/errors.ts";
import { type Html, html } from "./html.ts";

/** Who looks at a page, so that it can say under whose name a click counts and offer the way out. */
export interface Viewer {
  /** As people know it. */
  readonly name: string;
  /** Goes back with each form of the session; empty where there is none, and so nothing to log out of. */
  readonly csrf: string;
}

// No quotes, `&`, `<` or `>`: it passes the template like every other value, and its hash has to hold.
const STYLE = `:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--edge:#6e7781;--page:#fff;--box:#f4f6f8;--link:#0b4fa8;--yes:#0a6b2d;--no:#a31621;--on:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#b3b9c1;--line:#3d444d;--edge:#8b949e;--page:#15181c;--box:#21262d;--link:#8ab8ff;--yes:#7ddc9b;--no:#ff9a9a;--on:#15181c}}
*{box-sizing:border-box}
body{margin:0;font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);overflow-wrap:anywhere}
header,main{max-width:46rem;margin:0 auto;padding:0 1rem}
header{display:flex;flex-wrap:wrap;align-items:center;gap:0 1.5rem;padding-top:.5rem;padding-bottom:.5rem;border-bottom:1px solid var(--line)}
header form{display:flex;flex-wrap:wrap;align-items:center;gap:0 .75rem;margin-left:auto;font-size:.9rem;color:var(--soft)}
header button{min-height:2rem;min-width:0;margin:0;padding:.2rem .7rem;font-size:inherit;font-weight:normal;border:1px solid var(--edge);color:var(--ink)}
main{padding-bottom:4rem}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
h1{font-size:1.5rem;line-height:1.25;margin:1.75rem 0 .75rem}
h2{font-size:1.15rem;line-height:1.3;margin:2.25rem 0 .5rem}
p{margin:.5rem 0}
nav{display:flex;flex-wrap:wrap;gap:0 1.25rem}
nav a,p.go a{display:inline-block;padding:.5rem 0}
nav a[aria-current]{font-weight:bold;text-decoration:none;color:inherit}
nav.tabs{border-bottom:1px solid var(--line)}
nav.tabs a[aria-current]{border-bottom:3px solid var(--link)}
ul.reviews{list-style:none;margin:0;padding:0}
ul.reviews li{border-bottom:1px solid var(--line);padding:.75rem 0}
ul.reviews h2{margin:0;font-size:1.05rem}
ul.reviews h2 a{display:inline-block;padding:.15rem 0}
ul.reviews p{margin:.15rem 0 0}
dl{display:grid;grid-template-columns:1fr;gap:0 1rem;margin:.5rem 0}
dt{color:var(--soft)}
dd{margin:0 0 .6rem}
dd ul,.votes{margin:0;padding-left:1.1rem}
@media (min-width:34rem){dl{grid-template-columns:12rem 1fr;gap:.4rem 1rem}dd{margin:0}}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--box);border:1px solid var(--line);border-radius:.3rem;padding:.75rem;margin:.5rem 0;font:.9rem/1.5 ui-monospace,monospace}
.notice{margin:1rem 0;border-left:4px solid var(--link);background:var(--box);padding:.6rem .8rem}
label{display:block;margin-bottom:.25rem}
textarea{display:block;width:100%;min-height:5rem;font:inherit;color:inherit;background:var(--page);border:1px solid var(--edge);border-radius:.3rem;padding:.5rem}
button{font:inherit;font-weight:bold;min-height:2.75rem;min-width:min(9rem,100%);padding:.5rem 1rem;margin:1rem .75rem 0 0;color:var(--ink);background:var(--page);border:2px solid var(--edge);border-radius:.3rem;cursor:pointer}
button.yes{color:var(--on);background:var(--yes);border-color:var(--yes)}
button.no{color:var(--on);background:var(--no);border-color:var(--no)}
button.small{min-height:2rem;min-width:0;margin:.25rem 0 .75rem;padding:.2rem .7rem;font-weight:normal}
.said{white-space:pre-line}
.soft{color:var(--soft);font-size:.9rem}`;

/** No script runs, nothing is loaded, nothing is framed, and forms go nowhere else. The style is known by its hash. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** A page of this gateway with this body. Without a viewer it has no way to elsewhere but what the body holds. */
export function page(title: string, body: Html, viewer?: Viewer): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Sluice</title>
<style>${STYLE}</style>
</head>
<body>
${viewer === undefined ? "" : banner(viewer)}<main>
${body}
</main>
</body>
</html>
`.toString();
}

function banner({ name, csrf }: Viewer): Html {
  const out = html`<form method="post" action="/logout"><input type="hidden" name="csrf" value="${csrf}"><span>${name}</span><button>Log out</button></form>`;
  return html`<header>
<nav aria-label="Sluice"><a href="/reviews">Requests</a><a href="/passkeys">Passkeys</a></nav>
${csrf === "" ? "" : out}
</header>
`;
}

/** What has happened, for a person: the messages of errors are written for programs too. */
const TITLES: Partial<Record<Code, string>> = {
  account_disabled: "Your account is disabled",
  approval_self: "You cannot decide your own request",
  endpoint_unknown: "There is no such page",
  form_token_invalid: "Nothing was changed",
  field_invalid: "This page was asked for in a way that it does not know",
  group_missing: "You have no rights here",
  key_missing: "You are not logged in",
  link_expired: "This link is too old",
  link_invalid: "This link does not work",
  link_used: "This link was used already",
  login_expired: "The login took too long",
  login_failed: "You are not logged in",
  login_not_fresh: "Log in again first",
  login_time_missing: "Your identity provider does not say enough",
  passkey_invalid: "The passkey was not accepted",
  permission_missing: "You may not do this",
  person_unknown: "Log in first",
  provider_unavailable: "You cannot log in just now",
  rate_limited: "Too many tries",
  review_closed: "It is decided already",
  review_unknown: "There is no such request",
  session_missing: "You are not logged in any more",
  step_up_required: "Your passkey is needed",
};

/** Where the message tells a program what to send. */
const TEXTS: Partial<Record<Code, string>> = {
  endpoint_unknown: "Nothing is served at this address.",
  field_invalid: "Nothing was done. Go back, load the page again, and try once more.",
  form_token_invalid:
    "This form is not of your present session, or not of a page of this gateway. Load the page again.",
  key_missing: "Nothing was done. Log in, then do it once more.",
  session_missing: "Your session is over, and nothing was done. Log in, then do it once more.",
};

/** Beside the unauthenticated. */
const LOGIN_HELPS: ReadonlySet<Code> = new Set(["login_not_fresh", "person_unknown", "provider_unavailable"]);

/**
 * The page of a refusal. `back`: where the person was, the path of a request, or of the passkeys. Whoever is not known here, or no more, is shown to the login first, from
 * where it comes back there. `unsaved`: a comment that was written for nothing, and that no Back button brings back: pages are kept nowhere.
 */
export function refusalPage({ code, kind, message, details }: SluiceError, back = "/reviews", unsaved = ""): string {
  const title = TITLES[code] ?? "This was not done";
  const review = details?.["review"];
  // Where nothing is, nobody is sent again.
  const from = kind === "not_found" ? "/reviews" : back;
  const to = review === undefined ? from : `/reviews/${review}`;
  const unknown = kind === "unauthenticated" || LOGIN_HELPS.has(code);
  const fresh = code === "login_not_fresh" ? "&fresh=true" : "";
  const login = html`<a href="/login?return=${encodeURIComponent(to)}${fresh}">Log in</a>`;
  const place = to === "/reviews" ? "All requests" : to.startsWith("/reviews/") ? "The request" : "Your passkeys";
  return page(
    title,
    html`<h1>${title}</h1>
<p class="notice" role="alert">${TEXTS[code] ?? sentence(message)}</p>
${unsaved === "" ? "" : html`<h2>Your comment was not saved</h2><p>Copy it, if you want to send it again:</p><p class="said">${unsaved}</p>`}
<p class="go">${unknown ? login : html`<a href="${to}">${place}</a>`}</p>
<p class="soft">Reason: ${code}</p>`,
  );
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
