import { describe, expect, it } from "vitest";
import { Sink } from "../recognizers/recognizer.ts";
import { CHUNK_CHARS_MAX, chunksOf } from "../scanner/chunks.ts";
import { loadNames } from "./model-node.ts";
import { findNames } from "./names.ts";
import { tag } from "./tagger.ts";

const model = loadNames();

function found(text: string): string[] {
  const sink = new Sink(undefined, 0);
  for (const [from, to] of chunksOf(text)) findNames(model, text, from, to, sink);
  return sink.found.map(({ type, start, end }) => `${type} ${text.slice(start, end)}`);
}

describe("names are found", () => {
  it.each([
    ["My colleague Anna Smith lives in London.", ["PERSON Anna Smith", "LOCATION London"]],
    ["my name is anna smith and i live in london", ["PERSON anna smith", "LOCATION london"]],
    ["PATIENT: JOHN MILLER", ["PERSON JOHN MILLER"]],
    ["Sehr geehrte Frau Schneider, Ihr Vertrag liegt bei.", ["PERSON Schneider"]],
    ["Bonjour, je m'appelle Camille Moreau et j'habite à Lyon.", ["PERSON Camille Moreau", "LOCATION Lyon"]],
    ["Rozmawiałem wczoraj z Janem Kowalskim w Krakowie.", ["PERSON Janem Kowalskim", "LOCATION Krakowie"]],
    ['{"name":"Maria Rossi","city":"Milano"}', ["PERSON Maria Rossi", "LOCATION Milano"]],
  ])("in %s", (text, names) => {
    expect(found(text)).toEqual(names);
  });

  it("with their type, their place in UTF-16 and a score", () => {
    const text = "🙂 My colleague Anna Smith is here.";
    const sink = new Sink(undefined, 0);
    findNames(model, text, 0, text.length, sink);
    expect(sink.found).toHaveLength(1);
    expect(sink.found[0]).toMatchObject({ type: "PERSON", start: 16, end: 26, recognizer: "names" });
    expect(sink.found[0]?.score).toBeGreaterThan(0.9);
    expect(sink.found[0]?.why).not.toContain("Anna");
  });
});

describe("little speaks for a single word at a head, or of the lists", () => {
  it.each([
    ["Brankovski called.", true],
    ['He said: "Brankovski is here."', true],
    ["Yesterday, Brankovski called.", false],
    // The lists hold this one.
    ["It was Mrs Novak who called.", true],
  ])("%s: %s", (text, expected) => {
    const seen: boolean[] = [];
    tag(model, text, 0, text.length, { name: (_type, _start, _end, _probability, bare) => void seen.push(bare) });
    expect(seen).toEqual([expected]);
  });
});

describe("nothing is found", () => {
  it.each([
    "",
    " ",
    "we asked them about it and it was there again",
    "Please restart the server and check the settings.",
    "const User = new Account(Session.Token);",
    "at com.example.Service.getUser(Service.java:42)",
    "/home/martin/src/london/index.ts",
    "https://example.com/Paris/London?user=Smith",
    "On Monday and in March it is closed.",
    "Am Montag ist die Werkstatt wegen einer Störung geschlossen.",
    "😀😀😀",
    "\ud83d",
  ])("in %s", (text) => {
    expect(found(text)).toEqual([]);
  });
});

it("a type that nobody asked for is not reported", () => {
  const text = "My colleague Anna Smith lives in London.";
  const sink = new Sink(new Set(["LOCATION"]), 0);
  findNames(model, text, 0, text.length, sink);
  expect(sink.found.map(({ type }) => type)).toEqual(["LOCATION"]);
});

it("what stands outside of the chunk, and what was read before, changes nothing", () => {
  const inner = "My colleague Anna Smith lives in London.";
  const expected = found(inner);
  for (const around of [
    "",
    "x",
    "Dr. ",
    "Mr",
    "ANNA ",
    "😀",
    "a long line about Peter Novak and Maria Rossi ".repeat(20),
  ]) {
    const text = `${around}${inner}${around}`;
    const sink = new Sink(undefined, 0);
    findNames(model, text, 0, text.length > CHUNK_CHARS_MAX ? CHUNK_CHARS_MAX : text.length, new Sink(undefined, 0));
    findNames(model, text, around.length, around.length + inner.length, sink);
    expect(sink.found.map(({ type, start, end }) => `${type} ${text.slice(start, end)}`)).toEqual(expected);
  }
});

it("text without capitals and without names costs no memory", () => {
  const text = "the server was restarted and the settings were saved again, which took a while.\n".repeat(50);
  const sink = new Sink(undefined, 0);
  const ends = chunksOf(text).map(([, to]) => to);
  const run = (): void => {
    for (let chunk = 0; chunk < ends.length; chunk++)
      findNames(model, text, ends[chunk - 1] ?? 0, ends[chunk] as number, sink);
  };
  for (let warm = 0; warm < 50; warm++) run();
  const before = process.memoryUsage().heapUsed;
  for (let times = 0; times < 200; times++) run();
  // 200 passes over 4,000 characters: an object a line would be half a megabyte and more.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(300_000);
  expect(sink.found).toEqual([]);
});
