import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VerifierError } from "./errors.ts";
import { parsePolicy } from "./policy.ts";
import { describeGaps, judgeQuorum } from "./quorum.ts";
import { cosignatureKey, signingKey, vkeyOf } from "./test/memory-log.ts";
import { KEY_TYPES, formatVkey } from "./vkey.ts";

const LOG = vkeyOf(signingKey("example.com/log", "ed25519", "policy.test log"));
const LOG_ML = vkeyOf(signingKey("example.com/log", "mlDsa44", "policy.test log ml"));
const W = Array.from({ length: 6 }, (_, n) => vkeyOf(cosignatureKey(`w.example/${n}`, `policy.test ${n}`)));
const [X1 = "", X2 = "", X3 = "", Y1 = "", Y2 = "", Y3 = ""] = W;
const W_ML = vkeyOf(signingKey("w.example/ml", "mlDsa44", "policy.test w ml"));

const EXAMPLE = `# The specification's own example
log ${LOG} https://log.example/
log ${LOG_ML}

witness X1 ${X1}
witness X2 ${X2}   https://x2.example/
witness X3 ${X3}
group X-witnesses 2 X1 X2 X3

\t witness Y1 ${Y1}
witness Y2 ${Y2}
witness Y3 ${Y3}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;

test("the specification's example is read as it stands", () => {
  const policy = parsePolicy(EXAMPLE);
  expect(policy.logs.map(({ key, url }) => [key.name, key.type, url])).toEqual([
    ["example.com/log", 0x01, "https://log.example/"],
    ["example.com/log", 0x06, undefined],
  ]);
  expect(policy.witnesses.map(({ name }) => name)).toEqual(["X1", "X2", "X3", "Y1", "Y2", "Y3"]);
  expect(policy.witnesses[1]).toMatchObject({ url: "https://x2.example/", key: { type: 0x04 } });
  expect(policy.groups).toEqual([
    { name: "X-witnesses", threshold: 2, members: ["X1", "X2", "X3"] },
    { name: "Y-witnesses", threshold: 1, members: ["Y1", "Y2", "Y3"] },
    { name: "X-and-Y", threshold: 2, members: ["X-witnesses", "Y-witnesses"] },
  ]);
  expect(policy.quorum).toBe("X-and-Y");
});

test.each([
  ["X1 X2 Y3", true],
  ["X1 X3 Y1 Y2", true],
  ["X1 X2 X3", false],
  ["X1 Y1 Y2 Y3", false],
  ["", false],
])("of the example, %s is enough: %s", (cosigned, met) => {
  expect(judgeQuorum(parsePolicy(EXAMPLE), new Set(cosigned.split(" "))).met).toBe(met);
});

test("what is missing is said from the quorum downwards", () => {
  const verdict = judgeQuorum(parsePolicy(EXAMPLE), new Set(["X2"]));
  expect(verdict).toMatchObject({ met: false, witnesses: ["X2"] });
  expect(describeGaps(verdict.gaps)).toBe(
    "X-and-Y has 0 of 2 (without X-witnesses, Y-witnesses); X-witnesses has 1 of 2 (without X1, X3); " +
      "Y-witnesses has 0 of 1 (without Y1, Y2, Y3)",
  );
  expect(describeGaps(judgeQuorum(parsePolicy(`witness w ${X1}\nquorum w\n`), new Set()).gaps)).toBe(
    "w has 0 of 1 (without w)",
  );
});

describe("quorum none", () => {
  test("needs nobody, with or without witnesses", () => {
    expect(parsePolicy("quorum none\n")).toEqual({ logs: [], witnesses: [], groups: [] });
    expect(judgeQuorum(parsePolicy(`witness w ${X1}\nquorum none\n`), new Set())).toMatchObject({
      met: true,
      gaps: [],
    });
  });

  test("lines may follow the quorum line", () => {
    expect(parsePolicy(`quorum none\nlog ${LOG}\nwitness w ${W_ML}`.concat("\n")).witnesses).toHaveLength(1);
  });
});

const bytes = (...parts: readonly (string | number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from(part))));

describe("a malformed policy is refused, with its line", () => {
  const sameKeyOtherName = formatVkey({
    name: "other.example",
    type: KEY_TYPES.cosignatureEd25519.type,
    publicKey: cosignatureKey("w.example/0", "policy.test 0").publicKey,
  });
  test.each<[string, string | Uint8Array, string, number]>([
    ["an empty file", "", "policy_quorum_missing", 1],
    ["no quorum line", `log ${LOG}\n\n# end\n`, "policy_quorum_missing", 3],
    ["two quorum lines", "quorum none\nquorum none\n", "policy_quorum_repeated", 2],
    ["a quorum that nothing defines", "quorum q\n", "policy_name_unknown", 1],
    ["a quorum defined after it", `quorum w\nwitness w ${X1}\n`, "policy_name_unknown", 1],
    ["a quorum of two names", `witness a ${X1}\nwitness b ${X2}\nquorum a b\n`, "policy_fields", 3],
    ["a quorum without a name", "quorum\n", "policy_fields", 1],
    ["a last line that was cut off", "quorum none", "policy_unterminated", 1],
    ["an unknown keyword", "quorum none\nwitnesses w\n", "policy_keyword", 2],
    ["a keyword in capitals", "Quorum none\n", "policy_keyword", 1],
    ["a comment behind a line", `witness w ${X1} https://w.example # mine\n`, "policy_fields", 1],
    ["a log without a key", "log\n", "policy_fields", 1],
    ["a log with four fields", `log ${LOG} a b\n`, "policy_fields", 1],
    ["a key that is none", "log example.com\n", "policy_vkey", 1],
    ["a key with a wrong id", `log ${LOG.replace(/\+[0-9a-f]{8}\+/, "+00000000+")}\n`, "policy_vkey", 1],
    ["a witness's key as a log's", `log ${X1}\n`, "policy_key_type", 1],
    ["a log's key as a witness's", `witness w ${LOG}\n`, "policy_key_type", 1],
    ["a key of a type that nobody knows", "log a+11111111+AgAA\n", "policy_key_type", 1],
    ["a log given twice", `log ${LOG}\nlog ${LOG}\n`, "policy_key_repeated", 2],
    [
      "a witness's key under another name",
      `witness a ${X1}\nwitness b ${sameKeyOtherName}\n`,
      "policy_key_repeated",
      2,
    ],
    ["a name given twice", `witness a ${X1}\nwitness a ${X2}\n`, "policy_name_taken", 2],
    ["a group named as a witness", `witness a ${X1}\ngroup a any a\n`, "policy_name_taken", 2],
    ["a witness named none", `witness none ${X1}\n`, "policy_name_taken", 1],
    ["a group named none", `witness a ${X1}\ngroup none any a\n`, "policy_name_taken", 2],
    ["none as a member", `group g any none\n`, "policy_name_unknown", 1],
    ["a group without members", "group g all\n", "policy_fields", 1],
    ["a group of itself", "group g any g\n", "policy_name_unknown", 1],
    ["a member of a later line", `group g any a\nwitness a ${X1}\n`, "policy_name_unknown", 1],
    ["a member twice", `witness a ${X1}\ngroup g all a a\n`, "policy_member_repeated", 2],
    ["a witness in two groups", `witness a ${X1}\ngroup g any a\ngroup h any a\n`, "policy_member_repeated", 3],
    ["a threshold of 0", `witness a ${X1}\ngroup g 0 a\n`, "policy_threshold", 2],
    ["a threshold beyond the members", `witness a ${X1}\ngroup g 2 a\n`, "policy_threshold", 2],
    ["a threshold with a leading zero", `witness a ${X1}\ngroup g 01 a\n`, "policy_threshold", 2],
    ["a threshold that is no number", `witness a ${X1}\ngroup g most a\n`, "policy_threshold", 2],
    ["a carriage return", "quorum none\r\n", "policy_characters", 1],
    ["a zero byte", bytes("# a\n", [0], "\nquorum none\n"), "policy_characters", 2],
    ["a DEL", bytes("#", [0x7f], "\nquorum none\n"), "policy_characters", 1],
    ["a vertical tab between fields", "quorum\vnone\n", "policy_characters", 1],
    ["a no-break space between fields", "quorum\u00a0none\n", "policy_keyword", 1],
    ["a byte order mark", "\ufeffquorum none\n", "policy_keyword", 1],
    ["more than 4 MB", "#".repeat(4_000_001), "policy_too_large", 1],
  ])("%s", (_, text, code, line) => {
    try {
      parsePolicy(text);
    } catch (error) {
      expect(error).toBeInstanceOf(VerifierError);
      expect(error).toMatchObject({ code, line });
      expect((error as Error).message).toMatch(new RegExp(`^line ${line}: `));
      return;
    }
    expect.unreachable("it was read");
  });
});

test("names are octets: different ones are different names, whatever they look like", () => {
  // 0x4B "K" and the Kelvin sign are the specification's example; a lone 0xE9 and "é" are not the same either.
  const policy = parsePolicy(
    bytes(`witness K ${X1}\nwitness \u212a ${X2}\nwitness é ${X3}\nwitness `, [0xe9], ` ${Y1}\nquorum `, [0xe9], "\n"),
  );
  expect(new Set(policy.witnesses.map(({ name }) => name)).size).toBe(4);
  expect(policy.quorum).toBe(policy.witnesses[3]?.name);
});

test("32 logs, 32 witnesses and 32 groups within one another are read", () => {
  const logs = Array.from({ length: 32 }, (_, n) => `log ${vkeyOf(signingKey(`l${n}.example`, "ed25519", `l${n}`))}\n`);
  const names = Array.from({ length: 32 }, (_, n) => `w${n}`);
  const witnesses = names.map((name) => `witness ${name} ${vkeyOf(cosignatureKey(`${name}.example`, name))}\n`);
  const groups = names.map((name, n) => `group g${n} all ${name}${n === 0 ? "" : ` g${n - 1}`}\n`);
  const policy = parsePolicy(`${[...logs, ...witnesses, ...groups].join("")}quorum g31\n`);
  expect(judgeQuorum(policy, new Set(names)).met).toBe(true);
  expect(judgeQuorum(policy, new Set(names.slice(1))).met).toBe(false);
});

test("no bytes make the parser throw anything but a VerifierError with a line", () => {
  const words = fc.constantFrom(
    "log",
    "witness",
    "group",
    "quorum",
    "none",
    "all",
    "any",
    "1",
    "a",
    "b",
    LOG,
    X1,
    X2,
    "#",
    "\t",
  );
  const line = fc.array(words, { maxLength: 6 }).map((some) => some.join(" "));
  const text = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.array(line, { maxLength: 6 }).map((lines) => new Uint8Array(Buffer.from(`${lines.join("\n")}\n`))),
  );
  fc.assert(
    fc.property(text, (input) => {
      try {
        parsePolicy(input);
      } catch (error) {
        expect(error).toBeInstanceOf(VerifierError);
        expect((error as VerifierError).line).toBeGreaterThan(0);
      }
    }),
    { numRuns: 2_000 },
  );
});

/** A policy as a tree, to be written as a file and judged the plain way. */
type Rule =
  | { readonly name: string; readonly witness: true }
  | { readonly name: string; readonly k: number; readonly of: readonly Rule[] };

function naive(rule: Rule, cosigned: ReadonlySet<string>): boolean {
  if ("witness" in rule) return cosigned.has(rule.name);
  let met = 0;
  for (const each of rule.of) if (naive(each, cosigned)) met += 1;
  return met >= rule.k;
}

const KEYS = Array.from({ length: 16 }, (_, n) => vkeyOf(cosignatureKey(`p${n}.example`, `policy.test p${n}`)));

/** The tree of a random shape over the first `count` witnesses, and its file. */
function build(count: number, random: readonly number[]): { readonly rule: Rule; readonly text: string } {
  let at = 0;
  const next = (below: number): number => (random[at++ % random.length] ?? 0) % below;
  let lines = "";
  let roots: Rule[] = [];
  for (let n = 0; n < count; n++) {
    lines += `witness w${n} ${KEYS[n] ?? ""}\n`;
    roots.push({ name: `w${n}`, witness: true });
  }
  for (let g = 0; roots.length > 1 || g === 0; g++) {
    const size = 1 + next(roots.length);
    const start = next(roots.length - size + 1);
    const of = roots.slice(start, start + size);
    const k = 1 + next(of.length);
    const word = k === of.length && next(2) === 0 ? "all" : k === 1 && next(2) === 0 ? "any" : String(k);
    const rule: Rule = { name: `g${g}`, k, of };
    lines += `group g${g} ${word} ${of.map(({ name }) => name).join(" ")}\n`;
    roots = [...roots.slice(0, start), rule, ...roots.slice(start + size)];
    if (g > 40) roots = [rule];
  }
  const rule = roots[0]!;
  return { rule, text: `${lines}quorum ${rule.name}\n` };
}

test("a random policy means what the plain reading of its tree means, for every set of cosigners", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 16 }),
      fc.array(fc.nat(1_000), { minLength: 8, maxLength: 60 }),
      fc.array(fc.nat(65_535), { minLength: 20, maxLength: 20 }),
      (count, random, sets) => {
        const { rule, text } = build(count, random);
        const policy = parsePolicy(text);
        for (const bits of [0, 65_535, ...sets]) {
          const cosigned = new Set(policy.witnesses.map(({ name }) => name).filter((_, n) => (bits >> n) % 2 === 1));
          const verdict = judgeQuorum(policy, cosigned);
          expect(verdict.met).toBe(naive(rule, cosigned));
          expect(verdict.gaps.length > 0).toBe(!verdict.met);
          for (const { needs, has, without } of verdict.gaps) {
            expect(has).toBeLessThan(needs);
            expect(without.length).toBeGreaterThan(0);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
