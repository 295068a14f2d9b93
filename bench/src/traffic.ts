/**
 * The bytes that every server under test gets: one chat request of about 1 KB with six findings, the same as a stream, and one with
 * a prompt of 1 MB. All values are from ranges reserved for documentation or are published test numbers.
 */

export const CHAT_PATH = "/v1/chat/completions";
export const MODEL = "bench-model";

const SYSTEM =
  "You are the support desk of a mail-order company. Answer in two short paragraphs, stay friendly, never promise a refund, and " +
  "repeat the order number so that the customer can find it again. If something is missing, ask one question and no more.";

/** Six findings: e-mail, phone, IBAN, card, IP address, and the e-mail's owner's second address. */
const USER =
  "Hello, my parcel has not arrived. My name does not matter, but you can write to anna.keller@example.com or call me " +
  "on +49 30 901820 in the afternoon. The refund for the last one should go to DE89 3704 0044 0532 0130 00, because the card " +
  "4111 1111 1111 1111 has been replaced in the meantime. I placed the order from 192.0.2.44, if that helps you to find it, and " +
  "the confirmation went to a.keller@example.org instead. The tracking page says that the parcel left the warehouse on Monday, and since " +
  "then nothing has moved. Could you please look it up, tell me where it is now, and say when I can expect it? I am at home on " +
  "Thursday and on Friday until noon, and the neighbours can take it as well. Thank you very much for your help.";

function chatBody(user: string, stream: boolean): string {
  return JSON.stringify({
    model: MODEL,
    messages: [
      { role: "system", content: SYSTEM },
      { role: "user", content: user },
    ],
    temperature: 0.2,
    stream,
  });
}

export const CHAT = chatBody(USER, false);
export const CHAT_STREAM = chatBody(USER, true);

/** A prompt of about 1 MB with about the same density of findings as the short one. */
export const CHAT_1MB = chatBody(`${USER}\n`.repeat(Math.ceil(1_000_000 / (USER.length + 1))), false);

/** The raw HTTP/1.1 request, ready to be written to a keep-alive connection. */
export function rawRequest(port: number, headers: Readonly<Record<string, string>>, body: string): string {
  const lines = Object.entries({
    host: `127.0.0.1:${port}`,
    "content-type": "application/json",
    accept: "*/*",
    ...headers,
    "content-length": String(Buffer.byteLength(body)),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${CHAT_PATH} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}
