import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { everywhere, saying, written } from "./test/written.ts";

const PSQL = `shop=> select id, customer_no, email from customers;
 id | customer_no |       email        
----+-------------+--------------------
  1 | 48213       | jane@example.org
  2 | 48214       | a|b joe@example.org
(2 rows)

shop=> write to jim@example.org
`;
const MYSQL = `mysql> select id, customer_no, email from customers;\r
+----+-------------+------------------+\r
| id | customer_no | email            |\r
+----+-------------+------------------+\r
|  1 | 48213       | jane@example.org |\r
|  2 | NULL        |                  |\r
+----+-------------+------------------+\r
2 rows in set (0.00 sec)\r
`;

describe("a result table", () => {
  it("of psql gives each cell the name of its column, and text around it stays text", () => {
    const { text, found } = written("sql-result", PSQL);
    expect(found.map(saying)).toEqual([
      "CUSTOMER_NUMBER 48213 @ customer_no",
      "EMAIL jane@example.org @ email",
      "CUSTOMER_NUMBER 48214 @ customer_no",
      "EMAIL joe@example.org @ email",
      "EMAIL jim@example.org @ ",
    ]);
    expect(text).toBe(`shop=> select id, customer_no, email from customers;
 id | customer_no |       email        
----+-------------+--------------------
  1 | [CUSTOMER_NUMBER_1] | [EMAIL_1]
  2 | [CUSTOMER_NUMBER_2] | a|b [EMAIL_2]
(2 rows)

shop=> write to [EMAIL_3]
`);
  });

  it("of mysql too, and a cell that has room keeps its width", () => {
    const { text, found } = written("sql-result", MYSQL, {
      replace: ({ type }) => (type === "EMAIL" ? "[EMAIL_1]" : "…"),
    });
    expect(found.map(saying)).toEqual(["CUSTOMER_NUMBER 48213 @ customer_no", "EMAIL jane@example.org @ email"]);
    expect(text).toBe(MYSQL.replace("jane@example.org", "[EMAIL_1]       ").replace("48213", "…    "));
  });

  it("of one column, and one after the other", () => {
    const source = " order_no \n----------\n 48213\n(1 row)\n order_no | n\n----------+---\n 48214    | 1\n(1 row)\n";
    expect(written("sql-result", source).found.map(saying)).toEqual([
      "ORDER_NUMBER 48213 @ order_no",
      "ORDER_NUMBER 48214 @ order_no",
    ]);
  });

  it("is not broken by a replacement with a bar", () => {
    const { text } = written("sql-result", MYSQL, { replace: () => "a|b" });
    expect(text).toContain("| [CUSTOMER_NUMBER] | [EMAIL]          |");
  });

  it("with a row that does not fit reads that row as text", () => {
    const source = " a | b\n---+---\n 1000 | 2 | to jane@example.org\n";
    expect(written("sql-result", source).text).toBe(source.replace("jane@example.org", "[EMAIL_1]"));
  });
});

const lines = fc.constantFrom(
  ...`${PSQL}${MYSQL}`.split("\n"),
  "",
  "Name\tjane@example.org",
  "---",
  "| jane@example.org |",
  "+---+",
  " x | order 48213",
  "│ a │ b │",
);
const texts = fc.array(lines, { maxLength: 14 }).map((parts) => parts.join("\n"));

describe("whatever looks like tables", () => {
  it("comes out byte for byte when nothing is replaced, and the same however it is cut", () => {
    fc.assert(
      fc.property(texts, fc.array(fc.nat(), { maxLength: 8 }), (source, cuts) => {
        expect(written("sql-result", source, { cuts, replace: () => undefined }).text).toBe(source);
        const whole = written("sql-result", source);
        expect(whole.text.split("\n").length).toBe(source.split("\n").length);
        expect(whole.text).not.toContain("@example.org");
        expect(written("sql-result", source, { cuts }).text).toBe(whole.text);
      }),
    );
    for (const source of [PSQL, MYSQL]) {
      const { text } = written("sql-result", source);
      expect(written("sql-result", source, { cuts: everywhere(source) }).text).toBe(text);
    }
  });
});
