import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Replay } from "./recordings.ts";
import { MAIL, PHONE, Room, textWith } from "./test/room.ts";

let room: Room;
beforeEach(async () => {
  room = await Room.open();
});
afterEach(() => room.close());

const all = (): boolean => true;
const none = (): boolean => false;
const textsOf = ({ chunks }: Replay): string[] => chunks.flatMap(({ texts }) => texts.map(({ text }) => text));

/** Bytes of everything below the folder of the room. */
function written(): Buffer {
  const found: Buffer[] = [];
  for (const name of readdirSync(room.dir, { recursive: true }) as string[]) {
    const path = join(room.dir, name);
    if (statSync(path).isFile()) found.push(readFileSync(path));
  }
  return Buffer.concat(found);
}

async function exchange(values = [["EMAIL", MAIL]] as [string, string][]): Promise<number> {
  const recording = await room.begin([
    textWith("messages.0.content", "You help. ", []),
    textWith("messages.1.content", "Write to ", values, "tomorrow."),
  ]);
  recording.add([{ path: "choices.0", text: "Dear [EMAIL_1], ", spans: [] }]);
  recording.add([{ path: "choices.0", text: "goodbye.", spans: [] }]);
  return room.end(recording);
}

describe("a sealed recording", () => {
  it("comes back as the provider saw it, and with its values for who may see them", async () => {
    const intent = await exchange();
    const replay = await room.recordings.replay(intent, none);
    expect(replay.report).toEqual({ findings: [], chunks: 3, finished: true });
    expect(textsOf(replay)).toEqual(["You help. .", "Write to [EMAIL_1] tomorrow.", "Dear [EMAIL_1], goodbye."]);
    expect(replay).toMatchObject({ mode: "sealed", purpose: "support", connection: "main", record: intent });
    const revealed = await room.recordings.replay(intent, all);
    expect(textsOf(revealed)[1]).toBe(`Write to ${MAIL} tomorrow.`);
    expect(revealed.chunks[0]?.texts[1]?.fields).toMatchObject([{ type: "EMAIL", showing: "shown", start: 9 }]);
  });

  it("has no word of it on any disk", async () => {
    await exchange();
    const bytes = written();
    for (const word of [MAIL, "You help", "goodbye", "messages.1", Buffer.from(MAIL).toString("base64").slice(0, 20)])
      expect(bytes.includes(word), word).toBe(false);
  });

  it("is found by its subjects, at once and once each", async () => {
    const intent = await exchange([
      ["EMAIL", MAIL],
      ["PHONE", PHONE],
      ["EMAIL", MAIL.toUpperCase()],
    ]);
    expect(room.subjects.posted.map(({ subject, record }) => ({ subject, record }))).toEqual([
      { subject: room.subjects.idOf("EMAIL", MAIL), record: intent },
      { subject: room.subjects.idOf("PHONE", PHONE), record: intent },
    ]);
  });

  it("tells its fields without opening a value", async () => {
    await exchange([
      ["EMAIL", MAIL],
      ["DATE_OF_BIRTH", "3 May 1980"],
    ]);
    const { place = 0, subject = "" } = room.subjects.posted[0] ?? {};
    room.subjects.erase(subject);
    expect(await room.recordings.describe(place)).toMatchObject({
      mode: "sealed",
      subjects: [subject],
      fields: [
        { path: "messages.1.content", type: "EMAIL", subject },
        { path: "messages.1.content", type: "DATE_OF_BIRTH" },
      ],
    });
  });

  it("gives a person the own values, and nobody else's", async () => {
    const intent = await exchange([
      ["EMAIL", MAIL],
      ["PHONE", PHONE],
    ]);
    const own = room.subjects.idOf("EMAIL", MAIL);
    const copy = await room.recordings.copyFor(room.subjects.posted[0]?.place ?? 0, [own]);
    expect(copy).toMatchObject({ record: intent, textsErased: 0 });
    expect(copy?.values).toEqual([{ path: "messages.1.content", type: "EMAIL", value: MAIL }]);
    expect(copy?.texts.map(({ text }) => text)).toContain(`Write to ${MAIL} [PHONE] tomorrow.`);
    expect(JSON.stringify(copy)).not.toContain(PHONE);
  });

  it("shows no birthday that may be somebody else's, and no secret at all", async () => {
    const about: [string, string][] = [
      ["EMAIL", MAIL],
      ["DATE_OF_BIRTH", "1980-02-03"],
      ["SECRET", "sk-live-0123"],
    ];
    const textsFor = async (values: [string, string][]): Promise<string> => {
      const recording = await room.begin([textWith("m", "", values)]);
      await room.end(recording);
      const copy = await room.recordings.copyFor(recording.mark.place, [room.subjects.idOf("EMAIL", MAIL)]);
      return copy?.texts.map(({ text }) => text).join() ?? "";
    };
    expect(await textsFor(about)).toBe(`${MAIL} 1980-02-03 [SECRET] .`);
    expect(await textsFor([...about, ["PHONE", PHONE]])).toBe(`${MAIL} [DATE_OF_BIRTH] [SECRET] [PHONE] .`);
  });
});

describe("erasing one of two people", () => {
  const two: [string, string][] = [
    ["EMAIL", MAIL],
    ["PHONE", PHONE],
  ];

  it("all-of: makes the text that both stand in unreadable, and keeps the other's value", async () => {
    const intent = await exchange(two);
    const place = room.subjects.posted[0]?.place ?? 0;
    room.subjects.erase(room.subjects.idOf("EMAIL", MAIL));
    const replay = await room.recordings.replay(intent, all);
    expect(replay.report.findings).toEqual([]);
    expect(replay.chunks.flatMap(({ texts }) => texts.map(({ text, erased }) => erased ?? text))).toEqual([
      "You help. .",
      true,
      true,
    ]);
    const copy = await room.recordings.copyFor(place, [room.subjects.idOf("PHONE", PHONE)]);
    expect(copy?.values).toEqual([{ path: "messages.1.content", type: "PHONE", value: PHONE }]);
    expect(copy?.textsErased).toBe(2);
  });

  it("any-of: leaves the text to the other, without the value", async () => {
    const recording = await room.begin([textWith("m", "Write to ", two)], { shared: "any-of" });
    recording.add([{ path: "c", text: "Dear both", spans: [] }]);
    const intent = await room.end(recording);
    room.subjects.erase(room.subjects.idOf("EMAIL", MAIL));
    expect(textsOf(await room.recordings.replay(intent, all))).toEqual([
      `Write to [EMAIL erased] ${PHONE} .`,
      "Dear both",
    ]);
    room.subjects.erase(room.subjects.idOf("PHONE", PHONE));
    expect(textsOf(await room.recordings.replay(intent, all))).toEqual(["", ""]);
  });

  it("takes the declared data subject for one of them, in every text", async () => {
    const recording = await room.begin([textWith("m", "Nobody is named here", [])], { subject: "customer-7" });
    const intent = await room.end(recording);
    expect(textsOf(await room.recordings.replay(intent, none))).toEqual(["Nobody is named here."]);
    room.subjects.erase(room.subjects.idOf("SUBJECT", "customer-7"));
    expect(textsOf(await room.recordings.replay(intent, none))).toEqual([""]);
  });
});

describe("what a person is known by", () => {
  it("is sealed for the person whatever was made of it; a blind placeholder is the text's", async () => {
    const spans = [
      { start: 0, end: 5, type: "EMAIL", operator: "mask" as const, value: MAIL },
      { start: 6, end: 11, type: "PHONE", operator: "allow" as const, value: "12345" },
    ];
    const recording = await room.begin([{ path: "m", text: "j***m 12345", spans }], {
      shared: "any-of",
      mode: "scrubbed",
    });
    const intent = await room.end(recording);
    expect(textsOf(await room.recordings.replay(intent, none))).toEqual(["j***m [PHONE]"]);
    // Scrubbed: what the provider saw, and no more than that.
    expect(textsOf(await room.recordings.replay(intent, all))).toEqual(["j***m 12345"]);
    room.subjects.erase(room.subjects.idOf("EMAIL", MAIL));
    expect(textsOf(await room.recordings.replay(intent, all))).toEqual(["[EMAIL erased] 12345"]);
  });

  it("goes into a fragment when the model recalls it, and is found by it", async () => {
    const recording = await room.begin([textWith("m", "Who is it?", [])]);
    recording.add([
      {
        path: "c",
        text: `It is ${MAIL}.`,
        spans: [{ start: 6, end: 26, type: "EMAIL", operator: "allow", value: MAIL }],
      },
    ]);
    const intent = await room.end(recording);
    expect(room.subjects.posted).toMatchObject([{ subject: room.subjects.idOf("EMAIL", MAIL), record: intent }]);
    expect(textsOf(await room.recordings.replay(intent, none))).toEqual(["Who is it?.", "It is [EMAIL]."]);
    expect(textsOf(await room.recordings.replay(intent, all))[1]).toBe(`It is ${MAIL}.`);
  });
});
