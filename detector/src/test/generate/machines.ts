/** What machines write about people and what opens machines: network addresses, personal URLs, places on the globe, secrets. */
import { ALNUM, type Choices, HEX, LETTERS } from "../random.ts";
import { type Kind, two, UPPER, type Value } from "./kind.ts";

/** Parts of tokens stand apart so that nobody's scanner takes this file for a leak. */
const TOKENS: readonly (readonly [prefix: string, alphabet: string, length: number])[] = [
  ["sk-" + "ant-api03-", ALNUM, 80],
  ["sk-" + "proj-", ALNUM, 48],
  ["gh" + "p_", ALNUM, 36],
  ["github_" + "pat_11", ALNUM, 60],
  ["gl" + "pat-", ALNUM, 20],
  ["sk_" + "live_", ALNUM, 24],
  ["np" + "m_", ALNUM, 36],
  ["AK" + "IA", `${UPPER}234567`, 16],
  ["AI" + "za", ALNUM, 35],
  ["xo" + "xb-", "0123456789", 12],
  ["SG" + ".", ALNUM, 22],
  ["dop_" + "v1_", HEX, 64],
  ["hf" + "_", ALNUM, 34],
  ["shp" + "at_", HEX, 32],
  ["py" + "pi-AgEIcHlwaS5vcmc", ALNUM, 60],
];

function tokenOf(random: Choices): string {
  const [prefix, alphabet, length] = random.pick(TOKENS);
  const token = prefix + random.chars(alphabet, length);
  if (prefix.startsWith("xox")) return `${token}-${random.digits(12)}-${random.chars(ALNUM, 24)}`;
  return prefix === "SG." ? `${token}.${random.chars(ALNUM, 43)}` : token;
}

/** RFC 7519, unsigned in fact: three parts in base64url of which the first two begin as JSON does. */
function jwtOf(random: Choices): string {
  const base64 = (text: string): string => btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const head = base64(
    random.pick(['{"alg":"HS256","typ":"JWT"}', '{"alg":"RS256","kid":"k1"}', '{"typ":"JWT","alg":"ES256"}']),
  );
  return `${head}.${base64(`{"sub":"${random.digits(6)}","exp":17${random.digits(8)}}`)}.${random.chars(ALNUM, 43)}`;
}

function pemOf(random: Choices): string {
  const label = random.pick(["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY"]);
  const body = Array.from({ length: random.int(2, 6) }, () => random.chars(ALNUM, 64)).join("\n");
  return `-----BEGIN ${label}-----\nMIIE${random.chars(ALNUM, 60)}\n${body}\n${random.chars(ALNUM, 22)}==\n-----END ${label}-----`;
}

function connectionOf(random: Choices): string {
  const scheme = random.pick(["postgres", "postgresql", "mysql", "mongodb+srv", "redis", "amqp"]);
  const host = random.pick(["db.internal:5432", "cache:6379", "c0.example.net", "10-20.example.org:3306"]);
  return `${scheme}://${random.pick(["app", "root", "billing", "svc_web"])}:${random.chars(ALNUM, 12)}@${host}/${random.pick(["main", "prod", "0"])}`;
}

/** A link that names somebody; one that lets its holder in counts as either, whole or by the part that does. */
function urlOf(random: Choices): Value {
  const token = random.chars(ALNUM, 16);
  const link = `https://example.com/reset?token=${token}`;
  return random.pick<Value>([
    `https://shop.example/p?user=${random.chars(LETTERS, 6)}&page=2`,
    `http://app.example/u?customerId=${random.digits(5)}`,
    `https://example.org/profile?username=${random.chars(LETTERS, 5)}${random.int(1, 99)}`,
    `https://${random.chars(LETTERS, 5)}@intranet/files`,
    {
      text: link,
      spans: [
        [0, link.length],
        [link.length - token.length, link.length],
      ],
    },
  ]);
}

function ipOf(random: Choices): string {
  const group = (): string => random.int(1, 9) + random.chars(HEX, 3);
  return random.pick([
    `${random.int(11, 126)}.${random.int(0, 255)}.${random.int(0, 255)}.${random.int(1, 254)}`,
    `192.168.${random.int(0, 255)}.${random.int(1, 254)}`,
    `172.${random.int(16, 31)}.${random.int(0, 255)}.${random.int(1, 254)}`,
    `2001:db8:${group()}::${random.int(1, 9)}${random.chars(HEX, 2)}`,
    `2a02:${Array.from({ length: 7 }, group).join(":")}`,
    `fe80::${group()}:${group()}:${group()}:${group()}`,
    `2A01:${group().toUpperCase()}:${group().toUpperCase()}::1`,
  ]);
}

function macOf(random: Choices): string {
  const octets = Array.from({ length: 6 }, () => random.chars(HEX, 2));
  const colons = octets.join(":");
  return random.pick([
    colons,
    colons.toUpperCase(),
    octets.join("-").toUpperCase(),
    octets.join("").replaceAll(/(.{4})(?=.)/g, "$1."),
  ]);
}

/** Europe, in decimal degrees, which without a word could be any two numbers; below, in degrees, minutes and seconds (ISO 6709 Annex D). */
function coordinatesOf(random: Choices): string {
  const [latitude, longitude] = [
    `${random.int(36, 69)}.${random.digits(random.int(4, 6))}`,
    `${random.int(1, 28)}.${random.digits(random.int(4, 6))}`,
  ];
  return random.pick([
    `${latitude}, ${longitude}`,
    `${latitude},${longitude}`,
    `${latitude}, -${longitude}`,
    `${latitude}° N, ${longitude}° E`,
  ]);
}

function sexagesimalOf(random: Choices): string {
  const [minute = "", second = ""] = random.pick(["'\"", "′″"]);
  const angle = (degrees: number, letter: string): string =>
    `${degrees}°${two(random.int(0, 59))}${minute}${two(random.int(0, 59))}${random.pick(["", ".4"])}${second}${letter}`;
  return `${angle(random.int(36, 69), "N")} ${angle(random.int(1, 28), "E")}`;
}

export const MACHINES: readonly Kind[] = [
  {
    name: "IP address",
    type: "IP_ADDRESS",
    labels: ["IP", "client IP", "host", "IP address"],
    keys: ["ip", "client_ip", "remoteAddr"],
    bare: true,
    make: ipOf,
  },
  {
    name: "MAC address",
    type: "MAC_ADDRESS",
    labels: ["MAC", "MAC address", "device"],
    keys: ["mac", "macAddress"],
    bare: true,
    make: macOf,
  },
  {
    name: "coordinates",
    type: "COORDINATES",
    labels: ["GPS", "coordinates", "position", "location"],
    keys: ["coordinates", "gps", "position"],
    bare: false,
    make: coordinatesOf,
  },
  {
    name: "coordinates in minutes",
    type: "COORDINATES",
    labels: ["GPS", "coordinates", "position"],
    keys: ["gps"],
    bare: true,
    place: "text",
    make: sexagesimalOf,
  },
  {
    name: "personal URL",
    type: "URL",
    also: ["SECRET"],
    labels: ["URL", "link", "website"],
    keys: ["url", "link"],
    bare: true,
    make: urlOf,
  },
  {
    name: "token",
    type: "SECRET",
    labels: ["token", "API key", "key"],
    keys: ["api_key", "token", "apiKey"],
    bare: true,
    make: tokenOf,
  },
  {
    name: "JWT",
    type: "SECRET",
    labels: ["token", "JWT", "access token"],
    keys: ["access_token", "jwt", "id_token"],
    bare: true,
    make: jwtOf,
  },
  {
    name: "connection string",
    type: "SECRET",
    labels: ["DATABASE_URL", "connection string", "DSN"],
    keys: ["database_url", "dsn"],
    bare: true,
    make: connectionOf,
  },
  {
    name: "private key",
    type: "SECRET",
    labels: ["key", "private key"],
    keys: ["private_key"],
    bare: true,
    place: "block",
    make: pemOf,
  },
  {
    name: "high-entropy value",
    type: "SECRET",
    labels: ["API_KEY", "SECRET_KEY", "client secret", "auth token"],
    keys: ["client_secret", "secretKey", "api_key"],
    bare: false,
    make: (random) => random.chars(ALNUM, random.int(24, 40)),
  },
];
