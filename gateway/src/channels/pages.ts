/**
 * Pages of the channels: a link's question, one's passkeys, and the passkey that a risky yes needs. Plain HTML; the two with
 * passkeys need a few lines of script, and say what to do without it. Pure: the routes send them.
 */
import type { SluiceError } from "../core/errors.ts";
import { type Html, html } from "../reviews/html.ts";
import { PAGE_HEADERS, page } from "../reviews/page.ts";
import type { Review } from "../reviews/review.ts";
import type { Notice } from "./channel.ts";
import { SCRIPT_INTEGRITY, SCRIPT_PATH } from "./script.ts";
import type { Link, Passkey } from "./store.ts";
import { factsOf, headline, STATES, time } from "./wording.ts";

/**
 * The page's own policy, and one script by its hash: by name where a browser matches hashes of inline scripts alone, in which
 * case the attribute `integrity` compares it (CSP Level 3 section 6.7.2.4, SRI section 3.3.5).
 */
export function scriptedHeaders(origin: string): Record<string, string> {
  const policy = `${PAGE_HEADERS["content-security-policy"]}; script-src '${SCRIPT_INTEGRITY}' ${origin}${SCRIPT_PATH}`;
  return { ...PAGE_HEADERS, "content-security-policy": policy };
}

export function linkPage(token: string, { decision }: Link, notice: Notice): string {
  const yes = decision === "approve";
  const ask =
    notice.state === "pending"
      ? html`<form method="post" action="/decide/${token}"><button class="${yes ? "yes" : "no"}">${yes ? "Approve" : "Deny"}</button></form>`
      : html`<p>There is nothing to decide any more.</p>`;
  const facts = factsOf(notice).map(({ label, value }) => html`<dt>${label}</dt><dd>${value}</dd>`);
  return page(
    headline(notice),
    html`<h1>${headline(notice)}</h1>
<p><strong>Now: ${STATES[notice.state]}.</strong> Opening this page has decided nothing.</p>
<dl>${facts}</dl>
<p><a href="${notice.url}">Read what will be sent, masked</a> (asks you to log in).</p>
${ask}`,
  );
}

export function decidedPage({ state, id }: Review): string {
  const text = state === "pending" ? "It waits for others too." : `The request is: ${STATES[state]}.`;
  return page(
    "Your decision is on record",
    html`<h1>Your decision is on record</h1><p>${text}</p><p><a href="/reviews/${id}">The request</a></p>`,
  );
}

export function refusalPage({ code, message }: SluiceError): string {
  return page(
    "Not done",
    html`<h1>Not done</h1><p class="notice" role="alert">${message} (${code})</p><p><a href="/reviews">All requests</a></p>`,
  );
}

export interface PasskeysPage {
  readonly passkeys: readonly Passkey[];
  readonly csrf: string;
  /** For the browser; absent when the login is not fresh. */
  readonly options?: string;
}

export function passkeysPage({ passkeys, csrf, options }: PasskeysPage): string {
  const items = passkeys.map(
    ({
      id,
      createdAt,
      usedAt,
    }) => html`<li>Registered ${time(createdAt)}, ${usedAt === undefined ? "never used" : `used last ${time(usedAt)}`}
<form method="post" action="/passkeys/remove"><input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="passkey" value="${id}"><button class="no">Remove</button></form></li>`,
  );
  const add =
    options === undefined
      ? html`<p>To add or remove one, <strong>log out and in again</strong>: that is done within five minutes of logging in.</p>`
      : passkeyForm({ action: "/passkeys", csrf, options, button: "Add a passkey" });
  return page(
    "Your passkeys",
    html`<nav aria-label="Back"><a href="/reviews">All requests</a></nav>
<h1>Your passkeys</h1>
<p>A yes to a risky request needs one.</p>
${items.length === 0 ? html`<p>You have none.</p>` : html`<ul>${items}</ul>`}
<h2>Add one</h2>
${add}`,
  );
}

export interface StepUpPage {
  readonly review: string;
  readonly csrf: string;
  readonly comment: string | undefined;
  /** For the browser; absent when the person has no passkey. */
  readonly options: string | undefined;
}

export function stepUpPage({ review, csrf, comment, options }: StepUpPage): string {
  const fields = html`<input type="hidden" name="comment" value="${comment ?? ""}">`;
  const ask =
    options === undefined
      ? html`<p>You have none yet: <a href="/passkeys">add one</a>, then decide this again. A no needs none.</p>`
      : passkeyForm({
          action: `/reviews/${review}/step-up`,
          csrf,
          options,
          button: "Approve with your passkey",
          fields,
        });
  return page(
    "Your passkey is needed",
    html`<nav aria-label="Back"><a href="/reviews/${review}">Back to the request</a></nav>
<h1>Your passkey is needed</h1>
<p>Nothing is decided yet. This request is risky: a yes to it needs your passkey, for this request and now.</p>
${ask}`,
  );
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
