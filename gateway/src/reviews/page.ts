/**
 * What an approver sees in a browser: a list and one review, as plain HTML that works without script, at 320 pixels, with a
 * keyboard and a screen reader, in the dark. All values are escaped. Pure: the routes send it.
 */
import { createHash } from "node:crypto";
import type { Shown } from "./desk.ts";
import { type Html, html } from "./html.ts";
import { type Review, stateAt } from "./review.ts";

export interface PageOptions {
  /** Name to show for a principal's id. */
  readonly nameOf: (principal: string) => string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface ListPage extends PageOptions {
  readonly view: "decide" | "requested";
  readonly state: "pending" | "closed";
  readonly reviews: readonly Review[];
  /** Cursor of the next page. */
  readonly next?: string | undefined;
}

export interface ReviewPage extends PageOptions {
  readonly shown: Shown;
  /** Goes back with each form. */
  readonly csrf: string;
  /** What became of the last click, in a sentence. */
  readonly notice?: string;
}

/** Longest comment, in characters. */
export const COMMENT_CHARS_MAX = 1_000;

const STYLE = `:root{color-scheme:light dark;--ink:#1a1a1a;--soft:#555;--line:#c6c6c6;--page:#fff;--box:#f4f4f4;--link:#0b4fa8;--yes:#0a6b2d;--no:#a31621}
@media (prefers-color-scheme:dark){:root{--ink:#eee;--soft:#b8b8b8;--line:#555;--page:#161616;--box:#242424;--link:#8ab8ff;--yes:#7ddc9b;--no:#ff9a9a}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:46rem;font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);overflow-wrap:anywhere}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
h1{font-size:1.5rem;line-height:1.25}
h2{font-size:1.15rem;margin-top:2rem}
nav a{display:inline-block;padding:.6rem .8rem .6rem 0}
nav a[aria-current]{font-weight:bold;text-decoration:none;color:inherit}
ul.reviews{list-style:none;padding:0}
ul.reviews li{border-top:1px solid var(--line);padding:.75rem 0}
ul.reviews h2{margin:0}
dl{display:grid;grid-template-columns:1fr;gap:0 1rem}
dt{color:var(--soft)}
dd{margin:0 0 .6rem}
@media (min-width:34rem){dl{grid-template-columns:10rem 1fr}dd{margin:0}}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--box);border:1px solid var(--line);padding:.75rem;font:.9rem/1.45 ui-monospace,monospace}
p.notice{border:2px solid var(--link);padding:.75rem}
fieldset{border:1px solid var(--line);padding:1rem;margin:0}
label{display:block;margin-bottom:.25rem}
textarea{width:100%;min-height:5rem;font:inherit;color:inherit;background:var(--page);border:1px solid var(--soft);padding:.5rem}
button{font:inherit;font-weight:bold;min-height:2.75rem;min-width:8rem;padding:.5rem 1rem;margin:.75rem .5rem 0 0;color:var(--ink);background:var(--box);border:2px solid currentColor;cursor:pointer}
button.yes{color:var(--yes)}
button.no{color:var(--no)}
.soft{color:var(--soft)}`;

/** No script runs, nothing is loaded, nothing is framed, and forms go nowhere else. The style is known by its hash. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
};

export function listPage({ view, state, reviews, next, nameOf, now }: ListPage): string {
  const title =
    view === "requested" ? "Your requests" : state === "pending" ? "Requests to decide" : "Decided requests";
  const tab = (name: string, wantedView: string, wantedState: string): Html => {
    const current = wantedView === view && wantedState === state ? html` aria-current="page"` : "";
    return html`<a href="/reviews?view=${wantedView}&amp;state=${wantedState}"${current}>${name}</a> `;
  };
  const items = reviews.map((review) => {
    const status = stateAt(review, now);
    return html`<li>
<h2><a href="/reviews/${review.id}">${headline(review, nameOf)}</a></h2>
<p class="soft">${STATES[status]}. Risk ${review.risk.score} of 100. ${status === "pending" ? html`Decide by ${time(review.expiresAt)}.` : html`Asked ${time(review.createdAt)}.`}</p>
</li>`;
  });
  return page(
    title,
    html`<h1>${title}</h1>
<nav aria-label="Lists">${tab("To decide", "decide", "pending")}${tab("Decided", "decide", "closed")}${tab("Mine, pending", "requested", "pending")}${tab("Mine, closed", "requested", "closed")}</nav>
${items.length === 0 ? html`<p>There is nothing here.</p>` : html`<ul class="reviews">${items}</ul>`}
${next === undefined ? "" : html`<p><a href="/reviews?view=${view}&amp;state=${state}&amp;cursor=${next}">Older ones</a></p>`}`,
  );
}

export function reviewPage({ shown, csrf, notice, nameOf }: ReviewPage): string {
  const { review, state, preview, mayVote, grant } = shown;
  const title = headline(review, nameOf);
  return page(
    title,
    html`<nav aria-label="Back"><a href="/reviews">All requests</a></nav>
<h1>${title}</h1>
${notice === undefined ? "" : html`<p class="notice" role="status">${notice}</p>`}
<p><strong>${STATES[state]}.</strong> ${state === "pending" ? html`Decide by ${time(review.expiresAt)}; without an answer it is a no.` : ""}${review.decidedAt === undefined || state === "pending" ? "" : html`Since ${time(review.decidedAt)}.`}</p>
<h2>What is asked</h2>
<dl>
<dt>Who asks</dt><dd>${[review.requester, ...review.actors].map(nameOf).join(", through ")}</dd>
<dt>Purpose</dt><dd>${review.purpose}</dd>
<dt>Lawful basis</dt><dd>${basisName(review.basis)}</dd>
<dt>Goes to</dt><dd>${review.recipient.name}, ${countryName(review.recipient.country)} (connection ${review.connection})</dd>
<dt>Personal data found</dt><dd>${review.categories.length === 0 ? "none" : review.categories.join(", ")}</dd>
<dt>Risk</dt><dd>${review.risk.score} of 100${review.risk.reasons.length === 0 ? "" : html`: ${review.risk.reasons.join("; ")}`}</dd>
<dt>A yes allows</dt><dd>${allowed(review)}</dd>
<dt>Needed</dt><dd>${review.approvals.map(({ group, people }) => `${people} of ${group}`).join(", and ")}</dd>
<dt>Asked</dt><dd>${time(review.createdAt)}</dd>
</dl>
${previewOf(review, preview)}
${votesOf(shown, nameOf)}
${grant === undefined ? "" : html`<h2>Grant</h2><p>${grant.id}: ${grant.kind}, ${grant.state}, until ${time(grant.expiresAt)}.</p>`}
${mayVote ? voteForm(review, csrf) : state === "pending" ? html`<p>You cannot decide this: you asked for it, or others have to.</p>` : ""}`,
  );
}

function previewOf(review: Review, preview: string | undefined): Html | "" {
  if (preview === undefined) return "";
  if (review.kind === "after-the-fact") return html`<h2>Why the glass was broken</h2><pre>${preview}</pre>`;
  const shownBytes = Buffer.byteLength(preview);
  const cut =
    shownBytes < review.bytes
      ? html`<p><strong>Only the beginning is shown:</strong> ${shownBytes} of ${review.bytes} bytes.</p>`
      : "";
  return html`<h2>What will be sent</h2>
<p class="soft">Masked: what was found is replaced already. What was not found is still there. SHA-256 ${review.digest}</p>
${cut}<pre>${readable(preview)}</pre>`;
}

function votesOf({ review, comments }: Shown, nameOf: PageOptions["nameOf"]): Html | "" {
  if (review.votes.length === 0) return "";
  const items = review.votes.map(({ person, decision, at }) => {
    const comment = comments.get(person);
    return html`<li>${nameOf(person)}: ${decision === "approve" ? "yes" : "no"}, ${time(at)}${comment === undefined ? "" : html`<br>${comment}`}</li>`;
  });
  return html`<h2>Votes</h2><ul>${items}</ul>`;
}

function voteForm({ id }: Review, csrf: string): Html {
  return html`<h2>Decide</h2>
<form method="post" action="/reviews/${id}/votes">
<input type="hidden" name="csrf" value="${csrf}">
<fieldset>
<legend>Your decision</legend>
<label for="comment">Comment (optional, seen by who asks)</label>
<textarea id="comment" name="comment" maxlength="${COMMENT_CHARS_MAX}"></textarea>
<button class="yes" name="decision" value="approve">Approve</button>
<button class="no" name="decision" value="deny">Deny</button>
</fieldset>
</form>`;
}

/** A page of this gateway with this body. */
export function page(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Sluice</title>
${styled()}
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.toString();
}

/** The style is a constant of ours without a character that would be escaped, so that its hash holds. */
function styled(): Html {
  return html`<style>${STYLE}</style>`;
}

const STATES: Readonly<Record<Review["state"], string>> = {
  pending: "Waits for a decision",
  granted: "Approved",
  denied: "Denied",
  expired: "Not decided in time, which is a no",
  cancelled: "Taken back",
};

function headline({ kind, purpose, recipient, requester }: Review, nameOf: PageOptions["nameOf"]): string {
  return kind === "request"
    ? `${nameOf(requester)}: ${purpose}, to ${recipient.name}`
    : `${nameOf(requester)} broke the glass: ${purpose}, to ${recipient.name}`;
}

function allowed({ kind, windowMs }: Review): string {
  if (kind === "after-the-fact") return "nothing more; a no ends what is still running";
  if (windowMs === undefined) return "this request, once";
  return `requests of this kind with these categories for ${Math.ceil(windowMs / 60_000)} minutes, from the yes on`;
}

function time(ms: number): Html {
  const iso = new Date(ms).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace("T", " ")} UTC</time>`;
}

/** `eu-gdpr:A6-1-b` as lawyers write it. */
function basisName(basis: string): string {
  const match = /^eu-gdpr:A(\d+)-(\d+)-([a-z])/.exec(basis);
  return match === null ? basis : `GDPR Art. ${match[1]}(${match[2]})(${match[3]}), ${basis}`;
}

const COUNTRIES = new Intl.DisplayNames("en", { type: "region", fallback: "code" });

function countryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? `${COUNTRIES.of(code) ?? code} (${code})` : code;
}

/** JSON on several lines, where that shows all that is there. */
function readable(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? JSON.stringify(value, undefined, 2) : text;
  } catch {
    return text;
  }
}
