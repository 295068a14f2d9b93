import { describe } from "vitest";
import { checkRows } from "../test/rows.ts";

describe("a handle is found where a person is meant", () => {
  checkRows("USER_HANDLE", [
    { text: "follow @jdoe on Twitter", finds: ["@jdoe"] },
    { text: "Fixed by @octo-cat, thanks @jane_doe!", finds: ["@octo-cat", "@jane_doe"] },
    { text: "Instagram: @anna.meier", finds: ["@anna.meier"] },
    { text: "RT @FinnishGamer56: hello", finds: ["@FinnishGamer56"] },
    { text: "@jane_doe can you look at this?", finds: ["@jane_doe"] },
    { text: "cc @jdoe @asmith77", finds: ["@jdoe", "@asmith77"] },
    { text: "merci @jean_dupont, danke @max77, gracias @lola", finds: ["@jean_dupont", "@max77", "@lola"] },
    { text: "https://medium.com/@jdoe/some-text", finds: ["@jdoe"] },
    { text: "I am @anna@mastodon.example there", finds: ["@anna@mastodon.example"] },
    { text: "follow @anna@mastodon.social", finds: ["@anna@mastodon.social"] },
    { text: "bonjour, GitHub @john_doe528 et TikTok @jane", finds: ["@john_doe528", "@jane"] },
    { text: "<twitter>@jdoe1</twitter> instagram=@jdoe2", finds: ["@jdoe1", "@jdoe2"] },
    { text: "telegram;@jdoe3", finds: ["@jdoe3"] },
  ]);
});

describe("a user name is found behind its label", () => {
  checkRows("USER_HANDLE", [
    { text: "username: jdoe", finds: ["jdoe"] },
    { text: "Username: jdoe, password: x", finds: ["jdoe"] },
    { text: '{"username": "jdoe", "login": "octocat"}', finds: ["jdoe", "octocat"] },
    { text: "user=jdoe77 action=read", finds: ["jdoe77"] },
    { text: "Benutzername: anna.meier", finds: ["anna.meier"] },
    { text: "nom d'utilisateur : jdupont", finds: ["jdupont"] },
    { text: "nazwa użytkownika: kowalski88", finds: ["kowalski88"] },
    { text: "Login: mmueller\nhost: x", finds: ["mmueller"] },
    { text: "user name: j_doe; userName='jdoe'", finds: ["j_doe", "jdoe"] },
    { text: 'screen_name: "jdoe"', finds: ["jdoe"] },
    { text: "user_name\tjdoe81", finds: ["jdoe81"] },
    { text: "username;jdoe81", finds: ["jdoe81"] },
    { text: "<login>sanne_smith6</login>", finds: ["sanne_smith6"] },
    { text: "WHERE login = 'sanne_k9';", finds: ["sanne_k9"] },
    { text: "my username jdoe81 does not work, my user name is petra_k4.", finds: ["jdoe81", "petra_k4"] },
    { text: "používateľské meno jdoe81, notandanafn petra_k4", finds: ["jdoe81", "petra_k4"] },
    { text: "User name - jdoe20", finds: ["jdoe20"] },
    { text: "skype: jane.doe90, Telegram: max_power1", finds: ["jane.doe90", "max_power1"] },
    { text: "Twitter: example, skype: yes, github: https://example.org, twitter:site_name", finds: [] },
    { text: "Brugernavn:\nsanne_k2\n\nGebruikersnaam\nlars70", finds: ["sanne_k2", "lars70"] },
    { text: "**Nombre de usuario:** john_novak2, mi usuario es petra_5", finds: ["john_novak2", "petra_5"] },
    { text: "| Username | jdoe_1 |", finds: ["jdoe_1"] },
  ]);
});

describe("what stands behind an at sign in programs is no handle", () => {
  checkRows("USER_HANDLE", [
    { text: '@Override\npublic void run() {}\n@Nullable String x; @SuppressWarnings("all")', finds: [] },
    { text: "@app.route('/x')\n@pytest.fixture\n@property\ndef f(): pass", finds: [] },
    { text: "@media (min-width: 1px) { @include foo; } @font-face {} @keyframes spin {}", finds: [] },
    { text: "npm i @types/node @scope/pkg@1.0.0 from '@angular/core'", finds: [] },
    { text: " * @param name the name\n * @returns {string}\n/** @deprecated use b */", finds: [] },
    { text: "@Component({}) class A { @Input() b; @State private var c }", finds: [] },
    { text: "SELECT @rows, @p1 FROM t WHERE id = @id; SET @x = 1", finds: [] },
    { text: "@user = User.find(1); @items.each", finds: [] },
    { text: "@here the build is broken, @channel @everyone", finds: [] },
    { text: "john@example.com, a@b, git@github.com:o/r", finds: [] },
    { text: "3 apples @ 2.50, meet @ noon, HEAD@{1}, x @@ y", finds: [] },
    { text: '{"@type": "Person", "@id": "x"} <a @click="go">', finds: [] },
    { text: "\t@echo done\n\t@mkdir -p x", finds: [] },
  ]);
});

describe("values of programs are no user names", () => {
  checkRows("USER_HANDLE", [
    { text: "the username field1 and user name v2 are utf8, login attempt2, a handle is base64", finds: ["field1"] },
    { text: "<span>login2</span> <login>2</login> click=@handler onclick=@go", finds: [] },
    { text: "username: string; login?: boolean; user = undefined", finds: [] },
    { text: "username = name; const user = req.body.username; user: getUser()", finds: [] },
    { text: "user: the person who asks", finds: [] },
    { text: '{"role": "user", "user_id": "42", "user": "Hello there"}', finds: [] },
    { text: "username: [USER_HANDLE_1], username=${name}, username: admin", finds: [] },
    { text: "handle: () => Promise<void>, handle: fs.FileHandle", finds: [] },
  ]);
});
