/**
 * A notice in words that every channel shares, as pairs of a label and a value. Characters that nobody sees and that change how
 * others read are shown by their number, as the review page does: what is decided on must look like what it is. Pure.
 */
import { visible } from "../core/visible.ts";
import { basisName, countryName } from "../reviews/page.ts";
import { type Review, wayOf } from "../reviews/review.ts";
import type { Notice } from "./channel.ts";

export interface Fact {
  readonly label: string;
  readonly value: string;
}

const VALUE_CHARS_MAX = 300;

/** On one line, of bounded length. */
export function plain(text: string): string {
  const seen = visible(text).replaceAll("\n", "⟨U+000A⟩").replaceAll("\t", "⟨U+0009⟩");
  return seen.length <= VALUE_CHARS_MAX ? seen : `${seen.slice(0, VALUE_CHARS_MAX)}…`;
}

export function headline({ review, requester, kind, state }: Notice): string {
  const what = review.kind === "request" ? "asks for your decision" : "broke the glass; look at it";
  return plain(kind === "closed" ? `${requester}: ${STATES[state]}` : `${requester} ${what}`);
}

export function factsOf({ review, requester }: Notice): readonly Fact[] {
  const { purpose, basis, recipient, sending, risk, categories, windowMs, kind } = review;
  const allows =
    kind === "after-the-fact"
      ? "nothing more; a no ends what is still running"
      : windowMs === undefined
        ? "this request, once"
        : `requests of this kind to this endpoint for ${Math.ceil(windowMs / 60_000)} minutes`;
  return [
    { label: "Who asks", value: requester },
    { label: "Purpose", value: purpose },
    { label: "Lawful basis", value: basisName(basis) },
    { label: "Goes to", value: `${recipient.name}, ${countryName(recipient.country)}` },
    ...(sending === undefined ? [] : [{ label: "How", value: wayOf(sending) }]),
    { label: "Personal data found", value: categories.join(", ") || "none" },
    { label: "Risk", value: [`${risk.score} of 100`, ...risk.reasons].join("; ") },
    { label: "A yes allows", value: allows },
    { label: "Decide by", value: `${time(review.expiresAt)}; without an answer it is a no` },
  ].map(({ label, value }) => ({ label, value: plain(value) }));
}

/** Messages do not hold what is decided on; they say where it stands. `there`: what in the message leads to it. */
export function readFirst({ review }: Notice, there: string): string {
  const what = review.kind === "request" ? "What will be sent" : "Why the glass was broken";
  return `${what} is not in this message. Read it first, behind “${there}”, and then decide.`;
}

export const STATES: Readonly<Record<Review["state"], string>> = {
  pending: "waits for a decision",
  granted: "approved",
  denied: "denied",
  expired: "not decided in time, which is a no",
  cancelled: "taken back",
};

/** `2026-11-21 13:00 UTC` */
export function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
