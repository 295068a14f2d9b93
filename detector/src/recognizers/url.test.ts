import { describe, expect, it } from "vitest";
import { detect } from "../detect.ts";
import { checkRows } from "../test/rows.ts";

describe("a URL is personal when it names or authenticates a person", () => {
  checkRows("URL", [
    { text: "see https://example.com/p?user=jdoe&x=1.", finds: ["https://example.com/p?user=jdoe&x=1"] },
    { text: "https://example.com/?user_id=4711", finds: ["https://example.com/?user_id=4711"] },
    { text: "https://example.com/?userId=4711#top", finds: ["https://example.com/?userId=4711#top"] },

    { text: "[x](https://e.org/a?access_token=abcdefgh)", finds: ["https://e.org/a?access_token=abcdefgh"] },
    { text: "https://e.org/a#session=abc%20def", finds: ["https://e.org/a#session=abc%20def"] },
    { text: "https://example.com/?profile=anna-k", finds: ["https://example.com/?profile=anna-k"] },
    { text: "ftp://anna@fileserver/report", finds: ["ftp://anna@fileserver/report"] },
    { text: "https://e.org/?first_name=Anna&last_name=K", finds: ["https://e.org/?first_name=Anna&last_name=K"] },
  ]);
});

describe("a plain URL is no finding", () => {
  checkRows("URL", [
    { text: "https://example.com", finds: [] },
    { text: "https://example.com/docs/index.html?page=2&sort=user#login", finds: [] },
    { text: "https://shop.example/item/4111111111111111", finds: [] },
    { text: "https://example.com/?user=&token=", finds: [] },
    { text: "https://example.com/?user={id}&token=${TOKEN}", finds: [] },
    { text: "https://example.com/?login=true&profile=false", finds: [] },
    { text: "https://example.com/api?id=opt-serializers&code=200", finds: [] },
    { text: "ssh://git@github.com/owner/repo.git", finds: [] },
    { text: "http://localhost:3000/?users=all", finds: [] },
    { text: "std::vector<int> a://b", finds: [] },
  ]);
});

describe("a URL that opens a door is a secret", () => {
  checkRows("SECRET", [
    { text: "postgres://app:s3cr3t@db.internal:5432/main", finds: ["postgres://app:s3cr3t@db.internal:5432/main"] },
    { text: "REDIS=redis://:p4ssw0rd@cache:6379/0", finds: ["redis://:p4ssw0rd@cache:6379/0"] },
    {
      text: "mongodb+srv://root:hunter2x@c0.example.net/db?retryWrites=true",
      finds: ["mongodb+srv://root:hunter2x@c0.example.net/db?retryWrites=true"],
    },
    {
      text: "https://hooks.slack.com/services/T000/B000/XXXXabcd1234",
      finds: ["https://hooks.slack.com/services/T000/B000/XXXXabcd1234"],
    },
    { text: "postgres://user:${PASS}@db/main", finds: [] },
    { text: "postgres://user:password@db/main", finds: [] },
    { text: "https://user:<password>@example.com", finds: [] },
  ]);
});

describe("an e-mail address in a URL", () => {
  it("wins against the URL, and the URL's other personal parameters stand", () => {
    const text = "https://example.com/a?email=john@example.com&user=joe77&page=2";
    expect(detect(text).map((f) => [f.type, text.slice(f.start, f.end)])).toEqual([
      ["EMAIL", "john@example.com"],
      ["URL", "joe77"],
    ]);
  });

  it("wins against the user name that it cannot be told from", () => {
    const text = "https://john@example.com/inbox";
    expect(detect(text).map((f) => [f.type, text.slice(f.start, f.end)])).toEqual([["EMAIL", "john@example.com"]]);
  });
});
