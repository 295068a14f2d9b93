import { afterEach, describe, expect, test, vi } from "vitest";
import { formatNote, parseNote } from "./note.ts";
import { verifyNote } from "./signature.ts";
import { cosignatureKey, signCheckpoint, signedCheckpoint, signingKey, vkeyOf } from "./test/memory-log.ts";
import { flipBit } from "./test/arbitraries.ts";
import { VerifierError } from "./errors.ts";
import { parseVkey } from "./vkey.ts";

const ORIGIN = "example.com/log";
const HEAD = { origin: ORIGIN, size: 700, root: new Uint8Array(32).fill(5) };
const ed = signingKey(ORIGIN, "ed25519", "signature.test ed25519");
const ml = signingKey(ORIGIN, "mlDsa44", "signature.test ml-dsa-44");
const other = signingKey("other.example", "ed25519", "signature.test other");
const witness = cosignatureKey("witness.example/w1", "signature.test witness");
const [edKey, mlKey, otherKey, witnessKey] = [ed, ml, other, witness].map((key) => parseVkey(vkeyOf(key))) as [
  never,
  never,
  never,
  never,
];
const TIME = 1_800_000_000;

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("a checkpoint signed with Ed25519 and ML-DSA-44", () => {
  const note = parseNote(signedCheckpoint(HEAD, [ed, ml], TIME));

  test("is accepted by who knows either key, or both", async () => {
    expect(await verifyNote(note, [edKey])).toMatchObject({ accepted: true, keys: [{ status: "verified" }] });
    expect(await verifyNote(note, [mlKey])).toMatchObject({
      accepted: true,
      keys: [{ status: "verified", timestamp: TIME }],
    });
    expect((await verifyNote(note, [edKey, mlKey])).accepted).toBe(true);
  });

  test("is worth nothing to who knows neither", async () => {
    expect(await verifyNote(note, [otherKey])).toMatchObject({ accepted: false, keys: [{ status: "missing" }] });
    expect(await verifyNote(note, [])).toEqual({ accepted: false, keys: [] });
  });

  test("is refused when one known signature fails, though the other verifies", async () => {
    const [first, second] = note.signatures;
    const changed = {
      ...note,
      signatures: [first!, { ...second!, signature: second!.signature.map((b, at) => (at === 900 ? b ^ 1 : b)) }],
    };
    expect(await verifyNote(changed, [edKey, mlKey])).toMatchObject({
      accepted: false,
      keys: [{ status: "verified" }, { status: "failed" }],
    });
  });

  test("is refused when the time in the ML-DSA-44 signature is changed", async () => {
    const [, second] = note.signatures;
    const changed = {
      ...note,
      signatures: [{ ...second!, signature: second!.signature.map((b, at) => (at === 7 ? b ^ 1 : b)) }],
    };
    expect((await verifyNote(changed, [mlKey])).accepted).toBe(false);
  });
});

describe("an Ed25519 cosignature (0x04)", () => {
  const signature = signCheckpoint(HEAD, witness, TIME);
  const { text } = parseNote(signedCheckpoint(HEAD, [ed]));

  test("verifies with its time, over the whole text, extension lines included", async () => {
    expect(await verifyNote({ text, signatures: [signature] }, [witnessKey])).toMatchObject({
      accepted: true,
      keys: [{ status: "verified", timestamp: TIME, type: 0x04 }],
    });
    expect((await verifyNote({ text: `${text}more\n`, signatures: [signature] }, [witnessKey])).accepted).toBe(false);
  });

  test("is not the log's kind of signature by the same key, nor the other way round", async () => {
    const asLog = { ...witness, type: 0x01 };
    const plain = { ...signCheckpoint(HEAD, asLog, TIME), keyId: signature.keyId };
    expect((await verifyNote({ text, signatures: [plain] }, [witnessKey])).accepted).toBe(false);
    const logKey = parseVkey(vkeyOf(asLog));
    const cosigned = { ...signature, keyId: logKey.keyId };
    expect((await verifyNote({ text, signatures: [cosigned] }, [logKey])).accepted).toBe(false);
  });

  test("over a text that is no checkpoint says nothing", async () => {
    const over = { ...signature, signature: signature.signature };
    expect((await verifyNote({ text: "hello\n", signatures: [over] }, [witnessKey])).keys).toMatchObject([
      { status: "failed" },
    ]);
  });
});

test("two good signatures of one key are accepted, the later time counts, and one bad among them spoils the note", async () => {
  const { text } = parseNote(signedCheckpoint(HEAD, [ml], TIME));
  const twice = [signCheckpoint(HEAD, ml, TIME), signCheckpoint(HEAD, ml, TIME + 60)];
  expect(await verifyNote({ text, signatures: twice }, [mlKey])).toMatchObject({
    accepted: true,
    keys: [{ timestamp: TIME + 60 }],
  });
  const bad = signCheckpoint({ ...HEAD, size: 701 }, ml, TIME);
  expect((await verifyNote({ text, signatures: [...twice, bad] }, [mlKey])).accepted).toBe(false);
});

test("a signature under the right id and another name, or the right name and another id, is of an unknown key", async () => {
  const { text } = parseNote(signedCheckpoint(HEAD, [ed]));
  const good = signCheckpoint(HEAD, ed, TIME);
  for (const stranger of [
    { ...good, name: "elsewhere.example" },
    { ...good, keyId: "00000000" },
  ]) {
    expect(await verifyNote({ text, signatures: [stranger] }, [edKey])).toMatchObject({
      keys: [{ status: "missing" }],
    });
  }
});

test("an ML-DSA-44 signature over a text that is no checkpoint, or of another length, fails without throwing", async () => {
  const good = signCheckpoint(HEAD, ml, TIME);
  expect((await verifyNote({ text: "hello\n", signatures: [good] }, [mlKey])).keys).toMatchObject([
    { status: "failed" },
  ]);
  const { text } = parseNote(signedCheckpoint(HEAD, [ml]));
  const short = { ...good, signature: good.signature.slice(1) };
  expect((await verifyNote({ text, signatures: [short] }, [mlKey])).keys).toMatchObject([{ status: "failed" }]);
  const shortEd = { ...signCheckpoint(HEAD, ed, TIME), signature: new Uint8Array(3) };
  expect((await verifyNote({ text, signatures: [shortEd] }, [edKey])).keys).toMatchObject([{ status: "failed" }]);
});

describe("every single-bit change of a signed checkpoint", () => {
  test.each([
    ["Ed25519", ed, edKey],
    ["ML-DSA-44", ml, mlKey],
    ["an Ed25519 cosignature", witness, witnessKey],
  ])("is refused with %s", async (_, key, pinned) => {
    const bytes = Buffer.from(signedCheckpoint(HEAD, [key], TIME));
    let accepted = 0;
    // All bits of the short note; of the long one every 7th, which meets every bit position of a byte.
    for (let bit = 0; bit < bytes.length * 8; bit += bytes.length > 1_000 ? 7 : 1) {
      let note;
      try {
        note = parseNote(flipBit(bytes, bit));
      } catch (error) {
        expect(error).toBeInstanceOf(VerifierError);
        continue;
      }
      if ((await verifyNote(note, [pinned])).accepted) accepted += 1;
    }
    expect(accepted).toBe(0);
  });
});

describe("a runtime without the algorithm", () => {
  const note = parseNote(signedCheckpoint(HEAD, [ed, ml]));
  const failWith = (name: string): void => {
    const real = crypto.subtle.importKey.bind(crypto.subtle) as (...all: unknown[]) => Promise<CryptoKey>;
    vi.spyOn(crypto.subtle, "importKey").mockImplementation(((...all: unknown[]) =>
      (all[2] as { name: string }).name === "ML-DSA-44"
        ? Promise.reject(name === "TypeError" ? new TypeError("format") : new DOMException("no", name))
        : real(...all)) as typeof crypto.subtle.importKey);
  };

  test.each(["NotSupportedError", "TypeError"])(
    "that says %s reports it as unsupported, never as verified",
    async (name) => {
      failWith(name);
      expect(await verifyNote(note, [edKey, mlKey])).toMatchObject({
        accepted: true,
        keys: [{ status: "verified" }, { status: "unsupported" }],
      });
      expect(await verifyNote(note, [mlKey])).toMatchObject({ accepted: false, keys: [{ status: "unsupported" }] });
    },
  );

  test("that rejects the key itself counts as a failed signature", async () => {
    failWith("DataError");
    expect(await verifyNote(note, [edKey, mlKey])).toMatchObject({ accepted: false, keys: [{}, { status: "failed" }] });
  });

  test("that has no WebCrypto at all verifies nothing", async () => {
    vi.stubGlobal("crypto", undefined);
    expect(await verifyNote(note, [edKey, mlKey])).toMatchObject({
      accepted: false,
      keys: [{ status: "unsupported" }, { status: "unsupported" }],
    });
  });
});

test("a note that was read and written is still signed", async () => {
  const note = parseNote(formatNote(parseNote(signedCheckpoint(HEAD, [ed, ml]))));
  expect((await verifyNote(note, [edKey, mlKey])).accepted).toBe(true);
});
