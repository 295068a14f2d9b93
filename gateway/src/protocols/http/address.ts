/**
 * Which addresses a target may have. A connection that is not marked `allowPrivateAddress` reaches the public internet only,
 * so that neither a mistyped URL nor a name that resolves to an inner address (DNS rebinding) turns the gateway into a door
 * to the inside. The check is made on the address that is dialled, by a `lookup` that hands out nothing it did not check.
 * Addresses of cloud metadata services give out credentials and are refused always.
 */
import dns from "node:dns";
import { BlockList, isIP, isIPv4, isIPv6, type LookupFunction } from "node:net";
import { SluiceError } from "../../core/errors.ts";

/** Rows of the IANA special-purpose registry that are not globally reachable, and multicast. */
// https://www.iana.org/assignments/iana-ipv4-special-registry
const IPV4_NOT_PUBLIC = [
  ["0.0.0.0", 8], // "this network", RFC 791
  ["10.0.0.0", 8], // private use, RFC 1918
  ["100.64.0.0", 10], // shared address space of carriers (CGNAT), RFC 6598
  ["127.0.0.0", 8], // loopback, RFC 1122
  ["169.254.0.0", 16], // link local, RFC 3927
  ["172.16.0.0", 12], // private use, RFC 1918
  ["192.0.0.0", 24], // IETF protocol assignments, RFC 6890
  ["192.0.2.0", 24], // documentation, RFC 5737
  ["192.88.99.0", 24], // 6to4 relay, RFC 7526
  ["192.168.0.0", 16], // private use, RFC 1918
  ["198.18.0.0", 15], // benchmarking, RFC 2544
  ["198.51.100.0", 24], // documentation, RFC 5737
  ["203.0.113.0", 24], // documentation, RFC 5737
  ["224.0.0.0", 4], // multicast, RFC 5771
  ["240.0.0.0", 4], // reserved and broadcast, RFC 1112
] as const;

// https://www.iana.org/assignments/iana-ipv6-special-registry; inside 2000::/3, everything outside of it is refused anyway.
const IPV6_NOT_PUBLIC = [
  ["2001::", 23], // IETF protocol assignments, with Teredo and ORCHID, RFC 2928
  ["2001:db8::", 32], // documentation, RFC 3849
  ["2002::", 16], // 6to4: carries an IPv4 address that was not checked, RFC 3056
  ["3fff::", 20], // documentation, RFC 9637
] as const;

const notPublic = new BlockList();
for (const [net, prefix] of IPV4_NOT_PUBLIC) notPublic.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of IPV6_NOT_PUBLIC) notPublic.addSubnet(net, prefix, "ipv6");

const globalUnicast = new BlockList();
globalUnicast.addSubnet("2000::", 3, "ipv6"); // RFC 4291 §2.4

/** IPv4 inside IPv6: mapped (RFC 4291 §2.5.5.2), compatible (§2.5.5.1) and NAT64 (RFC 6052). The inner address decides. */
const EMBEDDING_PREFIXES = [
  [0, 0, 0, 0, 0, 0xffff],
  [0, 0, 0, 0, 0, 0],
  [0x64, 0xff9b, 0, 0, 0, 0],
] as const;

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** AWS, Google, Azure and others; AWS over IPv6; Alibaba; Azure's host agent, which looks public. */
const METADATA = new Set([
  "169.254.169.254",
  "169.254.170.2",
  "fd00:ec2:0:0:0:0:0:254",
  "100.100.100.200",
  "168.63.129.16",
]);

/** `private` covers every range that is not globally reachable, loopback included. */
export type AddressClass = "public" | "private" | "metadata";

/** Classifies a literal IPv4 or IPv6 address without brackets. Text that is no address is `private`: never dialled. */
export function classifyAddress(address: string): AddressClass {
  if (isIPv4(address)) return classifyIPv4(address);
  const zoneless = address.split("%", 1)[0] ?? "";
  if (!isIPv6(zoneless)) return "private";
  const words = wordsOf(zoneless);
  for (const prefix of EMBEDDING_PREFIXES) {
    if (prefix.every((word, at) => words[at] === word)) {
      const [high = 0, low = 0] = words.slice(6);
      return classifyIPv4(`${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`);
    }
  }
  if (METADATA.has(words.map((word) => word.toString(16)).join(":"))) return "metadata";
  if (!globalUnicast.check(zoneless, "ipv6") || notPublic.check(zoneless, "ipv6")) return "private";
  return "public";
}

function classifyIPv4(address: string): AddressClass {
  if (METADATA.has(address)) return "metadata";
  return notPublic.check(address, "ipv4") ? "private" : "public";
}

/** The eight 16-bit words of a valid IPv6 address. */
function wordsOf(address: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  let text = address;
  if (dotted !== null) {
    const [, head = "", a, b, c, d] = dotted;
    text = `${head}${((Number(a) << 8) | Number(b)).toString(16)}:${((Number(c) << 8) | Number(d)).toString(16)}`;
  }
  const [head = "", tail] = text.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array<string>(zeros).fill("0"), ...after].map((word) => Number.parseInt(word, 16));
}

/** True when a listener on this host is reached from this machine alone. Names other than `localhost` are not looked up. */
export function isLoopbackHost(host: string): boolean {
  if (host === "localhost") return true;
  const family = isIP(host);
  return family !== 0 && loopback.check(host, family === 4 ? "ipv4" : "ipv6");
}

/** Why `address` may not be dialled, as `upstream_address_private`; undefined when it may. */
export function addressRefusal(address: string, allowPrivate: boolean, connection: string): SluiceError | undefined {
  const kind = classifyAddress(address);
  if (kind === "public" || (kind === "private" && allowPrivate && isIP(address.split("%", 1)[0] ?? "") !== 0))
    return undefined;
  return new SluiceError(
    "upstream_address_private",
    kind === "metadata"
      ? `connection "${connection}" leads to a cloud metadata address, which is never dialled`
      : `connection "${connection}" leads to an address that is not public; "allow_private_address" would permit it`,
  );
}

/**
 * A `lookup` for `net.connect` that answers with checked addresses only. One address that may not be dialled refuses the
 * name: a name with an inner and an outer address is either a mistake or an attack.
 */
export function checkedLookup(
  allowPrivate: boolean,
  connection: string,
  resolve: typeof dns.lookup = dns.lookup,
): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (fault, addresses) => {
      if (fault !== null) return callback(fault, "", 0);
      for (const { address } of addresses) {
        const refusal = addressRefusal(address, allowPrivate, connection);
        if (refusal !== undefined) return callback(refusal, "", 0);
      }
      if (options.all === true) return callback(null, addresses);
      const first = addresses[0];
      return first === undefined ? callback(notFound(hostname), "", 0) : callback(null, first.address, first.family);
    });
  };
}

function notFound(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`no address for ${hostname}`), { code: "ENOTFOUND" });
}
