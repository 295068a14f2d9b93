/** The tables of docs/operators.md, printed from the operators themselves. */
import { PlaceholderMap } from "../../placeholders.ts";
import { OperatorKeys } from "../keys.ts";
import { MASKS } from "../mask.ts";
import { applyOperator, type Operator, type OperatorContext, OPERATORS } from "../operators.ts";
import { Replacements } from "../replacements.ts";

/** The key that the examples are made with. Known to everybody: use it for nothing else. */
const KEYS = new OperatorKeys({
  master: Uint8Array.from({ length: 32 }, (_, at) => at),
  keyId: "docs",
  purpose: "documentation",
  epoch: "1",
});

/** One value a type. */
export const EXAMPLES: Readonly<Record<string, string>> = {
  PERSON: "Maria Keller",
  EMAIL: "maria.keller@acme.test",
  PHONE: "+49 151 23456789",
  ADDRESS: "Gartenweg 5, 10115 Berlin",
  DATE_OF_BIRTH: "14.03.1985",
  LOCATION: "Wien",
  ORGANIZATION: "Acme AG",
  COORDINATES: "52.51628, 13.37770",
  CARD: "4111 1111 1111 1111",
  IBAN: "DE89 3704 0044 0532 0130 00",
  BIC: "DEUTDEFF500",
  CRYPTO_WALLET: "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
  ACCOUNT_NUMBER: "12345678",
  CUSTOMER_NUMBER: "KD-471108",
  ORDER_NUMBER: "A-100234",
  NATIONAL_ID: "85.07.30-033.28",
  TAX_ID: "86095742719",
  SOCIAL_SECURITY_NUMBER: "123-45-6789",
  HEALTH_ID: "943 476 5919",
  ID_CARD_NUMBER: "T220001293",
  PASSPORT_NUMBER: "C01X00T47",
  DRIVING_LICENCE_NUMBER: "B072RRE2I55",
  LICENCE_PLATE: "B-MW 1234",
  IP_ADDRESS: "93.184.216.34",
  MAC_ADDRESS: "00:1A:2B:3C:4D:5E",
  URL: "https://acme.test/?user=maria",
  USER_HANDLE: "@maria_keller",
  SECRET: "Tr0ub4dor-3xk9Q",
};

/** What an operator is shown with, where e-mail addresses have no form in it. */
const SHOWN: Partial<Record<Operator, string>> = { "format-preserving": "CARD", generalize: "DATE_OF_BIRTH" };

function context(): OperatorContext {
  return {
    map: new PlaceholderMap(),
    restorable: true,
    hash: () => "9f86d081884c7d65",
    keys: KEYS,
    nonce: (bytes) => new Uint8Array(bytes),
    replacements: new Replacements(),
    language: "de",
    region: "DE",
  };
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
}

function code(text: string): string {
  return text === "" ? "" : `\`${text}\``;
}

function operators(): string {
  const rows = (Object.keys(OPERATORS) as Operator[]).map((name) => {
    const { reversible, undo, keyed, needs, types, description } = OPERATORS[name];
    const type = SHOWN[name] ?? "EMAIL";
    const value = EXAMPLES[type] ?? "";
    const written = applyOperator(name, type, value, context());
    return [
      code(name),
      code(value),
      written === "" ? "(nothing)" : code(written),
      reversible ? `yes: ${undo}` : "no",
      keyed ? "yes" : "no",
      needs.map((need) => code(need)).join(", "),
      types === "all" ? "all" : `${types.length}`,
      description,
    ];
  });
  return table(["operator", "of", "it makes", "undone", "keyed", "needs", "types", "what it is"], rows);
}

function types(): string {
  const shown: readonly Operator[] = ["mask", "generalize", "format-preserving", "surrogate"];
  const rows = Object.entries(EXAMPLES).map(([type, value]) => [
    type,
    code(value),
    ...shown.map((operator) => code(applyOperator(operator, type, value, context()))),
  ]);
  return table(["type", "value", ...shown], rows);
}

function masks(): string {
  const rows = Object.entries(MASKS).map(([type, { shows, because }]) => [type, shows, because]);
  return table(["type", "stays visible", "because"], rows);
}

export const TABLES: Readonly<Record<string, () => string>> = { operators, types, masks };

/** The page with its tables made anew. A table stands between `<!-- name -->` and `<!-- end -->`. */
export function withTables(page: string): string {
  return page.replace(/<!-- ([a-z]+) -->\n[^]*?<!-- end -->/g, (whole, name: string) => {
    const make = TABLES[name];
    return make === undefined ? whole : `<!-- ${name} -->\n${make()}\n<!-- end -->`;
  });
}
