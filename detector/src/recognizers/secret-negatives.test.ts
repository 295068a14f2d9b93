/** Code, lock files, logs and JSON of ids are full of random characters, and none of them is a secret. */
import { expect, it } from "vitest";
import { detect } from "../detect.ts";
import { MACHINE_LINES, machinePage } from "../test/machine-pages.ts";
import { choices } from "../test/random.ts";

const PAGE_CHARS = 100_000;
const FALSE_PER_10_000_CHARS_MAX = 1;

it.each(Object.keys(MACHINE_LINES).map((kind) => [kind]))(
  "%s: less than one false secret in 10,000 characters",
  (kind) => {
    const page = machinePage(kind, choices(4711), PAGE_CHARS);
    const found = detect(page, { types: ["SECRET"] });
    const seen = found.slice(0, 5).map(({ start, end, why }) => `${why} «${page.slice(start - 20, end)}»`);
    expect((found.length * 10_000) / page.length, seen.join("\n")).toBeLessThan(FALSE_PER_10_000_CHARS_MAX);
  },
);

it.each([
  ["a git object", "commit 9fceb02d0ae598e95dc970b74767f19372d61af8"],
  ["an id", "token_id: 3f2504e0-4f89-11d3-9a0c-0305e82c3301"],
  ["a variable of the shell", "export API_KEY=${API_KEY_2} TOKEN=$(cat /run/x1) PASSWORD=%PASS1%"],
  ["a variable of a program", "secret: process.env.SECRET1, token: os.environ['TOKEN1'], key = config.apiKey1"],
  ["a placeholder", "api_key: <your-api-key-1> token=YOUR_TOKEN_HERE_123 password=xxxxxxxx1"],
  ["what Sluice put there", "password: [SECRET_1], token=[SECRET:9f8a2b3c4d5e6f70]"],
  ["an integrity hash", 'integrity="sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC"'],
  ["a form of a number", "max_tokens=4096000000 prompt_tokens: 123456789012 token_count=999999999999"],
  ["a name", "secret_name: my-app-secret-2024, key_name: deploy-key-v2-prod, token_type: urn:x:1"],
])("%s is none", (_, text) => {
  expect(detect(text, { types: ["SECRET"] }).map(({ start, end }) => text.slice(start, end))).toEqual([]);
});
