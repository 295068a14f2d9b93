/**
 * Holds the import table of ARCHITECTURE.md and the bans that go with it. It reads the text of every source file, asserts
 * that it saw files in each room, and fails with a reason for each violation. Tests are exempt from the room table: they may
 * reach for anything. It resolves no types, so it cannot be fooled by a compiler that reads no modules.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Rule {
  /** Rooms, by name; `*` is every room. A room may always import itself. */
  readonly rooms: readonly string[];
  /** May import npm packages. */
  readonly npm: boolean;
  /** May import `node:` modules. */
  readonly node: boolean;
  /** At least this many source files must be seen, so that an empty reading never passes. */
  readonly filesMin: number;
}

const trade = (rooms: readonly string[], filesMin: number): Rule => ({ rooms, npm: true, node: true, filesMin });

/** room → what it may import. `protocols/x` is a room of its own for each x. */
const TABLE: Readonly<Record<string, Rule>> = {
  detector: { rooms: [], npm: true, node: false, filesMin: 5 },
  verifier: { rooms: [], npm: false, node: false, filesMin: 5 },
  core: { rooms: [], npm: false, node: false, filesMin: 5 },
  policy: trade(["core", "detector"], 2),
  privacy: trade(["core", "detector"], 3),
  evidence: trade(["core", "verifier"], 3),
  witness: trade(["core", "verifier"], 8),
  timestamps: trade(["core", "verifier"], 4),
  audit: trade(["core", "verifier"], 5),
  identity: trade(["core"], 2),
  custody: trade(["core"], 2),
  subjects: trade(["core", "detector"], 5),
  recordings: trade(["core", "verifier"], 12),
  reviews: trade(["core"], 2),
  rights: trade(["core", "verifier"], 3),
  channels: trade(["core", "reviews"], 10),
  export: trade(["core", "verifier"], 10),
  gate: {
    rooms: ["core", "identity", "policy", "privacy", "reviews", "evidence"],
    npm: false,
    node: true,
    filesMin: 3,
  },
  "protocols/http": trade(["core", "gate"], 5),
  config: trade(["core", "verifier"], 2),
  server: trade(["*"], 3),
  cli: trade(["core", "config", "server", "verifier", "detector"], 2),
  // The package's public door: what an embedding program may call.
  index: trade(["*"], 0),
  bench: trade(["*"], 3),
};

/** Deliberate holes in the table, each with the reason that it needs. */
const EXCEPTIONS: readonly { readonly from: string; readonly to: string; readonly reason: string }[] = [
  {
    from: "cli",
    to: "identity",
    reason: "`sluice key new` mints a key offline; `sluice login` signs in at a provider, not at the gateway",
  },
  {
    from: "cli",
    to: "audit",
    reason: "`sluice breach` and `sluice evidence open` read files, offline, without a server",
  },
  {
    from: "cli",
    to: "witness",
    reason: "`sluice witness` is a program of its own that shares nothing with a gateway",
  },
  { from: "cli", to: "custody", reason: "`sluice keys` works on key files, offline, without a server" },
  {
    from: "cli",
    to: "policy",
    reason: "`sluice policy` checks, tests and explains policies, offline, without a server",
  },
];

/** Doors of the detector that a program opens by name and that may read files; nothing else of it imports them. */
const NODE_DOORS = new Set(["detector/src/names/model-node.ts"]);
/** Imports a package that its user may have installed, by a name that bundlers must not follow. */
const OPTIONAL_PEER = "detector/src/onnx/runtime.ts";

/** Only the server wires a room's plumbing (store) and its door to the control API (routes) to the rest. */
const WIRED_BY_SERVER = /\/(store|migrations|routes)\.ts$/;

const MIDDLE_ROOMS = new Set(["core", "policy", "privacy", "evidence", "identity", "gate"]);

/** Promise 6 of ARCHITECTURE.md. Found anywhere inside a word: `OpenAiChat`, `postgresql`. */
const NAMES =
  /openai|anthropic|claude|chatgpt|groq|mistral|gemini|bedrock|ollama|vllm|deepseek|huggingface|openrouter|azure|postgres|mysql|mariadb|mongodb|snowflake|kubernetes|kubectl/i;
/** Promise 6 of ARCHITECTURE.md. Looked for as whole words and as parts of camelCase: `cohere` is inside of "coherent", `redis` of "redistribute". */
const WORD_NAMES = new Set(["gpt", "mcp", "pg", "ssh", "vertex", "cohere", "redis"]);

interface Source {
  /** Path from the repository root, with `/`. */
  readonly path: string;
  readonly text: string;
}

interface Import {
  readonly specifier: string;
  readonly line: number;
}

const isTest = (path: string): boolean => /\.test\.ts$|\/test\//.test(path);

/** The room that a path belongs to; undefined when it belongs to none. */
function roomOf(path: string): string | undefined {
  const [workspace, src, first, second] = path.split("/");
  if (src !== "src" || first === undefined) return undefined;
  if (workspace !== "gateway") return workspace;
  if (first === "protocols") return `protocols/${second}`;
  return second === undefined ? first.replace(/\.ts$/, "") : first;
}

/**
 * Blanks comments, and strings too when asked, and keeps every offset and line. Code inside `${}` stays. A slash begins a regular
 * expression where no value can stand before it.
 */
function blank(text: string, strings: boolean): string {
  const out = text.split("");
  const wipe = (from: number, to: number): void => {
    for (let at = from; at < to; at++) if (out[at] !== "\n") out[at] = " ";
  };
  /** One entry per open brace; true when it was opened by `${`. */
  const braces: boolean[] = [];
  let before = "";
  let at = 0;
  const quoted = (quote: string): void => {
    const from = at + 1;
    for (at += 1; at < text.length && text[at] !== quote; at++) if (text[at] === "\\") at++;
    if (strings) wipe(from, at);
    at += 1;
    before = '"';
  };
  const template = (): void => {
    const from = at;
    while (at < text.length && text[at] !== "`" && !text.startsWith("${", at)) at += text[at] === "\\" ? 2 : 1;
    if (strings) wipe(from, at);
    if (text[at] === "`") {
      at += 1;
      before = '"';
    } else {
      at += 2;
      braces.push(true);
      before = "{";
    }
  };
  while (at < text.length) {
    const char = text.charAt(at);
    if (text.startsWith("//", at)) {
      const end = text.indexOf("\n", at);
      wipe(at, end === -1 ? text.length : end);
      at = end === -1 ? text.length : end;
    } else if (text.startsWith("/*", at)) {
      const end = text.indexOf("*/", at + 2);
      wipe(at, end === -1 ? text.length : end + 2);
      at = end === -1 ? text.length : end + 2;
    } else if (char === '"' || char === "'") {
      quoted(char);
    } else if (char === "`") {
      at += 1;
      template();
    } else if (
      char === "/" &&
      (before === "" || /[(,=:[!&|?{};+\-*%<>~^]$/.test(before) || /\b(return|typeof|case|of|in)$/.test(before))
    ) {
      let inClass = false;
      const from = at + 1;
      for (at += 1; at < text.length && (inClass || text[at] !== "/"); at++) {
        if (text[at] === "\\") at++;
        else if (text[at] === "[") inClass = true;
        else if (text[at] === "]") inClass = false;
      }
      if (strings) wipe(from, at);
      at += 1;
      before = '"';
    } else if (char === "{" || char === "}") {
      at += 1;
      before = char;
      if (char === "{") braces.push(false);
      else if (braces.pop() === true) template();
    } else {
      if (!/\s/.test(char)) before = /[\w$]/.test(char) && /[\w$]$/.test(text.slice(at - 1, at)) ? before + char : char;
      at += 1;
    }
  }
  return out.join("");
}

const lineOf = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;

/** Every module that the text imports, re-exports, imports dynamically or requires. */
function importsOf(text: string): Import[] {
  const code = blank(text, false);
  const shape = blank(text, true);
  const found: Import[] = [];
  const statement = /\b(?:import|export)\b[^"';()]*?\bfrom\s*["']|\bimport\s*["']|\b(?:import|require)\s*\(\s*["'`]/g;
  for (const match of shape.matchAll(statement)) {
    const start = match.index + match[0].length;
    const quote = code.charAt(start - 1);
    found.push({ specifier: code.slice(start, code.indexOf(quote, start)), line: lineOf(text, match.index) });
  }
  // A module whose name is computed cannot be held to the table.
  for (const match of shape.matchAll(/\bimport\s*\(\s*[^"'`\s)]/g)) {
    found.push({ specifier: "(computed)", line: lineOf(text, match.index) });
  }
  return found;
}

function importViolation(source: Source, room: string, rule: Rule, specifier: string): string | undefined {
  // Measures test data, peers and builds of other days; nothing imports it.
  if (room === "bench") return undefined;
  if (specifier === "(computed)" && source.path === OPTIONAL_PEER) return undefined;
  if (specifier === "(computed)") return "imports a computed module name, which no table can hold";
  if (specifier.startsWith("node:"))
    return rule.node || NODE_DOORS.has(source.path)
      ? undefined
      : `${room} imports no node: module, it runs in browsers too`;
  let to: string | undefined;
  let path = "";
  if (specifier.startsWith(".")) {
    path = posix.join(posix.dirname(source.path), specifier);
    to = roomOf(path);
    if (to === undefined) return `imports ${path}, which is in no room`;
    if (NODE_DOORS.has(path)) return `imports ${path}, which is a door of its own`;
    if (isTest(path)) return `imports test code, ${path}`;
  } else {
    to = /^@sluice\/(detector|verifier)(\/|$)/.exec(specifier)?.[1];
    if (/^@sluice\/gateway(\/|$)/.test(specifier)) to = "index";
    if (to === undefined) return rule.npm ? undefined : `${room} imports no npm package`;
  }
  if (to !== room && WIRED_BY_SERVER.test(path) && room !== "server" && room !== "bench") {
    return `imports ${path}: only the server wires stores and routes`;
  }
  if (to === room || rule.rooms.includes("*") || rule.rooms.includes(to)) return undefined;
  if (EXCEPTIONS.some((exception) => exception.from === room && exception.to === to)) return undefined;
  if (room.startsWith("protocols/") && to.startsWith("protocols/"))
    return `imports ${to}: protocols are strangers to one another`;
  return `imports ${to}; ${room} may import ${rule.rooms.join(", ") || "nothing"}`;
}

/** What each ban looks for in code without strings and comments, and where it does not hold. */
const BANS: readonly {
  readonly pattern: RegExp;
  readonly reason: string;
  readonly allowed: (source: Source) => boolean;
}[] = [
  {
    pattern: /\bMath\s*\.\s*random\b/g,
    reason: "Math.random is predictable; randomness is a parameter and comes from node:crypto",
    allowed: () => false,
  },
  {
    pattern:
      /\bprocess\s*(?:\?\.|\.|\[)\s*env\b|\bprocess\s*\[\s*"\s+"|\bimport\s*\{[^}]*\benv\b[^}]*\}\s*from\s*"\s+"/g,
    reason: "process.env is read in config/load.ts only",
    allowed: ({ path }) => path === "gateway/src/config/load.ts" || isTest(path),
  },
  {
    pattern: /\bconsole\s*(?:\?\.|\.|\[)/g,
    reason: "only cli and bench print",
    allowed: ({ path }) => ["cli", "bench"].includes(roomOf(path) ?? "") || isTest(path),
  },
];

/** Every violation in one file, each with its place and reason. */
function check(source: Source): string[] {
  const room = roomOf(source.path);
  const rule = room === undefined ? undefined : TABLE[room];
  if (room === undefined || rule === undefined) {
    return isTest(source.path) ? [] : [`${source.path}: room ${room} is not in the table; a new room is a decision`];
  }
  const found: string[] = [];
  const report = (line: number, reason: string): unknown => found.push(`${source.path}:${line}: ${reason}`);

  if (!isTest(source.path)) {
    for (const { specifier, line } of importsOf(source.text)) {
      const reason = importViolation(source, room, rule, specifier);
      if (reason !== undefined) report(line, `${reason} ("${specifier}")`);
    }
  }
  const bare = blank(source.text, true);
  for (const ban of BANS) {
    if (ban.allowed(source)) continue;
    for (const match of bare.matchAll(ban.pattern)) report(lineOf(source.text, match.index), ban.reason);
  }
  if (MIDDLE_ROOMS.has(room) && !isTest(source.path)) {
    for (const match of blank(source.text, false).matchAll(/[A-Za-z]+/g)) {
      const parts = match[0].split(/(?<=[a-z])(?=[A-Z])/).map((part) => part.toLowerCase());
      if (NAMES.test(match[0]) || parts.some((part) => WORD_NAMES.has(part))) {
        report(
          lineOf(source.text, match.index),
          `${room} names "${match[0]}"; the middle rooms know no protocol, provider or database`,
        );
      }
    }
  }
  return found;
}

function sources(): Source[] {
  return ["detector", "verifier", "gateway", "bench"].flatMap((workspace) =>
    readdirSync(join(ROOT, workspace, "src"), { recursive: true, encoding: "utf8" })
      .map((path) => posix.join(workspace, "src", path.replaceAll("\\", "/")))
      .filter((path) => path.endsWith(".ts"))
      .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") })),
  );
}

describe("the house plan", () => {
  const all = sources();

  test.each(Object.entries(TABLE))("%s has files, and each of them keeps to its row", (room, rule) => {
    const mine = all.filter((source) => roomOf(source.path) === room);
    const seen = mine.filter((source) => !isTest(source.path)).length;
    expect(seen, `saw only ${seen} source files of ${room}; an empty reading proves nothing`).toBeGreaterThanOrEqual(
      rule.filesMin,
    );
    expect(mine.flatMap(check)).toEqual([]);
  });

  test("no file stands outside the rooms", () => {
    expect(all.filter((source) => TABLE[roomOf(source.path) ?? ""] === undefined).flatMap(check)).toEqual([]);
  });
});

describe("the reader of this test", () => {
  const caught = (path: string, text: string): string => check({ path, text }).join("\n");

  test.each([
    ["gateway/src/core/x.ts", 'import { a } from "../gate/index.ts";', "core may import nothing"],
    ["gateway/src/core/x.ts", 'import type { A } from "../gate/index.ts";', "core may import nothing"],
    ["gateway/src/core/x.ts", 'import { readFileSync } from "node:fs";', "no node: module"],
    ["gateway/src/policy/x.ts", 'export {\n  a,\n  b,\n} from "../privacy/index.ts";', "imports privacy"],
    ["gateway/src/policy/x.ts", 'export * from "../evidence/index.ts";', "imports evidence"],
    ["gateway/src/policy/x.ts", 'const a = await import("../evidence/index.ts");', "imports evidence"],
    ["gateway/src/policy/x.ts", "const a = await import(name);", "computed module name"],
    ["gateway/src/policy/x.ts", 'import "../server/start.ts";', "imports server"],
    ["gateway/src/protocols/http/x.ts", 'import { a } from "../postgres/x.ts";', "strangers to one another"],
    ["gateway/src/protocols/http/x.ts", 'import { a } from "../../policy/index.ts";', "imports policy"],
    ["gateway/src/cli/x.ts", 'import { a } from "../server/routes.ts";', "only the server wires"],
    ["gateway/src/server/x.ts", 'import { a } from "./x.test.ts";', "imports test code"],
    ["gateway/src/gate/x.ts", 'import { z } from "zod";', "no npm package"],
    ["gateway/src/shared/x.ts", "export {};", "room shared is not in the table"],
    ["detector/src/x.ts", 'import { createHash } from "node:crypto";', "no node: module"],
    ["detector/src/x.ts", 'import { a } from "../../gateway/src/core/x.ts";', "imports core"],
    ["verifier/src/x.ts", 'import { a } from "@sluice/detector";', "imports detector"],
    ["verifier/src/x.ts", 'import { z } from "zod";', "no npm package"],
    ["gateway/src/server/x.ts", "const a = process.env.HOME;", "process.env"],
    ["gateway/src/server/x.ts", 'const a = process["env"];', "process.env"],
    ["gateway/src/server/x.ts", 'import { env } from "node:process";', "process.env"],
    ["gateway/src/server/x.ts", "const a = `${Math.random()}`;", "Math.random"],
    ["gateway/src/server/x.test.ts", "const a = Math.random();", "Math.random"],
    ["gateway/src/server/x.ts", "console.log(1);", "only cli and bench print"],
    ["gateway/src/gate/x.ts", 'const family = "openai";', 'names "openai"'],
    ["gateway/src/privacy/x.ts", "class OpenAiChat {}", 'names "OpenAiChat"'],
    ["gateway/src/evidence/x.ts", "const gptFrame = 1;", 'names "gptFrame"'],
  ])("catches in %s: %s", (path, text, reason) => {
    expect(caught(path, text)).toContain(reason);
  });

  test.each([
    [
      "gateway/src/gate/x.ts",
      '// for example "openai"\n/* import { z } from "zod"; */ import { a } from "../core/x.ts";',
    ],
    ["gateway/src/gate/x.ts", 'import { hash } from "node:crypto";\nconst text = "Math.random() and console.log";'],
    ["gateway/src/server/x.ts", 'const a = /["\'`]/.test(b) ? "process.env" : `import("x") ${c} console.log`;'],
    ["gateway/src/server/x.ts", "const a = b / c; // console.log / Math.random\nconst d = e / f;"],
    ["gateway/src/config/load.ts", "const home = process.env;"],
    ["gateway/src/cli/x.ts", 'console.log("fine");'],
    ["gateway/src/core/x.test.ts", 'import { a } from "../server/start.ts";'],
    ["gateway/src/evidence/x.ts", "const coherent = redistribute;"],
  ])("lets pass in %s: %s", (path, text) => {
    expect(caught(path, text)).toBe("");
  });
});
