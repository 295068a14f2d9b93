/**
 * The official Anthropic client, unmodified but for its base URL and key: a streamed message.
 *
 *   node examples/anthropic.ts sluice_… [http://127.0.0.1:8787]
 */
import Anthropic from "@anthropic-ai/sdk";

const [apiKey, baseURL = "http://127.0.0.1:8787"] = process.argv.slice(2);
if (apiKey === undefined) throw new Error("usage: node examples/anthropic.ts <api key> [base URL of the gateway]");
const client = new Anthropic({ baseURL, apiKey });

const stream = client.messages.stream({
  model: "rehearsal",
  max_tokens: 200,
  messages: [{ role: "user", content: "Call me back on +49 30 901820, IBAN DE89 3704 0044 0532 0130 00." }],
});
let answer = "";
stream.on("text", (delta) => {
  answer += delta;
});
const { stop_reason } = await stream.finalMessage();
console.log("the client reads:", answer, `(${stop_reason})`);
