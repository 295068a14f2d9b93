/**
 * Text of programs without personal data: logs, JSON of lock files and traces, SQL, YAML, diffs, stack traces, shell sessions. Full of
 * UUIDs, hashes, timestamps, versions and ids of things; no network addresses, since those are personal data.
 */
import { ALNUM, type Choices, HEX, LETTERS } from "../random.ts";
import { two } from "./kind.ts";

const WORDS: readonly string[] = (
  "cache queue worker cycle parser index buffer stream lexeme node tree batch shard lease quorum replica snapshot segment cursor " +
  "schema column metric gauge histogram span trace frame widget canvas shader vertex kernel socket pipe signal mutex thread fiber " +
  "module bundle plugin loader router handler policy ledger digest proof leaf branch commit merge patch release archive manifest"
).split(" ");
const VERBS: readonly string[] =
  "start stop read write flush merge split retry reject accept open close load store verify rotate".split(" ");

const uuid = (random: Choices): string => [8, 4, 4, 4, 12].map((length) => random.chars(HEX, length)).join("-");
const version = (random: Choices): string => `${random.int(0, 20)}.${random.int(0, 40)}.${random.int(0, 99)}`;
const stamp = (random: Choices): string =>
  `202${random.int(0, 6)}-${two(random.int(1, 12))}-${two(random.int(1, 28))}T${two(random.int(0, 23))}:${two(random.int(0, 59))}:${two(random.int(0, 59))}.${random.digits(3)}Z`;
const word = (random: Choices): string => random.pick(WORDS);
const camel = (random: Choices): string => {
  const next = word(random);
  return `${random.pick(VERBS)}${next[0]?.toUpperCase()}${next.slice(1)}`;
};

function logLine(random: Choices): string {
  const level = random.pick(["INFO", "DEBUG", "WARN", "ERROR", "TRACE"]);
  const message = random.pick([
    `${word(random)} ${uuid(random)} took ${random.int(1, 9999)} ms`,
    `${random.pick(VERBS)} ${word(random)}=${random.digits(8)} bytes=${random.digits(9)} status=${random.int(200, 504)}`,
    `${camel(random)}: attempt ${random.int(1, 9)} of 9, next in ${random.digits(4)} ms`,
    `gc pause ${random.int(1, 90)}.${random.digits(3)} ms, heap ${random.digits(9)} -> ${random.digits(9)}`,
    `span=${random.chars(HEX, 16)} trace=${random.chars(HEX, 32)} parent=${random.chars(HEX, 16)}`,
    `checkpoint ${random.digits(6)} root ${random.chars(ALNUM, 43)}=`,
  ]);
  return random.pick([
    `${stamp(random)} ${level} [${word(random)}-${random.int(1, 64)}] ${message}`,
    `[${random.digits(10)}.${random.digits(6)}] ${level.toLowerCase()} ${word(random)}: ${message}`,
    `{"time":"${stamp(random)}","level":${random.int(10, 60)},"pid":${random.int(100, 99_999)},"msg":"${message}"}`,
  ]);
}

function lockEntry(random: Choices): string {
  const name = `${random.pick(["", "@scope/"])}${word(random)}-${word(random)}`;
  return [
    `    "node_modules/${name}": {`,
    `      "version": "${version(random)}",`,
    `      "resolved": "https://packages.example/${name}/-/${name.split("/").at(-1)}-${version(random)}.tgz",`,
    `      "integrity": "sha512-${random.chars(`${ALNUM}+/`, 86)}==",`,
    `      "engines": { "node": ">=${random.int(14, 24)}" }`,
    "    },",
  ].join("\n");
}

function record(random: Choices): string {
  const items = Array.from({ length: random.int(2, 5) }, () => ({
    id: uuid(random),
    kind: word(random),
    size: random.int(1, 1e9),
    ratio: random.int(1, 99_999) / 1000,
    hash: random.chars(HEX, 40),
    at: stamp(random),
    tags: [word(random), `${word(random)}-${random.digits(4)}`],
  }));
  return JSON.stringify({ cursor: random.chars(ALNUM, 22), items }, undefined, random.pick([0, 2]));
}

function sql(random: Choices): string {
  const [tableName, column] = [`${word(random)}s`, word(random)];
  return random.pick([
    `SELECT ${column}, count(*), max(updated_at) FROM ${tableName} WHERE ${word(random)}_id > ${random.digits(9)} GROUP BY 1 ORDER BY 2 DESC LIMIT ${random.int(1, 500)};`,
    `INSERT INTO ${tableName} (id, ${column}, checksum) VALUES ('${uuid(random)}', ${random.digits(7)}, '${random.chars(HEX, 32)}');`,
    `ALTER TABLE ${tableName} ADD COLUMN ${column}_${random.int(1, 9)} bigint NOT NULL DEFAULT ${random.digits(5)};`,
    `CREATE INDEX CONCURRENTLY idx_${tableName}_${column} ON ${tableName} USING btree (${column}, created_at DESC);`,
    `-- ${random.int(1, 900)} rows, ${random.int(1, 99)}.${random.digits(3)} ms, cost=${random.digits(4)}.${random.digits(2)}..${random.digits(6)}.${random.digits(2)}`,
  ]);
}

function yaml(random: Choices): string {
  const name = `${word(random)}-${word(random)}`;
  return [
    "apiVersion: apps/v1",
    "kind: Deployment",
    `metadata: { name: ${name}, labels: { tier: ${word(random)}, revision: "${random.digits(10)}" } }`,
    "spec:",
    `  replicas: ${random.int(1, 12)}`,
    `  template: { spec: { containers: [ { name: ${name}, image: "registry.example/${name}@sha256:${random.chars(HEX, 64)}" } ] } }`,
    `  strategy: { rollingUpdate: { maxSurge: ${random.int(1, 50)}%, maxUnavailable: ${random.int(0, 25)}% } }`,
    `# generated ${stamp(random)} by ${word(random)} v${version(random)}`,
  ].join("\n");
}

function diff(random: Choices): string {
  const file = `src/${word(random)}/${word(random)}.ts`;
  return [
    `diff --git a/${file} b/${file}`,
    `index ${random.chars(HEX, 7)}..${random.chars(HEX, 7)} 100644`,
    `--- a/${file}`,
    `+++ b/${file}`,
    `@@ -${random.int(1, 900)},${random.int(3, 12)} +${random.int(1, 900)},${random.int(3, 12)} @@ export function ${camel(random)}(${word(random)}: number): void {`,
    `-  const ${word(random)} = ${random.digits(4)} << ${random.int(1, 12)};`,
    `+  const ${word(random)} = 0x${random.chars(HEX, 8)} >>> ${random.int(1, 31)};`,
    `   return ${camel(random)}(${word(random)}, ${random.digits(5)}n);`,
  ].join("\n");
}

function program(random: Choices): string {
  const [name, value] = [camel(random), word(random)];
  return random.pick([
    `/** Returns the ${value} of the ${word(random)}; throws when it is ${random.pick(["empty", "closed", "stale"])}. */\nexport function ${name}(${value}: Uint8Array, offset = ${random.int(0, 64)}): number {\n  let sum = ${random.digits(3)};\n  for (let i = offset; i < ${value}.length; i += ${random.int(1, 16)}) sum = (sum * 31 + (${value}[i] ?? 0)) >>> 0;\n  return sum;\n}`,
    `def ${value}_${random.pick(VERBS)}(self, ${word(random)}: int = ${random.digits(4)}) -> bool:\n    assert self._${value} is not None, "${value} is not open"\n    return self._${value}.${random.pick(VERBS)}(${random.digits(6)}) != -1`,
    `func (${value[0]} *${value[0]?.toUpperCase()}${value.slice(1)}) ${random.pick(["Read", "Write", "Close"])}(p []byte) (n int, err error) {\n\tif len(p) > ${random.digits(5)} { return 0, ErrTooLarge }\n\treturn ${value[0]}.inner.Read(p[:${random.int(1, 512)}])\n}`,
    `.${value}-${word(random)} > .${word(random)}:nth-child(${random.int(1, 9)}) { margin: 0 ${random.int(1, 40)}px; color: #${random.chars(HEX, 6)}; z-index: ${random.digits(4)} }`,
    `$ ${random.pick(["npm run build", "cargo test --release", "make -j8", "git rebase --onto main"])} # ${random.int(1, 99)}.${random.digits(2)}s user ${random.int(1, 9)}.${random.digits(2)}s system ${random.int(50, 790)}% cpu`,
    `    at ${camel(random)} (file:///app/dist/${word(random)}/${word(random)}.js:${random.int(1, 900)}:${random.int(1, 90)})\n    at async Promise.all (index ${random.int(0, 9)})\n    at process.processTicksAndRejections (node:internal/process/task_queues:${random.int(60, 110)}:5)`,
    `const ${random.chars(LETTERS, 2)}Table = [${Array.from({ length: random.int(6, 20) }, () => `0x${random.chars(HEX, 8)}`).join(", ")}];`,
  ]);
}

/** One piece: a line, an entry or a block. */
export function impersonalCode(random: Choices): string {
  return random.pick([logLine, logLine, logLine, lockEntry, record, sql, yaml, diff, program, program])(random);
}
