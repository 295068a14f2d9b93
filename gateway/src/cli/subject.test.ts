/** From a request of a client to the certificate of its erasure, at a real gateway by the real command line. */
import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { newKey } from "../identity/keys.ts";
import { documentFor } from "../server/test/config.ts";
import { type Started, startForTest } from "../server/test/running.ts";
import { type Ended, type Folder, folder } from "./test/sluice.ts";

const MAIL = "jane.roe@example.com";

let gateway: Started;
let app: string;
let officer: string;
let auditor: string;
let here: Folder;

beforeAll(async () => {
  const { document, token } = await documentFor({});
  app = token;
  const held = async (principal: string, role: string): Promise<string> => {
    const made = await newKey(randomBytes);
    document.keys[made.id] = { hash: made.hash, principal, purposes: ["support"], roles: [role] };
    return made.token;
  };
  officer = await held("service:officer", "privacy-officer");
  auditor = await held("service:auditor", "auditor");
  gateway = await startForTest(() =>
    JSON.stringify({
      ...document,
      rehearsal: true,
      recording: { default: "sealed" },
      erasure: {
        sinks: { tapes: { kind: "backup", keep: "P35D" } },
        datasets: { tuned: { purposes: ["support"] } },
      },
    }),
  );
});
afterAll(() => gateway.stop());
beforeEach(() => {
  here = folder();
});
afterEach(() => here.remove());

const as = (who: string, args: readonly string[], input = ""): Promise<Ended> =>
  here.sluice([...args, "--url", gateway.url, "--key-file", here.write("token", `${who}\n`)], input);

async function say(text: string): Promise<void> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${app}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "rehearsal", messages: [{ role: "user", content: text }] }),
  });
  expect(response.status).toBe(200);
  await response.text();
}

/** What was just sent can be found once a checkpoint covers it. */
async function found(value: string): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const { total } = (await (
      await fetch(`${gateway.url}/api/subjects/find`, {
        method: "POST",
        headers: { authorization: `Bearer ${officer}`, "content-type": "application/json" },
        body: JSON.stringify({ identifiers: [{ type: "EMAIL", value }] }),
      })
    ).json()) as { total: number };
    if (total > 0) return total;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return 0;
}

describe("sluice subject", () => {
  test("find, export, erase, and check the certificate offline", async () => {
    await say(`Write to ${MAIL} about the contract, and to john.doe@example.org`);
    expect(await found(MAIL)).toBe(1);
    const who = `EMAIL=${MAIL}\n`;

    const listed = await as(officer, ["subject", "find"], who);
    expect(listed).toMatchObject({ code: 0 });
    expect(listed.out).toMatch(/^\d+ {2}\S+ {2}support \(eu-gdpr:A6-1-b\) {2}\S+ → \S+ \S+ {2}sealed {2}EMAIL\n$/);
    expect(listed.err).toBe("1 exchange\n");

    const copied = await as(officer, ["subject", "export", "--out", `${here.path}/copy.json`], who);
    expect(copied.code).toBe(0);
    const copy = here.read("copy.json");
    expect(copy).toContain(MAIL);
    expect(copy).not.toContain("john.doe");
    const csv = await as(officer, ["subject", "export", "--format", "csv"], who);
    expect(csv.out).toContain(`,EMAIL,${MAIL}\r\n`);

    const request = ["--reference", "DSR-7", "--basis", "A17-1-b"];
    const plan = await as(officer, ["subject", "erase", ...request], who);
    expect(plan).toMatchObject({ code: 0 });
    expect(plan.out).toBe(
      "would destroy 1 key, by which 1 exchange can be read\nwould name the backup tapes\nwould mark the dataset tuned as tainted\n",
    );
    expect(await found(MAIL)).toBe(1);

    const done = await as(officer, ["subject", "erase", ...request, "--yes", "--out", `${here.path}/certificate`], who);
    expect(done).toMatchObject({ code: 0 });
    expect(done.out).toMatch(
      /^er-[0-9a-f]{32}: erased; 1 key, 1 exchange\ntapes {2}expires \S+\ndataset tuned is tainted\n$/,
    );
    const note = here.read("certificate");
    expect(note).not.toContain("jane");
    const checked = await here.sluice([
      "verify",
      "--certificate",
      "certificate",
      ...gateway.gateway.log.vkeys.flatMap((vkey) => ["--vkey", vkey]),
    ]);
    expect(checked).toMatchObject({ code: 0 });
    expect(checked.out).toContain("result     ok: signed by the log, and the log says the same");
    here.write("forged", note.replace("DSR-7", "DSR-8"));
    const forged = await here.sluice([
      "verify",
      "--certificate",
      "forged",
      "--vkey",
      gateway.gateway.log.vkeys[0] ?? "",
    ]);
    expect(forged.code).toBe(1);

    const again = await as(officer, ["subject", "erase", ...request, "--yes"], who);
    expect(again.out).toContain("was erased before");
    expect((await as(officer, ["subject", "erasures"])).out).toContain("certified  DSR-7");
  });

  test("refuses by name: nobody, a hold, an identifier that says nothing, an auditor, and no identifier at all", async () => {
    const erase = ["subject", "erase", "--reference", "DSR-9", "--basis", "A17-1-a", "--yes", "--json"];
    const unknown = await as(officer, erase, "EMAIL=nobody@example.com");
    expect([unknown.code, JSON.parse(unknown.out)]).toMatchObject([1, { error: { code: "subject_unknown" } }]);
    const empty = await as(officer, erase, "EMAIL=--");
    expect([empty.code, JSON.parse(empty.out)]).toMatchObject([1, { error: { code: "identifier_empty" } }]);
    const none = await as(officer, erase, "\n");
    expect([none.code, JSON.parse(none.out)]).toMatchObject([2, { error: { code: "identifiers_missing" } }]);
    const odd = await as(officer, erase, "jane.roe@example.com");
    expect(odd.code).toBe(2);
    expect(odd.out).not.toContain("jane.roe");
    const other = await as(auditor, erase, "EMAIL=nobody@example.com");
    expect([other.code, JSON.parse(other.out)]).toMatchObject([1, { error: { code: "permission_missing" } }]);

    await say("Write to held.person@example.com");
    expect(await found("held.person@example.com")).toBe(1);
    const placed = await as(
      officer,
      ["hold", "place", "--people", "--reference", "case-1", "--until", "P30D", "--json"],
      "EMAIL=held.person@example.com",
    );
    expect(placed).toMatchObject({ code: 0 });
    const hold = JSON.parse(placed.out) as { id: string };
    const held = await as(officer, erase, "EMAIL=held.person@example.com");
    expect([held.code, JSON.parse(held.out)]).toMatchObject([1, { error: { code: "subject_held" } }]);
    expect((await as(officer, ["hold", "list"])).out).toContain(
      `${hold.id}  case-1  people  LegalClaimDefenceImpaired`,
    );
    expect((await as(officer, ["hold", "renew", hold.id, "--until", "P60D"])).code).toBe(0);
    expect((await as(officer, ["hold", "release", hold.id])).out).toContain("released");
    expect((await as(officer, erase, "EMAIL=held.person@example.com")).code).toBe(0);
  });

  test("warns of identifiers that the shell keeps", async () => {
    const { code, err } = await as(officer, ["subject", "find", "--email", "x@example.com"]);
    expect(code).toBe(0);
    expect(err).toContain("stay in the shell's history");
  });
});

test("sluice retention shows what would go, and says that nothing was deleted", async () => {
  const shown = await as(officer, ["retention", "show"]);
  expect(shown).toMatchObject({ code: 0, err: "nothing was deleted\n" });
  expect(shown.out).toMatch(/^recordings for support before \S+\nrecordings for research before \S+\n/);
  expect((await as(officer, ["retention", "run", "--dry-run", "--json"])).out).toContain('"dry_run": true');
  expect((await as(officer, ["retention", "run"])).out).toContain("deleted 0 files, 0 bytes; 0 stay for holds");
  expect((await as(auditor, ["retention", "run"])).code).toBe(1);
});
