import fc from "fast-check";
import { expect, test } from "vitest";
import { MessageReader } from "./http1.ts";

const MESSAGES = Buffer.from(
  "POST /a HTTP/1.1\r\nhost: x\r\nContent-Length: 5\r\n\r\nhello" +
    "GET /b HTTP/1.1\r\nhost: x\r\n\r\n" +
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nab\r\n\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n" +
    "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
);

function read(pieces: readonly Buffer[]): { line: string; body: string }[] {
  const messages: { line: string; body: string }[] = [];
  let line = "";
  let body = "";
  const reader = new MessageReader({
    head: (text) => {
      line = text.split("\r\n")[0] ?? "";
      body = "";
    },
    body: (piece) => {
      body += piece.toString("latin1");
    },
    end: () => {
      messages.push({ line, body });
    },
  });
  for (const piece of pieces) reader.push(piece);
  return messages;
}

test("however the bytes are cut, the same messages come out", () => {
  const whole = [
    { line: "POST /a HTTP/1.1", body: "hello" },
    { line: "GET /b HTTP/1.1", body: "" },
    { line: "HTTP/1.1 200 OK", body: "ab\r\n0123456789abcdef" },
    { line: "HTTP/1.1 200 OK", body: "" },
  ];
  expect(read([MESSAGES])).toEqual(whole);
  fc.assert(
    fc.property(fc.array(fc.nat(MESSAGES.length)), (cuts) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), MESSAGES.length];
      expect(read(edges.slice(1).map((end, at) => MESSAGES.subarray(edges[at], end)))).toEqual(whole);
    }),
  );
});

test("a message that it cannot frame is an error, not an empty answer", () => {
  expect(() => read([Buffer.from("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")])).toThrow("neither");
});
