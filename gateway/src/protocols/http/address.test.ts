import type dns from "node:dns";
import { describe, expect, test } from "vitest";
import { addressRefusal, checkedLookup, classifyAddress, isLoopbackHost } from "./address.ts";

describe("an address", () => {
  test.each([
    "8.8.8.8",
    "1.1.1.1",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "198.20.0.1",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:82a::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
  ])("%s is public", (address) => {
    expect(classifyAddress(address)).toBe("public");
  });

  test.each([
    ["loopback", "127.0.0.1"],
    ["loopback, not .1", "127.255.255.254"],
    ["loopback", "::1"],
    ["loopback, written out", "0:0:0:0:0:0:0:1"],
    ["unspecified", "0.0.0.0"],
    ["unspecified", "::"],
    ["RFC 1918", "10.0.0.1"],
    ["RFC 1918", "172.16.0.1"],
    ["RFC 1918", "172.31.255.255"],
    ["RFC 1918", "192.168.1.1"],
    ["link local", "169.254.1.1"],
    ["link local", "fe80::1"],
    ["link local with zone", "fe80::1%eth0"],
    ["CGNAT", "100.64.0.1"],
    ["CGNAT", "100.127.255.255"],
    ["ULA", "fc00::1"],
    ["ULA", "fdff::1"],
    ["multicast", "224.0.0.1"],
    ["multicast", "ff02::1"],
    ["broadcast", "255.255.255.255"],
    ["mapped loopback", "::ffff:127.0.0.1"],
    ["mapped loopback in hexadecimal", "::ffff:7f00:1"],
    ["mapped RFC 1918", "::ffff:10.1.2.3"],
    ["compatible loopback", "::127.0.0.1"],
    ["NAT64 of RFC 1918", "64:ff9b::a00:1"],
    ["6to4 of RFC 1918", "2002:a00:1::"],
    ["Teredo", "2001:0:4136:e378:8000:63bf:3fff:fdd2"],
    ["documentation", "2001:db8::1"],
    ["site local, deprecated", "fec0::1"],
    ["no address", "example.com"],
    ["no address", ""],
    ["octal", "0177.0.0.1"],
  ])("%s (%s) is not public", (_what, address) => {
    expect(classifyAddress(address)).toBe("private");
  });

  test.each([
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
  ])("%s gives out credentials and is dialled under no setting", (address) => {
    expect(classifyAddress(address)).toBe("metadata");
    expect(addressRefusal(address, true, "main")?.code).toBe("upstream_address_private");
  });

  test("that is private is dialled only when the connection permits it", () => {
    expect(addressRefusal("10.0.0.1", false, "main")?.code).toBe("upstream_address_private");
    expect(addressRefusal("10.0.0.1", true, "main")).toBeUndefined();
    expect(addressRefusal("example.com", true, "main")?.code).toBe("upstream_address_private");
  });
});

describe("the lookup", () => {
  const answering = (...addresses: string[]): typeof dns.lookup =>
    ((_host: string, _options: unknown, callback: (fault: null, list: dns.LookupAddress[]) => void) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      )) as unknown as typeof dns.lookup;

  const ask = (all: boolean, resolve: typeof dns.lookup): Promise<unknown> =>
    new Promise((done, fail) => {
      checkedLookup(false, "main", resolve)("host.example", { all }, (fault, address) =>
        fault === null ? done(address) : fail(fault),
      );
    });

  test("hands out what it checked, alone or as a list", async () => {
    expect(await ask(false, answering("8.8.8.8"))).toBe("8.8.8.8");
    expect(await ask(true, answering("8.8.8.8", "2606:4700::1"))).toHaveLength(2);
  });

  test("refuses a name with one private address among public ones", async () => {
    await expect(ask(true, answering("8.8.8.8", "127.0.0.1"))).rejects.toMatchObject({
      code: "upstream_address_private",
    });
    await expect(ask(false, answering("8.8.8.8", "::1"))).rejects.toMatchObject({ code: "upstream_address_private" });
  });
});

test("only loopback hosts count as loopback", () => {
  for (const host of ["127.0.0.1", "127.1.2.3", "::1", "localhost"]) expect(isLoopbackHost(host), host).toBe(true);
  for (const host of ["0.0.0.0", "::", "10.0.0.1", "example.com", "localhost.example.com", ""]) {
    expect(isLoopbackHost(host), host).toBe(false);
  }
});
