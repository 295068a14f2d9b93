import { verifyProof } from "@sluice/verifier";
import { afterEach, expect, test } from "vitest";
import { csvOf } from "./access.ts";
import { BY, email, MAIL, OTHER, Room } from "./test/room.ts";

const rooms: Room[] = [];
afterEach(async () => {
  for (const room of rooms.splice(0)) await room.close();
});

async function open(): Promise<Room> {
  const room = await Room.open();
  rooms.push(room);
  return room;
}

test("a search gives every exchange with purpose, recipient and fields, under each spelling, and is on record without whom", async () => {
  const room = await open();
  const first = await room.exchange([["EMAIL", MAIL]]);
  await room.exchange([["EMAIL", OTHER]]);
  const second = await room.exchange(
    [
      ["EMAIL", "Jane.Roe+x@EXAMPLE.com"],
      ["EMAIL", OTHER],
    ],
    { purpose: "research" },
  );
  const found = await room.rights.access.find([email(" JANE.ROE@example.com ")], BY, 100);
  expect(found.records).toMatchObject([
    {
      index: first,
      purpose: "support",
      basis: "eu-gdpr:A6-1-b",
      recipient: { id: "acme", country: "DE" },
      connection: "main",
      mode: "sealed",
      retained: true,
      fields: [{ path: "messages.0.content", type: "EMAIL" }],
    },
    { index: second, purpose: "research", fields: [{ type: "EMAIL" }] },
  ]);
  expect((await room.rights.access.find([email(MAIL)], BY, 1)).total).toBe(2);
  const events = room.events.filter(({ name }) => name === "subject.found");
  expect(events).toMatchObject([{ actor: BY, facts: { ids: 1, records: 2 } }, { facts: { records: 2 } }]);
  expect(JSON.stringify(room.events)).not.toContain("jane");
  expect(await room.rights.access.find([email("nobody@example.com")], BY, 10)).toMatchObject({ total: 0, records: [] });
});

test("a copy holds the person's values, other people as their types, and a proof of each record", async () => {
  const room = await open();
  const index = await room.exchange([
    ["EMAIL", MAIL],
    ["EMAIL", OTHER],
  ]);
  const copy = await room.rights.access.export([email(MAIL)], BY);
  const [record] = copy.records;
  expect(record).toMatchObject({ index, values: [{ type: "EMAIL", value: MAIL }], textsErased: 0 });
  const text = record?.texts[0]?.text ?? "";
  expect(text).toContain(MAIL);
  expect(text).toContain("[EMAIL");
  expect(JSON.stringify(copy)).not.toContain(OTHER);
  const proof = await verifyProof(record?.proof ?? "", Buffer.from(record?.entry ?? ""), { vkeys: room.log.vkeys });
  expect(proof).toMatchObject({ ok: true, index });
  expect(csvOf(copy).split("\r\n")).toEqual([
    "index,time,purpose,basis,recipient,country,connection,path,type,value",
    `${index},${record?.time},support,eu-gdpr:A6-1-b,acme,DE,main,messages.0.content,EMAIL,${MAIL}`,
    "",
  ]);
  expect(room.names()).toContain("subject.exported");
});

test("a value that a spreadsheet would run is text in the CSV", async () => {
  const room = await open();
  await room.exchange([["USER_HANDLE", '=cmd|" /C calc"!A1']]);
  const copy = await room.rights.access.export([{ type: "USER_HANDLE", value: '=cmd|" /C calc"!A1' }], BY);
  expect(csvOf(copy)).toContain(`"'=cmd|"" /C calc""!A1"`);
});
