/**
 * Countries that the European Commission has found to protect personal data adequately (GDPR Art. 45(3)), as published on
 * https://commission.europa.eu/law/law-topic/data-protection/international-dimension-data-protection/adequacy-decisions_en.
 * A decision may be annulled from one day to the next: who relies on one registers it, and this list only says that it exists.
 */

export interface AdequacyDecision {
  readonly decision: string;
  /** Day of adoption. */
  readonly adopted: string;
  /** CELEX number: https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX:… */
  readonly celex: string;
  /** First day on which it no longer holds, where it ends by itself. */
  readonly ends?: string;
  /** Whom it covers, where that is not everybody. */
  readonly scope?: string;
}

/** ISO 3166-1 alpha-2 → decision. Not here: the United States, where only certified recipients are covered (DPF). */
export const ADEQUACY: Readonly<Record<string, AdequacyDecision>> = {
  AD: { decision: "2010/625/EU", adopted: "2010-10-19", celex: "32010D0625" },
  AR: { decision: "2003/490/EC", adopted: "2003-06-30", celex: "32003D0490" },
  BR: { decision: "(EU) 2026/179", adopted: "2026-01-26", celex: "32026D0179" },
  CA: { decision: "2002/2/EC", adopted: "2001-12-20", celex: "32002D0002", scope: "commercial organisations" },
  CH: { decision: "2000/518/EC", adopted: "2000-07-26", celex: "32000D0518" },
  FO: { decision: "2010/146/EU", adopted: "2010-03-05", celex: "32010D0146" },
  // Renewed on 2025-12-19 for six years.
  GB: { decision: "(EU) 2021/1772", adopted: "2021-06-28", celex: "32021D1772", ends: "2031-12-28" },
  GG: { decision: "2003/821/EC", adopted: "2003-11-21", celex: "32003D0821" },
  IL: { decision: "2011/61/EU", adopted: "2011-01-31", celex: "32011D0061" },
  IM: { decision: "2004/411/EC", adopted: "2004-04-28", celex: "32004D0411" },
  JE: { decision: "2008/393/EC", adopted: "2008-05-08", celex: "32008D0393" },
  JP: { decision: "(EU) 2019/419", adopted: "2019-01-23", celex: "32019D0419", scope: "private organisations" },
  KR: { decision: "(EU) 2022/254", adopted: "2021-12-17", celex: "32022D0254" },
  NZ: { decision: "2013/65/EU", adopted: "2012-12-19", celex: "32013D0065" },
  UY: { decision: "2012/484/EU", adopted: "2012-08-21", celex: "32012D0484" },
};

/** EU-US Data Privacy Framework, (EU) 2023/1795 of 2023-07-10: https://www.dataprivacyframework.gov/list */
export const DPF_COUNTRY = "US";

/** The decision that covers the country at `now` (milliseconds since the epoch). */
export function adequacyOf(country: string, now: number): AdequacyDecision | undefined {
  const row = Object.hasOwn(ADEQUACY, country) ? ADEQUACY[country] : undefined;
  return row?.ends !== undefined && now >= Date.parse(row.ends) ? undefined : row;
}
