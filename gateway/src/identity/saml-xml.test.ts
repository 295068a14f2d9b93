import { describe, expect, it, test } from "vitest";
import { readXml } from "./saml-xml.ts";

const root = (xml: string) => readXml(xml).root;

describe("the reader of SAML's XML", () => {
  it("reads elements, namespaces, attributes and text", () => {
    const read = root(
      `<?xml version="1.0" encoding="UTF-8"?>\r\n<p:a xmlns:p="urn:p" xmlns="urn:d" x='1 &quot;&#x41;&#66;' p:y="a\tb"> t<b/>\r\n&lt;u <p:c xmlns:p="urn:q"/></p:a>\n`,
    );
    expect([read.namespace, read.name, read.text]).toEqual(["urn:p", "a", " t\n<u "]);
    expect(Object.fromEntries(read.attributes)).toEqual({ x: '1 "AB', "{urn:p}y": "a b" });
    expect(read.children.map(({ namespace, name }) => `${namespace} ${name}`)).toEqual(["urn:d b", "urn:q c"]);
  });

  it("gives back the text that it read", () => {
    expect(readXml("\n<a>\r\n</a>\r").text).toBe("<a>\n</a>");
  });

  it("takes no longer for an element because of the prefixes around it", () => {
    const declared = (depth: number): string =>
      Array.from({ length: 31 }, (_, at) => ` xmlns:p${depth}-${at}="u"`).join("");
    const opened = Array.from({ length: 31 }, (_, depth) => `<a${declared(depth)}>`).join("");
    const within = (around: string): string => `${around}${"<b/>".repeat(2_400)}${"</a>".repeat(31)}`;
    const best = (xml: string): number =>
      Math.min(
        ...Array.from({ length: 5 }, () => {
          const began = performance.now();
          root(xml);
          return performance.now() - began;
        }),
      );
    // Copied from one to the next they took hundreds of milliseconds.
    expect(best(within(opened))).toBeLessThan(best(within("<a>".repeat(31))) + 25);
    expect(root(within(opened)).children[0]?.children[0]?.namespace).toBe("");
    expect(root(`<a xmlns:p="urn:outer"><b><p:c xmlns:q="urn:q"/></b></a>`).children[0]?.children[0]?.namespace).toBe(
      "urn:outer",
    );
  });

  it("knows no namespace where none is declared, and can be taken out of the outer one", () => {
    expect(root("<a/>").namespace).toBe("");
    expect(root('<a xmlns="urn:d"><b xmlns=""/></a>').children[0]?.namespace).toBe("");
  });

  test.each([
    ["nothing", ""],
    ["text alone", "a"],
    ["text before it", "x<a/>"],
    ["text behind it", "<a/>x"],
    ["two roots", "<a/><b/>"],
    ["an end that is missing", "<a><b></b>"],
    ["an end that is another's", "<a><b></a></b>"],
    ["an end that has another case", "<a></A>"],
    ["an end that nobody began", "</a>"],
    ["a comment", "<a><!-- --></a>"],
    ["a document type", "<!DOCTYPE a><a/>"],
    ["CDATA", "<a><![CDATA[x]]></a>"],
    ["a processing instruction", "<a><?x y?></a>"],
    ["a second declaration", '<?xml version="1.0"?><?xml version="1.0"?><a/>'],
    ["the end of a CDATA section", "<a>]]></a>"],
    ["an ampersand", "<a>&</a>"],
    ["an entity", "<a>&nbsp;</a>"],
    ["an entity in an attribute", '<a b="&x;"/>'],
    ["a reference to no character", "<a>&#x110000;</a>"],
    ["a reference to half a character", "<a>&#xd800;</a>"],
    ["a reference to a control character", "<a>&#1;</a>"],
    ["a control character", "<a>\u0001</a>"],
    ["a line end of XML 1.1", "<a>x\u2028y</a>"],
    ["an attribute twice", '<a b="1" b="2"/>'],
    ["an attribute twice by two prefixes", '<a xmlns:p="urn:p" xmlns:q="urn:p" p:b="1" q:b="2"/>'],
    ["an attribute without quotes", "<a b=1/>"],
    ["an attribute without value", "<a b/>"],
    ["attributes without space", '<a b="1"c="2"/>'],
    ["a tag in an attribute", '<a b="<c/>"/>'],
    ["an undeclared prefix", "<p:a/>"],
    ["an undeclared prefix of an attribute", '<a p:b="1"/>'],
    ["a prefix for nothing", '<a xmlns:p=""/>'],
    ["the prefix xml for something else", '<a xmlns:xml="urn:x"/>'],
    ["another prefix for xml", '<a xmlns:x="http://www.w3.org/XML/1998/namespace"/>'],
    ["the prefix xmlns", '<a xmlns:xmlns="urn:x"/>'],
    ["two colons", "<a:b:c/>"],
    ["a name that is none", "<1a/>"],
    ["an end in the wrong place", "<a / >"],
    ["too many elements", `<a>${"<b/>".repeat(2_500)}</a>`],
    ["too many attributes in all", `<a>${'<b c="" d="" e="" f=""/>'.repeat(2_001)}</a>`],
    ["too much depth", "<a>".repeat(33) + "</a>".repeat(33)],
    ["too many attributes", `<a ${Array.from({ length: 33 }, (_, at) => `a${at}=""`).join(" ")}/>`],
  ])("refuses %s", (_, xml) => {
    expect(() => root(xml)).toThrow(expect.objectContaining({ code: "assertion_invalid" }));
  });
});
