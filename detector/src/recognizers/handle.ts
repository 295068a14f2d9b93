/**
 * User handles, "@jdoe", and user names behind a label, "username: jdoe". An "@" before a word is far more often a decorator,
 * an annotation, an at-rule, a package's scope or a mention of everybody, so a bare handle needs a sign of a person: a word
 * such as "via" or "follow" before it, a network's name, or its place at the head of a message. When in doubt it is left alone.
 */
import {
  AT,
  classAt,
  codeAt,
  DIGIT,
  isDigitCode,
  isIn,
  isLowerCode,
  isUpperCode,
  isWord,
  LETTER,
  PAIR,
  PAIRED,
  setOf,
} from "../scanner/characters.ts";
import { cellStart, contextBefore, meaningAt, wordStart } from "../scanner/context.ts";
import { isInsideUrl, type Island } from "../scanner/island.ts";
import { IS, LINK } from "../scanner/words.ts";
import { hasDirect, labelsBefore, NETWORK, USER, USER_NAME } from "./document-labels.ts";
import type { Recognizer, Sink } from "./recognizer.ts";
import { hashFolded } from "../signals/fold.ts";
import { WordTable } from "../signals/word-table.ts";

/** https://docs.x.com: 15; Instagram, Telegram and TikTok have up to 32, GitHub 39. */
const NAME_CHARS_MIN = 2;
const NAME_CHARS_MAX = 39;
const VALUE_CHARS_MIN = 3;

const words = (list: string): ReadonlySet<string> => new Set(list.split(" "));

/** Names that call everybody or nobody, and words of programs that stand behind an "@". */
const NO_NAMES = words(
  "here channel everyone all team me you username user users name handle example anyone somebody mention admin root null none " +
    "media import charset namespace supports keyframes font-face page layer container property include extend mixin use forward " +
    "function return if else each for while warn error debug tailwind apply screen responsive variants " +
    "param params returns return throws type typedef template see link since version deprecated author override inheritdoc private public " +
    "protected internal readonly module todo fixme note example description summary remarks default class interface enum " +
    "implements extends callback event fires listens external file fileoverview license copyright ignore experimental alpha beta " +
    "property method static abstract final test before after beforeeach aftereach suite dataprovider group covers var global package " +
    "staticmethod classmethod dataclass wraps cache lru_cache contextmanager fixture pytest mock patch app router route api task flask " +
    "nullable nonnull notnull suppresswarnings functionalinterface entity table column id autowired component service repository controller " +
    "bean value inject json query param path get post put delete head options transactional " +
    "objc main state published binding environment escaping autoclosure available discardableresult mainactor frozen inlinable " +
    "end selector synthesize dynamic optional required implementation protocol property " +
    "echo mkdir rm cp mv cd set exit test true false section yield csrf foreach endif endforeach endsection endphp php model html using " +
    "code inject page model attributes async await types react vue angular babel nestjs scope org " +
    "spec moduledoc doc behaviour callback impl opaque typep return const let new self this super init in out data",
);
/** Words behind which a person is named. */
const STRONG_WORDS = words(
  "by via cc follow following followed dm thanks thank thx merci danke gracias grazie obrigado obrigada dank dziękuję tack takk tak " +
    "hi hello hey hallo hola salut ciao olá hej cześć ahoj ping h/t ht rt dear liebe lieber cher chère querido querida caro cara " +
    "contact contacted message messaged mentioned tagged tag tagging credit credits courtesy suivez folgt folge folgen sigue síguenos " +
    "seguici segui segue volg obserwuj följ følg abonnez handle user nutzer usuario utente utilisateur gebruiker",
);
/** Words behind which a person may be named, in prose. */
const WEAK_WORDS = words(
  "and with from to met meet ask asked told says said tell per und mit von an et avec de con y e da com w z i och med og per " +
    "reply replied replying invited joined blocked reported that as",
);
/** Sites whose users' pages are `/@name`. */
const HOSTS = words(
  "medium.com www.medium.com tiktok.com www.tiktok.com youtube.com www.youtube.com threads.net www.threads.net threads.com www.threads.com " +
    "mastodon.social mastodon.online mastodon.world fosstodon.org hachyderm.io mstdn.social infosec.exchange chaos.social social.bund.de " +
    "t.me warpcast.com substack.com flickr.com lens.xyz dev.to pixelfed.social",
);

export const handle: Recognizer = {
  name: "handle",
  types: ["USER_HANDLE"],
  trigger: AT | PAIR | PAIRED | DIGIT,
  lettered: true,
  charsMin: NAME_CHARS_MIN,
  find(island: Island, sink: Sink): void {
    if ((island.classes & AT) !== 0) findMentions(island, sink);
    const cell = cellStart(island.text, island.start, island.end);
    const from = island.text.charCodeAt(cell) === 0x27 ? cell + 1 : cell;
    if ((island.classes & PAIRED) !== 0) findValue(island, from, sink);
    if ((island.classes & (DIGIT | PAIRED)) === DIGIT || codeAt(island.text, from - 1) === 0x0a)
      findSpoken(island, from, sink);
    if ((island.classes & PAIR) !== 0) findAssigned(island, sink);
  },
};

function findMentions(island: Island, sink: Sink): void {
  const { text, start, end } = island;
  for (let at = start; at < end; at++) {
    if ((classAt(text, at) & AT) === 0) continue;
    const to = nameEnd(text, at + 1, end);
    if (to < 0 || (!startsFree(text, at) && !isCell(text, at))) continue;
    const fediverse = instanceEnd(text, to, end);
    if (fediverse > 0) {
      sink.add("USER_HANDLE", at, fediverse, 0.9, "handle", "handle with the server of the Fediverse");
    } else {
      const [score, why] = judge(text, at, to, end);
      if (score > 0) sink.add("USER_HANDLE", at, to, score, "handle", why);
    }
    at = to;
  }
}

/** Letters, digits and `_`, with inner `.` and `-`; at least one letter. */
function nameEnd(text: string, from: number, limit: number): number {
  let to = from;
  let letter = false;
  while (to < limit && to - from <= NAME_CHARS_MAX) {
    const code = text.charCodeAt(to);
    const inner =
      (code === 0x2e || code === 0x2d) && to > from && to + 1 < limit && isNameCode(text.charCodeAt(to + 1));
    if (!isNameCode(code) && !inner) break;
    if (isLowerCode(code) || isUpperCode(code)) letter = true;
    to++;
  }
  return letter && to - from >= NAME_CHARS_MIN && to - from <= NAME_CHARS_MAX && !isWord(text, to) ? to : -1;
}

function isNameCode(code: number): boolean {
  return isLowerCode(code) || isUpperCode(code) || isDigitCode(code) || code === 0x5f;
}

const NEVER_BEFORE = setOf("@{$\\`.&#=;%*+^~|<>");

/** Not inside an address, a variable or an operator: "a@b", "@@x", "{@html", "${@", "=@". */
function startsFree(text: string, at: number): boolean {
  if (at === 0) return true;
  return !isWord(text, at - 1) && !isIn(NEVER_BEFORE, text.charCodeAt(at - 1));
}

/** `<twitter>@jdoe`, `twitter=@jdoe`, `twitter;@jdoe`: a field of that name. */
function isCell(text: string, at: number): boolean {
  if (!">=;".includes(text.charAt(at - 1))) return false;
  const { direct } = labelsBefore(text, at);
  return direct.includes(NETWORK) || direct.includes(USER_NAME);
}

/** End of "@host.tld" behind the name, or -1. */
function instanceEnd(text: string, at: number, limit: number): number {
  if (at >= limit || text.charCodeAt(at) !== 0x40) return -1;
  let to = at + 1;
  let dot = -1;
  while (to < limit && (isNameCode(text.charCodeAt(to)) || "-.".includes(text.charAt(to)))) {
    if (text.charCodeAt(to) === 0x2e) dot = to;
    to++;
  }
  while (to > at && "-.".includes(text.charAt(to - 1))) to--;
  if (dot >= to) dot = text.lastIndexOf(".", to - 1);
  if (dot <= at + 1 || to - dot < 3) return -1;
  for (let i = dot + 1; i < to; i++) if (isDigitCode(text.charCodeAt(i))) return -1;
  return to;
}

/** What speaks for a person behind this "@". */
function judge(text: string, at: number, to: number, limit: number): readonly [score: number, why: string] {
  const after = to < limit ? text.charAt(to) : "";
  const name = text.slice(at + 1, to);
  if (NO_NAMES.has(name.toLowerCase()) || name.startsWith("__")) return [0, ""];
  if (at > 0 && text.charAt(at - 1) === "/") return isOnHost(text, at - 1) ? [0.9, "page of a user"] : [0, ""];
  // "@scope/package", "@Component(", "@array[", "@click=", "@media:"
  if ("/({[=<".includes(after) && after !== "") return [0, ""];
  const { direct } = labelsBefore(text, at);
  if (direct.includes(USER_NAME) || direct.includes(NETWORK))
    return [0.9, "word for a user name or a network before it"];
  const before = wordBefore(text, at);
  if (before === "") return [isMessage(text, at, to, limit, name) ? 0.55 : 0, "head of a message"];
  if (STRONG_WORDS.has(before)) return [0.75, "word before it that names people"];
  // Annotations are capitalised, decorators stand on their own lines.
  const particular = hasDigit(name) || name.includes("_") || name === name.toLowerCase();
  return WEAK_WORDS.has(before) && particular && !name.includes("-")
    ? [0.55, "word before it that may name people"]
    : [0, ""];
}

const HOST_CHARS_MAX = 40;

/** The slash at `slash` follows a host on which users have such pages. */
function isOnHost(text: string, slash: number): boolean {
  let from = slash;
  while (
    from > 0 &&
    slash - from < HOST_CHARS_MAX &&
    (isNameCode(text.charCodeAt(from - 1)) || "-.".includes(text.charAt(from - 1)))
  )
    from--;
  return HOSTS.has(text.slice(from, slash).toLowerCase());
}

const BEFORE_CHARS_MAX = 80;

/** The word in front of the "@" and of the mentions before it, in lower case, a space, comma, colon or bracket between; "" when none is there. */
function wordBefore(text: string, at: number): string {
  const floor = Math.max(0, at - BEFORE_CHARS_MAX);
  let mention = at;
  for (;;) {
    let end = mention;
    while (end > floor && mention - end < 3 && " (:,".includes(text.charAt(end - 1))) end--;
    if (end === mention || end <= floor || !isWord(text, end - 1)) return mention < at && mention === end ? "and" : "";
    let start = end;
    while (start > floor && (isWord(text, start - 1) || "/.-".includes(text.charAt(start - 1)))) start--;
    if (start === floor || text.charCodeAt(start - 1) !== 0x40) return text.slice(start, end).toLowerCase();
    mention = start - 1;
  }
}

/** "@jdoe can you …": at the very start of a line, and more text follows. */
function isMessage(text: string, at: number, to: number, limit: number, name: string): boolean {
  if (at > 0 && text.charCodeAt(at - 1) !== 0x0a) return false;
  const spaced = to === limit && text.charCodeAt(limit) === 0x20;
  const called = to + 1 === limit && ",:".includes(text.charAt(to)) && text.charCodeAt(limit) === 0x20;
  return (spaced || called) && name === name.toLowerCase() && !name.includes("-") && !name.includes(".");
}

function hasDigit(name: string): boolean {
  for (let i = 0; i < name.length; i++) if (isDigitCode(name.charCodeAt(i))) return true;
  return false;
}

/** Values that are no names: types, states, and the accounts that every system has. */
const NO_VALUES = words(
  "string str text char varchar number int integer boolean bool null undefined none nil true false required optional unknown any object " +
    "array list default admin administrator root user users username login name password test guest anonymous nobody system postgres mysql " +
    "sa oracle ubuntu ec2-user www-data nginx daemon http https id the a an is as in on or and not to your yours my yes no here this that " +
    "self req request process config env options settings props state ctx session body form args data params res response",
);
/** First parts of a program's expression. */
const EXPRESSIONS = words(
  "req request self this process config os env user users data params props state ctx session body form args options settings credentials " +
    "auth account res response e event obj row item input field value window document math string object array cls app window std",
);

/** What may part a label from a value that no "=" or ":" stands before: `<login>jdoe1</login>`, "login<tab>jdoe1", "username jdoe1". */
const GAPS = setOf(" \t\r\n>;|*:\"'");
const GAP_CHARS_MAX = 8;
/** Standards and formats have digits at their ends too. */
const NO_SPOKEN_VALUES = words(
  "utf8 utf16 base64 sha1 sha256 sha512 md5 oauth2 http2 ipv4 ipv6 mp3 mp4 h264 web3 k8s i18n a11y",
);

/** A user name with a digit in it that follows its label without a sign. Of prose only what says "user name" counts. */
function findSpoken(island: Island, from: number, sink: Sink): void {
  const { text, end: limit } = island;
  // Its value has a digit in it.
  if ((island.classes & DIGIT) === 0) return;
  if (from === 0 || (classAt(text, from) & LETTER) === 0 || !isIn(GAPS, text.charCodeAt(from - 1))) return;
  const end = nameEnd(text, from, limit);
  if (end - from < VALUE_CHARS_MIN || !endsWord(text, end, limit)) return;
  let gap = from;
  while (gap > 0 && from - gap <= GAP_CHARS_MAX && isIn(GAPS, text.charCodeAt(gap - 1))) gap--;
  // "User name - jdoe1" of a form.
  if (text.charAt(gap - 1) === "-" && text.charAt(gap - 2) === " ") gap -= 2;
  const before = text.charAt(gap);
  if (!mayName(text, gap, NAMES)) {
    contextBefore(text, from);
    if (before !== " " || (meaningAt(0) & (IS | LINK)) === 0) return;
  }
  const value = text.slice(from, end);
  if (!hasDigit(value) || isUpperCode(text.charCodeAt(from + 1)) || isExpression(value, true)) return;
  if (NO_SPOKEN_VALUES.has(value.toLowerCase()) || isInsideUrl(island, from)) return;
  // "my user is jdoe1"
  const told = before !== " " || (meaningAt(0) & IS) !== 0;
  if (hasDirect(text, from, USER_NAME) || (told && hasDirect(text, from, USER)))
    sink.add("USER_HANDLE", from, end, 0.7, "handle", "word for a user name before it");
}

/** Nothing but signs of punctuation follows in the island. */
function endsWord(text: string, end: number, limit: number): boolean {
  for (let i = end; i < limit; i++) if (!".,;:!?)]}'".includes(text.charAt(i))) return false;
  return true;
}

/** `name=value` and `name:value` inside of one island. */
function findAssigned(island: Island, sink: Sink): void {
  const { text, start, end } = island;
  for (let i = start + 3; i + NAME_CHARS_MIN < end; i++) {
    const code = text.charCodeAt(i);
    if (code !== 0x3d && code !== 0x3a) continue;
    const quoted = text.charCodeAt(i + 1) === 0x27;
    findValue(island, quoted ? i + 2 : i + 1, sink);
  }
}

const NAMES = 1;
const NAMES_USER = 2;
const NAMES_NETWORK = 4;
/** The last letters of words for a user name, so that labels are not read for every "=" of a program. */
const LAST_WORDS = words(
  "username name user login loginname screenname nickname nick handle benutzername nutzername anmeldename benutzerkennung nutzerkennung " +
    "utilisateur identifiant pseudo usuario utente nomeutente gebruikersnaam inlognaam użytkownika uzytkownika utilizador usuário " +
    "användarnamn brugernavn brukernavn käyttäjätunnus käyttäjänimi jméno meno felhasználónév utilizator ime име χρήστη kasutajanimi " +
    "lietotājvārds vardas samaccountname usr logon account benutzer nutzer gebruiker id úsáideora utent notandanafn benotzernumm",
);

/** "user_id" is a number of a record more often than a name. */
const USER_WORDS = words(
  "user login usr logon account benutzer nutzer utilisateur usuario utente gebruiker użytkownik",
);

/** Networks whose handles are also written without their "@". */
const NETWORK_WORDS = words(
  "skype telegram instagram insta twitter github tiktok discord snapchat mastodon twitch reddit",
);

/** The last two letters of those words: enough to tell most other words apart. */
const ENDINGS = new Uint8Array(0x400);
const NAMING = new WordTable(
  new Map([
    ...[...LAST_WORDS].map((word) => [word, USER_WORDS.has(word) ? NAMES | NAMES_USER : NAMES] as const),
    ...[...NETWORK_WORDS].map((word) => [word, NAMES | NAMES_NETWORK] as const),
  ]),
);
for (const word of [...LAST_WORDS, ...NETWORK_WORDS]) ENDINGS[endingAt(word, word.length)] = 1;

function endingAt(text: string, end: number): number {
  return ((text.charCodeAt(end - 2) & 0x1f) << 5) | (text.charCodeAt(end - 1) & 0x1f);
}

const NAME_QUOTES = setOf("'\" ");

function mayName(text: string, sign: number, meaning: number): boolean {
  let end = sign;
  while (end > 0 && sign - end < 2 && isIn(NAME_QUOTES, text.charCodeAt(end - 1))) end--;
  if (end < 2 || (classAt(text, end - 1) & LETTER) === 0 || ENDINGS[endingAt(text, end)] !== 1) return false;
  const start = wordStart(text, end, Math.max(0, end - 20));
  return (NAMING.get(text, start, end, hashFolded(text, start, end)) & meaning) !== 0;
}

/** A user name that begins at `from`, behind its label. */
function findValue(island: Island, from: number, sink: Sink): void {
  const { text, end: limit } = island;
  const sign = assignedAt(text, from);
  if (sign < 0 || !mayName(text, sign, NAMES)) return;
  const start = text.charCodeAt(from) === 0x40 ? from + 1 : from;
  const end = nameEnd(text, start, limit);
  if (end - start < VALUE_CHARS_MIN) return;
  const opened = from > 0 ? text.charAt(from - 1) : "";
  const quoted = opened === '"' || opened === "'";
  const after = end < text.length && end <= limit ? text.charAt(end) : "";
  if (quoted && end <= limit && after !== opened) return;
  if (!quoted && "({[".includes(after) && after !== "") return;
  const value = text.slice(start, end);
  if (NO_VALUES.has(value.toLowerCase())) return;
  const particular = hasDigit(value) || /[._-]/.test(value);
  if (!quoted && isExpression(value, particular)) return;
  if (mayName(text, sign, NAMES_NETWORK)) {
    // "skype: jane.doe90"; a network's page is a setting of a site.
    if (particular && opened === " " && endsWord(text, end, limit) && hasDirect(text, from, NETWORK))
      sink.add("USER_HANDLE", start, end, 0.65, "handle", "name of a network before it");
  } else if (hasDirect(text, from, USER_NAME)) {
    // "username = name" of a program.
    if (!quoted && !particular && opened === " " && text.charCodeAt(sign) === 0x3d) return;
    sink.add("USER_HANDLE", start, end, 0.8, "handle", "word for a user name before it");
  } else if (mayName(text, sign, NAMES_USER) && hasDirect(text, from, USER)) {
    // "user: the person who …" is prose; a line that ends with the value is a form.
    if (opened !== "=" && !quoted && !particular && !endsLine(text, end, limit)) return;
    sink.add("USER_HANDLE", start, end, 0.7, "handle", "word for a user before it");
  }
}

/** `req.body.username`, `userName`: what a program reads the name from. */
function isExpression(value: string, particular: boolean): boolean {
  const dot = value.indexOf(".");
  if (dot > 0 && isUpperCode(value.charCodeAt(dot + 1))) return true;
  if (dot > 0)
    return EXPRESSIONS.has(value.slice(0, dot).toLowerCase()) || /name|login|user|id$/i.test(value.slice(dot));
  return !particular && /[a-z][A-Z]/.test(value);
}

function endsLine(text: string, end: number, limit: number): boolean {
  return end === limit && (end === text.length || text.charCodeAt(end) === 0x0a || text.charCodeAt(end) === 0x0d);
}

const QUOTES_AND_SPACES = setOf("'\" \t");
const NAME_ENDS = setOf("'\" ]");

/** Where the `:` or `=` stands that has a word on its left and the value at `from` on its right; -1 when none does. */
function assignedAt(text: string, from: number): number {
  let sign = from - 1;
  while (sign > 0 && from - sign <= GAP_CHARS_MAX && isIn(QUOTES_AND_SPACES, text.charCodeAt(sign))) sign--;
  const code = sign > 0 ? text.charCodeAt(sign) : 0;
  if (code !== 0x3d && code !== 0x3a) return -1;
  let end = sign;
  while (end > 0 && sign - end < 3 && isIn(NAME_ENDS, text.charCodeAt(end - 1))) end--;
  return end > 0 && isWord(text, end - 1) ? sign : -1;
}
