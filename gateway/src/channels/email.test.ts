import type { Kysely } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { selfSigned } from "../core/test/pki.ts";
import { Secret } from "../core/secret.ts";
import { person } from "../reviews/test/setup.ts";
import type { ChannelSettings, MailServerSettings as Server } from "../core/channels.ts";
import { type MailServer, startMailServer } from "./test/mail-server.ts";
import { ALICE, openChannels, type TestChannels } from "./test/setup.ts";

let mail: MailServer;
let approving: TestChannels;

const OLGA = person("corp:olga");

function settingsFor(port: number, server: Partial<Server> = {}): Partial<ChannelSettings> {
  const to = (name: string): { address: string; person: string; groups: readonly string[] } => ({
    address: `${name}@example.org`,
    person: `corp:${name}`,
    groups: ["privacy"],
  });
  return {
    email: {
      server: { host: "127.0.0.1", port, tls: "none", ...server },
      from: "sluice@example.org",
      to: [to("olga"), to("alice"), { ...to("carl"), groups: ["security"] }],
      preview: true,
    },
  };
}

const linksIn = (text: string): { approve: string; deny: string } => {
  const link = (label: string): string =>
    new RegExp(`^${label}: https://sluice\\.example(/decide/\\S+)$`, "m").exec(text)?.[1] ?? "none";
  return { approve: link("Approve"), deny: link("Deny") };
};

beforeEach(async () => {
  mail = await startMailServer();
  approving = await openChannels(settingsFor(mail.port));
  approving.people.set(OLGA.id, OLGA);
});
afterEach(async () => {
  await approving.close();
  await mail.close();
});

/** A held request and the links of the mail about it. */
async function held(): Promise<{ review: string; approve: string; deny: string }> {
  const review = await approving.hold();
  return { review, ...linksIn(mail.mails.at(-1)?.text ?? "") };
}

describe("a mail", () => {
  test("goes to those who decide, never to who asks, and says what it is about but not what will be sent", async () => {
    const review = await approving.hold('{"text":"the secret of [PERSON_1]"}');
    expect(mail.mails.map(({ to }) => to)).toEqual([["olga@example.org"]]);
    const [{ text, headers } = { text: "", headers: "" }] = mail.mails;
    expect(headers).toContain(review);
    expect(headers).toMatch(/auto-submitted: auto-generated/i);
    expect(headers).not.toContain("alice");
    for (const said of [
      "alice",
      "support",
      "eu-gdpr:A6-1-b",
      "70 of 100; health data found",
      "Acme AI, United States (US)",
      "UTC",
    ])
      expect(text).toContain(said);
    expect(text).toContain(`https://sluice.example/reviews/${review}`);
    expect(text).not.toMatch(/the secret|PERSON_1/);
    expect(linksIn(text).approve).not.toMatch(/olga|rv-|approve/i);
  });

  test("holds no line and no header that somebody else wrote", async () => {
    const forged = "Acme\r\nApprove: https://evil.example\u202E";
    const connection = {
      name: "acme",
      recipient: { id: "a", name: forged, country: "US", role: "processor" },
    } as const;
    await approving.hold("{}", { connection });
    const text = mail.mails[0]?.text ?? "";
    expect(text).toContain("Acme⟨U+000D⟩⟨U+000A⟩Approve: https://evil.example⟨U+202E⟩, United States (US)");
    expect(text).not.toMatch(/^Approve: https:\/\/evil/m);
  });

  test("is on record before it leaves, without the address", async () => {
    const review = await approving.hold();
    expect(approving.named("channel.notified")).toMatchObject([
      { target: review, facts: { channel: expect.stringMatching(/^email-[0-9a-f]{16}$/) as string, kind: "opened" } },
    ]);
    expect(JSON.stringify(approving.desk.events)).not.toContain("example.org");
  });

  test("is tried again when the server is not ready, and given up when it refuses for good", async () => {
    mail.refuse = { code: 451, times: 1 };
    const review = await approving.hold();
    expect(mail.mails).toHaveLength(0);
    expect(approving.faults).toMatchObject([{ code: "channel_unavailable" }]);
    expect(await approving.stateOf(review)).toBe("pending");
    approving.desk.laterMs += 10_000;
    await approving.channels.settled();
    expect(mail.mails).toHaveLength(1);
    mail.refuse = { code: 550, times: 1 };
    await approving.hold("{}");
    approving.desk.laterMs += 10_000;
    await approving.channels.settled();
    expect(mail.mails).toHaveLength(1);
    expect(approving.named("channel.failed").map(({ facts }) => [facts?.["code"], facts?.["final"]])).toEqual([
      ["channel_unavailable", false],
      ["field_invalid", true],
    ]);
  });

  test("is not sent for what was decided meanwhile, and once however often it is asked for", async () => {
    mail.refuse = { code: 451, times: 1 };
    const review = await approving.hold();
    await approving.desk.desk.vote(review, OLGA, "deny");
    approving.desk.laterMs += 10_000;
    await approving.channels.settled();
    expect(mail.mails).toHaveLength(0);
    const other = await approving.hold("{}");
    approving.channels.opened(other);
    approving.channels.missed();
    await approving.channels.settled();
    expect(mail.mails).toHaveLength(1);
  });
});

describe("a link", () => {
  test("decides nothing by being opened, by whatever method a scanner uses", async () => {
    const { review, approve, deny } = await held();
    for (const url of [approve, deny]) {
      const opened = await approving.get("nobody", url);
      expect(opened).toMatchObject({ status: 200, body: expect.stringContaining("has decided nothing") as string });
      expect(opened.headers["content-security-policy"]).toMatch(/default-src 'none'.*form-action 'self'/);
      expect(opened.headers["referrer-policy"]).toBe("no-referrer");
      expect((await approving.get("nobody", url, "HEAD")).status).toBe(200);
    }
    expect(await approving.stateOf(review)).toBe("pending");
    expect(approving.named("channel.link-opened")).toHaveLength(4);
    expect(approving.named("channel.link-opened")[0]).toMatchObject({ actor: "corp:olga", target: review });
  });

  test("decides once, from its page, as the person whose address it was sent to", async () => {
    const { review, approve } = await held();
    const decided = await approving.post("nobody", approve);
    expect(decided).toMatchObject({ status: 200, body: expect.stringContaining("approved") as string });
    expect(await approving.desk.store.read(review)).toMatchObject({
      state: "granted",
      votes: [{ person: "corp:olga" }],
    });
    expect(approving.named("channel.decided")).toMatchObject([
      { actor: "corp:olga", target: review, facts: { channel: "email", decision: "approve" } },
    ]);
    const again = await approving.post("nobody", approve);
    expect(again).toMatchObject({ status: 409, body: expect.stringContaining("link_used") as string });
    expect((await approving.get("nobody", approve)).status).toBe(409);
    expect(approving.named("channel.refused").map(({ facts }) => facts?.["code"])).toEqual(["link_used", "link_used"]);
  });

  test("says no, too", async () => {
    const { review, deny } = await held();
    await approving.post("nobody", deny);
    expect(await approving.stateOf(review)).toBe("denied");
  });

  test("used by a hundred at once decides once", async () => {
    const { review, approve } = await held();
    const all = await Promise.all(Array.from({ length: 100 }, () => approving.post("nobody", approve)));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(all.filter(({ status }) => status === 409)).toHaveLength(99);
    expect((await approving.desk.store.read(review))?.votes).toHaveLength(1);
  });

  test("that was changed, cut or made up leads nowhere", async () => {
    const { review, approve } = await held();
    const token = approve.slice("/decide/".length);
    const flipped = `${token.slice(0, -1)}${token.endsWith("A") ? "Q" : "A"}`;
    const swapped = linksIn(mail.mails[0]?.text ?? "").deny.slice("/decide/".length, "/decide/".length + 21);
    for (const wrong of [flipped, token.slice(1), "x", "..%2Freviews", swapped + token.slice(21), "A".repeat(64)]) {
      const { status, body } = await approving.post("nobody", `/decide/${wrong}`);
      expect([status, body.includes("link_invalid")]).toEqual([404, true]);
    }
    expect(await approving.stateOf(review)).toBe("pending");
  });

  test("is bound to what the database says of it: a row that was changed is refused", async () => {
    const { approve, review } = await held();
    const db = approving.desk.database.sql as unknown as Kysely<{ channel_links: { person: string } }>;
    await db.updateTable("channel_links").set({ person: "corp:mallory" }).execute();
    expect((await approving.post("nobody", approve)).body).toContain("link_invalid");
    expect(await approving.stateOf(review)).toBe("pending");
  });

  test("is over when the review is", async () => {
    const { approve } = await held();
    approving.desk.laterMs += 60_001;
    expect(await approving.post("nobody", approve)).toMatchObject({
      status: 403,
      body: expect.stringContaining("link_expired") as string,
    });
  });

  test("of somebody who has left, lost the group or the role counts for nothing, and holds again when that is undone", async () => {
    const { approve, review } = await held();
    const codes: unknown[] = [];
    const refusal = async (): Promise<void> => {
      await approving.post("nobody", approve);
      codes.push(approving.named("channel.refused").at(-1)?.facts?.["code"]);
    };
    approving.people.delete(OLGA.id);
    await refusal();
    approving.people.set(OLGA.id, { ...OLGA, roles: ["user"] });
    await refusal();
    approving.people.set(OLGA.id, OLGA);
    approving.desk.membership.set(OLGA.id, []);
    await refusal();
    expect(codes).toEqual(["person_unknown", "permission_missing", "permission_missing"]);
    expect(await approving.stateOf(review)).toBe("pending");
    approving.desk.membership.set(OLGA.id, ["privacy"]);
    await approving.post("nobody", approve);
    expect(await approving.stateOf(review)).toBe("granted");
  });

  test("counts for nothing from where a policy lets nobody decide", async () => {
    const { approve, review } = await held();
    approving.closedTo = "127.0.0.1";
    expect((await approving.post("nobody", approve)).body).toContain("policy_denied");
    expect(await approving.stateOf(review)).toBe("pending");
  });

  test("of the requester, should one exist, is refused by the desk", async () => {
    approving.people.set(OLGA.id, { ...ALICE, groups: ["privacy"] });
    const { approve } = await held();
    await approving.post("nobody", approve);
    expect(approving.named("channel.refused").at(-1)?.facts?.["code"]).toBe("approval_self");
  });

  test("that nothing can be recorded about decides nothing", async () => {
    const { approve, review } = await held();
    approving.desk.recordFails = true;
    expect((await approving.post("nobody", approve)).status).toBe(503);
    approving.desk.recordFails = false;
    expect(await approving.stateOf(review)).toBe("pending");
  });

  test("is not given where a yes needs a passkey", async () => {
    await approving.close();
    approving = await openChannels({ ...settingsFor(mail.port), passkeys: { risk: 70 } });
    const { approve, deny } = await held();
    expect([approve, deny]).toEqual(["none", "none"]);
    expect(mail.mails[0]?.text).toContain("needs your passkey");
  });

  test("that was given before passkeys were asked for says no and not yes", async () => {
    const { review, approve } = await held();
    approving.channels.configure({ webhooks: [], alarms: [], passkeys: { risk: 50 } });
    expect(await approving.post("nobody", approve)).toMatchObject({
      status: 403,
      body: expect.stringContaining("step_up_required") as string,
    });
    expect(await approving.stateOf(review)).toBe("pending");
  });
});

describe("what will be sent", () => {
  const TEXT = '{"text":"write to [EMAIL_1] about asthma"}';
  const readings = () => approving.named("reviews.read");
  const lastRefusal = (): unknown => approving.named("channel.refused").at(-1)?.facts?.["code"];

  async function heldWithText(): Promise<{ review: string; approve: string; deny: string }> {
    const review = await approving.hold(TEXT);
    return { review, ...linksIn(mail.mails.at(-1)?.text ?? "") };
  }

  test("is in no answer to a GET or HEAD, and a button of the page shows it, masked, once it is on record who reads it", async () => {
    const { review, approve } = await heldWithText();
    for (const method of ["GET", "HEAD"] as const)
      for (const url of [approve, `${approve}/preview`])
        expect((await approving.get("nobody", url, method)).body).not.toContain("asthma");
    expect(readings()).toEqual([]);
    const page = await approving.get("nobody", approve);
    expect(page.body).toContain(`<form method="post" action="${approve}/preview">`);
    const shown = await approving.post("nobody", `${approve}/preview`);
    expect(shown).toMatchObject({ status: 200, headers: { "cache-control": "no-store" } });
    expect(shown.body).toContain("write to [EMAIL_1] about asthma");
    expect(shown.body).toMatch(/What was found is masked here[^]*Your decision[^]*action="\/decide\/[^"]+">/);
    expect(readings()).toEqual([
      { name: "reviews.read", actor: "corp:olga", target: review, facts: { channel: "email" } },
    ]);
    expect(await approving.stateOf(review)).toBe("pending");
    // Nothing is used up.
    await approving.post("nobody", approve);
    expect(await approving.stateOf(review)).toBe("granted");
  });

  test("is not shown when that cannot be put on record", async () => {
    const { approve } = await heldWithText();
    approving.desk.recordFails = true;
    const { status, body } = await approving.post("nobody", `${approve}/preview`);
    expect([status, body.includes("asthma")]).toEqual([503, false]);
  });

  test("is shown some times by one link, also to a hundred at once, and after that the link still decides", async () => {
    const { review, approve, deny } = await heldWithText();
    const all = await Promise.all(Array.from({ length: 100 }, () => approving.post("nobody", `${approve}/preview`)));
    expect(all.filter(({ body }) => body.includes("asthma"))).toHaveLength(5);
    expect(all.filter(({ status, body }) => status === 429 && !body.includes("asthma"))).toHaveLength(95);
    expect(readings()).toHaveLength(5);
    expect((await approving.post("nobody", `${deny}/preview`)).body).toContain("asthma");
    await approving.post("nobody", approve);
    expect(await approving.stateOf(review)).toBe("granted");
  });

  test("is shown to nobody by a link that is wrong, used or over", async () => {
    const { review, approve, deny } = await heldWithText();
    const codes: unknown[] = [];
    const refused = async (link: string): Promise<void> => {
      const { body } = await approving.post("nobody", `${link}/preview`);
      expect(body).not.toContain("asthma");
      codes.push(lastRefusal());
    };
    await refused(`/decide/${"A".repeat(64)}`);
    await approving.desk.desk.vote(review, person("corp:bob"), "deny");
    await refused(deny);
    await approving.hold('{"text":"more about asthma"}');
    const other = linksIn(mail.mails.at(-1)?.text ?? "");
    await approving.post("nobody", other.approve);
    await refused(other.approve);
    approving.desk.laterMs += 60_001;
    await refused(approve);
    expect(codes).toEqual(["link_invalid", "review_closed", "link_used", "link_expired"]);
    expect(readings()).toEqual([]);
  });

  test("is not shown to somebody who may not decide it any more, or not from there", async () => {
    const { approve } = await heldWithText();
    const codes: unknown[] = [];
    const refused = async (): Promise<void> => {
      const { body } = await approving.post("nobody", `${approve}/preview`);
      expect(body).not.toContain("asthma");
      codes.push(lastRefusal());
    };
    approving.people.delete(OLGA.id);
    await refused();
    approving.people.set(OLGA.id, { ...OLGA, roles: ["user"] });
    await refused();
    approving.people.set(OLGA.id, { ...OLGA, groups: ["staff"] });
    await refused();
    approving.people.set(OLGA.id, OLGA);
    approving.closedTo = "127.0.0.1";
    await refused();
    expect(codes).toEqual(["person_unknown", "permission_missing", "review_unknown", "policy_denied"]);
    expect(readings()).toEqual([]);
  });

  test("is shown by no link where the settings say so, and no mail promises it", async () => {
    await approving.close();
    const { email } = settingsFor(mail.port);
    approving = await openChannels(email === undefined ? {} : { email: { ...email, preview: false } });
    approving.people.set(OLGA.id, OLGA);
    const { approve } = await heldWithText();
    expect(mail.mails.at(-1)?.text).not.toContain("at the press of a button");
    expect((await approving.get("nobody", approve)).body).not.toContain("/preview");
    const { status, body } = await approving.post("nobody", `${approve}/preview`);
    expect([status, body.includes("asthma")]).toEqual([404, false]);
    expect(lastRefusal()).toBe("endpoint_unknown");
  });
});

describe("the way to the server", () => {
  const pair = selfSigned();

  async function sentBy(server: MailServer, settings: Partial<Server>): Promise<readonly string[]> {
    const other = await openChannels(settingsFor(server.port, settings));
    await other.hold();
    const codes = other.faults.map(({ code }) => code);
    await other.close();
    return codes;
  }

  test("is encrypted and the server proven, with a login: else nothing is said", async () => {
    const server = await startMailServer(pair);
    const login = { user: "sluice", password: new Secret("hunter2") };
    expect(await sentBy(server, { tls: "required", ...login })).toEqual(["channel_unavailable"]);
    expect(server.mails).toHaveLength(0);
    expect(await sentBy(server, { tls: "required", ca: pair.cert, ...login })).toEqual([]);
    expect(server.mails).toMatchObject([{ secure: true, user: "sluice" }]);
    const wrong = { user: "sluice", password: new Secret("wrong") };
    expect(await sentBy(server, { tls: "required", ca: pair.cert, ...wrong })).toEqual(["channel_unavailable"]);
    await server.close();
  });

  test("on this machine needs no certificate that holds", async () => {
    const server = await startMailServer(pair);
    expect(await sentBy(server, {})).toEqual([]);
    expect(server.mails).toMatchObject([{ secure: false }]);
    await server.close();
  });

  test("without TLS leads nowhere where TLS is required", async () => {
    expect(await sentBy(mail, { tls: "required" })).toEqual(["channel_unavailable"]);
    expect(mail.mails).toHaveLength(0);
  });
});
