import { describe } from "vitest";
import { checkRows } from "../test/rows.ts";

describe("an address whose signs are spelled out is found", () => {
  checkRows("EMAIL", [
    { text: "me: jane(dot)van(dot)doe(at)example(dot)com", finds: ["jane(dot)van(dot)doe(at)example(dot)com"] },
    { text: "f(x)doe(at)example(dot)com", finds: ["doe(at)example(dot)com"] },
    { text: "john.smith(at)example (dot) com", finds: ["john.smith(at)example (dot) com"] },
    { text: "anna(at) firma.de, max[at] web.de now", finds: ["anna(at) firma.de", "max[at] web.de"] },
    { text: '"contact":"anna[at]firma [dot] de"', finds: ["anna[at]firma [dot] de"] },
    { text: "anna (at) firma (dot) de", finds: ["anna (at) firma (dot) de"] },
    { text: "write to anna.meier [at] example.com please", finds: ["anna.meier [at] example.com"] },
    {
      text: "max(at)web.de, info[at]firma[dot]de; x{at}y.org.",
      finds: ["max(at)web.de", "info[at]firma[dot]de", "x{at}y.org"],
    },
    { text: "john at example dot com", finds: ["john at example dot com"] },
    {
      text: "mail john.doe77 at mail dot example dot co dot uk now",
      finds: ["john.doe77 at mail dot example dot co dot uk"],
    },
    { text: "jörg (ät) müller (punkt) de", finds: ["jörg (ät) müller (punkt) de"] },
    { text: "juan (arroba) empresa (punto) es", finds: ["juan (arroba) empresa (punto) es"] },
    { text: "JOHN (AT) EXAMPLE (DOT) COM", finds: ["JOHN (AT) EXAMPLE (DOT) COM"] },
    { text: "anna (@) firma.de", finds: ["anna (@) firma.de"] },
    { text: "anna\uff20firma.de 联系anna\uff20firma.de", finds: ["anna\uff20firma.de", "anna\uff20firma.de"] },
  ]);
});

describe("at and dot are words of sentences too", () => {
  checkRows("EMAIL", [
    { text: "we met at noon dot by dot, look at the dot in the middle", finds: [] },
    { text: "meet me at example.com, stay at firma dot", finds: [] },
    { text: "the function (at) line 3 and f(at)", finds: [] },
    { text: "at (at) at, (at) x.de, a (at) b", finds: [] },
    { text: "array[at].length, list(at).name(dot)", finds: [] },
  ]);
});
