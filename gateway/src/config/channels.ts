/**
 * How approvers are told and may decide: secrets followed, groups and people checked. An address that nobody is said to own is a
 * problem here, and so is a server beyond this machine without TLS.
 */
import type { ChannelSettings, MailServerSettings } from "../core/channels.ts";
import { Secret } from "../core/secret.ts";
import { isLoopback } from "./connections.ts";
import { checkName } from "./grant.ts";
import { isObject, membersAt, valueAt } from "./plain.ts";
import type { Path } from "./problem.ts";
import type { ChannelsDocument } from "./sections/channels.ts";
import type { Report } from "./source.ts";

export interface ChannelsContext {
  readonly report: Report;
  /** Of `identity.groups`. */
  readonly groupNames: readonly string[];
  /** Of them, those whose members look after the gateway. */
  readonly keepers: readonly string[];
  /** Undefined when nothing is found, which it then has reported. */
  readonly secretOf: (reference: string, path: Path) => Secret | undefined;
}

const REFERENCE = /^(?:env|file|vault|aws-sm|sealed):./;
/** RFC 8314 section 7.3, RFC 6409 section 3.1. */
const PORTS: Readonly<Record<string, number>> = { "smtps:": 465, "smtp:": 587 };
/** "Between 24 bytes (192 bits) and 64 bytes (512 bits)": Standard Webhooks, Symmetric. */
const WEBHOOK_KEY_BYTES = { min: 24, max: 64 } as const;

export function resolveChannels(document: ChannelsDocument, context: ChannelsContext): ChannelSettings {
  const email = resolveEmail(document, context);
  const slack = resolveSlack(document, context);
  const webhooks = resolveWebhooks(document, context);
  const told = [...(email?.to ?? []), ...webhooks, ...(slack?.rooms ?? [])].flatMap(({ groups }) => groups);
  return {
    ...(email === undefined ? {} : { email }),
    webhooks,
    ...(slack === undefined ? {} : { slack }),
    alarms: resolveAlarms(document, context, told),
    ...(document.passkeys === undefined ? {} : { passkeys: document.passkeys }),
  };
}

/** `told`: groups that have a channel. */
function resolveAlarms({ alarms }: ChannelsDocument, context: ChannelsContext, told: readonly string[]) {
  const { report, groupNames, keepers } = context;
  for (const [index, group] of (alarms?.groups ?? []).entries())
    checkName("group", group, groupNames, ["channels", "alarms", "groups", index], report);
  const groups = alarms?.groups ?? keepers;
  if (told.length > 0 && !told.some((group) => groups.includes(group))) {
    const whose =
      groups.length === 0
        ? "no group has the role operator or privacy-officer"
        : `no channel serves ${groups.join(", ")}`;
    report.warn(
      ["channels"],
      `nobody hears alarms: ${whose}; name groups with a channel in channels.alarms.groups`,
      "key",
    );
  }
  return groups;
}

/** References of the section, wrong parts of it included. */
export function channelReferences(document: unknown): string[] {
  const found = [
    ...["ca", "password"].map((name) => valueAt(document, ["channels", "email", name])),
    ...["token", "app_token", "signing_secret"].map((name) => valueAt(document, ["channels", "slack", name])),
    ...membersAt(document, ["channels", "webhooks"]).flatMap((each) =>
      isObject(each) ? [each["url"], each["secret"]] : [],
    ),
  ];
  return found.filter((each): each is string => typeof each === "string" && REFERENCE.test(each));
}

function resolveEmail({ email, people }: ChannelsDocument, context: ChannelsContext): ChannelSettings["email"] {
  if (email === undefined) return undefined;
  const path: Path = ["channels", "email"];
  const { report, groupNames, secretOf } = context;
  const server = resolveServer(email.server, [...path, "server"], report);
  const ca = email.ca === undefined ? undefined : secretOf(email.ca, [...path, "ca"]);
  const password = email.password === undefined ? undefined : secretOf(email.password, [...path, "password"]);
  if ((email.user === undefined) !== (email.password === undefined))
    report.problem(path, "has only one of `user` and `password`", "key");
  const groupsBy = new Map<string, string[]>();
  for (const [group, addresses] of Object.entries(email.to)) {
    checkName("group", group, groupNames, [...path, "to", group], report);
    for (const [index, address] of addresses.entries()) {
      if (!Object.hasOwn(people, address))
        report.problem([...path, "to", group, index], "nobody in `channels.people` has this address");
      groupsBy.set(address, [...(groupsBy.get(address) ?? []), group]);
    }
  }
  if (server === undefined) return undefined;
  const to = [...groupsBy].map(([address, groups]) => ({ address, person: people[address] ?? "", groups }));
  return {
    server: {
      ...server,
      ...(ca === undefined ? {} : { ca: ca.reveal() }),
      ...(email.user === undefined ? {} : { user: email.user }),
      ...(password === undefined ? {} : { password }),
    },
    from: email.from,
    to,
    preview: email.preview,
  };
}

function resolveServer(
  text: string,
  path: Path,
  report: Report,
): Pick<MailServerSettings, "host" | "port" | "tls"> | undefined {
  const url = URL.parse(text);
  const port = url === null ? undefined : PORTS[url.protocol];
  if (url === null || port === undefined || url.hostname === "") {
    report.problem(path, "must be smtps://host or smtp://host:port");
    return undefined;
  }
  if (url.username !== "" || url.password !== "") report.problem(path, "must not hold a user or password");
  if (!["", "/"].includes(url.pathname) || url.search !== "" || url.hash !== "")
    report.problem(path, "must hold a host and a port, and nothing else");
  const tls = url.protocol === "smtps:" ? "implicit" : isLoopback(url.hostname) ? "none" : "required";
  return { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port: url.port === "" ? port : Number(url.port), tls };
}

function resolveWebhooks({ webhooks }: ChannelsDocument, context: ChannelsContext): ChannelSettings["webhooks"] {
  const { report, groupNames, secretOf } = context;
  return Object.entries(webhooks).flatMap(([name, each]) => {
    const path: Path = ["channels", "webhooks", name];
    for (const [index, group] of each.groups.entries())
      checkName("group", group, groupNames, [...path, "groups", index], report);
    const isReference = REFERENCE.test(each.url);
    const url = isReference ? secretOf(each.url, [...path, "url"]) : new Secret(each.url);
    const fault = url === undefined ? undefined : faultOfUrl(url.reveal(), each.allow_private_address);
    if (fault !== undefined && isReference) report.missing([...path, "url"], `what it leads to ${fault}`);
    else if (fault !== undefined) report.problem([...path, "url"], fault);
    if (each.form === "standard" && each.secret === undefined)
      report.problem(path, "needs a `secret`: without one its receiver cannot know who sends", "key");
    const secret = each.secret === undefined ? undefined : secretOf(each.secret, [...path, "secret"]);
    if (secret !== undefined && !isWebhookKey(secret.reveal())) {
      const { min, max } = WEBHOOK_KEY_BYTES;
      report.missing([...path, "secret"], `does not lead to whsec_ and ${min} to ${max} bytes in base64`);
    }
    if (url === undefined || fault !== undefined) return [];
    const { form, groups, allow_private_address: allowPrivateAddress } = each;
    return [{ name, form, url, allowPrivateAddress, groups, ...(secret === undefined ? {} : { secret }) }];
  });
}

/** Plaintext only to this machine. */
function faultOfUrl(text: string, allowPrivate: boolean): string | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return "must be an https URL";
  if (url.protocol === "http:" && !(allowPrivate && isLoopback(url.hostname))) return "must be an https URL";
  if (url.username !== "" || url.password !== "") return "must not hold a user or password";
  if (url.hash !== "") return "must have no fragment";
  return undefined;
}

function isWebhookKey(text: string): boolean {
  const match = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text);
  const bytes = Buffer.from(match?.[1] ?? "", "base64").length;
  return bytes >= WEBHOOK_KEY_BYTES.min && bytes <= WEBHOOK_KEY_BYTES.max;
}

function resolveSlack({ slack }: ChannelsDocument, context: ChannelsContext): ChannelSettings["slack"] {
  if (slack === undefined) return undefined;
  const path: Path = ["channels", "slack"];
  const { report, groupNames, secretOf } = context;
  const token = secretOf(slack.token, [...path, "token"]);
  const appToken = slack.app_token === undefined ? undefined : secretOf(slack.app_token, [...path, "app_token"]);
  const signingSecret =
    slack.signing_secret === undefined ? undefined : secretOf(slack.signing_secret, [...path, "signing_secret"]);
  if (slack.app_token === undefined && slack.signing_secret === undefined)
    report.warn(path, "has neither `app_token` nor `signing_secret`: its buttons decide nothing", "key");
  const url = slack.api_url === undefined ? undefined : URL.parse(slack.api_url);
  if (url === null || (url?.protocol === "http:" && !isLoopback(url.hostname)))
    report.problem([...path, "api_url"], "must be an https URL");
  const groupsBy = new Map<string, string[]>();
  for (const [group, room] of Object.entries(slack.to)) {
    checkName("group", group, groupNames, [...path, "to", group], report);
    groupsBy.set(room, [...(groupsBy.get(room) ?? []), group]);
  }
  if (token === undefined) return undefined;
  return {
    token,
    team: slack.team,
    rooms: [...groupsBy].map(([room, groups]) => ({ room, groups })),
    people: new Map(Object.entries(slack.people)),
    ...(appToken === undefined ? {} : { appToken }),
    ...(signingSecret === undefined ? {} : { signingSecret }),
    ...(slack.api_url === undefined ? {} : { apiUrl: slack.api_url }),
  };
}
