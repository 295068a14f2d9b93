/** The shape of the section `channels`: how approvers are told that a review waits, and how they may decide. */
import * as z from "zod";

const strict = z.strictObject;

/** Addresses, URLs and rooms of one section. */
const DESTINATIONS_MAX = 100;
const PEOPLE_MAX = 1_000;

const name = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, "a name of 1 to 63 of a-z, 0-9, _ and -, beginning with a letter");
const reference = z
  .string()
  .regex(
    /^(?:env|file|vault|aws-sm|sealed):[^\p{Cc}]+$/u,
    "a reference such as env:NAME or file:/path, never the secret",
  );
/** RFC 5321, the part that mail addresses of people have: no quoted words, no address literals, no display names. */
const address = z
  .string()
  .max(254)
  .regex(/^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/, "a mail address");
const person = z.string().regex(/^[^\s:\p{Cc}]+:[^\p{Cc}]{1,255}$/u, "a person as provider:subject, like corp:olga");
const groups = z
  .array(name)
  .min(1, "a list of one group or more")
  .describe("Groups of `identity.groups` that it serves");

const email = strict({
  server: z
    .string()
    .describe(
      "smtps://mail.example.com, or smtp://mail.example.com:587, which has to speak STARTTLS unless on loopback",
    ),
  ca: reference.optional().describe("Authorities of a private PKI, PEM"),
  user: z.string().min(1).max(255).optional().describe("Name to log in with"),
  password: reference.optional().describe("Password to log in with, by reference"),
  from: address.describe("Sender's address"),
  to: z
    .record(name, z.array(address).min(1).max(DESTINATIONS_MAX))
    .describe("group → addresses, each of which `channels.people` must know"),
  preview: z
    .boolean()
    .default(true)
    .describe("A link's page shows what will be sent, masked, to whoever has the link and asks for it"),
}).describe("Mail with links that open a page to decide on");

const webhook = strict({
  form: z
    .enum(["standard", "teams"])
    .default("standard")
    .describe("standard: a JSON event, signed as Standard Webhooks say. teams: a card for a room of Microsoft Teams"),
  url: z.string().min(1).describe("https URL, or a reference to one where who knows it may post"),
  secret: reference.optional().describe("whsec_… in base64, 24 to 64 bytes, by reference. `standard` needs one"),
  allow_private_address: z.boolean().default(false).describe("It may be on a private network or this machine"),
  groups,
});

const slack = strict({
  token: reference.describe("Bot token (xoxb-…) with chat:write, by reference"),
  team: z
    .string()
    .regex(/^[TE][A-Z0-9]{2,31}$/, "a workspace's id: T…")
    .describe("Clicks of others do not count"),
  to: z
    .record(name, z.string().regex(/^[CGD][A-Z0-9]{2,31}$/, "a channel's id: C…"))
    .describe("group → channel that it reads"),
  people: z
    .record(z.string().regex(/^[UW][A-Z0-9]{2,31}$/, "a user's id: U…"), person)
    .refine((all) => Object.keys(all).length <= PEOPLE_MAX, `at most ${PEOPLE_MAX}`)
    .default({})
    .describe("Slack's user → whose account it is"),
  app_token: reference.optional().describe("Socket mode: app-level token (xapp-…), by reference"),
  signing_secret: reference
    .optional()
    .describe("Clicks over HTTP at /slack/interactions: signing secret, by reference"),
  api_url: z.string().optional().describe("Of a stand-in for tests. Default: Slack"),
});

export const channelsSchema = strict({
  people: z
    .record(address, person)
    .refine((all) => Object.keys(all).length <= PEOPLE_MAX, `at most ${PEOPLE_MAX}`)
    .default({})
    .describe("Mail address → whose it is"),
  email: email.optional(),
  webhooks: z
    .record(name, webhook)
    .refine((all) => Object.keys(all).length <= DESTINATIONS_MAX, `at most ${DESTINATIONS_MAX}`)
    .default({})
    .describe("URLs that are told"),
  slack: slack.optional(),
  alarms: strict({ groups })
    .optional()
    .describe("Whose channels hear alarms. Default: groups with the role operator or privacy-officer"),
  passkeys: strict({
    risk: z.number().int().min(0).max(100).describe("From this risk on, a yes needs a passkey"),
  })
    .optional()
    .describe("Absent: nobody needs a passkey"),
});

export type ChannelsDocument = z.output<typeof channelsSchema>;
