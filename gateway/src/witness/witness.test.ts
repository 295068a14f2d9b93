import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseVkey } from "@sluice/verifier";
import { describe, expect, test } from "vitest";
import { REFUSED_MAX } from "./heads.ts";
import { parseLogList } from "./log-list.ts";
import { Rates } from "./rates.ts";
import { formatAddCheckpoint } from "./request.ts";
import { openWitness, temporaryFolder } from "./test/opened.ts";
import { HONEST, ORIGIN, SignedLog, Tree } from "./test/signed-log.ts";

const log = new SignedLog();

describe("the folder of a witness", () => {
  test("gets keys at the first start that nobody else may read, and the same ones at the next", () => {
    const dir = join(temporaryFolder(), "data");
    const first = openWitness(log.list, { dir });
    expect(first.keys.vkeys.map((vkey) => [parseVkey(vkey).name, parseVkey(vkey).type])).toEqual([
      ["witness.example/w1", 0x04],
      ["witness.example/w1", 0x06],
    ]);
    for (const name of ["witness-ed25519.pem", "witness-ml-dsa-44.pem"]) {
      expect(statSync(join(dir, "keys", name)).mode & 0o777).toBe(0o600);
    }
    first.close();
    expect(openWitness(log.list, { dir }).keys.vkeys).toEqual(first.keys.vkeys);
  });

  test("keeps its name", () => {
    const dir = join(temporaryFolder(), "data");
    openWitness(log.list, { dir }).close();
    expect(() => openWitness(log.list, { dir, name: "witness.example/w2" })).toThrow(
      expect.objectContaining({ code: "config_invalid" }),
    );
  });

  test.each(["witness.sqlite", "witness.json", "keys/witness-ed25519.pem", "keys/witness-ml-dsa-44.pem"])(
    "of which %s is gone is refused: what was forgotten could be cosigned anew",
    async (name) => {
      const dir = join(temporaryFolder(), "data");
      const witness = openWitness(log.list, { dir });
      expect((await witness.addCheckpoint(Buffer.from(log.ask(0, 5)))).status).toBe(200);
      witness.close();
      rmSync(join(dir, name));
      expect(() => openWitness(log.list, { dir })).toThrow(expect.objectContaining({ code: "witness_corrupt" }));
    },
  );

  test("with a key that is none is refused", () => {
    const dir = join(temporaryFolder(), "data");
    openWitness(log.list, { dir }).close();
    writeFileSync(join(dir, "keys/witness-ed25519.pem"), "nothing");
    expect(() => openWitness(log.list, { dir })).toThrow(expect.objectContaining({ code: "witness_corrupt" }));
  });

  test("whose name is no key name is not made", () => {
    for (const name of ["", "a b", "a+b", "x".repeat(256)]) {
      expect(() => openWitness(log.list, { name })).toThrow(expect.objectContaining({ code: "config_invalid" }));
    }
  });
});

describe("a list of logs (c2sp.org/tlog-list)", () => {
  const ed = log.vkey;
  const ml = new SignedLog("ml.example/log", "ml-dsa-44").vkey;

  test("is read with comments, spaces and origins of their own", () => {
    const logs = parseLogList(
      `#\n# List: mine\n#\n\t logs/v0 \n\n# one\nvkey ${ed}\nqpd 86400\ncontact https://log.example/contact\n\nvkey ${ml}\norigin another name\n\tqpd 24\n\tcontact somebody (at) log.example\n`,
      "logs.txt",
    );
    expect([...logs.values()].map(({ origin, requestsPerDay, contact }) => [origin, requestsPerDay, contact])).toEqual([
      [ORIGIN, 86_400, "https://log.example/contact"],
      ["another name", 24, "somebody (at) log.example"],
    ]);
    expect(parseLogList("logs/v0\n", "logs.txt").size).toBe(0);
  });

  test.each<[string, string, number]>([
    ["nothing", "", 1],
    ["no header", `vkey ${ed}\nqpd 1\ncontact a\n`, 1],
    ["another version", "logs/v1\n", 1],
    ["a line that is no vkey", "logs/v0\nlog x\n", 2],
    ["a vkey that is none", "logs/v0\nvkey x\nqpd 1\ncontact a\n", 2],
    ["a witness's vkey", `logs/v0\nvkey ${openWitness(log.list).keys.vkeys[0] ?? ""}\nqpd 1\ncontact a\n`, 2],
    ["no qpd", `logs/v0\nvkey ${ed}\ncontact a\n`, 3],
    ["a qpd of 0", `logs/v0\nvkey ${ed}\nqpd 0\ncontact a\n`, 3],
    ["a qpd with a leading zero", `logs/v0\nvkey ${ed}\nqpd 01\ncontact a\n`, 3],
    ["a qpd of 2^31", `logs/v0\nvkey ${ed}\nqpd 2147483648\ncontact a\n`, 3],
    ["no contact", `logs/v0\nvkey ${ed}\nqpd 1\n`, 2],
    ["contact before qpd", `logs/v0\nvkey ${ed}\ncontact a\nqpd 1\n`, 3],
    ["an origin twice", `logs/v0\nvkey ${ed}\nqpd 1\ncontact a\nvkey ${ml}\norigin ${ORIGIN}\nqpd 1\ncontact a\n`, 5],
  ])("of %s is refused with its line", (_, text, line) => {
    expect(() => parseLogList(text, "logs.txt")).toThrow(
      expect.objectContaining({
        code: "config_invalid",
        message: expect.stringMatching(`^logs.txt, line ${line}: `) as string,
      }),
    );
  });
});

test("a bucket fills evenly, not beyond its size, and a clock that is set back gives nothing", () => {
  let now = 1_000_000;
  const rates = new Rates({ clock: () => now, held: 2 });
  const takeAll = (): number => {
    let taken = 0;
    while (rates.take("a", 10, 1_000)) taken += 1;
    return taken;
  };
  expect(takeAll()).toBe(10);
  now += 500;
  expect(takeAll()).toBe(5);
  now -= 100_000;
  expect(takeAll()).toBe(0);
  now += 1_000_000;
  expect(takeAll()).toBe(10);
  // Of three, the one that asked longest ago is forgotten.
  rates.take("b", 10, 1_000);
  rates.take("c", 10, 1_000);
  expect(takeAll()).toBe(10);
});

describe("what strangers send of a log's public checkpoints, with a wrong proof", () => {
  const unproven = (known: number, size: number, tree = HONEST): Buffer =>
    Buffer.from(formatAddCheckpoint(known, [new Uint8Array(32)], log.checkpoint(size, tree)));

  test("takes no room from a fork that the log has signed", async () => {
    const kinds: string[] = [];
    const witness = openWitness(log.list, { onRefused: ({ kind }) => kinds.push(kind) });
    await witness.addCheckpoint(Buffer.from(log.ask(0, 200)));
    for (let size = 201; size < 201 + REFUSED_MAX + 5; size++) {
      expect((await witness.addCheckpoint(unproven(200, size))).status).toBe(422);
    }
    expect(kinds).toHaveLength(REFUSED_MAX);
    await witness.addCheckpoint(Buffer.from(log.ask(200, 200, new Tree(7))));
    expect(kinds.at(-1)).toBe("fork");
    expect(witness.refused().filter(({ kind }) => kind === "fork")).toHaveLength(1);
  });

  test("does not hide a fork that was sent before it could be told to be one", async () => {
    const kinds: string[] = [];
    const witness = openWitness(log.list, { onRefused: ({ kind }) => kinds.push(kind) });
    await witness.addCheckpoint(Buffer.from(log.ask(0, 4)));
    await witness.addCheckpoint(unproven(4, 8, new Tree(7)));
    await witness.addCheckpoint(Buffer.from(log.ask(4, 8)));
    for (let again = 0; again < 2; again++) await witness.addCheckpoint(Buffer.from(log.ask(8, 8, new Tree(7))));
    expect(kinds).toEqual(["unproven", "fork"]);
    expect(witness.refused().map(({ kind, size }) => [kind, size])).toEqual([["fork", 8]]);
  });
});
