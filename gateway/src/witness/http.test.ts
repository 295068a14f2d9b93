import { createHash } from "node:crypto";
import { request } from "node:http";
import { request as httpsRequest } from "node:https";
import type { TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import { emptyRoot, formatCheckpoint, formatNote, parseCheckpoint, parseNote } from "@sluice/verifier";
import { selfSigned } from "../core/test/pki.ts";
import { formatAddCheckpoint } from "./request.ts";
import { judged, openHttp, openWitness, post } from "./test/opened.ts";
import { HONEST, NOW, ORIGIN, SignedLog, Tree } from "./test/signed-log.ts";

const log = new SignedLog();
const hash = createHash("sha256").update(ORIGIN).digest("hex");

async function opened(list = log.list) {
  const witness = openWitness(list);
  const { url } = await openHttp(witness);
  return { witness, url, ask: (body: string | Uint8Array) => post(url, body) };
}

test("a checkpoint that the log signed and that continues what was cosigned is cosigned with both keys and the time", async () => {
  const { witness, ask } = await opened();
  for (const [old, size] of [
    [0, 1],
    [1, 1],
    [1, 70],
    [70, 256],
    [256, 300],
  ] as const) {
    const answer = await ask(log.ask(old, size));
    expect(answer).toMatchObject({ status: 200, type: "text/plain; charset=utf-8" });
    expect(answer.body.split("\n").filter((line) => line.startsWith("— witness.example/w1 "))).toHaveLength(2);
    expect(await judged(log.checkpoint(size), answer.body, [log.vkey, ...witness.keys.vkeys])).toMatchObject({
      accepted: true,
      keys: [
        { status: "verified" },
        { type: 0x04, status: "verified", timestamp: NOW / 1000 },
        { type: 0x06, status: "verified", timestamp: NOW / 1000 },
      ],
    });
  }
});

test("an empty tree is cosigned first, with the root of an empty tree and no other", async () => {
  const { ask } = await opened();
  const other = { origin: ORIGIN, size: 0, root: new Uint8Array(32) };
  const text = formatCheckpoint(other);
  expect(
    await ask(formatAddCheckpoint(0, [], formatNote({ text, signatures: [log.sign(text, other)] }))),
  ).toMatchObject({ status: 422 });
  expect(Buffer.from(parseCheckpoint(parseNote(log.checkpoint(0)).text).root).equals(emptyRoot())).toBe(true);
  expect(await ask(log.ask(0, 0))).toMatchObject({ status: 200 });
  expect(await ask(log.ask(0, 5))).toMatchObject({ status: 200 });
});

describe("400: a body that is not what the specification says", () => {
  const good = log.ask(3, 8);
  const hashLine = `${Buffer.alloc(32, 1).toString("base64")}\n`;
  test.each<[string, string | Uint8Array]>([
    ["empty", ""],
    ["no old line", good.slice(good.indexOf("\n") + 1)],
    ["old without a number", good.replace("old 3", "old ")],
    ["old with a leading zero", good.replace("old 3", "old 03")],
    ["old with a sign", good.replace("old 3", "old +3")],
    ["old with two spaces", good.replace("old 3", "old  3")],
    ["old with a space at its end", good.replace("old 3\n", "old 3 \n")],
    ["old in capitals", good.replace("old 3", "Old 3")],
    ["an old size beyond 2^53", good.replace("old 3", "old 9007199254740993")],
    ["carriage returns", good.replaceAll("\n", "\r\n")],
    ["a proof line that is no base64", good.replace("old 3\n", "old 3\n!!\n")],
    ["a proof line without padding", good.replace("old 3\n", `old 3\n${hashLine.replace("=", "")}`)],
    ["a proof line with bits behind its end", good.replace("old 3\n", `old 3\n${hashLine.replace("AQE=", "AQF=")}`)],
    ["a proof line of 31 bytes", good.replace("old 3\n", `old 3\n${Buffer.alloc(31).toString("base64")}\n`)],
    ["64 proof lines", good.replace("old 3\n", `old 3\n${hashLine.repeat(61)}`)],
    ["no empty line", `old 3\n${hashLine}`],
    ["no checkpoint", "old 3\n\n"],
    ["a checkpoint without signatures", good.slice(0, good.lastIndexOf("\n\n") + 1)],
    ["a checkpoint without its last newline", good.slice(0, -1)],
    ["a checkpoint of two lines", `old 0\n\n${ORIGIN}\n8\n\n${good.slice(good.lastIndexOf("\n\n") + 2)}`],
    ["a size with a leading zero", good.replace("\n8\n", "\n08\n")],
    ["bytes that are no UTF-8", Buffer.concat([Buffer.from("old 0\n\n"), Buffer.from([0xff, 0xfe, 0x0a])])],
  ])("%s", async (_, body) => {
    const { ask } = await opened();
    expect(body).not.toBe(good);
    expect(await ask(body)).toMatchObject({ status: 400 });
  });

  test("63 proof lines are read", async () => {
    const { ask } = await opened();
    const body = log.ask(0, 8).replace("old 0\n", `old 0\n${hashLine.repeat(63)}`);
    // "The proof MUST be empty if the old size is zero."
    expect(await ask(body)).toMatchObject({ status: 422 });
  });
});

test("404: an origin that is not on the list, whoever signed", async () => {
  const { ask } = await opened();
  expect(await ask(new SignedLog("other.example/log").ask(0, 5))).toMatchObject({ status: 404 });
});

describe("403: no valid signature of the log", () => {
  test("another key under its name", async () => {
    const { ask } = await opened();
    expect(await ask(new SignedLog().ask(0, 5))).toMatchObject({ status: 403 });
  });

  test("its name and key id over something else, alone or beside a good one", async () => {
    const { ask } = await opened();
    const { text, signatures } = parseNote(log.checkpoint(5));
    const forged = { ...signatures[0]!, signature: new Uint8Array(64) };
    expect(await ask(formatAddCheckpoint(0, [], formatNote({ text, signatures: [forged] })))).toMatchObject({
      status: 403,
    });
    // "a signature line's key name and ID match a trusted key but the signature itself fails to verify"
    expect(
      await ask(formatAddCheckpoint(0, [], formatNote({ text, signatures: [...signatures, forged] }))),
    ).toMatchObject({ status: 403 });
  });

  test("lines of unknown keys are ignored and not handed on", async () => {
    const { ask, url } = await opened();
    const stranger = { name: "stranger.example", keyId: "01020304", signature: new Uint8Array(64) };
    const { text, signatures } = parseNote(log.checkpoint(5));
    expect(
      await ask(formatAddCheckpoint(0, [], formatNote({ text, signatures: [stranger, ...signatures] }))),
    ).toMatchObject({ status: 200 });
    expect(await (await fetch(`${url}/${hash}/checkpoint`)).text()).not.toContain("stranger.example");
  });

  test("ML-DSA-44 over a checkpoint with extension lines, which it does not cover; Ed25519 does", async () => {
    const ml = new SignedLog("ml.example/log", "ml-dsa-44");
    const { ask } = await opened(`${log.list}${ml.list.replace("logs/v0\n", "")}`);
    expect(await ask(ml.ask(0, 5))).toMatchObject({ status: 200 });
    expect(await ask(formatAddCheckpoint(5, [], ml.checkpoint(5, HONEST, ["more"])))).toMatchObject({ status: 403 });
    expect(await ask(formatAddCheckpoint(0, [], log.checkpoint(5, HONEST, ["more"])))).toMatchObject({ status: 200 });
  });
});

test("400: an old size above the checkpoint's", async () => {
  const { ask } = await opened();
  await ask(log.ask(0, 9));
  expect(await ask(log.ask(9, 5))).toMatchObject({ status: 400 });
});

test("409: an old size that is not the cosigned one is answered with that one, as text/x.tlog.size", async () => {
  const { ask } = await opened();
  expect(await ask(log.ask(3, 9))).toEqual({ status: 409, type: "text/x.tlog.size", body: "0\n" });
  await ask(log.ask(0, 9));
  expect(await ask(log.ask(0, 20))).toEqual({ status: 409, type: "text/x.tlog.size", body: "9\n" });
  expect(await ask(log.ask(3, 5))).toEqual({ status: 409, type: "text/x.tlog.size", body: "9\n" });
  expect(await ask(log.ask(10, 20))).toEqual({ status: 409, type: "text/x.tlog.size", body: "9\n" });
});

describe("422: a checkpoint that does not continue what was cosigned", () => {
  const fork = new Tree(5);

  test("another history, with its own proof, a proof of the true one, or none", async () => {
    const { ask } = await opened();
    await ask(log.ask(0, 9));
    expect(await ask(log.ask(9, 20, fork))).toMatchObject({ status: 422 });
    expect(await ask(formatAddCheckpoint(9, HONEST.proof(9, 20), log.checkpoint(20, fork)))).toMatchObject({
      status: 422,
    });
    expect(await ask(formatAddCheckpoint(9, [], log.checkpoint(20)))).toMatchObject({ status: 422 });
    expect(await ask(log.ask(9, 20))).toMatchObject({ status: 200 });
  });

  test("another root at the same size, or a proof where none belongs", async () => {
    const { ask, witness } = await opened();
    await ask(log.ask(0, 9));
    expect(await ask(log.ask(9, 9, fork))).toMatchObject({ status: 422 });
    expect(await ask(formatAddCheckpoint(9, [new Uint8Array(32)], log.checkpoint(9)))).toMatchObject({ status: 422 });
    expect(witness.refused().map(({ kind, size }) => [kind, size])).toContainEqual(["fork", 9]);
    expect(await ask(log.ask(9, 9))).toMatchObject({ status: 200 });
  });

  test("is kept as evidence once, and a stranger's is not", async () => {
    const { ask, witness } = await opened();
    await ask(log.ask(0, 9));
    for (let again = 0; again < 3; again++) await ask(log.ask(9, 12, fork));
    await ask(new SignedLog().ask(9, 12, fork));
    const refused = witness.refused();
    expect(refused).toMatchObject([{ origin: ORIGIN, kind: "unproven", size: 12, at: NOW }]);
    expect((await judged(refused[0]!.checkpoint, "", [log.vkey])).accepted).toBe(true);
  });
});

describe("what is wrong in several ways is answered by the first", () => {
  const stranger = new SignedLog("other.example/log");
  const impostor = new SignedLog();
  const fork = new Tree(5);

  test.each<[string, number, string]>([
    ["malformed and unknown: 400", 400, stranger.ask(0, 5).replace("old 0", "old x")],
    ["unknown, and old above size: 404", 404, stranger.ask(9, 5)],
    ["impostor, and old above size: 403", 403, impostor.ask(9, 5)],
    ["impostor with another old size: 403", 403, impostor.ask(1, 20)],
    ["old above size, and not the cosigned one: 400", 400, log.ask(30, 20)],
    ["another old size, and a fork: 409", 409, log.ask(4, 20, fork)],
    ["another old size equal to a forked size: 409", 409, log.ask(20, 20, fork)],
  ])("%s", async (_, status, body) => {
    const { ask } = await opened();
    await ask(log.ask(0, 9));
    expect((await ask(body)).status).toBe(status);
  });
});

describe("the checkpoint for monitors", () => {
  test("is the latest cosigned, with the log's signature and the witness's", async () => {
    const { witness, ask, url } = await opened();
    expect((await fetch(`${url}/${hash}/checkpoint`)).status).toBe(404);
    for (const [old, size] of [
      [0, 4],
      [4, 11],
    ] as const) {
      await ask(log.ask(old, size));
      const response = await fetch(`${url}/${hash}/checkpoint`);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
      const note = await response.text();
      expect(parseCheckpoint(parseNote(note).text).size).toBe(size);
      expect((await judged(note, "", [log.vkey, ...witness.keys.vkeys])).keys.map(({ status }) => status)).toEqual([
        "verified",
        "verified",
        "verified",
      ]);
    }
    await ask(log.ask(11, 20, new Tree(3)));
    expect(await (await fetch(`${url}/${hash}/checkpoint`)).text()).toContain("\n11\n");
  });

  test("has one spelling of its path", async () => {
    const { ask, url } = await opened();
    await ask(log.ask(0, 4));
    for (const path of [hash.toUpperCase(), hash.slice(1), `${hash}0`, encodeURIComponent(ORIGIN), "", "../x"]) {
      expect((await fetch(`${url}/${path}/checkpoint`)).status, path).toBe(404);
    }
    expect((await fetch(`${url}/${hash}/checkpoint`, { method: "POST" })).status).toBe(405);
    expect((await fetch(`${url}/${hash}/checkpoint`, { method: "HEAD" })).status).toBe(200);
  });
});

describe("limits", () => {
  test("a body of more than 128 KiB is refused, whether its length is said or not", async () => {
    const { url, ask } = await opened();
    expect(await ask("x".repeat(200_000))).toMatchObject({ status: 413 });
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const req = request(
        `${url}/add-checkpoint`,
        { method: "POST", headers: { "transfer-encoding": "chunked" } },
        (res) => {
          resolve(res.statusCode);
          res.resume();
        },
      );
      req.on("error", reject);
      for (let piece = 0; piece < 20; piece++) req.write("x".repeat(10_000));
      req.end();
    });
    expect(status).toBe(413);
    expect(await ask(log.ask(0, 4))).toMatchObject({ status: 200 });
  });

  test("other methods and paths are refused", async () => {
    const { url } = await opened();
    const got = await fetch(`${url}/add-checkpoint`);
    expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/add-checkpoint/`, { method: "POST" })).status).toBe(404);
  });

  test("one address may ask so often in a minute, one log so often in a day", async () => {
    let now = NOW;
    const witness = openWitness(log.list.replace("qpd 86400", "qpd 2"), { clock: () => now });
    const { url } = await openHttp(witness, { requestsPerMinute: 5, clock: () => now });
    // What has no signature of the log costs the log nothing.
    expect((await post(url, new SignedLog().ask(0, 1))).status).toBe(403);
    expect((await post(url, log.ask(0, 1))).status).toBe(200);
    // Nor does what anybody can send of its public checkpoints: an old one, and the same again.
    const replayed = await Promise.all(
      [log.ask(0, 1), log.ask(0, 1), log.ask(1, 1)].map((body) => witness.addCheckpoint(Buffer.from(body))),
    );
    expect(replayed.map(({ status }) => status)).toEqual([409, 409, 200]);
    expect((await post(url, log.ask(1, 2))).status).toBe(200);
    expect((await post(url, log.ask(2, 3))).status).toBe(429);
    now += 12 * 3_600_000;
    expect((await post(url, log.ask(2, 3))).status).toBe(200);
    for (let again = 0; again < 4; again++) await post(url, "");
    const limited = await fetch(`${url}/${hash}/checkpoint`);
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "60"]);
  });

  test("with a certificate it answers over TLS, and plaintext not at all", async () => {
    const { key, cert } = selfSigned();
    const { url } = await openHttp(openWitness(log.list), { loopback: false, tls: { key, cert } });
    expect(url).toMatch(/^https:/);
    const answer = await new Promise<{ status: number | undefined; protocol: string | null }>((resolve, reject) => {
      const req = httpsRequest(
        `${url}/add-checkpoint`,
        { method: "POST", ca: cert, checkServerIdentity: () => undefined },
        (res) => {
          res.resume();
          resolve({ status: res.statusCode, protocol: (res.socket as TLSSocket).getProtocol() });
        },
      );
      req.on("error", reject);
      req.end(log.ask(0, 4));
    });
    expect(answer).toEqual({ status: 200, protocol: "TLSv1.3" });
    await expect(fetch(`${url.replace("https", "http")}/add-checkpoint`)).rejects.toThrow();
    for (const tls of [
      { key, cert: "nothing" },
      { key: selfSigned().key, cert },
    ]) {
      const opening = openHttp(openWitness(log.list), { loopback: false, tls });
      await expect(opening).rejects.toMatchObject({ code: "config_invalid" });
    }
  });

  test("plaintext beyond loopback is refused, and a prefix is part of both paths", async () => {
    const witness = openWitness(log.list);
    await expect(openHttp(witness, { host: "0.0.0.0", loopback: false })).rejects.toMatchObject({
      code: "config_invalid",
    });
    const { url } = await openHttp(witness, { prefix: "/w1" });
    expect(url).toMatch(/\/w1$/);
    expect((await post(url, log.ask(0, 4))).status).toBe(200);
    expect((await fetch(`${url}/${hash}/checkpoint`)).status).toBe(200);
    expect((await post(url.slice(0, -3), log.ask(4, 5))).status).toBe(404);
  });
});
