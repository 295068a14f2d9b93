import { describe } from "vitest";
import { checkRows } from "../test/rows.ts";

describe("an e-mail address is found wherever it stands", () => {
  checkRows("EMAIL", [
    { text: "john.doe@example.com", finds: ["john.doe@example.com"] },
    { text: "Write to john.doe+news@mail.example.co.uk.", finds: ["john.doe+news@mail.example.co.uk"] },
    { text: "John Doe <j_doe@example.org>, Jane <jane@example.org>", finds: ["j_doe@example.org", "jane@example.org"] },
    { text: "(anna@example.com), b@x.io; c-d@e-f.de!", finds: ["anna@example.com", "b@x.io", "c-d@e-f.de"] },
    { text: "a@b.co,c@d.co,e@f.co", finds: ["a@b.co", "c@d.co", "e@f.co"] },
    { text: "mailto:info@firma.de?subject=Hi", finds: ["info@firma.de"] },
    { text: '{"email":"max@example.de"}', finds: ["max@example.de"] },
    { text: "jörg.müller@straße.de et zoé@société.fr", finds: ["jörg.müller@straße.de", "zoé@société.fr"] },
    { text: "почта: иван@пример.рф", finds: ["иван@пример.рф"] },
    { text: "请联系john@example.com谢谢", finds: ["john@example.com"] },
    { text: "o'brien@example.ie and 'quoted@example.com'", finds: ["o'brien@example.ie", "quoted@example.com"] },
    { text: "first line\\nsecond@example.com", finds: ["second@example.com"] },
    { text: "JOHN.DOE@EXAMPLE.COM", finds: ["JOHN.DOE@EXAMPLE.COM"] },
    { text: "user@xn--bcher-kva.example", finds: ["user@xn--bcher-kva.example"] },
    { text: "see ...john@example.com...", finds: ["john@example.com"] },
    { text: "john@example.com.Please call back", finds: ["john@example.com"] },
    { text: "1234567890@qq.com", finds: ["1234567890@qq.com"] },
    { text: "email=john@example.com&x=1", finds: ["john@example.com"] },
    {
      text: "john@example.com/resource john@sub.example.museum",
      finds: ["john@example.com", "john@sub.example.museum"],
    },
    { text: "https://x.example/?q=john%40example.com&p=2", finds: ["john%40example.com"] },
    { text: "q=%22maxine%40example.com%22&b=%20jane@example.com", finds: ["maxine%40example.com", "jane@example.com"] },
    { text: "😀john@example.com😀", finds: ["john@example.com"] },
    { text: `${"a".repeat(64)}@example.com`, finds: [`${"a".repeat(64)}@example.com`] },
  ]);
});

describe("what only looks like an e-mail address is left alone", () => {
  checkRows("EMAIL", [
    { text: "@app.route('/x') and @Override", finds: [] },
    { text: "npm i lodash@4.17.21 @scope/pkg@1.0.0", finds: [] },
    { text: "logo@2x.png, sprite@3x.webp", finds: [] },
    { text: "git clone git@github.com:owner/repo.git", finds: [] },
    { text: "root@localhost and a@b", finds: [] },
    { text: "follow @john.doe on the network", finds: [] },
    { text: "%s@example.com ${user}@example.com", finds: [] },
    { text: "john@.com john@-x.com @example.com john@", finds: [] },
    { text: "3 apples @ 2.50 each", finds: [] },
    { text: `${"a".repeat(65)}@example.com`, finds: [] },
    { text: "mail [EMAIL_1] or [EMAIL_2]", finds: [] },
  ]);
});
