import fc from "fast-check";
import { restore, scrub, createRestorer } from "./index.ts";
const word = fc.constantFrom("jane@example.org", "joe@example.net", "[EMAIL_1]", "EMAIL_1", "[LITERAL_1]", "[EMAIL 2]", "\\[EMAIL\\_1\\]", "(", "[", "]", "x", "&#91;", "&#93;", "192.0.2.17", "\n", "DE89370400440532013000", " ", " ", "_", "1", "%5B", "%5D", "EMAIL", ",", "{", "\"", "u005b", "［", "】", "-", "EMAIL_");
const r = fc.check(fc.property(fc.array(word, { maxLength: 8 }), (words) => {
  const text = words.join("");
  const { scrubbed, entities, bareWords } = scrub(text);
  const issued = entities.map(({ placeholder, type, value }) => ({ placeholder, type, number: Number(/_(\d+)\]/.exec(placeholder)?.[1]), value, restorable: true, key: "" }));
  return createRestorer(issued, { restoreInUrls: true, ambiguous: (b) => bareWords.includes(b) }).restore(scrubbed) === text;
}), { numRuns: 300000, verbose: 1 });
console.log(r.failed, r.counterexample);
if (r.failed) { const t = (r.counterexample as [string[]])[0].join(""); const s = scrub(t); console.log(JSON.stringify(t), s, JSON.stringify(restore(s.scrubbed, s.entities, s.bareWords))); }
