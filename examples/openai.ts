/**
 * The official OpenAI client, unmodified but for its base URL and key: a streamed chat and a tool call.
 *
 *   node examples/openai.ts sluice_… [http://127.0.0.1:8787]
 */
import OpenAI from "openai";

const [apiKey, gateway = "http://127.0.0.1:8787"] = process.argv.slice(2);
if (apiKey === undefined) throw new Error("usage: node examples/openai.ts <api key> [base URL of the gateway]");
const client = new OpenAI({ baseURL: `${gateway}/v1`, apiKey });

const { data: stream, response } = await client.chat.completions
  .create({
    model: "rehearsal",
    stream: true,
    messages: [{ role: "user", content: "Write to john.doe@example.com about order #12345." }],
  })
  .withResponse();
console.log("masked on the way out:", response.headers.get("sluice-masked"));
console.log("on record as:         ", response.headers.get("sluice-evidence"));
let answer = "";
for await (const chunk of stream) answer += chunk.choices[0]?.delta.content ?? "";
console.log("the client reads:     ", answer);

const withTool = await client.chat.completions.create({
  model: "rehearsal",
  messages: [{ role: "user", content: "call send_mail: to john.doe@example.com" }],
  tools: [
    {
      type: "function",
      function: {
        name: "send_mail",
        description: "Sends a mail",
        parameters: { type: "object", properties: { text: { type: "string" } } },
      },
    },
  ],
});
const call = withTool.choices[0]?.message.tool_calls?.[0];
if (call?.type === "function") console.log("tool arguments:       ", call.function.arguments);
