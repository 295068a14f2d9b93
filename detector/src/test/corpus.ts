/** Texts that try the scanner: everything that spans a space or a line, everything that may be cut in the middle. */
export const CHAT =
  "Hi, this is John from accounting. Please contact me at john.doe@example.com or +49 30 12345678 about order #12345. " +
  "My IBAN is DE89 3704 0044 0532 0130 00 and the card was 4111 1111 1111 1111. The request came from 203.0.113.7 yesterday. ";

export const PROSE =
  "We would like to know when the delivery will arrive, since the customer has been waiting for a while and has called " +
  "several times about it. ";

const KEY_LINE = "MIIEowIBAAKCAQEA1234567890abcdefgABCDEFG";
export const KEY = `-----BEGIN RSA PRIVATE KEY-----\n${`${KEY_LINE}\n`.repeat(3)}abc==\n-----END RSA PRIVATE KEY-----`;

export const CORPUS: readonly string[] = [
  CHAT,
  `key: ${KEY}\nand so on`,
  `-----BEGIN PRIVATE KEY-----\n${KEY_LINE}\nprose follows`,
  `{"private_key":"${KEY.replaceAll("\n", "\\n")}","n":1}`,
  "GB29 NWBK 6016 1331 9268 19 / MT84 MALT 0110 0001 2345 MTLC AST0 01S.",
  "Tel.: 030 / 123 456 - 78, call +1 (415) 555-2671 or (212) 555-0123 now",
  'password = \'hunter2!x\' token: abcdef1234567890 "api_key" : "9f86d081884c7d659a2feaa0"',
  "my password is Tr0ub4dor&3 and Authorization: Bearer abcdef1234567890abcdef",
  "https://user:pa55w0rd@host/x?y=1 https://example.com/a?email=john@example.com&user=joe77",
  "2001:db8::8a2e:370:7334 10.0.0.1:80 ::1 version 1.2.3.4",
  "order number of the customer: 4711-0815; account number 12 3456 7890",
  "1 2 3 4 5 6 7 8 9 4111 1111 1111 1111 2024 - 2025 (030) 1234",
  "emoji 😀john@example.com😀 \ud83d lone \ude00 halves \ud83d\ud83d john@x.io",
  "请联系john@example.com谢谢。“quoted” jörg@müller.de\u00a0+49\u00a030\u00a0901820",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-def_123 sk-ant-api03-abc123DEF456ghi789jkl012",
  "a@b.co,c@d.co;e@f.co|g@h.co\ti@j.co\r\nk@l.co",
];

/** Pieces that generated texts are put together from. */
export const FRAGMENTS: readonly string[] = [
  ..."@.,'\"-(/=:&# \n\t\\",
  ..."  ,a@,john@example.com,+49,+49 30 901820,030 ,123,4111 1111 1111 1111,DE89 3704 0044 0532 0130 00,DE89,order ,#12345".split(
    ",",
  ),
  ..."-----BEGIN,-----BEGIN PRIVATE KEY-----, PRIVATE KEY-----,\\n,-----END PRIVATE KEY-----,abc=,Comment: x".split(
    ",",
  ),
  ..."order number ,tel: ,password=,password: ,hunter2!x,https://,user:pa55w0rd@host,?user=joe&x=,10.0.0.1,version ,is ,my ".split(
    ",",
  ),
  "sk-ant-api03-abc123DEF456ghi789jkl012",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-def_123",
  "2001:db8::1",
  KEY,
  KEY_LINE,
  "\u{1f600}",
  "\ud83d",
  "\ude00",
  "é",
  "漢字",
  "x".repeat(70),
  "A1b2".repeat(40),
];
