import { describe } from "vitest";
import { checkRows } from "../test/rows.ts";

describe("IP addresses of both versions are found, without the port", () => {
  checkRows("IP_ADDRESS", [
    { text: "from 203.0.113.7 to 10.1.2.3:8080.", finds: ["203.0.113.7", "10.1.2.3"] },
    { text: "http://192.168.1.20/admin", finds: ["192.168.1.20"] },
    { text: "client /10.0.0.12:51234 connected", finds: ["10.0.0.12"] },
    { text: "[203.0.113.9] (203.0.113.10), ip=203.0.113.11;", finds: ["203.0.113.9", "203.0.113.10", "203.0.113.11"] },
    { text: "10.0.0.1,10.0.0.2,20.0.0.3", finds: ["10.0.0.1", "10.0.0.2", "20.0.0.3"] },
    { text: "10.0.0.5-10.0.0.9", finds: ["10.0.0.5", "10.0.0.9"] },
    { text: "host 10.1.2.3/24", finds: ["10.1.2.3"] },
    {
      text: "2001:db8::1 and [2001:db8:0:0:8:800:200c:417a]:443",
      finds: ["2001:db8::1", "2001:db8:0:0:8:800:200c:417a"],
    },
    { text: "fe80::1ff:fe23:4567:890a%eth0", finds: ["fe80::1ff:fe23:4567:890a"] },
    { text: "mapped ::ffff:203.0.113.7.", finds: ["::ffff:203.0.113.7"] },
    { text: "ip:2001:db8::8a2e:370:7334,", finds: ["2001:db8::8a2e:370:7334"] },
  ]);
});

describe("numbers with dots or colons that are no address of a person's device", () => {
  checkRows("IP_ADDRESS", [
    {
      text: "127.0.0.1, 127.1.2.3, 0.0.0.0, ::1, ::, 255.255.255.0, 224.0.0.251, ::ffff:127.0.0.1, ff02::1",
      finds: [],
    },
    { text: "version 1.2.3.4, v1.2.3.4, Version: 10.11.12.13, release 4.3.2.1", finds: [] },
    { text: "Chrome/120.0.0.0 Safari/537.36", finds: [] },
    { text: "section 1.2.3.4 and Kapitel 2.3.4.5", finds: [] },
    { text: "1.2.3.4.5 and 1.2.3 and 256.1.1.1 and 01.02.03.04", finds: [] },
    { text: "pkg-1.2.3.4-beta, 1.2.3.4-rc1", finds: [] },
    { text: "network 10.0.0.0/8, 2001:db8::/32", finds: [] },
    { text: "R$ 22.141.243.230,00; R$ 22.141.243.230,50", finds: [] },
    { text: "12:30:45 and 12:30:45:99 and a::b and std::abc::def", finds: [] },
    { text: "00:1a:2b:3c:4d:5e", finds: [] },
    { text: "Foo::Bar dead::beef::1", finds: [] },
    { text: "0:0:0:0:0:0:0:0", finds: [] },
    { text: "12345::1 1:2:3:4:5:6:7:8:9", finds: [] },
  ]);
});
