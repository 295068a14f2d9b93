/** The table of docs/identifiers.md, and the chances in it. */
import type { IdentifierRow } from "../row.ts";

const DRAWS = 400_000;
const chances = new Map<string, number>();

/** Share of random values of its lone forms that pass the row's check and what it asks of values without label. */
export function chanceOf(row: IdentifierRow): number {
  const known = chances.get(row.id);
  if (known !== undefined) return known;
  const masks = new Set(
    row.shapes.filter((form) => form.startsWith("!")).map((form) => form.replaceAll(/[^#@*]/g, "")),
  );
  let most = 0;
  for (const mask of masks) most = Math.max(most, passing(row, mask) / DRAWS);
  chances.set(row.id, most);
  return most;
}

function passing(row: IdentifierRow, mask: string): number {
  const places = new Uint8Array(mask.length);
  // Numerical Recipes' generator: the chances are the same on every machine.
  let state = 20_261_121;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * limit);
  };
  let passed = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    for (let at = 0; at < mask.length; at++) {
      const sign = mask[at];
      places[at] = sign === "#" ? below(10) : sign === "@" ? 10 + below(26) : below(36);
    }
    if (row.check?.(places) !== false && row.alone?.(places) !== false) passed++;
  }
  return passed;
}

function oneIn(chance: number): string {
  if (chance === 0) return "fewer than 1 in 100,000";
  const digits = 10 ** Math.max(0, Math.floor(Math.log10(1 / chance)) - 1);
  return `1 in ${(Math.round(1 / chance / digits) * digits).toLocaleString("en")}`;
}

function aloneOf(row: IdentifierRow): string {
  const forms = row.shapes.filter((form) => form.startsWith("!"));
  if (forms.length === 0) return "no";
  const which =
    forms.length === row.shapes.length ? "yes" : `as ${forms.map((form) => `\`${form.slice(1)}\``).join(", ")}`;
  return `${which}; ${oneIn(chanceOf(row))}${row.particular === undefined ? "" : `, but ${row.particular}`}`;
}

const HEAD = `# Identifiers of the EU, the EEA, Switzerland and the United Kingdom

National, tax, social security, health and identity card numbers that the detector knows. The table is made from the rows in
\`detector/src/identifiers/countries/\`; a test fails when the two differ.

- **Checked**: what a value must pass. "form only" means that nothing is published that could be computed.
- **Without a label**: whether a number is reported when nothing in the text says what it is, and how many random values of its
  form would pass. More than 1 in 1,000 never stands alone, unless the form itself is particular.
- Thirteen digits that are a time in milliseconds between 2015 and 2030, and twelve that are a date and time of day, never stand alone.
- With a label directly before it ("PESEL:", "numéro de sécurité sociale", \`"taxId": "\`) a value that passes scores .95 to .99, a form
  without check digits .7 to .8, and a value with wrong check digits .6: mistyped numbers and made-up ones are personal data too. A
  label elsewhere among the last eight words of the line makes valid numbers count (.75 to .9). A word for another kind of number
  directly before it ("order number", "ISBN", "tracking", "phone") makes a number without label of its own count for nothing.
- Labels that name no country ("tax number", "identity card no", in the languages of the Union) count for all rows; a value of no
  form below is then reported at .55 to .65.
- Value added tax numbers count where the national form is that of a person's number (CZ, ES, SE, BG and others, with or without the
  country's letters). Numbers of companies (REGON, SIREN, partita IVA, USt-IdNr.) are not looked for.
- In forms \`#\` is a digit, \`@\` a letter, \`*\` either. Any space and any hyphen will do. Small letters are understood behind labels.

| country | id | name | type | checked | without a label | source |
|---|---|---|---|---|---|---|
`;

export function tableOf(rows: readonly IdentifierRow[]): string {
  const lines = rows.map((row) => {
    const checked = [row.checkDigits, row.structure].filter(Boolean).join("; ") || "form only";
    const cells = [row.country, `\`${row.id}\``, row.name, row.type, checked, aloneOf(row), `<${row.source}>`];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return `${HEAD}${lines.join("\n")}\n`;
}
