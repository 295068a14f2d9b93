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
  // Documents, devices and places: values with spaces, quotation marks and "<" in them.
  "mac 00:1a:2b:3c:4d:5e, MAC: 00-1A-2B-3C-4D-5E 001a.2b3c.4d5e BSSID 001A2B3C4D5E",
  "BIC: DEUTDEFF500, IBAN DE89 3704 0044 0532 0130 00, COBADEFF SWIFT BNPAFRPP DOCUMENT",
  "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2 bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
  "at 48.8566, 2.3522, 48°51'24\"N 2°21'03\"E; 40° 26′ 46″ N 79° 58′ 56″ W [1.23456, 2.34567, 3.4]",
  '{"lat": 48.8566, "lng": 2.3522} geo:48.2010,16.3695 POINT(2.3522 48.8566)',
  'follow @jdoe, cc @a_b @c77: hi; username: jdoe, {"login": "octocat"} @Override\n@anna look here',
  "born on March 12th, 1990; geboren am 12. März 1990, né le 1er mars 1990, *1990. március 12. 12. 3. 1990",
  "gimimo data: 1990 m. kovo 12 d., fecha de nacimiento: 12 de marzo de 1990, in 2024 we, 12 people, 3 May",
  "passport no. AB 1234567 C01X00T47\nP<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
  "licence MORGA 657054 SM9IJ and FOX99 812159 J99AB, Führerschein B072RRE2I55",
  "Kennzeichen B-AB 123, M AB 1234E; plate AB12 CDE targa AB 123 CD matrícula 1234 BCD IN 2024 THE 12 MONKEYS",
  "anna (at) firma (dot) de, max[at]web.de, john at example dot com, we are at home dot",
  "call +1 415-555-2671 x123, 电话+4930901820谢谢 тел+4930901820й anna\uff20firma.de",
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
