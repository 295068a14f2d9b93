/** Generated pages of what machines write to machines: full of random characters, free of personal data and of secrets. */
import { ALNUM, type Choices, HEX, LETTERS } from "./random.ts";

const BASE64 = `${ALNUM}+/`;

const uuid = ({ chars }: Choices): string => [8, 4, 4, 4, 12].map((length) => chars(HEX, length)).join("-");
const word = (random: Choices): string => random.chars(LETTERS, random.int(3, 11));
const name = (random: Choices): string => `${word(random)}${random.pick(["", "-", "_", "."])}${word(random)}`;
const version = ({ int }: Choices): string => `${int(0, 30)}.${int(0, 30)}.${int(0, 30)}`;
const time = ({ int }: Choices): string =>
  `2026-0${int(1, 9)}-1${int(0, 9)}T1${int(0, 9)}:2${int(0, 9)}:3${int(0, 9)}.${int(100, 999)}Z`;

/** Kind of page → one line of it. */
export const MACHINE_LINES: Readonly<Record<string, (random: Choices) => string>> = {
  "npm lock file": (random) =>
    random.pick([
      `      "resolved": "https://packages.example/${name(random)}/-/${word(random)}-${version(random)}.tgz",`,
      `      "integrity": "sha512-${random.chars(BASE64, 86)}=="`,
      `      "integrity": "sha1-${random.chars(BASE64, 27)}=",`,
      `    "node_modules/@${word(random)}/${name(random)}": { "version": "${version(random)}", "dev": true },`,
    ]),
  "other lock files": (random) =>
    random.pick([
      `checksum = "${random.chars(HEX, 64)}"`,
      `github.com/${word(random)}/${name(random)} v${version(random)} h1:${random.chars(BASE64, 43)}=`,
      `  resolution: {integrity: sha512-${random.chars(BASE64, 86)}==}`,
      `    --hash=sha256:${random.chars(HEX, 64)} \\`,
      `"${name(random)}@npm:^${version(random)}": checksum: 10c0/${random.chars(HEX, 128)}`,
    ]),
  log: (random) =>
    random.pick([
      `${time(random)} INFO [${word(random)}] request_id=${uuid(random)} trace_id=${random.chars(HEX, 32)} span_id=${random.chars(HEX, 16)} status=200`,
      `${time(random)} WARN cache miss key=${word(random)}:${random.chars(HEX, 40)} took ${random.int(1, 900)} ms`,
      `10.0.0.${random.int(1, 9)} - - "GET /assets/${word(random)}.${random.chars(HEX, 20)}.js?v=${random.chars(ALNUM, 8)}%20a%2Fb HTTP/1.1" 304 0`,
      `level=debug msg="pulled image" digest=sha256:${random.chars(HEX, 64)} size=${random.digits(9)}`,
      `    at ${word(random)}.${word(random)} (/app/node_modules/${name(random)}/dist/index.js:${random.int(1, 999)}:${random.int(1, 99)})`,
    ]),
  "JSON of ids": (random) =>
    random.pick([
      `{"id":"${uuid(random)}","parent":"${uuid(random)}","etag":"${random.chars(HEX, 32)}","rev":${random.int(1, 99)}},`,
      `{"_id":"${random.chars(HEX, 24)}","nextPageToken":null,"cursor":"${random.chars(BASE64, 44)}","hash":"${random.chars(HEX, 40)}"},`,
      `{"objectId":"${random.chars(ALNUM, 20)}","sort_key":"${word(random)}#${uuid(random)}","total":${random.digits(5)}},`,
    ]),
  "base64 of binary": (random) => random.chars(BASE64, 76),
  "data URL": (random) =>
    `  background: url(data:image/png;base64,iVBORw0KGgo${random.chars(BASE64, 400)}==) no-repeat;`,
  "minified code": (random) => {
    const [a, b, c] = [word(random), word(random), word(random)];
    return `var ${a[0]}=t.${b},e=n(${random.int(1, 9999)}),${c}=function(t,e){return t.${a}?e.${b}(t,${random.int(0, 99)}):null};${b}.token=${c};${a}["${b}_${c}"]=!0;`;
  },
  code: (random) =>
    random.pick([
      `export const ${word(random)}Token = tokens.next() ?? this.#${word(random)}[${random.int(0, 99)}]; // ${name(random)}`,
      `  if (node.key === "${name(random)}") return secret.${word(random)}(${random.int(0, 99)}, 0x${random.chars(HEX, 8)});`,
      `const ${word(random).toUpperCase()}_KEY = "${word(random)}.${word(random)}.v${random.int(1, 9)}";`,
      `password: z.string().min(${random.int(6, 12)}).max(128), passwordHash: row.${word(random)}_hash,`,
      `import { ${word(random)} } from "./${name(random)}/${name(random)}${random.int(1, 9)}.ts";`,
      `  printf("%20s %5.2f%% \\u2014 %s\\n", ${word(random)}, 100 * x / n, &${word(random)}[${random.int(0, 9)}]);`,
    ]),
  configuration: (random) =>
    random.pick([
      `  image: ghcr.io/${word(random)}/${name(random)}@sha256:${random.chars(HEX, 64)}`,
      `  ${word(random).toUpperCase()}_TOKEN: \${{ secrets.${word(random).toUpperCase()}_TOKEN }}`,
      `  password: \${${word(random).toUpperCase()}_PASSWORD}`,
      `  tokenFile: /run/secrets/${name(random)}`,
      `  keyRef: { name: ${name(random)}, key: ${word(random)}-${random.int(1, 9)} }`,
    ]),
  "hex dump": (random) =>
    `0000${random.chars(HEX, 4)}  ${Array.from({ length: 16 }, () => random.chars(HEX, 2)).join(" ")}  |................|`,
};

/** A page of about `chars` characters. */
export function machinePage(kind: string, random: Choices, chars: number): string {
  const line = MACHINE_LINES[kind] ?? (() => "");
  const lines: string[] = [];
  for (let size = 0; size < chars; size += (lines.at(-1)?.length ?? 0) + 1) lines.push(line(random));
  return lines.join("\n");
}
