/** A witness as its operator runs it: a process, two keys, a list of logs, a signal to stop. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { once } from "node:events";
import type { ChildProcess } from "node:child_process";
import { afterAll, describe, expect, test } from "vitest";
import { parseCheckpoint, parseNote } from "@sluice/verifier";
import { openEvidence } from "../evidence/index.ts";
import { parseLogList } from "../witness/log-list.ts";
import { SignedLog, Tree } from "../witness/test/signed-log.ts";
import { Witness } from "../witness/witness.ts";
import { folder } from "./test/sluice.ts";

const here = folder();
const running: ChildProcess[] = [];
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  here.remove();
});

const log = new SignedLog();
here.write("logs.txt", log.list);

/** The lines that it says until it listens, and how it ended. */
async function serve(
  args: readonly string[],
): Promise<{ child: ChildProcess; url: string; lines: string[]; ended: Promise<unknown[]> }> {
  const child = here.spawn(["witness", ...args]);
  running.push(child);
  const lines: string[] = [];
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout! })) {
    lines.push(line);
    const url = /^listening on (\S+)$/.exec(line)?.[1];
    if (url !== undefined) {
      child.stdout?.resume();
      return { child, url, lines, ended };
    }
  }
  throw new Error("it ended before it listened");
}

const add = (url: string, body: string): Promise<Response> => fetch(`${url}/add-checkpoint`, { method: "POST", body });

describe("sluice witness", () => {
  test("key makes the keys of a new witness once, for its operator alone, and prints them", async () => {
    const made = await here.sluice(["witness", "key", "--data", "w1", "--name", "witness.example/w1"]);
    expect(made.code).toBe(0);
    expect(made.out).toMatch(/^witness\.example\/w1\+[0-9a-f]{8}\+B\S+\nwitness\.example\/w1\+[0-9a-f]{8}\+B\S+\n$/);
    const again = await here.sluice(["witness", "key", "--data", "w1", "--json"]);
    expect(JSON.parse(again.out)).toEqual({ name: "witness.example/w1", vkeys: made.out.trim().split("\n") });
    expect(statSync(join(here.path, "w1/keys/witness-ed25519.pem")).mode & 0o777).toBe(0o600);
    const other = await here.sluice(["witness", "key", "--data", "w1", "--name", "witness.example/w2"]);
    expect([other.code, other.err]).toEqual([2, expect.stringContaining("this witness is witness.example/w1")]);
  });

  test("serves with the keys that it prints, reads its list again at SIGHUP, and stops at SIGTERM", async () => {
    const list = here.write("later.txt", "logs/v0\n");
    const { child, url, lines, ended } = await serve(["--data", "w2", "--listen", "127.0.0.1:0", "--logs", list]);
    // Without a name it is called by its folder.
    expect(lines[0]).toMatch(/^witness key {2}localhost\/w2\+[0-9a-f]{8}\+/);
    expect((await add(url, log.ask(0, 5))).status).toBe(404);
    here.write("later.txt", log.list);
    child.kill("SIGHUP");
    while ((await add(url, log.ask(0, 5))).status === 404) await new Promise((resolve) => setTimeout(resolve, 20));
    here.write("later.txt", "nothing\n");
    child.kill("SIGHUP");
    const fork = await add(url, log.ask(5, 8, new Tree(2)));
    expect(fork.status).toBe(422);
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);

    const shown = await here.sluice(["witness", "show", "--data", "w2"]);
    expect(shown.out).toMatch(
      /^cosigned {3}log\.example\/evidence {2}size 5\nrefused {4}log\.example\/evidence {2}size 8: does not continue/,
    );
    const json = JSON.parse((await here.sluice(["witness", "show", "--data", "w2", "--json"])).out) as {
      refused: { checkpoint: string }[];
    };
    expect(json.refused[0]?.checkpoint).toContain("log.example/evidence\n8\n");
  });

  test.each<[string, readonly string[], number, string]>([
    ["plaintext beyond loopback", ["--listen", "0.0.0.0:0"], 2, "needs --tls-cert and --tls-key"],
    ["an address that is none", ["--listen", "nowhere"], 2, "host and port"],
    ["a certificate without its key", ["--tls-cert", "cert.pem"], 2, "belong together"],
    ["a prefix with a slash at its end", ["--prefix", "/w1/"], 2, "--prefix is a path"],
    ["a rate that is none", ["--rate", "-1"], 2, "--rate is a whole number"],
    ["a list that is not there", ["--logs", "missing.txt"], 3, "missing.txt"],
    ["a list that is none", ["--logs", "w1/witness.json"], 2, "line 1: a list of logs begins with logs/v0"],
  ])("refuses %s", async (_, args, code, message) => {
    const ended = await here.sluice(["witness", "--data", "w1", "--listen", "127.0.0.1:0", ...args]);
    expect([ended.code, ended.err]).toEqual([code, expect.stringContaining(message)]);
  });

  test("show makes no witness where there is none", async () => {
    const ended = await here.sluice(["witness", "show", "--data", "w9"]);
    expect([ended.code, ended.err]).toEqual([2, expect.stringContaining("there is no witness in w9")]);
    expect(() => statSync(join(here.path, "w9"))).toThrow("ENOENT");
  });
});

describe("sluice verify --policy", () => {
  /** A log of three entries that a witness has cosigned, one receipt of it, and its policy without the quorum. */
  async function cosigned(): Promise<{ policy: string }> {
    const evidence = await openEvidence({
      dir: join(here.path, "evidence"),
      origin: "log.example/verified",
      clock: Date.now,
      checkpointIntervalMs: 10,
    });
    for (let n = 0; n < 3; n++) await evidence.append({ v: 1, type: "test", n });
    await evidence.proof(2);
    const vkey = evidence.vkeys[0] ?? "";
    const logs = parseLogList(`logs/v0\nvkey ${vkey}\nqpd 100\ncontact nobody\n`, "logs.txt");
    const witness = new Witness({ dir: join(here.path, "w3"), clock: Date.now, logs });
    const checkpoint = (await evidence.file("checkpoint"))?.body.toString("utf8") ?? "";
    const { text } = parseNote(checkpoint);
    const { body } = await witness.addCheckpoint(Buffer.from(`old 0\n\n${checkpoint}`));
    const { signatures } = parseNote(`${text}\n${body}`);
    await evidence.addCosignatures({ size: parseCheckpoint(text).size, checkpoint }, signatures, true);
    here.write("1.tlog-proof", await evidence.proof(1));
    for await (const { bytes } of evidence.entries(1, 2)) here.write("1.json", bytes);
    await evidence.close();
    witness.close();
    const other = new Witness({ dir: join(here.path, "w4"), clock: Date.now, logs });
    const [mine = "", theirs = ""] = [witness, other].map(({ keys }) => keys.vkeys[0] ?? "");
    other.close();
    return { policy: `log ${vkey}\nwitness mine ${mine}\nwitness theirs ${theirs}\n` };
  }

  test("takes a log and a receipt that meet it, and names what is lacking of those that do not", async () => {
    const { policy } = await cosigned();
    here.write("met.policy", `${policy}quorum mine\n`);
    here.write("missed.policy", `${policy}group both all mine theirs\nquorum both\n`);
    const whole = await here.sluice(["verify", "evidence", "--policy", "met.policy"]);
    expect([whole.code, whole.err]).toEqual([0, ""]);
    expect(whole.out).toMatch(/^keys {7}of the policy\nquorum {5}met: cosigned by mine$/m);
    const missed = await here.sluice(["verify", "evidence", "--policy", "missed.policy"]);
    expect(missed.code).toBe(1);
    expect(missed.out).toContain(
      "quorum_missing checkpoint: the policy's quorum is not met: both has 1 of 2 (without theirs)",
    );
    const receipt = ["verify", "--proof", "1.tlog-proof", "--entry", "1.json", "--policy"];
    expect(await here.sluice([...receipt, "met.policy"])).toMatchObject({ code: 0 });
    const json = await here.sluice([...receipt, "missed.policy", "--json"]);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({
      ok: false,
      problems: [{ code: "quorum_missing" }],
      quorum: { met: false, witnesses: ["mine"], gaps: [{ name: "both", needs: 2, has: 1, without: ["theirs"] }] },
    });
  });

  test("refuses a policy that is none, with the line", async () => {
    here.write("broken.policy", "quorum none\nquorum none\n");
    const ended = await here.sluice(["verify", "evidence", "--policy", "broken.policy"]);
    expect([ended.code, ended.err]).toEqual([
      2,
      expect.stringContaining("broken.policy, line 2: a policy has one quorum line"),
    ]);
  });
});
