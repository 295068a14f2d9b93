/**
 * Reads the XML that SAML messages need, and refuses the rest: no DTD and so no entities of its own, no comments, CDATA or
 * processing instructions, nothing undeclared or twice. What passes means one thing to every reader of XML, so that whoever
 * verifies a signature and whoever reads what was signed cannot be made to see two documents. It reads no file and no network,
 * and its work grows with the length alone.
 */
import { SluiceError } from "../core/errors.ts";

/** Namespaces of what SAML messages are made of. */
export const ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion";
export const PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol";
export const DSIG = "http://www.w3.org/2000/09/xmldsig#";

export interface XmlElement {
  /** Namespace URI; empty for none. */
  readonly namespace: string;
  /** Without prefix. */
  readonly name: string;
  /** By name; those of a namespace as `{namespace}name`. Declarations of namespaces are not among them. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** What stands directly in it, its children left out. */
  readonly text: string;
  /** Where it stands in the document's text. */
  readonly start: number;
  readonly end: number;
}

/** A person in 1,000 groups has 2,000 of them where each group is an attribute of its own. */
const ELEMENTS_MAX = 2_500;
const DEPTH_MAX = 32;
const ATTRIBUTES_MAX = 32;
/** Declarations of namespaces among them, which some providers repeat at each value. */
const ATTRIBUTES_IN_ALL_MAX = 8_000;

const DECLARATION = /^\uFEFF?\s*<\?xml\s[^<>]*\?>/;
const NAME = "[A-Za-z_][A-Za-z0-9_.-]*(?::[A-Za-z_][A-Za-z0-9_.-]*)?";
const OPENING = new RegExp(`<(${NAME})((?:\\s+${NAME}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*)\\s*(/?)>`, "y");
const CLOSING = new RegExp(`</(${NAME})\\s*>`, "y");
const ATTRIBUTE = new RegExp(`(${NAME})\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, "g");
/** XML 1.0 section 2.2: what is no Char. */
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const NO_CHAR = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const REFERENCE = /&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));|&/g;
const PREDEFINED: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

const XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace";
const XMLNS_NAMESPACE = "http://www.w3.org/2000/xmlns/";

/** What prefixes stand for: by the element's own declarations, else by those around it. Nothing is copied from one to the next. */
interface Scope {
  readonly declared: ReadonlyMap<string, string>;
  readonly outer?: Scope;
}

const OUTERMOST: Scope = { declared: new Map([["xml", XML_NAMESPACE]]) };

/** An element that is being read. */
interface Open {
  readonly tag: string;
  /** How many attributes and declarations it has. */
  readonly written: number;
  readonly scope: Scope;
  readonly element: XmlElement & { readonly children: XmlElement[]; text: string; end: number };
}

export interface XmlDocument {
  /** As it was read: without declaration, line ends as XML has them. */
  readonly text: string;
  readonly root: XmlElement;
}

/** Throws assertion_invalid. */
export function readXml(source: string): XmlDocument {
  // XML 1.0 section 2.11: line ends are translated before anything is parsed.
  const text = source.replace(DECLARATION, "").replace(/\r\n?/g, "\n").trim();
  const fault = faultOfWhole(text);
  if (fault !== undefined) throw invalid(fault);
  const open: Open[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  let attributesInAll = 0;
  let at = 0;
  while (at < text.length) {
    const current = open.at(-1);
    if (current === undefined && root !== undefined) throw invalid("goes on behind its end");
    const next = text.indexOf("<", at);
    if (next !== at) {
      if (current === undefined || next === -1) throw invalid("has text outside of its elements");
      current.element.text += textOf(text.slice(at, next));
      at = next;
    }
    if (text.startsWith("</", at)) {
      const [whole, tag] = matchAt(CLOSING, text, at);
      if (current === undefined || tag !== current.tag) throw invalid("ends an element that it did not begin");
      open.pop();
      at += whole.length;
      current.element.end = at;
      continue;
    }
    const [whole, tag = "", attributes = "", empty] = matchAt(OPENING, text, at);
    elements += 1;
    if (elements > ELEMENTS_MAX || open.length >= DEPTH_MAX) throw invalid("has too many elements");
    const begun = begin(tag, attributes, current?.scope ?? OUTERMOST, at);
    attributesInAll += begun.written;
    if (attributesInAll > ATTRIBUTES_IN_ALL_MAX) throw invalid("has too many attributes");
    current?.element.children.push(begun.element);
    root ??= begun.element;
    at += whole.length;
    begun.element.end = at;
    if (empty !== "/") open.push(begun);
  }
  if (root === undefined || open.length > 0) throw invalid("has no end");
  return { text, root };
}

function faultOfWhole(text: string): string | undefined {
  // `<` begins a tag wherever it stands, since the readers below let it stand nowhere else.
  if (text.includes("<!")) return "has a document type, a comment or a CDATA section";
  if (text.includes("<?")) return "has a processing instruction";
  if (text.includes("]]>")) return "has a stray ]]>";
  // Line ends to readers of XML 1.1, and to none of XML 1.0.
  if (/[\u0085\u2028]/.test(text)) return "has line ends of XML 1.1";
  return NO_CHAR.test(text) ? "has characters that XML does not have" : undefined;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray {
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  if (found === null) throw invalid("has a tag that is none");
  return found;
}

/** Namespaces in XML 1.0: prefixes stand for what the nearest declaration says, of this element too. */
function begin(tag: string, written: string, outer: Scope, start: number): Open {
  const given = new Map<string, string>();
  for (const [, name = "", double, single] of written.matchAll(ATTRIBUTE)) {
    if (given.has(name) || given.size === ATTRIBUTES_MAX) throw invalid("has an attribute twice, or too many");
    // XML 1.0 section 3.3.3: white space in an attribute is a space.
    given.set(name, textOf((double ?? single ?? "").replace(/[\t\n]/g, " ")));
  }
  const declared = new Map<string, string>();
  for (const [name, value] of given) {
    if (name === "xmlns") declared.set("", value);
    else if (name.startsWith("xmlns:")) declared.set(prefixDeclared(name.slice("xmlns:".length), value), value);
  }
  const scope = declared.size === 0 ? outer : { declared, outer };
  const attributes = new Map<string, string>();
  for (const [name, value] of given) {
    if (name === "xmlns" || name.startsWith("xmlns:")) continue;
    // Section 6.2: an attribute without prefix is in no namespace.
    const { namespace, local } = name.includes(":") ? resolve(name, scope) : { namespace: "", local: name };
    const key = namespace === "" ? local : `{${namespace}}${local}`;
    if (attributes.has(key)) throw invalid("has an attribute twice, or too many");
    attributes.set(key, value);
  }
  const { namespace, local } = resolve(tag, scope);
  return {
    tag,
    written: given.size,
    scope,
    element: { namespace, name: local, attributes, children: [], text: "", start, end: start },
  };
}

function prefixDeclared(prefix: string, namespace: string): string {
  if (prefix === "xml" || prefix === "xmlns" || namespace === "") throw invalid("declares a prefix that it may not");
  if (namespace === XML_NAMESPACE || namespace === XMLNS_NAMESPACE) throw invalid("declares a prefix that it may not");
  return prefix;
}

function resolve(qualified: string, scope: Scope): { readonly namespace: string; readonly local: string } {
  const colon = qualified.indexOf(":");
  const prefix = colon === -1 ? "" : qualified.slice(0, colon);
  let namespace: string | undefined;
  for (let at: Scope | undefined = scope; at !== undefined && namespace === undefined; at = at.outer)
    namespace = at.declared.get(prefix);
  if (namespace === undefined && prefix !== "") throw invalid("uses a prefix that it does not declare");
  return { namespace: namespace ?? "", local: qualified.slice(colon + 1) };
}

function textOf(written: string): string {
  if (!written.includes("&")) return written;
  return written.replace(REFERENCE, (whole, name?: string, decimal?: string, hexadecimal?: string) => {
    if (name !== undefined) return PREDEFINED[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
    const isChar = code <= 0x10_ffff && !(code >= 0xd800 && code <= 0xdfff);
    const char = isChar ? String.fromCodePoint(code) : "\u0000";
    if (whole === "&" || NO_CHAR.test(char)) throw invalid("has an entity or character that XML does not have");
    return char;
  });
}

export function is(element: XmlElement, namespace: string, name: string): boolean {
  return element.namespace === namespace && element.name === name;
}

export function childrenOf({ children }: XmlElement, namespace: string, name: string): readonly XmlElement[] {
  return children.filter((each) => is(each, namespace, name));
}

/** The only child of this name. Throws assertion_invalid. */
export function onlyChild(parent: XmlElement, namespace: string, name: string): XmlElement {
  const [child, ...others] = childrenOf(parent, namespace, name);
  if (child === undefined || others.length > 0) throw invalid(`has no ${name}, or more than one`);
  return child;
}

/** In the order of the document. */
export function* everyElement(root: XmlElement): Generator<XmlElement> {
  yield root;
  for (const child of root.children) yield* everyElement(child);
}

/** `what` names parts of the message's form and never what stands in it. */
export function invalid(what: string): SluiceError {
  return new SluiceError("assertion_invalid", `the provider's response ${what}`);
}
