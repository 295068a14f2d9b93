/** Hard negatives: texts full of numbers and signs in which there is nothing personal. */
import { ALNUM, type Choices, HEX } from "./random.ts";

export const HARD_NEGATIVES: readonly string[] = [
  // Regression tests for complaints about another detector (Presidio issues #786, #1352, #944, #71, #819, PR #3172 of gram).
  "1607635102.00 -0.96",
  "duration 1607635102.00 -0.96 96c",
  "{3F2504E0-4F89-11D3-9A0C-0305E82C3301} guid 550e8400-e29b-41d4-a716-446655440000",
  "2020-12-10 21:05:02,123 INFO [main-1] c.e.Server - started in 4.215 seconds (JVM running for 5.001)",
  "the public licence of the republic is duplicated in 12345678 copies",
  "meeting on 2024-05-01 14:30:00 until 01.05.2024 16:00, 05/01/2024, 2024/05/01, 20240501T143000Z",
  // Identifiers of things.
  "commit 9fceb02d0ae598e95dc970b74767f19372d61af8 merged in 1a2b3c4",
  "ISBN 978-3-16-148410-0, ISBN-10 3-16-148410-X, ISSN 2049-3630, EAN 4006381333931",
  "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "arXiv:2106.09685v2, doi:10.1000/182, RFC 5321, ISO 13616-1:2020, DIN EN 60529",
  'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6 etag W/"0815-4711"',
  "MAC 00:00:00:00:00:00 and ff:ff:ff:ff:ff:ff, serial SN-20394-2231, part 7J0-927-753",
  // Quantities.
  "It costs 1,299.00 EUR or $1,499.99, 12.50 % off, 10 000 000 km, 3.14159265358979",
  "Population 83 190 556 in 2020, GDP 4.224 trillion, 1.5e-10, 6.02214076e23",
  "1234567890 9876543210 5555555555 1234567 12345678 123456789",
  "+12.5 % -3.25 +0.96 -1607635102 1,2,3,4,5 1/2 3/4 24/7 16:9 4-4-2",
  "rows 1-1000000 of 2000000, page 12 of 345, 1920x1080, 10.000,00",
  // Versions, addresses of machines, code.
  "node v26.10.0, npm 11.2.0, version 1.2.3.4, v10.11.12.13-beta.1, Python 3.12.1",
  "listening on 127.0.0.1:8080 and 0.0.0.0:443, [::1]:3000, netmask 255.255.255.0",
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
  "const value = object?.items[12345678].count ?? 0x7fffffff; // 1 << 30",
  "@media (min-width: 1024px) { .a > .b::before { margin: 0 10px 5px 1.5em; color: #ffaa00 } }",
  "git clone git@github.com:owner/repo.git && npm i left-pad@1.3.0 @types/node@26.0.0",
  "for (let i = 0; i < 1000000; i++) sum += table[i] * 31; if (a==b) c=d;",
  '{"id": 12345678, "user_id": 87654321, "created": 1700000000, "price": 1299, "tags": ["a1", "b2"]}',
  '{"model":"gpt-4o-2024-08-06","max_tokens":4096,"temperature":0.7,"seed":1234567890}',
  "SELECT id, count(*) FROM orders WHERE created > '2024-01-01' GROUP BY 1 HAVING count(*) > 1000;",
  "docker run -p 8080:80 -e NODE_ENV=production registry.example/app:2024.05.01",
  "10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16 are private networks",
  "password: string; token?: string; secret = undefined; apiKey: process.env.API_KEY",
  "In order to call the function 1000000 times, account for 5000 ms of delay per customer.",
  "We shipped 15000 orders to 12000 customers in 2024, that is 1.25 orders a customer.",
  "phone calls rose by 12.5 % from 2019-2020; 1000 calls a day cost 1.299,00 EUR",
  "Das Konto weist 12.345,67 EUR aus; Bestellungen im Wert von 1.000.000 EUR gingen ein.",
  "https://example.com/a/b/1234567890123456?page=2&sort=desc#L120-L145",
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
  "[EMAIL_1], [PHONE_2] and [IBAN_3] about order [ORDER_NUMBER_4], password: [SECRET_5]",
  "-----BEGIN CERTIFICATE-----\nMIIBkTCB+wIJAKHHIG11QkVBMA0GCSqGSIb3DQEBCwUAMA0xCzAJBgNVBAMM\n-----END CERTIFICATE-----",
  "Liga 2017-2018, § 823 Abs. 1 BGB, Art. 6 (1) lit. b, BT-Drs. 19/12345, 3 O 123/22",
  "S&P 500 at 4,769.83; EUR/USD 1.0952; 10-year 4.25%",
  "chr7:140453136-140453137, rs113488022, ENST00000288602, NM_004333.6",
];

/** A line of a log, a table or a program with generated numbers in it. */
export function impersonalLine(random: Choices): string {
  const { int, pick, chars, digits } = random;
  const date = `20${int(10, 29)}-${String(int(1, 12)).padStart(2, "0")}-${String(int(1, 28)).padStart(2, "0")}`;
  const time = `${String(int(0, 23)).padStart(2, "0")}:${digits(1)}${digits(1)}:${digits(1)}${digits(1)}`;
  const uuid = [8, 4, 4, 4, 12].map((length) => chars(HEX, length)).join("-");
  return pick([
    `${date} ${time},${digits(3)} [worker-${int(1, 64)}] INFO request ${uuid} took ${int(1, 9999)} ms`,
    `${date}T${time}.${digits(6)}Z pid=${int(100, 99_999)} rss=${digits(9)} status=${int(200, 504)}`,
    `commit ${chars(HEX, 40)} (tag: v${int(0, 20)}.${int(0, 99)}.${int(0, 99)})`,
    `| ${digits(4)} | ${digits(3)}.${digits(2)} | ${digits(6)} | ${date} |`,
    `${digits(10)}.${digits(2)} -${digits(1)}.${digits(2)} ${digits(7)}`,
    `{"id":${int(1, 1e9)},"ts":17${digits(8)},"uuid":"${uuid}","n":[${int(1, 1e6)},${int(1, 1e6)}]}`,
    `item ${int(1, 50)}: ${int(1, 99)} x ${int(1, 999)}.${digits(2)} EUR = ${int(1, 9)}.${digits(3)},${digits(2)} EUR`,
    `version ${int(1, 9)}.${int(0, 99)}.${int(0, 99)}.${int(0, 9999)} build ${digits(8)}`,
    `x${digits(3)} = y[${digits(5)}] + 0x${chars(HEX, 8)} * ${digits(2)}.${digits(5)}e-${int(1, 12)};`,
    `"resolved": "https://packages.example/p/-/p-${int(1, 9)}.${int(0, 9)}.tgz", "integrity": "sha512-${chars(ALNUM, 86)}=="`,
    `in ${int(1990, 2026)} about ${int(1, 999)} ${digits(3)} people lived on ${int(1, 99)},${digits(3)} km²`,
    `eth0 SHA1 ${Array.from({ length: 20 }, () => chars(HEX, 2)).join(":")} mtu ${int(576, 9000)} rx ${digits(12)} tx ${digits(11)}`,
    `ISBN 978-${int(0, 9)}-${digits(2)}-${digits(6)}-${int(0, 9)}; pages ${int(10, 999)}-${int(1000, 1999)}`,
    `${chars(ALNUM, 11)}_${digits(6)}.png ${int(100, 4000)}x${int(100, 4000)} ${digits(7)} bytes`,
  ]);
}
