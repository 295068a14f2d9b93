/** What `sluice scrub` does with each finding, and the map of what stands for what. One of them for all documents of a run. */
import { randomBytes } from "node:crypto";
import type { Found, Operator, OperatorContext, TellingOptions } from "@sluice/detector";
import { OPERATORS } from "../core/connection.ts";
import { checkType, detecting, type DetectionFlags } from "./detection-flags.ts";
import { CliError, EXIT } from "./exit.ts";
import { type KeyFlags, keysOf } from "./operator-keys.ts";
import type { Output } from "./output.ts";
import type { Tally } from "./tally.ts";

/** Their results lie in the map, or a key brings the value back. */
const REMEMBERED: ReadonlySet<Operator> = new Set<Operator>(["format-preserving", "surrogate"]);
/** Without a key that is kept, nobody could open what they write. */
const SEALED: ReadonlySet<Operator> = new Set<Operator>(["encrypt", "encrypt-deterministic"]);
/** Different values stay different, whatever their type. */
const UNIQUE: ReadonlySet<Operator> = new Set<Operator>(["placeholder", "hash", "pseudonym", "allow", ...SEALED]);
/** In a rule: every type without a rule of its own. */
export const DEFAULT = "DEFAULT";
/** As the gateway's default rules have it: found and replaced, and in no map. */
const NEVER_RESTORE: ReadonlySet<string> = new Set(["secret", "CARD", "national-id"]);

export interface ScrubbingFlags extends DetectionFlags, KeyFlags {
  /** `TYPE=what` */
  readonly operator?: readonly string[];
}

export interface Scrubbing {
  /** For one document, `name` in messages. Its findings are counted in `tally`. */
  optionsFor(name: string, tally: Tally): TellingOptions;
  addBareWords(words: readonly string[]): void;
  /** Writes the members of the map as JSON, without braces. Memory stays as it is, however long the map. */
  writeMap(output: Output): Promise<void>;
}

/** Throws a CliError (2) for a rule that is none, (3) when the key cannot be read. */
export async function newScrubbing(flags: ScrubbingFlags): Promise<Scrubbing> {
  const { applyOperator, isPlaceholderType, LITERAL, PlaceholderMap, Replacements } = await import("@sluice/detector");
  const { options: detect, types } = await detecting(flags);
  const categoryOf = (type: string): string => types[type]?.category ?? "";
  const operators = operatorsOf(flags.operator ?? [], types);
  const ruleFor = (type: string): string => [type, categoryOf(type)].find((name) => operators.has(name)) ?? DEFAULT;
  const restorable = (type: string): boolean => ![type, categoryOf(type)].some((name) => NEVER_RESTORE.has(name));
  const map = new PlaceholderMap({ restorable });
  const used = [...operators.values()];
  const sealing = used.find((operator) => SEALED.has(operator));
  if (sealing !== undefined && flags.key === undefined)
    throw new CliError(
      EXIT.usage,
      "key_missing",
      `the operator ${sealing} needs --key: without it nobody could decrypt`,
    );
  // It holds every value, so it is made for those who need it only.
  const replacements = used.some((operator) => REMEMBERED.has(operator)) ? new Replacements({ restorable }) : undefined;
  const context: OperatorContext = {
    map,
    restorable: true,
    ...(await keysOf(flags)),
    nonce: (bytes) => Uint8Array.from(randomBytes(bytes)),
    ...(replacements === undefined ? {} : { replacements }),
    ...(flags.region === undefined ? {} : { region: flags.region }),
  };
  const bareWords = new Set<string>();

  function replacement({ type, value, key: isKey }: Found, name: string): string {
    if (type === LITERAL) return applyOperator("placeholder", type, value, context);
    const rule = ruleFor(type);
    const operator = operators.get(rule) ?? "placeholder";
    if (operator === "block")
      throw new CliError(EXIT.failed, "type_blocked", `${name} holds ${type}, which --operator ${rule}=block refuses`);
    // Names of members must stay different from one another.
    const fits = !isKey || UNIQUE.has(operator);
    return applyOperator(fits ? operator : "placeholder", type, value, context);
  }

  return {
    optionsFor: (name, tally) => ({
      ...detect,
      literals: (type) => isPlaceholderType(type) && restorable(type),
      replace(found) {
        tally.add(found);
        return replacement(found, name);
      },
    }),
    addBareWords(words) {
      for (const word of words) bareWords.add(word);
    },
    async writeMap(output) {
      let separator = "";
      const write = async (entry: object): Promise<void> => {
        await output.write(`${separator}\n${JSON.stringify(entry)}`);
        separator = ",";
      };
      await output.write('"entities":[');
      for (const { placeholder, type, value, restorable } of map.issued())
        if (restorable) await write({ placeholder, type, value });
      if (replacements !== undefined) {
        await output.write('],\n"replacements":[');
        separator = "";
        for (const { type, value, written, restorable } of replacements.entries())
          if (restorable) await write({ written, type, value });
      }
      await output.write(`],\n"bareWords":${JSON.stringify([...bareWords])}`);
    },
  };
}

function operatorsOf(
  rules: readonly string[],
  types: Readonly<Record<string, { readonly category: string }>>,
): ReadonlyMap<string, Operator> {
  const categories = new Set(Object.values(types).map(({ category }) => category));
  const known = [...Object.keys(types), ...categories, DEFAULT];
  const operators = new Map<string, Operator>();
  for (const rule of rules) {
    const [written = "", what = "", ...rest] = rule.split("=");
    const operator = rest.length > 0 ? undefined : OPERATORS.find((each) => each === what);
    if (operator === undefined)
      throw new CliError(
        EXIT.usage,
        "operator_invalid",
        `--operator ${rule}: write TYPE=what, what being one of ${OPERATORS.join(", ")}`,
      );
    const name = known.find((each) => each.toLowerCase() === written.toLowerCase()) ?? written;
    checkType(name, known);
    operators.set(name, operator);
  }
  return operators;
}
