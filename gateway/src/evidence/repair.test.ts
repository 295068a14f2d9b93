import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { eventLeaf, inspectLog, openEvidence } from "./index.ts";
import { NOW, ORIGIN, appendMany, audit, open, temporaryFolder } from "./test/opened.ts";

const inspect = (dir: string, repair = true): ReturnType<typeof inspectLog> =>
  inspectLog({ dir, clock: () => NOW, repair });

const template = { dir: "", pruned: "" };

/** A log of 700 records in many segments, and the same with 300 pruned; each test gets a copy. */
beforeAll(async () => {
  const make = async (minimumIndex: number): Promise<string> => {
    const dir = temporaryFolder();
    const log = await openEvidence({
      dir,
      origin: ORIGIN,
      clock: () => NOW,
      checkpointIntervalMs: 20,
      segmentBytesMax: 4000,
    });
    for (let first = 0; first < 700; first += 50) await appendMany(log, 50, first);
    if (minimumIndex > 0) {
      const { index } = await log.append(
        eventLeaf({ time: NOW, event: { name: "retention.pruned", facts: { minimumIndex } } }),
      );
      await log.proof(index);
      await log.prune(minimumIndex);
    }
    await log.close();
    return dir;
  };
  const [dir, pruned] = [await make(0), await make(300)];
  // The folders of a hook are gone after the first test.
  for (const [name, made] of Object.entries({ dir, pruned })) {
    const kept = `${made}-kept`;
    cpSync(made, kept, { recursive: true });
    template[name as keyof typeof template] = kept;
  }
  return () => {
    for (const kept of Object.values(template)) rmSync(kept, { recursive: true, force: true });
  };
});

function copy(of: keyof typeof template = "dir"): string {
  const dir = temporaryFolder();
  cpSync(template[of], dir, { recursive: true });
  return dir;
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at < 0 ? bytes.length + at : at] = (bytes.at(at) ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

function snapshot(dir: string, only: RegExp): Record<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    files
      .filter((file) => file.isFile() && !file.name.startsWith("lock"))
      .map((file) => join(file.parentPath, file.name).slice(dir.length + 1))
      .filter((path) => only.test(path))
      .map((path) => [
        path,
        createHash("sha256")
          .update(readFileSync(join(dir, path)))
          .digest("hex"),
      ]),
  );
}

/** What a repair must leave as it is. */
const EVIDENCE = /^(segments|salts|keys)\/|^signed$|^minimum$/;
const EVERYTHING = /./;

const segment = (dir: string, at: number): string =>
  join(dir, "segments", readdirSync(join(dir, "segments")).at(at) ?? "");

interface Damage {
  readonly what: string;
  readonly damage: (dir: string) => void;
}

const DERIVABLE: readonly Damage[] = [
  { what: "a bit of a full tile is flipped", damage: (dir) => flip(join(dir, "public/tile/0/001"), 100) },
  { what: "a full tile is cut off", damage: (dir) => truncateSync(join(dir, "public/tile/0/001"), 100) },
  { what: "a partial tile is gone", damage: (dir) => rmSync(join(dir, "public/tile/0/002.p"), { recursive: true }) },
  { what: "a tile of a higher level is flipped", damage: (dir) => flip(join(dir, "public/tile/1/000.p/2"), 0) },
  { what: "a bit of a bundle is flipped", damage: (dir) => flip(join(dir, "public/tile/entries/001"), 50) },
  { what: "a partial bundle is empty", damage: (dir) => truncateSync(partialBundle(dir), 0) },
  { what: "the checkpoint is gone", damage: (dir) => rmSync(join(dir, "public/checkpoint")) },
  { what: "the checkpoint is cut off", damage: (dir) => truncateSync(join(dir, "public/checkpoint"), 60) },
  {
    what: "a bit of the checkpoint's signature is flipped",
    damage: (dir) => flip(join(dir, "public/checkpoint"), 150),
  },
  { what: "log.json is no JSON", damage: (dir) => writeFileSync(join(dir, "public/log.json"), "{") },
  { what: "log.json is gone", damage: (dir) => rmSync(join(dir, "public/log.json")) },
  { what: "the bookmark is gone", damage: (dir) => rmSync(join(dir, "bookmark"), { force: true }) },
  { what: "a bit of the bookmark is flipped", damage: (dir) => flip(join(dir, "bookmark"), 20) },
];

function partialBundle(dir: string): string {
  const folder = join(dir, "public/tile/entries/002.p");
  return join(
    folder,
    readdirSync(folder)
      .toSorted((a, b) => Number(a) - Number(b))
      .at(-1) ?? "",
  );
}

describe.each(["dir", "pruned"] as const)("what follows from the records (%s)", (kind) => {
  test.each(DERIVABLE)("is rebuilt when $what, and no evidence is touched", async ({ damage }) => {
    const dir = copy(kind);
    damage(dir);
    const before = snapshot(dir, EVERYTHING);
    const found = await inspect(dir, false);
    expect(snapshot(dir, EVERYTHING)).toEqual(before);
    const evidence = snapshot(dir, EVIDENCE);
    const done = await inspect(dir);
    expect(done.wrong).toEqual(found.wrong);
    expect(snapshot(dir, EVIDENCE)).toEqual(evidence);
    expect(await audit(dir)).toMatchObject({ ok: true, problems: [] });
    expect(existsSync(join(dir, "bookmark"))).toBe(true);
    expect(await inspect(dir, false)).toMatchObject({ wrong: [], wrongTotal: 0 });
    const log = await open({ dir, wholeReadingMax: 0 });
    await appendMany(log, 10);
    await log.close();
    expect(await audit(dir)).toMatchObject({ ok: true, problems: [] });
  });

  test("is left alone when nothing is wrong", async () => {
    const dir = copy(kind);
    expect(await inspect(dir)).toMatchObject({ origin: ORIGIN, wrong: [], wrongTotal: 0, repaired: true });
    expect(await audit(dir)).toMatchObject({ ok: true });
  });
});

test("a whole public folder of a log that was never pruned is rebuilt", async () => {
  const dir = copy();
  rmSync(join(dir, "public"), { recursive: true });
  const { wrong, wrongTotal } = await inspect(dir);
  expect(wrong).toEqual(expect.arrayContaining(["tile/0/000", "tile/entries/001", "log.json", "checkpoint"]));
  expect(wrongTotal).toBe(wrong.length);
  expect(await audit(dir)).toMatchObject({ ok: true, size: 700 });
});

interface Refusal extends Damage {
  readonly code?: string;
  /** The message names what is wrong, and what to do. */
  readonly says: RegExp;
}

const RESTORE = "restore the log's folder from a backup";

test.each<Refusal>([
  {
    what: "a bit of a segment is flipped",
    damage: (dir) => flip(segment(dir, 1), 60),
    says: new RegExp(`is damaged at the record of index \\d+: ${RESTORE}`),
  },
  {
    what: "a segment is cut off",
    damage: (dir) => truncateSync(segment(dir, 1), 1000),
    says: new RegExp(`is damaged|records are missing before.*: ${RESTORE}`),
  },
  {
    what: "the last segment is cut off",
    damage: (dir) => truncateSync(segment(dir, -1), statSync(segment(dir, -1)).size - 1),
    says: new RegExp(`records are missing: signed says that 700 were signed, here are 699: ${RESTORE}`),
  },
  {
    what: "a segment is gone",
    damage: (dir) => rmSync(segment(dir, 2)),
    says: new RegExp(`records are missing before .*: ${RESTORE}`),
  },
  {
    what: "a bit of the signed root is flipped",
    damage: (dir) => flip(join(dir, "signed"), -8),
    says: new RegExp(`do not make the tree of size 700 that signed says was signed: ${RESTORE}`),
  },
  {
    what: "the signed file is cut off",
    damage: (dir) => truncateSync(join(dir, "signed"), 30),
    says: /cannot be read: restore the file `signed` from a backup/,
  },
  {
    what: "the signed file is gone",
    damage: (dir) => rmSync(join(dir, "signed")),
    says: /is not there: restore the file `signed` from a backup/,
  },
  {
    what: "the signed file is another log's",
    damage: (dir) =>
      writeFileSync(join(dir, "signed"), readFileSync(join(dir, "signed"), "utf8").replace(ORIGIN, "other")),
    says: /belongs to the origin|belongs to another log/,
    code: "config_invalid",
  },
  {
    what: "a signing key is gone",
    damage: (dir) => rmSync(join(dir, "keys/log-ed25519.pem")),
    says: /keys\/log-ed25519.pem is missing: .*restore the folder `keys` from a backup/,
  },
  {
    what: "the pseudonym key is cut off",
    damage: (dir) => truncateSync(join(dir, "keys/pseudonym.key"), 5),
    says: /restore the folder `keys` from a backup/,
  },
  {
    what: "the signing key is another log's",
    damage: (dir) => copyFileSync(join(dir, "keys/log-ml-dsa-44.pem"), join(dir, "keys/log-ed25519.pem")),
    says: /restore the folder `keys` from a backup/,
  },
])(
  "when $what, the repair is refused, says what to do, and changes nothing",
  async ({ damage, says, code = "evidence_corrupt" }) => {
    const dir = copy();
    damage(dir);
    const before = snapshot(dir, EVERYTHING);
    for (const repair of [false, true]) {
      await expect(inspect(dir, repair)).rejects.toMatchObject({ code, message: says });
    }
    expect(snapshot(dir, EVERYTHING)).toEqual(before);
  },
);

test("a log that a writer has open is not repaired, and not looked at", async () => {
  const dir = copy();
  const log = await open({ dir });
  for (const repair of [false, true]) {
    await expect(inspect(dir, repair)).rejects.toMatchObject({ code: "evidence_locked" });
  }
  await log.close();
  expect(await inspect(dir, false)).toMatchObject({ wrongTotal: 0 });
});

test("records after the last checkpoint are kept by a repair, and published by the next opening", async () => {
  const dir = copy();
  // As a crash leaves it: more is durable than was signed.
  const signed = readFileSync(join(dir, "signed"));
  const published = join(dir, "public/checkpoint");
  const checkpoint = readFileSync(published);
  const log = await open({ dir, wholeReadingMax: 0 });
  await appendMany(log, 400);
  await log.close();
  writeFileSync(join(dir, "signed"), signed);
  writeFileSync(published, checkpoint);
  rmSync(join(dir, "public/tile/0/001"));
  expect(await inspect(dir)).toMatchObject({ records: 1100, signed: 700 });
  expect(await audit(dir)).toMatchObject({ ok: true, size: 700 });
  await (await open({ dir, wholeReadingMax: 0 })).close();
  expect(await audit(dir)).toMatchObject({ ok: true, size: 1100 });
});
