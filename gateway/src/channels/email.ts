/**
 * Mail to one address: that a review waits, with a link for a yes and one for a no, and alarms. It says who asks, for what and how risky it
 * is, and never what is to be sent, masked or not: mail is kept by servers and devices that nobody here knows. Beyond loopback
 * nothing is sent without TLS and a certificate that holds. Whoever has a part in the request gets none.
 */
import { createTransport, type Transporter } from "nodemailer";
import type { MailServerSettings } from "../core/channels.ts";
import { SluiceError } from "../core/errors.ts";
import type { Review } from "../reviews/review.ts";
import { asks, type Channel, type Notice, unavailable } from "./channel.ts";
import type { Link } from "./store.ts";
import { factsOf, headline, time } from "./wording.ts";

/** Names nobody: subjects are kept in many places on the way. */
const SUBJECTS: Readonly<Record<Review["kind"], string>> = {
  request: "a decision is asked of you",
  "after-the-fact": "ALARM: somebody broke the glass",
};

export interface MailOptions {
  readonly id: string;
  readonly transport: Transporter;
  readonly from: string;
  readonly to: string;
  /** Whose address it is. */
  readonly person: string;
  readonly groups: readonly string[];
  /** A link's page shows what will be sent, masked. */
  readonly preview: boolean;
  /** Makes a link and resolves with its URL. */
  readonly linkOf: (link: Omit<Link, "id" | "usedAt">) => Promise<string>;
}

const TIMEOUT_MS = 15_000;
const CONNECTIONS_MAX = 2;

export function openMail({ host, port, tls, ca, user, password }: MailServerSettings): Transporter {
  return createTransport({
    host,
    port,
    secure: tls === "implicit",
    requireTLS: tls === "required",
    // A mail server on this machine often has a certificate that nobody can check, and nobody else is on the line.
    ignoreTLS: tls === "none",
    tls: { minVersion: "TLSv1.2", ...(ca === undefined ? {} : { ca }) },
    ...(user === undefined ? {} : { auth: { user, pass: password?.reveal() ?? "" } }),
    pool: true,
    maxConnections: CONNECTIONS_MAX,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

export function createMailChannel(options: MailOptions): Channel {
  const { id, transport, from, to, person, groups } = options;
  async function send(subject: string, text: string): Promise<void> {
    try {
      await transport.sendMail({
        from,
        to: { name: "", address: to },
        subject: `Sluice: ${subject}`,
        text,
        textEncoding: "quoted-printable",
        // RFC 3834 section 5: so that no vacation note answers it.
        headers: { "auto-submitted": "auto-generated", "x-auto-response-suppress": "All" },
        disableFileAccess: true,
        disableUrlAccess: true,
      });
    } catch (thrown) {
      throw failed(id, thrown);
    }
  }
  return {
    id,
    follows: false,
    groups,
    serves: (review) => asks(review, groups) && !review.parties.includes(person),
    async notify(notice) {
      const text = await textOf(notice, options);
      await send(`${SUBJECTS[notice.review.kind]} (${notice.review.id})`, text);
      return undefined;
    },
    raise: ({ title, todo, hour }, url) =>
      send(`ALARM: ${title}`, [title, "", `In the hour from ${time(hour)}, at ${url}`, "", todo, ""].join("\n")),
    // The transport is shared: whoever opened it closes it.
    close: () => Promise.resolve(),
  };
}

async function textOf(notice: Notice, { person, preview, linkOf }: MailOptions): Promise<string> {
  const { review, url, stepUp } = notice;
  const facts = factsOf(notice).map(({ label, value }) => `${label}: ${value}`);
  const decide = stepUp
    ? ["A yes to this needs your passkey. Read it and decide here:", url]
    : [
        "Read all of it, masked, and decide, after logging in:",
        url,
        "",
        `Or decide from here. Each link opens a page that ${preview ? "shows it, masked, at the press of a button, and " : ""}asks once more. It holds once, and is yours: do not forward it.`,
        `Approve: ${await linkOf(linkTo(review, person, "approve"))}`,
        `Deny: ${await linkOf(linkTo(review, person, "deny"))}`,
      ];
  return [headline(notice), "", ...facts, "", ...decide, ""].join("\n");
}

function linkTo({ id, expiresAt }: Review, person: string, decision: Link["decision"]): Omit<Link, "id" | "usedAt"> {
  return { review: id, person, decision, expiresAt };
}

/**
 * RFC 5321 section 4.2.1: 5yz to an address or a message is permanent; to a login or a greeting it is not about this mail. What the
 * server says may quote the address, so it is not passed on.
 */
function failed(id: string, thrown: unknown): SluiceError {
  const fault = (thrown ?? {}) as { readonly responseCode?: unknown; readonly code?: unknown };
  const ofMail = fault.code === "EENVELOPE" || fault.code === "EMESSAGE";
  if (ofMail && typeof fault.responseCode === "number" && fault.responseCode >= 500)
    return new SluiceError("field_invalid", `channel ${id}: the mail server refuses for good (${fault.responseCode})`);
  return unavailable(id, "could not hand its mail over", { cause: thrown });
}
