/**
 * The room's door: what a privacy officer does for a person (subject-routes.ts), and the consent ledger: an application says here what a person said, and what holds can be read back. Nobody speaks for a
 * data subject but a service, for the purposes that it is there for, and a privacy officer; who that is, is its permission.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { SluiceError } from "../core/errors.ts";
import type { Principal } from "../core/principal.ts";
import type { ConsentEntry, ConsentLedger, ConsentWord } from "./consent.ts";
import type { Rights } from "./index.ts";
import { subjectRoutes } from "./subject-routes.ts";

export interface RightsRoutes {
  readonly rights: Rights;
  readonly ledger: ConsentLedger;
  readonly principalOf: (request: FastifyRequest) => Principal;
  readonly now: () => number;
}

const subject = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/)
  .describe("The person, by the id that your own systems have for it; no name and no address");
const purpose = z.string().max(63).describe("A purpose of the configuration");
const textVersion = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/)
  .describe("Version of the text that the person was shown, for example 2026-11-en");

const entryReply = z.object({
  word: z.enum(["give", "withdraw", "opt-out", "opt-in"]),
  purpose: z.string().optional(),
  text_version: z.string().optional(),
  at: z.string().describe("RFC 3339"),
  evidence: z.string().describe("Index of the event in the log"),
});

const WHO =
  "Said by a service for its own purposes, or by a privacy officer. Never by an agent, or by people who have the role user.";

export function rightsRoutes(plain: FastifyInstance, { ledger, principalOf, now, rights }: RightsRoutes): void {
  subjectRoutes(plain, { rights, principalOf });
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const say = async (request: FastifyRequest, person: string, word: ConsentWord) => {
    const principal = principalOf(request);
    if ("purpose" in word) checkPurpose(principal, word.purpose);
    return replyOf(await ledger.say(person, word, principal.id, now()));
  };

  app.post(
    "/api/consents",
    {
      config: { permission: "consent.write" },
      schema: {
        summary: "A person agrees to a purpose (GDPR Art. 6(1)(a), 7)",
        description: WHO,
        body: z.strictObject({ subject, purpose, text_version: textVersion }),
        response: { 200: entryReply },
      },
    },
    (request) => {
      const { subject: person, purpose: to, text_version: shown } = request.body;
      return say(request, person, { word: "give", purpose: to, textVersion: shown });
    },
  );

  // GDPR Art. 7(3): "It shall be as easy to withdraw as to give consent."
  app.post(
    "/api/consents/withdraw",
    {
      config: { permission: "consent.write" },
      schema: {
        summary: "A person takes its consent back; the next request sees it (GDPR Art. 7(3))",
        description: WHO,
        body: z.strictObject({ subject, purpose }),
        response: { 200: entryReply },
      },
    },
    (request) => say(request, request.body.subject, { word: "withdraw", purpose: request.body.purpose }),
  );

  app.post(
    "/api/opt-outs",
    {
      config: { permission: "consent.write" },
      schema: {
        summary: "A person wants no processing by AI, or wants it again, whatever the purpose (GDPR Art. 21)",
        description: WHO,
        body: z.strictObject({ subject, opted_out: z.boolean() }),
        response: { 200: entryReply },
      },
    },
    (request) => say(request, request.body.subject, { word: request.body.opted_out ? "opt-out" : "opt-in" }),
  );

  // POST, so that no person's id stands in a URL, where logs and histories keep it.
  app.post(
    "/api/consents/history",
    {
      config: { permission: "consent.read" },
      schema: {
        summary: "What a person said, in order; to a service, about its own purposes and about AI as a whole",
        body: z.strictObject({ subject }),
        response: { 200: z.array(entryReply) },
      },
    },
    (request) => {
      const mine = (entry: ConsentEntry): boolean => mayRead(principalOf(request), entry);
      return ledger.history(request.body.subject).then((entries) => entries.filter(mine).map(replyOf));
    },
  );
}

/** Whoever looks after the data of all sees all. */
function mayRead({ purposes, roles }: Principal, { purpose: about }: ConsentEntry): boolean {
  if (roles.includes("privacy-officer") || roles.includes("auditor")) return true;
  return about === undefined || purposes.includes(about);
}

/** An application speaks for the purposes that it is there for; a privacy officer for all. Throws purpose_not_allowed. */
function checkPurpose({ credential, purposes, roles }: Principal, wanted: string): void {
  if (purposes.includes(wanted) || roles.includes("privacy-officer")) return;
  throw new SluiceError(
    "purpose_not_allowed",
    `credential "${credential}" may speak of consent to its own purposes alone: [${purposes.join(", ")}]`,
  );
}

function replyOf({ word, purpose: to, textVersion: shown, at, evidence }: ConsentEntry): z.output<typeof entryReply> {
  return {
    word,
    at: new Date(at).toISOString(),
    evidence: String(evidence),
    ...(to === undefined ? {} : { purpose: to }),
    ...(shown === undefined ? {} : { text_version: shown }),
  };
}
