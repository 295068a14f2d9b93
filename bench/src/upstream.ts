/**
 * Child process: the mock model provider. Answers every chat request with a fixed completion of about 1 KB, or, when the body asks
 * for a stream, with events at a fixed pace. Both quote the caller's first placeholder, so that a gateway has something to restore;
 * in the stream it is cut in two. It works on raw sockets, so that it does not become the limit before the servers under test do.
 */
import { createServer, type Socket } from "node:net";
import { MessageReader } from "./http1.ts";

/** Between two events of a stream. */
const PACE_MS = 10;
/** Events of one stream, about one second. */
const EVENTS = 100;

const common = { id: "chatcmpl-bench", created: 1_790_000_000, model: "bench-model" };

const COMPLETION = JSON.stringify({
  ...common,
  object: "chat.completion",
  choices: [
    {
      index: 0,
      message: {
        role: "assistant",
        content:
          "Thank you for writing to us, and I am sorry that you are still waiting. I looked the parcel up: it left our warehouse on " +
          "Monday and reached the depot of the carrier yesterday evening, where it was not scanned again. We asked the carrier to look " +
          "for it today. As soon as it moves, a message goes to [EMAIL_1], and the tracking page will show the new date as well.\n\n" +
          "If nothing has happened by Thursday noon, please answer this message, and a colleague will decide about a second parcel. " +
          "Would it be all right for you if the carrier hands it to one of your neighbours?",
      },
      logprobs: null,
      finish_reason: "stop",
    },
  ],
  usage: { prompt_tokens: 301, completion_tokens: 132, total_tokens: 433 },
});

const JSON_ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(COMPLETION)}\r\n\r\n${COMPLETION}`,
);

const SSE_HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

const chunked = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

const event = (content: string): string =>
  chunked(
    `data: ${JSON.stringify({ ...common, object: "chat.completion.chunk", choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`,
  );

const EVENT_TEXTS = Array.from({ length: EVENTS }, (_, at) => {
  if (at % 20 === 10) return event(" [EMA");
  if (at % 20 === 11) return event("IL_1]");
  return event(" word");
});
const SSE_TAIL = `${chunked("data: [DONE]\n\n")}0\r\n\r\n`;

function stream(socket: Socket): void {
  let at = 0;
  socket.write(SSE_HEAD + (EVENT_TEXTS[0] ?? ""));
  const timer = setInterval(() => {
    at += 1;
    if (socket.destroyed) clearInterval(timer);
    else if (at < EVENTS) socket.write(EVENT_TEXTS[at] ?? "");
    else {
      clearInterval(timer);
      socket.write(SSE_TAIL);
    }
  }, PACE_MS);
}

const server = createServer({ noDelay: true }, (socket) => {
  let streaming = false;
  const reader = new MessageReader({
    head: () => {
      streaming = false;
    },
    // The flag stands at the end of the body, in the last piece; a piece is never cut inside of it by the servers under test.
    body: (piece) => {
      streaming = piece.includes('"stream":true');
    },
    end: () => {
      if (streaming) stream(socket);
      else socket.write(JSON_ANSWER);
    },
  });
  socket.on("data", (chunk) => {
    // No encoding is set, so chunks are bytes.
    reader.push(chunk as Buffer);
  });
  // A server under test that is stopped resets its connections.
  socket.on("error", () => socket.destroy());
});

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  process.send?.({ port: address.port });
});
process.on("disconnect", () => process.exit(0));
