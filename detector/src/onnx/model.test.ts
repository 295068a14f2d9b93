import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Allow } from "../custom/allow.ts";
import { detectWithModel, type Model, ModelError, openModel, type Runtime, type Tensor } from "./index.ts";
import { windows } from "./model.ts";
import { loadRuntime } from "./runtime.ts";
import { tableModel } from "./test/onnx-file.ts";
import { LABELS, PROBABILITY, smallTokenizer, TABLE, TYPES_OF_LABELS } from "./test/small.ts";
import { PLAIN_RUNTIME, tableSession } from "./test/table-session.ts";

const OPTIONS = { tokenizer: smallTokenizer(), labels: LABELS, types: TYPES_OF_LABELS };
const plainModel = (options: { piecesMax?: number; overlap?: number } = {}): Promise<Model> =>
  openModel({ ...OPTIONS, ...options, model: tableSession(TABLE), runtime: PLAIN_RUNTIME });

const TEXT = "Annachen Schmidt lives in New York, anna@example.com.";

async function seen(text: string, model: Model, options = {}): Promise<[string, string, string][]> {
  const found = await detectWithModel(text, model, options);
  return found.map(({ type, start, end, recognizer }) => [type, text.slice(start, end), recognizer]);
}

const EXPECTED = [
  ["PERSON", "Annachen Schmidt", "onnx"],
  ["LOCATION", "New York", "onnx"],
  ["EMAIL", "anna@example.com", "email"],
];

/** Installed or not: both are optional. */
async function installed(name: string): Promise<Runtime | undefined> {
  try {
    return (await import(name)) as Runtime;
  } catch {
    return undefined;
  }
}

describe.each(["onnxruntime-node", "onnxruntime-web"])("run by %s", async (name) => {
  const runtime = await installed(name);

  it.skipIf(runtime === undefined)("a model's names stand beside what the recognizers find", async () => {
    for (const inputs of [[], ["attention_mask"], ["attention_mask", "token_type_ids"]]) {
      const model = await openModel({ ...OPTIONS, model: tableModel(TABLE, inputs), runtime: runtime as Runtime });
      expect(await seen(TEXT, model)).toEqual(EXPECTED);
      const [person] = await detectWithModel(TEXT, model);
      expect(person?.score).toBeCloseTo(PROBABILITY, 5);
    }
  });

  it.skipIf(runtime === undefined)("a session that is open is taken", async () => {
    const session = await (runtime as Runtime).InferenceSession.create(tableModel(TABLE));
    expect(await seen(TEXT, await openModel({ ...OPTIONS, model: session, runtime: runtime as Runtime }))).toEqual(
      EXPECTED,
    );
  });

  it.skipIf(runtime === undefined)("a model with more outputs than labels is refused", async () => {
    const wide = TABLE.map((row) => [...row, 0]);
    const model = await openModel({ ...OPTIONS, model: tableModel(wide), runtime: runtime as Runtime });
    await expect(model.name(TEXT)).rejects.toThrow(
      new ModelError("model_unsupported", "the model's output is float32 [1,16,7], not float32 [1,16,6]"),
    );
  });
});

describe("onnxruntime-node is loaded when a model is opened", async () => {
  const found = (await installed("onnxruntime-node")) !== undefined;

  it.skipIf(!found)("from the path of a file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-onnx-"));
    try {
      const path = join(folder, "model.onnx");
      writeFileSync(path, tableModel(TABLE));
      expect(await seen(TEXT, await openModel({ ...OPTIONS, model: path }))).toEqual(EXPECTED);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.skipIf(found)("or that it is missing is said", async () => {
    await expect(loadRuntime()).rejects.toMatchObject({ name: "ModelError", code: "runtime_missing" });
  });
});

describe("without a runtime", () => {
  it("the same session gives the same findings", async () => {
    expect(await seen(TEXT, await plainModel())).toEqual(EXPECTED);
  });

  it("each input that the model asks for is given, special tokens included", async () => {
    const runs: Readonly<Record<string, Tensor>>[] = [];
    const names = ["input_ids", "attention_mask", "token_type_ids"];
    const model = await openModel({ ...OPTIONS, model: tableSession(TABLE, runs, names), runtime: PLAIN_RUNTIME });
    await model.name("anna lives");
    const [run = {}] = runs;
    expect(Object.entries(run).map(([name, { type, dims, data }]) => [name, type, dims, data])).toEqual([
      ["input_ids", "int64", [1, 4], new BigInt64Array([2n, 4n, 7n, 3n])],
      ["attention_mask", "int64", [1, 4], new BigInt64Array([1n, 1n, 1n, 1n])],
      ["token_type_ids", "int64", [1, 4], new BigInt64Array(4)],
    ]);
  });

  it("a text without words asks the model nothing", async () => {
    const runs: Readonly<Record<string, Tensor>>[] = [];
    const model = await openModel({ ...OPTIONS, model: tableSession(TABLE, runs), runtime: PLAIN_RUNTIME });
    expect(await model.name(" \n")).toEqual([]);
    expect(runs).toEqual([]);
  });

  it("a text longer than the model is read in windows, and nothing changes", async () => {
    const whole = await plainModel();
    const word = fc.constantFrom(
      "Anna",
      "Schmidt",
      "Annachen",
      "lives",
      "in",
      "New",
      "York",
      ",",
      "unknown",
      "esperanto",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 80 }), fc.integer({ min: 4, max: 20 }), async (words, piecesMax) => {
        const text = words.join(" ");
        const narrow = await plainModel({ piecesMax, overlap: Math.min(4, piecesMax - 3) });
        // The runtime's answers are the same, the sums are not to the last bit.
        const rounded = (named: Awaited<ReturnType<Model["name"]>>): unknown[] =>
          named.map((span) => ({ ...span, probability: Math.round(span.probability * 1e6) }));
        expect(rounded(await narrow.name(text))).toEqual(rounded(await whole.name(text)));
      }),
    );
  });

  it("each piece is decided by one window, and not at its edge where it can be helped", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 2, max: 60 }), fc.nat(), (count, room, share) => {
        const overlap = share % room;
        const all = windows(count, room, overlap);
        expect(
          all.flatMap(({ ownFrom, ownTo }) => Array.from({ length: ownTo - ownFrom }, (_, at) => ownFrom + at)),
        ).toEqual(Array.from({ length: count }, (_, at) => at));
        for (const { from, to, ownFrom, ownTo } of all) {
          expect(to - from).toBeLessThanOrEqual(room);
          if (from > 0) expect(ownFrom - from).toBeGreaterThanOrEqual(overlap >> 1);
          if (to < count) expect(to - ownTo).toBeGreaterThanOrEqual(overlap >> 1);
        }
      }),
    );
  });

  it("what the caller asked for holds for the model too", async () => {
    const model = await plainModel();
    expect(await seen(TEXT, model, { types: ["LOCATION"] })).toEqual([EXPECTED[1]]);
    expect(await seen(TEXT, model, { thresholds: { PERSON: 0.9999 } })).toEqual(EXPECTED.slice(1));
    expect(await seen(TEXT, model, { allow: new Allow(["new york"]) })).toEqual([EXPECTED[0], EXPECTED[2]]);
  });

  it("a name within an e-mail address is part of the address", async () => {
    expect(await seen("anna@example.com", await plainModel())).toEqual([["EMAIL", "anna@example.com", "email"]]);
  });

  it.each([
    [
      "a type that does not exist",
      { types: { PER: "HUMAN" } },
      TypeError("options.types: HUMAN is not a key of TYPES"),
    ],
    ["no label with a type", { types: { PERSON: "PERSON" } }, TypeError("types has no row for any of the labels")],
    ["labels with a hole", { labels: { 0: "O", 2: "PER" } }, TypeError("options.labels has no label for output 1")],
    ["no room", { piecesMax: 3 }, TypeError("options.piecesMax must be an integer, and leave room")],
    [
      "windows that do not advance",
      { piecesMax: 10, overlap: 8 },
      TypeError("options.overlap must be an integer below options.piecesMax"),
    ],
    [
      "a model without input_ids",
      { model: tableSession(TABLE, [], ["pixels"]) },
      new ModelError("model_unsupported", "the model has no input input_ids"),
    ],
    [
      "a model that asks for more",
      { model: tableSession(TABLE, [], ["input_ids", "bbox"]) },
      new ModelError("model_unsupported", "the model asks for bbox"),
    ],
  ])("refused: %s", async (_, wrong, error) => {
    const opened = openModel({ ...OPTIONS, model: tableSession(TABLE), runtime: PLAIN_RUNTIME, ...wrong });
    await expect(opened).rejects.toThrow(error);
  });

  it("labels may be id2label of a config.json", async () => {
    const labels = Object.fromEntries(LABELS.map((label, id) => [String(id), label]));
    const model = await openModel({ ...OPTIONS, labels, model: tableSession(TABLE), runtime: PLAIN_RUNTIME });
    expect(await seen(TEXT, model)).toEqual(EXPECTED);
  });
});

it("nothing that the core imports knows of this tier", () => {
  const read = new Set<string>();
  const follow = (url: URL): void => {
    if (read.has(url.href)) return;
    read.add(url.href);
    const source = readFileSync(url, "utf8");
    expect(source, url.href).not.toContain("onnx");
    for (const [, path = ""] of source.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) follow(new URL(path, url));
  };
  follow(new URL("../index.ts", import.meta.url));
  expect(read.size).toBeGreaterThan(100);
  expect([...read].every((href) => existsSync(fileURLToPath(href)))).toBe(true);
});
