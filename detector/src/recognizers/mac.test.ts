import { describe } from "vitest";
import { checkRows } from "../test/rows.ts";

describe("a hardware address is found in the forms of IEEE, Windows and Cisco", () => {
  checkRows("MAC_ADDRESS", [
    { text: "eth0 00:1a:2b:3c:4d:5e up", finds: ["00:1a:2b:3c:4d:5e"] },
    { text: "Physical Address. . . : 00-1A-2B-3C-4D-5E", finds: ["00-1A-2B-3C-4D-5E"] },
    { text: "sw1 001a.2b3c.4d5e DYNAMIC", finds: ["001a.2b3c.4d5e"] },
    { text: '{"mac":"aa:bb:cc:dd:ee:f0"}', finds: ["aa:bb:cc:dd:ee:f0"] },
    { text: "mac=00:11:22:33:44:55;", finds: ["00:11:22:33:44:55"] },
    { text: "MAC:00:1a:2b:3c:4d:5e.", finds: ["00:1a:2b:3c:4d:5e"] },
    { text: "aa:bb:cc:dd:ee:f0, ab:bc:cd:de:ef:f1", finds: ["aa:bb:cc:dd:ee:f0", "ab:bc:cd:de:ef:f1"] },
    {
      text: "EUI-64 00:1a:2b:ff:fe:3c:4d:5e and 00-1A-2B-FF-FE-3C-4D-5E",
      finds: ["00:1a:2b:ff:fe:3c:4d:5e", "00-1A-2B-FF-FE-3C-4D-5E"],
    },
    { text: "BSSID: 001A2B3C4D5E, MAC-Adresse 001a2b3c4d5f", finds: ["001A2B3C4D5E", "001a2b3c4d5f"] },
    { text: "Indirizzo MAC: 12-34-56-78-90-12", finds: ["12-34-56-78-90-12"] },
    { text: "地址00:1a:2b:3c:4d:5e是", finds: ["00:1a:2b:3c:4d:5e"] },
  ]);
});

describe("pairs of digits that are no device", () => {
  checkRows("MAC_ADDRESS", [
    { text: "ff:ff:ff:ff:ff:ff 00:00:00:00:00:00 01:00:5e:00:00:fb 33:33:00:00:00:01", finds: [] },
    { text: "550e8400-e29b-41d4-a716-446655440000 00-1A-2B-3C-4D", finds: [] },
    { text: "2001:0db8:85a3:0000:0000:8a2e:0370:7334 2001:00:1a:2b:3c:4d:5e:1", finds: [] },
    { text: "SHA1 Fingerprint=12:f3:21:5e:00:aa:bc:11:de:90:12:f3:21:5e:00:aa:bc:11:de:90", finds: [] },
    { text: "    00:c3:4f:5b:61:7a:\n    8b:9c:ad:be:cf:d0", finds: [] },
    { text: "Serial Number: 83:4a:11:f0:9c:2b:7e:55", finds: [] },
    { text: "backup-24-05-01-12-30-45.tar 12:30:45 10:20:30:40:50", finds: [] },
    { text: "0000: 48 65 6c 6c 6f 20 00000010: 4865 6c6c 6f20", finds: [] },
    { text: "1234.5678.9012 2024.0501.1230 a1b2.c3d4.e5f6.0718 dead.beef", finds: [] },
    { text: "commit 001a2b3c4d5e, color #001a2b", finds: [] },
  ]);
});
