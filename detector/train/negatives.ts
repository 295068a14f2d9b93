/**
 * Texts without any name that other detectors trip over: programs, logs, JSON, tables, user interfaces, product texts. Generated, and
 * the comments of the type declarations that this repository installs anyway (@types/node, MIT).
 */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Example } from "./corpora.ts";
import type { Random } from "./random.ts";

const NOUNS =
  "User Account Order Invoice Session Token Request Response Handler Service Client Server Config Option Error Event Stream Buffer Parser Reader Writer Cache Index Query Result Record Entry Field Value Key Node Tree List Map Set Queue Task Job Worker Thread Lock Timer Clock Date Address Payment Customer Product Price Stock Report Export Import Filter Sort Page Table Column Row Cell Header Footer Button Dialog Menu Label Icon Image File Folder Path Link Route Model View Controller Store Action State Effect Hook Context Provider Factory Builder Adapter Proxy Gateway Router Logger Metric Trace Span Policy Rule Role Permission Group Team Project Issue Comment Branch Commit Merge Release Version Build Test Case Suite Mock Stub Fixture Schema Type Interface Class Method Function Module Package Plugin Theme Style Color Font Layout Grid Panel Widget Chart Graph".split(
    " ",
  );
const VERBS =
  "get set load save open close read write start stop create update delete find fetch send receive parse format validate check handle process render mount init reset build run execute connect listen emit resolve reject push pop shift map filter reduce sort merge split join encode decode encrypt hash sign verify".split(
    " ",
  );
const LEVELS = ["INFO", "WARN", "ERROR", "DEBUG", "TRACE", "FATAL", "NOTICE"];
const PRODUCT =
  "Wireless Bluetooth Headphones Noise Cancelling Premium Leather Wallet Stainless Steel Water Bottle Organic Green Tea Dark Chocolate Gaming Mouse Mechanical Keyboard Smart Watch Fitness Tracker Portable Charger Power Bank Ultra Slim Laptop Sleeve Memory Foam Pillow Electric Toothbrush LED Desk Lamp Coffee Maker Cast Iron Pan Yoga Mat Running Shoes Rain Jacket Travel Backpack Cotton Shirt Denim Jeans Winter Gloves Summer Dress Baby Blanket Wooden Puzzle Building Blocks Board Game Garden Hose Solar Panel Screwdriver Set Air Fryer Vacuum Cleaner Classic Deluxe Pro Max Mini Plus Edition Series Black White Silver Navy Blue Forest Green Rose Gold Large Medium Small".split(
    " ",
  );
const UI =
  "Save Cancel Delete Edit Copy Paste Undo Redo Settings Preferences Profile Logout Sign Up Log In Forgot Password Remember Me Next Previous Back Home Search Filter Results No Results Found Show More Less Loading Please Wait Try Again Learn Read Terms Privacy Cookies Accept All Reject Manage Notifications Messages Inbox Sent Drafts Trash Archive Dashboard Overview Reports Billing Plan Upgrade Now Download Upload File Choose Language Theme Light Dark System Account Security Help Center Contact Support About Status Active Inactive Pending Completed Failed Draft Published Yes No Confirm Apply Close Open Print Share Export Import Select Date Time Today Yesterday Tomorrow Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August September October November December".split(
    " ",
  );

const ACRONYMS =
  "API URL URI HTTP HTTPS JSON XML HTML CSS SQL CSV PDF IBAN BIC VAT SMS DNS TCP UDP TLS SSL SSH VPN CPU GPU RAM SSD USB LED LCD PIN PUK SIM IMEI GPS RSS SDK IDE CLI GUI ORM MVC JWT OAuth SAML CORS CSRF XSS UTF ASCII UUID GUID PNG JPEG SVG MP3 DVD ZIP YAML TOML SaaS KPI ROI B2B FAQ ETA ASAP FYI TBD N/A OK ID NIR BSN SSN TIN MAC LAN WAN NAT CDN AWS GCP DB ETL OCR NLP LLM AI ML GDPR DPO CEO CTO HR IT QA PR MR TODO".split(
    " ",
  );
const SYLLABLES =
  "ka ro mi ve lu zo ta ne pi sa do re fu li no ma ti bo ce ja ku pa xi ya be tro flu gra sto bri kle spi dro cli".split(
    " ",
  );
const SCRIPT =
  "elif else if for in while def return import from class try except finally with as lambda pass break continue not and or is none true false self print len range echo cd ls grep sed awk sudo npm git docker chmod mkdir export local fi done esac then do my sub use our foreach unless end begin require module puts let var const function new typeof await async yield int void char long double static public private struct include define ifdef endif".split(
    " ",
  );

export class Negatives {
  readonly #random: Random;
  readonly #comments: readonly string[];

  constructor(random: Random) {
    this.#random = random;
    this.#comments = comments();
  }

  #hex(count: number): string {
    let text = "";
    for (let k = 0; k < count; k++) text += "0123456789abcdef"[this.#random.below(16)] as string;
    return text;
  }

  #uuid(): string {
    const id = [8, 4, 4, 4, 12].map((count) => this.#hex(count)).join("-");
    return this.#random.chance(0.3) ? id.toUpperCase() : id;
  }

  #words(list: readonly string[], least: number, most: number): string {
    const count = least + this.#random.below(most - least + 1);
    return Array.from({ length: count }, () => this.#random.pick(list)).join(" ");
  }

  #id(): string {
    const r = this.#random;
    const parts = Array.from({ length: 1 + r.below(3) }, () => r.pick(NOUNS));
    return r.pick([
      parts.join(""),
      r.pick(VERBS) + parts.join(""),
      parts.join("_").toUpperCase(),
      parts.join("_").toLowerCase(),
      parts.join("-").toLowerCase(),
      parts.join(".").toLowerCase(),
      parts[0] as string,
    ]);
  }

  #time(): string {
    const two = (limit: number): string => String(this.#random.below(limit)).padStart(2, "0");
    return `20${two(30)}-${two(12)}-${two(28)}${this.#random.pick(["T", " "])}${two(24)}:${two(60)}:${two(60)}`;
  }

  #base64(count: number): string {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return Array.from({ length: count }, () => letters[this.#random.below(64)] as string).join("");
  }

  /** A name of software that no list holds. */
  #product(): string {
    const r = this.#random;
    const word = Array.from({ length: 2 + r.below(2) }, () => r.pick(SYLLABLES)).join("");
    const roll = r.below(4);
    return roll === 0
      ? word
      : roll === 1 && word.length < 7
        ? word.toUpperCase()
        : (word[0] as string).toUpperCase() + word.slice(1);
  }

  #acronym(): string {
    const r = this.#random;
    if (r.chance(0.7)) return r.pick(ACRONYMS);
    return Array.from({ length: 2 + r.below(3) }, () => String.fromCharCode(65 + r.below(26))).join("");
  }

  /** Keys and values as in manifests, pipelines and records. */
  #data(): string {
    const r = this.#random;
    const quote = r.pick(['"', "", "'"]);
    const value = (): string => {
      const noun = r.pick(NOUNS) + (r.chance(0.4) ? r.pick(NOUNS) : "");
      const roll = r.below(4);
      return quote + (roll === 0 ? noun.toLowerCase() : roll === 1 ? this.#product() : noun) + quote;
    };
    const pair = (): string =>
      `${quote}${r.pick(["kind", "type", "class", "category", "role", "level", "state", "mode", "unit", "format", "source", "target", "stage", "image", "service", "component", "module", "group", "scope", "action", "event"])}${quote}: ${value()}`;
    return (
      r.pick(["", "  ", "- ", "{ ", "      "]) +
      Array.from({ length: 1 + r.below(3) }, pair).join(r.pick([", ", "\n", ",\n    "])) +
      r.pick(["", ",", " }"])
    );
  }

  #software(): string {
    const r = this.#random;
    const a = (): string => this.#acronym();
    const x = this.#product();
    switch (r.below(16)) {
      case 0:
        return `${x} is a ${r.pick(["small", "fast", "tiny", "modern", "TypeScript-first", "zero-dependency", "command-line"])} ${r.pick(["library", "framework", "tool", "parser", "database", "plugin"])} for ${r.pick(NOUNS).toLowerCase()}s.`;
      case 1:
        return `npm install ${x.toLowerCase()} ${this.#product().toLowerCase()}`;
      case 2:
        return `## What is ${x}?`;
      case 3:
        return `import ${x} from "${x.toLowerCase()}";`;
      case 4:
        return `With ${x} you can ${r.pick(VERBS)} a ${r.pick(NOUNS)} without the ${a()}.`;
      case 5:
        return `The ${a()} must be set before the ${a()} is ${r.pick(["sent", "created", "checked"])}; see the ${a()} docs.`;
      case 6:
        return `an ${a()}, a ${a()} or an ${a()} with ${r.pick(NOUNS).toLowerCase()}s and ${r.pick(NOUNS).toLowerCase()}s`;
      case 7:
        return `Use ${x} instead of ${this.#product()}: it ${r.pick(VERBS)}s ${a()} and ${a()} ${r.pick(NOUNS).toLowerCase()}s.`;
      case 8:
        return `Nothing goes around ${x}. ${x} ${r.pick(VERBS)}s every ${r.pick(NOUNS).toLowerCase()}.`;
      case 9:
        return `"${r.pick(["os", "cpu", "type", "license", "engine", "name", "main", "bin", "libc"])}": ["${x.toLowerCase()}", "${r.pick(NOUNS).toLowerCase()}"],`;
      case 10:
        return `    "node_modules/${x.toLowerCase()}": { "version": "${r.below(9)}.${r.below(40)}.${r.below(9)}", "dev": true },`;
      case 11:
        return Array.from({ length: 3 + r.below(8) }, () =>
          r.chance(0.5)
            ? r.pick(SCRIPT)
            : r.chance(0.5)
              ? this.#id().toLowerCase()
              : r.pick(["(", ")", "=", "==", ":", "[0]", "+", "{", "}", "n", "i", "x"]),
        ).join(" ");
      case 12:
        return `${" ".repeat(r.below(9))}${r.pick(SCRIPT)}${r.pick([":", "", ";", " {", "("])} ${r.chance(0.4) ? `# ${r.pick(VERBS)} ${x.toLowerCase()}` : ""}`;
      case 13:
        return `${a()} ${r.pick(["error", "header", "code", "number", "version", "check", "list"])}: ${a()}-${r.below(999)}`;
      case 14:
        return `${r.pick(["const", "type", "readonly", "let"])} ${a()} = ${r.pick(NOUNS).toUpperCase()};`;
      default:
        return `${r.pick(NOUNS).toUpperCase()}, ${r.pick(NOUNS).toUpperCase()}, ${a()}, ${r.pick(NOUNS).toLowerCase()},`;
    }
  }

  #line(): string {
    if (this.#random.chance(0.35)) return this.#software();
    if (this.#random.chance(0.08)) return this.#data();
    const r = this.#random;
    const id = (): string => this.#id();
    const n = (): number => r.below(10_000);
    switch (r.below(30)) {
      case 0:
        return `const ${id()} = new ${r.pick(NOUNS)}${r.pick(NOUNS)}(${id()}, ${n()});`;
      case 1:
        return `import { ${r.pick(NOUNS)}, ${r.pick(NOUNS)}${r.pick(NOUNS)} } from "./${id()}.ts";`;
      case 2:
        return `  if (${id()}.${id()} === ${r.pick(NOUNS)}.${id()}) return ${r.pick(VERBS)}(${id()});`;
      case 3:
        return `class ${r.pick(NOUNS)} extends ${r.pick(NOUNS)} implements ${r.pick(NOUNS)} {`;
      case 4:
        return `export interface ${r.pick(NOUNS)} { readonly ${id()}: ${r.pick(NOUNS)} | undefined; ${id()}?: string }`;
      case 5:
        return `SELECT ${r.pick(NOUNS)}, ${id()} FROM ${r.pick(NOUNS)} WHERE ${id()} = ${n()} ORDER BY ${r.pick(NOUNS)} DESC;`;
      case 6:
        return `${this.#time()} ${r.pick(LEVELS)} [${id()}-${n()}] ${r.pick(NOUNS)} ${r.pick(VERBS)} ${r.pick(NOUNS)} ${this.#uuid()} took ${n()} ms`;
      case 7:
        return `${this.#time()}Z ${r.pick(LEVELS)} ${r.pick(NOUNS)}${r.pick(NOUNS)}: ${r.pick(VERBS)} failed: Connection refused`;
      case 8:
        return `{"id":"${this.#uuid()}","type":"${r.pick(NOUNS)}","status":"${r.pick(["Active", "Pending", "FAILED", "ok"])}","count":${n()}}`;
      case 9:
        return `"${id()}": "${this.#uuid()}", "${id()}": "${this.#base64(24)}"`;
      case 10:
        return `[${r.pick(LEVELS)}] ${r.pick(NOUNS)} ${r.pick(["started", "stopped", "created", "not found", "timed out", "completed"])} (${id()}=${n()})`;
      case 11:
        return `\tat ${r.pick(NOUNS)}${r.pick(NOUNS)}.${id()} (${id()}.ts:${n()}:${r.below(99)})`;
      case 12:
        return `at com.example.${id()}.${r.pick(NOUNS)}${r.pick(NOUNS)}.${r.pick(VERBS)}(${r.pick(NOUNS)}.java:${n()})`;
      case 13:
        return `${r.pick(NOUNS)}Exception: ${r.pick(NOUNS)} ${r.pick(["is", "was", "must be", "cannot be"])} ${r.pick(["null", "undefined", "empty", "Invalid"])}`;
      case 14:
        return (
          this.#words(PRODUCT, 3, 9) +
          r.pick(["", `, ${n()} ml`, ` - ${r.pick(PRODUCT)}`, `, Pack of ${r.below(12)}`, ` (${r.pick(PRODUCT)})`])
        );
      case 15:
        return this.#words(UI, 2, 10);
      case 16:
        return this.#words(UI, 1, 3) + r.pick([" > ", " | ", " / ", ": "]) + this.#words(UI, 1, 3);
      case 17:
        return `<${r.pick(NOUNS)} ${r.pick(VERBS)}="${id()}">${this.#words(UI, 1, 4)}</${r.pick(NOUNS)}>`;
      case 18:
        return `| ${r.pick(NOUNS)} | ${r.pick(UI)} ${r.pick(NOUNS)} | ${n()} | ${r.pick(UI)} |`;
      case 19:
        return `${r.pick(NOUNS)};${r.pick(NOUNS)};${r.pick(UI)};${n()};${this.#uuid()}`;
      case 20:
        return `# ${this.#words(NOUNS, 1, 4)}`;
      case 21:
        return `- ${this.#words(NOUNS, 1, 3)}: ${this.#words(UI, 1, 5)}`;
      case 22:
        return `// ${r.pick(NOUNS)} ${r.pick(VERBS)}s the ${r.pick(NOUNS).toLowerCase()} before the ${r.pick(NOUNS)} is ${r.pick(["ready", "closed", "sent"])}.`;
      case 23:
        return `${r.pick(["GET", "POST", "PUT", "DELETE"])} /${id()}/${this.#uuid()} HTTP/1.1 ${r.pick(["200 OK", "404 Not Found", "500 Internal Server Error"])}`;
      case 24:
        return `${r.pick(["Content-Type", "Accept-Language", "User-Agent", "Cache-Control", "X-Request-Id", "Authorization"])}: ${r.pick(["Bearer ", "Basic ", ""])}${this.#base64(20)}`;
      case 25:
        return `${id()}: ${r.pick(["true", "false", "None", "True", "False", "Null", "NaN"])}`;
      case 26:
        return `def ${id()}(self, ${id()}: ${r.pick(NOUNS)} = None) -> ${r.pick(NOUNS)}:`;
      case 27:
        return `${r.pick(NOUNS)} ${r.pick(NOUNS)} ${r.pick(["Error", "Warning", "Notice", "Report", "Summary"])} ${n()}`;
      case 28:
        return this.#words(NOUNS, 2, 6).toUpperCase();
      default:
        return `msg="${r.pick(NOUNS)} ${r.pick(VERBS)} ${r.pick(NOUNS)}" ${id()}=${this.#hex(8)} trace=${this.#hex(32)} level=${r.pick(LEVELS)}`;
    }
  }

  example(): Example {
    const example = this.#cased();
    return this.#random.chance(0.3) ? negative(example.text.toLowerCase()) : example;
  }

  #cased(): Example {
    const r = this.#random;
    if (r.chance(0.25) && this.#comments.length > 0) {
      const at = r.below(this.#comments.length);
      return negative(this.#comments.slice(at, at + 1 + r.below(3)).join(r.chance(0.5) ? "\n" : " "));
    }
    return negative(Array.from({ length: 1 + r.below(3) }, () => this.#line()).join("\n"));
  }
}

export function negative(text: string, lang = ""): Example {
  return { lang, text, spans: [] };
}

/** Lines of prose and code from declaration files. */
function comments(): string[] {
  const folder = dirname(createRequire(import.meta.url).resolve("@types/node/package.json"));
  const lines: string[] = [];
  for (const file of readdirSync(folder).toSorted()) {
    if (!file.endsWith(".d.ts")) continue;
    for (const line of readFileSync(join(folder, file), "utf8").split("\n")) {
      const text = line.replace(/^\s*(?:\*|\/\*\*|\/\/)?\s?/, "");
      if (text.length > 12 && !/@author|Copyright|London|Paris|Berlin|Tokyo/.test(text)) lines.push(text);
    }
  }
  return lines;
}
