import { expect, test } from "vitest";
import { Secret } from "../core/secret.ts";
import type { ChannelSettings } from "../core/channels.ts";
import { channelReferences, resolveChannels } from "./channels.ts";
import type { formatProblem } from "./problem.ts";
import { channelsSchema } from "./sections/channels.ts";
import { parseSource, Report } from "./source.ts";

const KEY = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const FOUND: Readonly<Record<string, string>> = {
  "env:PASSWORD": "canary-password",
  "env:KEY": KEY,
  "env:SHORT": "whsec_c2hvcnQ=",
  "env:TEAMS": "https://prod.example.com/workflows/1?sig=canary",
  "env:PLAIN": "http://example.com/hook",
  "env:BOT": "xoxb-canary",
  "env:APP": "xapp-canary",
};

function read(text: string): { config: ChannelSettings; problems: string[]; warnings: string[] } {
  const source = parseSource(`channels: ${text}`, "sluice.yaml");
  const report = new Report(source);
  const { channels } = source.value as { channels: unknown };
  const config = resolveChannels(channelsSchema.parse(channels), {
    report,
    groupNames: ["privacy", "security"],
    keepers: ["security"],
    secretOf(reference, path) {
      const value = FOUND[reference];
      if (value !== undefined) return new Secret(value);
      report.missing(path, `${reference} is not set`);
      return undefined;
    },
  });
  const lines = (all: readonly Parameters<typeof formatProblem>[0][]): string[] =>
    all.map(({ path, message }) => `${path}: ${message}`);
  return { config, problems: lines(report.problems), warnings: lines(report.warnings) };
}

test("without a section nobody is told and nobody needs a passkey", () => {
  expect(read("{}")).toEqual({ config: { webhooks: [], alarms: ["security"] }, problems: [], warnings: [] });
});

test("an address is one destination, whatever groups it serves, and somebody's", () => {
  const { config, problems } = read(`
  people: { olga@example.org: "corp:olga" }
  email:
    server: smtp://mail.example.org
    user: sluice
    password: env:PASSWORD
    from: sluice@example.org
    to: { privacy: [olga@example.org], security: [olga@example.org] }
`);
  expect(problems).toEqual([]);
  expect(config.email).toMatchObject({
    server: { host: "mail.example.org", port: 587, tls: "required", user: "sluice" },
    to: [{ address: "olga@example.org", person: "corp:olga", groups: ["privacy", "security"] }],
    preview: true,
  });
  expect(JSON.stringify(config)).not.toContain("canary");
});

test.each([
  ["smtps://mail.example.org", { port: 465, tls: "implicit" }],
  ["smtp://127.0.0.1:2525", { host: "127.0.0.1", port: 2525, tls: "none" }],
  ["smtp://[::1]:2525", { host: "::1", tls: "none" }],
  ["smtp://10.0.0.1", { tls: "required" }],
])("%s is reached with TLS unless it is on this machine", (server, expected) => {
  const { config } = read(`{ email: { server: "${server}", from: s@example.org, to: {} } }`);
  expect(config.email?.server).toMatchObject(expected);
});

test("Slack and Teams, with secrets by reference", () => {
  const { config, problems, warnings } = read(`
  webhooks:
    ops: { form: teams, url: env:TEAMS, groups: [security] }
    siem: { url: "https://siem.example.com/in", secret: env:KEY, groups: [privacy] }
  slack: { token: env:BOT, app_token: env:APP, team: T01ABC, to: { privacy: C01ABC, security: C01ABC }, people: { U01ABC: "corp:olga" } }
  passkeys: { risk: 70 }
`);
  expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
  expect(config).toMatchObject({
    webhooks: [
      { name: "ops", form: "teams", allowPrivateAddress: false },
      { name: "siem", form: "standard" },
    ],
    slack: { rooms: [{ room: "C01ABC", groups: ["privacy", "security"] }], people: new Map([["U01ABC", "corp:olga"]]) },
    passkeys: { risk: 70 },
  });
});

test.each([
  [
    "{ email: { server: 'https://x', from: s@e.org, to: {} } }",
    "channels.email.server: must be smtps://host or smtp://host:port",
  ],
  [
    "{ email: { server: 'smtp://a:b@x', from: s@e.org, to: {} } }",
    "channels.email.server: must not hold a user or password",
  ],
  [
    "{ email: { server: 'smtp://x', user: a, from: s@e.org, to: {} } }",
    "channels.email: has only one of `user` and `password`",
  ],
  [
    "{ email: { server: 'smtp://x', from: s@e.org, to: { privacy: [o@e.org] } } }",
    "channels.email.to.privacy[0]: nobody in `channels.people` has this address",
  ],
  [
    "{ email: { server: 'smtp://x', from: s@e.org, to: { privcy: [o@e.org] } } }",
    'channels.email.to.privcy: unknown group "privcy"; did you mean "privacy"?',
  ],
  [
    "{ webhooks: { a: { url: 'http://e.org', secret: env:KEY, groups: [privacy] } } }",
    "channels.webhooks.a.url: must be an https URL",
  ],
  [
    "{ webhooks: { a: { url: env:PLAIN, secret: env:KEY, groups: [privacy] } } }",
    "channels.webhooks.a.url: what it leads to must be an https URL",
  ],
  [
    "{ webhooks: { a: { url: 'https://e.org', groups: [privacy] } } }",
    "channels.webhooks.a: needs a `secret`: without one its receiver cannot know who sends",
  ],
  [
    "{ webhooks: { a: { url: 'https://e.org', secret: env:SHORT, groups: [privacy] } } }",
    "channels.webhooks.a.secret: does not lead to whsec_ and 24 to 64 bytes in base64",
  ],
  ["{ slack: { token: env:NONE, team: T01, to: {} } }", "channels.slack.token: env:NONE is not set"],
  [
    "{ slack: { token: env:BOT, team: T01, to: {}, api_url: 'http://e.org' } }",
    "channels.slack.api_url: must be an https URL",
  ],
])("%s is a problem", (section, problem) => {
  expect(read(section).problems).toContain(problem);
});

test.each([
  { email: { server: "smtp://x", password: "hunter2", from: "s@e.org", to: {} } },
  { email: { server: "smtp://x", from: "Sluice <s@e.org>", to: {} } },
  { people: { "o@e.org\r\nBcc: x@e.org": "corp:o" } },
  { slack: { token: "xoxb-1", team: "T01", to: {} } },
  { slack: { token: "env:BOT", to: {} } },
  { passkeys: { risk: 101 } },
  { webhook: {} },
])("refuses %j", (document) => {
  expect(channelsSchema.safeParse(document).success).toBe(false);
});

test("all of its references are found before anything is resolved, in wrong sections too", () => {
  const document = {
    channels: {
      email: { password: "env:PASSWORD", ca: "file:/ca.pem", from: 3 },
      webhooks: { a: { url: "env:TEAMS", secret: "vault:kv/a#b" }, b: 1 },
      slack: { token: "env:BOT", signing_secret: "plain" },
    },
  };
  expect(channelReferences(document)).toEqual(["file:/ca.pem", "env:PASSWORD", "env:BOT", "env:TEAMS", "vault:kv/a#b"]);
  expect(channelReferences("nothing")).toEqual([]);
});

test("alarms are heard by who looks after the gateway, or by the groups that are named; when nobody hears them, that is said", () => {
  const hook = (group: string, more = "") => `
  webhooks: { siem: { url: "https://siem.example.org/in", secret: env:KEY, groups: [${group}] } }
  ${more}
`;
  const theirs = read(hook("security"));
  expect([theirs.config.alarms, theirs.warnings]).toEqual([["security"], []]);
  const unheard = read(hook("privacy"));
  expect(unheard.warnings).toEqual([expect.stringContaining("nobody hears alarms: no channel serves security")]);
  const named = read(hook("privacy", "alarms: { groups: [privacy] }"));
  expect([named.config.alarms, named.warnings]).toEqual([["privacy"], []]);
  expect(read("{ alarms: { groups: [nobody] } }").problems).toEqual([expect.stringContaining("nobody")]);
});
