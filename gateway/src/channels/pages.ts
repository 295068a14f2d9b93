/**
 * Pages of the channels: a link's question, one's passkeys, and the passkey that a risky yes needs. Plain HTML; the two with
 * passkeys need a few lines of script, and say what to do without it. Pure: the routes send them.
 */
import type { SluiceError } from "../core/errors.ts";
import { type Html, html } from "../reviews/html.ts";
import { PAGE_HEADERS, page, type Viewer } from "../reviews/layout.ts";
import { previewOf } from "../reviews/page.ts";
import { type Review, wayOf } from "../reviews/review.ts";
import type { Notice } from "./channel.ts";
import { SCRIPT_INTEGRITY, SCRIPT_PATH } from "./script.ts";
import type { Link, Passkey } from "./store.ts";
import { factsOf, headline, plain, STATES, time } from "./wording.ts";

/**
 * The page's own policy, and one script by its hash: by name where a browser matches hashes of inline scripts alone, in which
 * case the attribute `integrity` compares it (CSP Level 3 section 6.7.2.4, SRI section 3.3.5).
 */
export function scriptedHeaders(origin: string): Record<string, string> {
  const policy = `${PAGE_HEADERS["content-security-policy"]}; script-src '${SCRIPT_INTEGRITY}' ${origin}${SCRIPT_PATH}`;
  return { ...PAGE_HEADERS, "content-security-policy": policy };
}

export interface LinkPage {
  readonly token: string;
  readonly link: Link;
  readonly notice: Notice;
  /** As whose the click counts. */
  readonly person: string;
  /** What will be sent, masked: itself, offered behind a button, or to be read elsewhere. */
  readonly preview: { readonly text: string | undefined } | "offered" | "elsewhere";
}

/** A link scanner opens it: it holds something of what will be sent only in the answer to a button that was pressed. */
export function linkPage({ token, link, notice, person, preview }: LinkPage): string {
  const yes = link.decision === "approve";
  const button = html`<button class="${yes ? "yes" : "no"}">${yes ? "Approve" : "Deny"}</button>`;
  const isPending = notice.state === "pending";
  const isShown = typeof preview === "object";
  return page(
    headline(notice),
    html`<h1>${headline(notice)}</h1>
<p><strong>Now: ${STATES[notice.state]}.</strong> ${isShown ? "Nothing is decided yet." : "Opening this page has decided nothing."}</p>
${isShown ? html`<p class="go"><a href="#decide">Go to the decision</a></p>` : ""}
${factList(notice)}
${isShown ? html`${wayFact(notice.review)}${previewOf(notice.review, preview.text)}` : isPending && preview === "offered" ? offer(token, notice, person) : ""}
<p class="go"><a href="${notice.url}">All of the request</a> (asks you to log in)</p>
${
  isPending
    ? html`<h2 id="decide">Your decision</h2>
<p>It counts as the decision of ${plain(person)}.</p>
<form method="post" action="/decide/${token}">${button}</form>`
    : html`<p>There is nothing to decide any more.</p>`
}`,
  );
}

/** All of it, where the list of facts holds its beginning alone. */
function wayFact({ sending }: Review): Html | "" {
  const way = sending === undefined ? "" : wayOf(sending);
  return plain(way) === way ? "" : html`<dl><dt>How, in full</dt><dd>${way}</dd></dl>`;
}

function offer(token: string, { review }: Notice, person: string): Html {
  const what = review.kind === "request" ? "what will be sent" : "why the glass was broken";
  return html`<h2>Before you decide</h2>
<p>Read ${what}. That ${plain(person)} has read it goes on record; it decides nothing, and the link holds as before.</p>
<form method="post" action="/decide/${token}/preview"><button>Show ${what}</button></form>`;
}

export function decidedPage({ state, id }: Review): string {
  const text = state === "pending" ? "It waits for others too." : `The request is now: ${STATES[state]}.`;
  return page(
    "Your decision is on record",
    html`<h1>Your decision is on record</h1>
<p>${text}</p>
<p class="go"><a href="/reviews/${id}">The request</a> (asks you to log in)</p>`,
  );
}

export interface PasskeysPage {
  readonly passkeys: readonly Passkey[];
  readonly viewer: Viewer;
  /** What the browser is asked, or why nothing can be added now. */
  readonly adding: string | SluiceError;
}

export function passkeysPage({ passkeys, viewer, adding }: PasskeysPage): string {
  const { csrf } = viewer;
  // Removing takes a fresh login as adding does; a limit on adding is no reason against it.
  const stale = typeof adding !== "string" && adding.code === "login_not_fresh";
  const items = passkeys.map(({ id, createdAt, usedAt }, at) => {
    const name = `Passkey ${at + 1}`;
    const remove = html`<form method="post" action="/passkeys/remove"><input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="passkey" value="${id}"><button class="small" aria-label="Remove ${name}">Remove</button></form>`;
    return html`<li>${name}, added ${time(createdAt)}, ${usedAt === undefined ? "never used" : `used last ${time(usedAt)}`}${stale ? "" : remove}</li>`;
  });
  return page(
    "Your passkeys",
    html`<h1>Your passkeys</h1>
<p>A yes to a risky request needs one: your device asks for your finger, face or PIN.</p>
${items.length === 0 ? html`<p>You have none.</p>` : html`<ul>${items}</ul>`}
<h2>Add one</h2>
${typeof adding === "string" ? passkeyForm({ action: "/passkeys", csrf, options: adding, button: "Add a passkey" }) : cannotAdd(adding)}`,
    viewer,
  );
}

function cannotAdd({ code, message }: SluiceError): Html {
  return code === "login_not_fresh"
    ? html`<p>Passkeys are added and removed within five minutes of logging in at your identity provider. <a href="/login?return=%2Fpasskeys&amp;fresh=true">Log in again</a></p>`
    : html`<p class="notice">Not now: ${message}. (${code})</p>`;
}

export interface StepUpPage {
  /** The request that is to be approved. */
  readonly notice: Notice;
  readonly viewer: Viewer;
  readonly comment: string | undefined;
  /** For the browser; absent when the person has no passkey. */
  readonly options: string | undefined;
}

export function stepUpPage({ notice, viewer, comment, options }: StepUpPage): string {
  const { id } = notice.review;
  const fields = html`<input type="hidden" name="comment" value="${comment ?? ""}">`;
  const ask =
    options === undefined
      ? html`<p class="notice">You have none yet: <a href="/passkeys">add one</a>, then decide this again. A no needs none.</p>`
      : passkeyForm({
          action: `/reviews/${id}/step-up`,
          csrf: viewer.csrf,
          options,
          button: "Approve with your passkey",
          fields,
        });
  return page(
    "Your passkey is needed",
    html`<h1>Your passkey is needed</h1>
<p>Nothing is decided yet. This request is risky: a yes to it needs your passkey, for this request and now.</p>
${factList(notice)}
${comment === undefined || comment === "" ? "" : html`<p>Your comment: ${comment}</p>`}
${ask}
<p class="go"><a href="/reviews/${id}">Back to the request</a></p>`,
    viewer,
  );
}

function factList(notice: Notice): Html {
  return html`<dl>${factsOf(notice).map(({ label, value }) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`;
}

interface PasskeyForm {
  readonly action: string;
  readonly csrf: string;
  readonly options: string;
  readonly button: string;
  readonly fields?: Html;
}

function passkeyForm({ action, csrf, options, button, fields }: PasskeyForm): Html {
  return html`<form method="post" action="${action}" data-passkey="${options}">
<input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="answer" value="">${fields}
<button class="yes">${button}</button>
</form>
<p id="passkey-status" role="status"></p>
<noscript><p class="notice">Passkeys need script, and your browser runs none here. Let this page run its one script, use another browser, or ask another approver. A no needs no passkey.</p></noscript>
<script src="${SCRIPT_PATH}" integrity="${SCRIPT_INTEGRITY}" defer></script>`;
}
