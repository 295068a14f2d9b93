/**
 * One rule decides between findings that overlap: the higher rank of type wins; of equal rank the longer, then the higher
 * score, then the earlier. A checksum outranks a shape, what is secret outranks everything it touches, and an e-mail
 * address outranks the URL around it (the URL's other personal parameters then stand as findings of their own).
 */
import type { Finding } from "../types.ts";

/** Lowest first. */
const RANKED = [
  "ORGANIZATION",
  "LOCATION",
  "PERSON",
  "USER_HANDLE",
  "ADDRESS",
  "ORDER_NUMBER",
  "CUSTOMER_NUMBER",
  "ACCOUNT_NUMBER",
  "PHONE",
  "BIC",
  "LICENCE_PLATE",
  "ID_CARD_NUMBER",
  "PASSPORT_NUMBER",
  "DRIVING_LICENCE_NUMBER",
  "DATE_OF_BIRTH",
  "COORDINATES",
  "HEALTH_ID",
  "SOCIAL_SECURITY_NUMBER",
  "TAX_ID",
  "NATIONAL_ID",
  "MAC_ADDRESS",
  "IP_ADDRESS",
  "URL",
  "EMAIL",
  "CARD",
  "CRYPTO_WALLET",
  "IBAN",
  "SECRET",
] as const;
const RANK: Readonly<Record<string, number>> = Object.fromEntries(RANKED.map((type, rank) => [type, rank]));

function byStart(a: Finding, b: Finding): number {
  return a.start - b.start || b.end - a.end;
}

function byStrength(a: Finding, b: Finding): number {
  return (
    (RANK[b.type] ?? 0) - (RANK[a.type] ?? 0) ||
    b.end - b.start - (a.end - a.start) ||
    b.score - a.score ||
    a.start - b.start
  );
}

/** Appends to `out` the findings that stand, sorted and without overlap. `found` is left empty. */
export function settle(found: Finding[], out: Finding[]): void {
  sort(found, byStart);
  let from = 0;
  while (from < found.length) {
    // A chain of findings of which each overlaps one before it; chains do not touch one another.
    let to = from + 1;
    let end = (found[from] as Finding).end;
    for (; to < found.length && (found[to] as Finding).start < end; to++)
      end = Math.max(end, (found[to] as Finding).end);
    const first = found[from] as Finding;
    if (to - from === 1) out.push(first);
    else if (to - from === 2) out.push(stronger(first, found[from + 1] as Finding));
    else settleChain(found.slice(from, to), out);
    from = to;
  }
  // Faster than setting the length.
  while (found.length > 0) found.pop();
}

function stronger(a: Finding, b: Finding): Finding {
  return byStrength(a, b) <= 0 ? a : b;
}

function settleChain(chain: Finding[], out: Finding[]): void {
  const standing: Finding[] = [];
  sort(chain, byStrength);
  for (const finding of chain) {
    if (!standing.some((other) => finding.start < other.end && other.start < finding.end)) standing.push(finding);
  }
  sort(standing, byStart);
  for (const finding of standing) out.push(finding);
}

const FEW = 16;

/** In place and stable. Most lists are short and nearly in order; the language's own sort copies them twice. */
function sort(findings: Finding[], by: (a: Finding, b: Finding) => number): void {
  if (findings.length > FEW) {
    findings.sort(by);
    return;
  }
  for (let i = 1; i < findings.length; i++) {
    const finding = findings[i] as Finding;
    let at = i;
    for (; at > 0 && by(findings[at - 1] as Finding, finding) > 0; at--) findings[at] = findings[at - 1] as Finding;
    findings[at] = finding;
  }
}
