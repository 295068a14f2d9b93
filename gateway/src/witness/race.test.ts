/** What the specification's race describes, and worse: many at once, several processes, power cut between writing and answering. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseCheckpoint, parseNote } from "@sluice/verifier";
import { expect, test } from "vitest";
import { afterTest, judged, openHttp, openWitness, post, temporaryFolder } from "./test/opened.ts";
import { HONEST, ORIGIN, SignedLog, Tree } from "./test/signed-log.ts";

const log = new SignedLog();
const FORKS = 10;

/** A process of its own; nothing but the folder joins it to the others. */
async function serve(dir: string): Promise<string> {
  const script = join(import.meta.dirname, "test/serving-witness.ts");
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, dir, log.list], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  afterTest(() => child.kill("SIGKILL"));
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return line;
}

/** Whether trees of these sizes are of one history: each begins with the one before. */
function isOneHistory(cosigned: readonly { readonly size: number; readonly tree: Tree }[]): boolean {
  const bySize = [...cosigned].sort((a, b) => a.size - b.size);
  return bySize.every(({ size, tree }, at) => {
    const before = bySize[at - 1];
    return (
      before === undefined ||
      Buffer.from(tree.root(0, before.size)).equals(before.tree.root(0, before.size)) ||
      size === 0
    );
  });
}

test("of 100 requests at once for conflicting forks, at three processes that share a folder, one history is cosigned", {
  timeout: 60_000,
}, async () => {
  const dir = join(temporaryFolder(), "data");
  const urls = await Promise.all([1, 2, 3].map(() => serve(dir)));
  const { vkeys } = openWitness(log.list, { dir }).keys;
  const trees = [HONEST, ...Array.from({ length: FORKS - 1 }, (_, n) => new Tree(n + 1, `fork ${n}`))];
  const cosigned: { size: number; tree: Tree }[] = [];
  let known = 0;
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        const tree = trees[n % FORKS]!;
        const size = known + 1 + (n % 7);
        const { status, body } = await post(urls[n % 3]!, log.ask(known, size, tree));
        // Whichever process made the keys, all sign with them.
        if (status === 200) expect((await judged(log.checkpoint(size, tree), body, vkeys)).accepted).toBe(true);
        return { status, size, tree };
      }),
    );
    const won = answers.filter(({ status }) => status === 200);
    // All asked from one size, which only the first can have moved; who asked for the very same tree may have come again.
    expect(new Set(won.map(({ size }) => size)).size).toBe(1);
    expect(answers.every(({ status }) => [200, 409, 422].includes(status))).toBe(true);
    cosigned.push(...won);
    known = won[0]?.size ?? known;
  }
  expect(isOneHistory(cosigned)).toBe(true);
  expect(known).toBeGreaterThanOrEqual(5);
});

test("the K leaves of a later checkpoint are not rolled back by an earlier one that was checked at the same time", {
  timeout: 60_000,
}, async () => {
  const witness = openWitness(log.list);
  const { url } = await openHttp(witness);
  let known = 0;
  for (let round = 0; round < 30; round++) {
    const near = known + 1;
    const far = known + 9;
    // Both are right continuations of what is known; whichever is second must be told of the first.
    const [a, b] = await Promise.all([post(url, log.ask(known, near)), post(url, log.ask(known, far))]);
    const statuses = [a.status, b.status];
    expect(statuses.toSorted()).toEqual([200, 409]);
    known = a.status === 200 ? near : far;
    expect((a.status === 409 ? a : b).body).toBe(`${known}\n`);
    const [head] = witness.heads();
    expect(parseCheckpoint(parseNote(head!.checkpoint).text).size).toBe(known);
  }
});

test("a history of random requests never moves backwards and never forks", { timeout: 60_000 }, async () => {
  const witness = openWitness(log.list);
  const trees = [HONEST, new Tree(3), new Tree(20, "late")];
  const cosigned: { size: number; tree: Tree }[] = [];
  let last = 0;
  for (let step = 0; step < 300; step++) {
    // Deterministic and without pattern.
    const roll = (step * 7_919 + 104_729) % 997;
    const tree = trees[roll % 3]!;
    const oldSize = roll % 2 === 0 ? last : roll % 40;
    const size = roll % 60;
    const { status } = await witness.addCheckpoint(Buffer.from(log.ask(oldSize, size, tree)));
    if (status !== 200) continue;
    expect(size).toBeGreaterThanOrEqual(last);
    expect(oldSize).toBe(last);
    last = size;
    cosigned.push({ size, tree });
  }
  expect(cosigned.length).toBeGreaterThan(5);
  expect(isOneHistory(cosigned)).toBe(true);
});

test("killed between writing and answering, 10 times, it knows what it cosigned and cosigns no other history", {
  timeout: 60_000,
}, async () => {
  const dir = join(temporaryFolder(), "data");
  let known = 0;
  for (let round = 0; round < 10; round++) {
    const size = known + 3;
    const child = spawn(
      process.execPath,
      [
        "--disable-warning=ExperimentalWarning",
        join(import.meta.dirname, "test/dying-witness.ts"),
        dir,
        log.list,
        log.ask(known, size),
      ],
      { stdio: ["ignore", "inherit", "inherit"] },
    );
    const [, signal] = (await once(child, "exit")) as [number | null, string | null];
    expect(signal).toBe("SIGKILL");

    const witness = openWitness(log.list, { dir });
    const ask = async (oldSize: number, to: number, tree = HONEST) =>
      (await witness.addCheckpoint(Buffer.from(log.ask(oldSize, to, tree)))).status;
    expect(witness.heads()).toMatchObject([{ origin: ORIGIN, size }]);
    // The log that got no answer asks again as before, is told, and goes on; a fork of what was cosigned does not.
    expect(await ask(known, size)).toBe(409);
    expect(await ask(size, size, new Tree(size - 1))).toBe(422);
    expect(await ask(size, size + 1, new Tree(size - 1))).toBe(422);
    expect(await ask(size, size)).toBe(200);
    witness.close();
    known = size;
  }
});

test("when the state cannot be written, nothing is cosigned", async () => {
  const witness = openWitness(log.list);
  const faults: unknown[] = [];
  const { url } = await openHttp(witness, { onFault: (fault) => faults.push(fault) });
  expect((await post(url, log.ask(0, 3))).status).toBe(200);
  witness.close();
  const answer = await post(url, log.ask(3, 4));
  expect(answer.status).toBe(500);
  expect(answer.body).not.toContain("—");
  expect(faults).toHaveLength(1);
});
