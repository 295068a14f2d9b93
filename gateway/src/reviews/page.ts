/**
 * What an approver sees in a browser: a list, and one review with what speaks for and against it before the decision. Pure: the
 * routes send it.
 */
import type { Shown } from "./desk.ts";
import { type Html, html } from "./html.ts";
import { page, type Viewer } from "./layout.ts";
import { type Review, stateAt, wayOf } from "./review.ts";

export interface PageOptions {
  /** Name to show for a principal's id. */
  readonly nameOf: (principal: string) => string;
  readonly viewer: Viewer & { readonly id: string };
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
  /** A yes needs a passkey, which the next page asks for. */
  readonly stepUp: boolean;
  /** What became of the last click, in a sentence. */
  readonly notice?: string;
}

/** Longest comment, in characters. */
export const COMMENT_CHARS_MAX = 1_000;

const LISTS = [
  { name: "To decide", title: "Requests to decide", view: "decide", state: "pending" },
  { name: "Decided", title: "Decided requests", view: "decide", state: "closed" },
  { name: "Mine, waiting", title: "Your requests that wait", view: "requested", state: "pending" },
  { name: "Mine, closed", title: "Your closed requests", view: "requested", state: "closed" },
] as const;

export function listPage({ view, state, reviews, next, nameOf, viewer, now }: ListPage): string {
  const isShown = (list: (typeof LISTS)[number]): boolean => list.view === view && list.state === state;
  const tabs = LISTS.map((list) => {
    const current = isShown(list) ? html` aria-current="page"` : "";
    return html`<a href="/reviews?view=${list.view}&amp;state=${list.state}"${current}>${list.name}</a>`;
  });
  const items = reviews.map((review) => {
    const status = stateAt(review, now);
    const found = review.categories.length === 0 ? "no personal data found" : review.categories.join(", ");
    return html`<li>
<h2><a href="/reviews/${review.id}">${headline(review, nameOf)}</a></h2>
<p class="soft">${STATES[status]} · risk ${review.risk.score} of 100 · ${found}</p>
<p class="soft">${status === "pending" ? html`Decide by ${deadline(review.expiresAt, now)}` : html`Asked ${time(review.createdAt)}`}</p>
</li>`;
  });
  const title = LISTS.find(isShown)?.title ?? "Requests";
  return page(
    title,
    html`<h1>${title}</h1>
<nav class="tabs" aria-label="Lists">${tabs}</nav>
${items.length === 0 ? html`<p>There is nothing here.</p>` : html`<ul class="reviews">${items}</ul>`}
${next === undefined ? "" : html`<p class="go"><a href="/reviews?view=${view}&amp;state=${state}&amp;cursor=${next}">Older ones</a></p>`}`,
    viewer,
  );
}

export function reviewPage({ shown, stepUp, notice, nameOf, viewer, now }: ReviewPage): string {
  const { review, state, preview, mayVote, grant } = shown;
  const title = headline(review, nameOf);
  const pending = state === "pending";
  const { score, reasons } = review.risk;
  return page(
    title,
    html`<h1>${title}</h1>
${notice === undefined ? "" : html`<p class="notice" role="status">${notice}</p>`}
<p><strong>${STATES[state]}.</strong> ${pending ? html`Decide by ${deadline(review.expiresAt, now)}; without an answer it is a no.` : review.decidedAt === undefined ? "" : html`Since ${time(review.decidedAt)}.`}</p>
${mayVote ? html`<p class="go"><a href="#decide">Go to the decision</a></p>` : pending ? html`<p>${whyNot(review, viewer.id)}</p>` : ""}
<h2>What is asked</h2>
<dl>
<dt>Who asks</dt><dd>${[review.requester, ...review.actors].map(nameOf).join(", through ")}</dd>
<dt>Purpose</dt><dd>${review.purpose}</dd>
<dt>Lawful basis</dt><dd>${basisName(review.basis)}</dd>
<dt>Goes to</dt><dd>${review.recipient.name}, ${countryName(review.recipient.country)}, by connection ${review.connection}</dd>
${review.sending === undefined ? "" : html`<dt>How</dt><dd>${wayOf(review.sending)}</dd>`}
<dt>Personal data found</dt><dd>${review.categories.length === 0 ? "none" : review.categories.join(", ")}</dd>
<dt>Risk</dt><dd>${score} of 100${reasons.length === 0 ? "" : html`, because:<ul>${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`}</dd>
<dt>A yes allows</dt><dd>${allowed(review)}</dd>
<dt>Who decides</dt><dd>${review.approvals.map(({ group, people }) => `${people} of ${group}`).join(", and ")}</dd>
<dt>Asked</dt><dd>${time(review.createdAt)}</dd>
</dl>
${previewOf(review, preview)}
${votesOf(shown, nameOf)}
${grant === undefined ? "" : html`<h2>What the yes has led to</h2><p>Grant ${grant.id}: ${grant.kind}, ${grant.state}, until ${time(grant.expiresAt)}.</p>`}
${mayVote ? voteForm(review, viewer, stepUp) : ""}`,
    viewer,
  );
}

function whyNot({ parties, approvals }: Review, viewer: string): string {
  if (parties.includes(viewer))
    return "You cannot decide this: it was asked by you or in your name, so others have to.";
  return `You cannot decide this: people in ${approvals.map(({ group }) => group).join(", ")} do.`;
}

/** What will be sent, masked, under its heading; of broken glass the reason. */
export function previewOf(review: Review, preview: string | undefined): Html | "" {
  if (preview === undefined) return "";
  if (review.kind === "after-the-fact") return html`<h2>Why the glass was broken</h2><pre>${preview}</pre>`;
  const shownBytes = Buffer.byteLength(preview);
  const cut =
    shownBytes < review.bytes
      ? html`<p><strong>Only the beginning is shown:</strong> ${shownBytes} of ${review.bytes} bytes.</p>`
      : "";
  return html`<h2>What will be sent</h2>
<p>What was found is masked here. What was not found is still there, so read it.</p>
${cut}<pre>${readable(preview)}</pre>
<p class="soft">SHA-256 of what will be sent, and how: ${review.digest}</p>`;
}

function votesOf({ review, comments }: Shown, nameOf: PageOptions["nameOf"]): Html | "" {
  if (review.votes.length === 0) return "";
  const items = review.votes.map(({ person, decision, at }) => {
    const comment = comments.get(person);
    return html`<li>${nameOf(person)}: ${decision === "approve" ? "yes" : "no"}, ${time(at)}${comment === undefined ? "" : html`<br><span class="said">${comment}</span>`}</li>`;
  });
  return html`<h2>Votes</h2><ul class="votes">${items}</ul>`;
}

function voteForm({ id, votes }: Review, viewer: ReviewPage["viewer"], stepUp: boolean): Html {
  const saidYes = votes.some(({ person, decision }) => person === viewer.id && decision === "approve");
  const yes = html`<button class="yes" name="decision" value="approve">Approve</button>`;
  return html`<h2 id="decide">Your decision</h2>
${saidYes ? html`<p>You have said yes, and others have to as well. You can still say no.</p>` : ""}
${stepUp && !saidYes ? html`<p>A yes asks for your passkey, on the next page; a no does not. You have none yet? <a href="/passkeys">Your passkeys</a></p>` : ""}
<form method="post" action="/reviews/${id}/votes">
<input type="hidden" name="csrf" value="${viewer.csrf}">
<label for="comment">Comment, seen by who asks and who decides (optional)</label>
<textarea id="comment" name="comment" maxlength="${COMMENT_CHARS_MAX}"></textarea>
${saidYes ? "" : yes}<button class="no" name="decision" value="deny">Deny</button>
</form>`;
}

const STATES: Readonly<Record<Review["state"], string>> = {
  pending: "Waits for a decision",
  granted: "Approved",
  denied: "Denied",
  expired: "Not decided in time, which is a no",
  cancelled: "Taken back",
};

function headline({ kind, purpose, recipient, requester }: Review, nameOf: PageOptions["nameOf"]): string {
  const what = kind === "request" ? "asks" : "broke the glass";
  return `${nameOf(requester)} ${what}: ${purpose}, to ${recipient.name}`;
}

function allowed({ kind, windowMs }: Review): string {
  if (kind === "after-the-fact") return "nothing more; a no ends what is still running";
  if (windowMs === undefined) return "this request, once";
  const minutes = Math.ceil(windowMs / 60_000);
  return `requests to this endpoint for ${minutes} minutes, from the yes on, with no other categories, no higher risk, not many more findings and no more parts that nobody scanned`;
}

function time(ms: number): Html {
  const iso = new Date(ms).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace("T", " ")} UTC</time>`;
}

/** The moment, and how far away it is: few people think in UTC. */
function deadline(ms: number, now: number): Html {
  const minutes = Math.max(0, Math.round((ms - now) / 60_000));
  const [count, unit] =
    minutes < 100
      ? [minutes, "minute"]
      : minutes < 2_880
        ? [Math.round(minutes / 60), "hour"]
        : [Math.round(minutes / 1_440), "day"];
  return html`${time(ms)} (in ${count} ${unit}${count === 1 ? "" : "s"})`;
}

/** `eu-gdpr:A6-1-b` as lawyers write it. */
export function basisName(basis: string): string {
  const match = /^eu-gdpr:A(\d+)-(\d+)-([a-z])/.exec(basis);
  return match === null ? basis : `GDPR Art. ${match[1]}(${match[2]})(${match[3]}), ${basis}`;
}

const COUNTRIES = new Intl.DisplayNames("en", { type: "region", fallback: "code" });

export function countryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? `${COUNTRIES.of(code) ?? code} (${code})` : code;
}

/**
 * JSON on several lines, where that shows all that is there; a line also ends where a string in it says so. The `\\n` of the string
 * stays, so that nothing is taken for what it is not.
 */
function readable(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (JSON.stringify(value) !== text) return text;
    return JSON.stringify(value, undefined, 2).replaceAll(/(?<!\\)(?:\\\\)*\\n(?!")/g, "$&\n");
  } catch {
    return text;
  }
}
