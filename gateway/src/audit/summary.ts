/** What a summary for people says, before it is a page or a PDF: titles, sentences and tables, in one order for both. */
import type { BreachReport, Count } from "./breach.ts";
import type { BundleManifest } from "./offline.ts";

export interface Summary {
  readonly origin: string;
  readonly size: number;
  /** ISO 8601. */
  readonly made: string;
  readonly asked: BundleManifest["selection"];
  readonly records: number;
  readonly report: BreachReport;
}

export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
  readonly table?: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };
}

/** Of each table: more is no summary any more, and laying out pages takes time that requests wait for. `summary.json` has all. */
const ROWS_MAX = 200;

export function sectionsOf(summary: Summary): Section[] {
  return allSectionsOf(summary)
    .filter(({ lines, table }) => lines.length > 0 || (table !== undefined && table.rows.length > 0))
    .map(shortened);
}

function shortened(section: Section): Section {
  const { lines, table } = section;
  if (table === undefined || table.rows.length <= ROWS_MAX) return section;
  const said = `The first ${ROWS_MAX} of ${table.rows.length}; summary.json lists all.`;
  return { ...section, lines: [...lines, said], table: { ...table, rows: table.rows.slice(0, ROWS_MAX) } };
}

function allSectionsOf({ origin, size, made, asked, records, report }: Summary): Section[] {
  const { exchanges, bytes } = report;
  const counts = (title: string, head: string, list: readonly Count[]): Section[] =>
    list.length === 0
      ? []
      : [
          {
            title,
            lines: [],
            table: { head: [head, "count"], rows: list.map(({ name, count }) => [name, String(count)]) },
          },
        ];
  return [
    {
      title: "What this is",
      lines: [
        `${records} records of the evidence log ${origin}, which had ${size} entries. Made ${made}.`,
        `Asked for: ${Object.entries(asked)
          .map(([name, value]) => `${name} ${[value].flat().join(", ")}`)
          .join("; ")}.`,
        report.first === undefined ? "" : `First and last record: ${report.first}, ${report.last ?? ""}.`,
        "Principals stand under pseudonyms. The records hold no values; the counts are what the detector found.",
      ].filter((line) => line !== ""),
    },
    {
      title: "Exchanges",
      lines: [],
      table: {
        head: ["", "count"],
        rows: [
          ["sent", String(exchanges.total)],
          ["answered by the recipient", String(exchanges.answered)],
          ["ended without an answer", String(exchanges.unanswered)],
          ["without an outcome on record", String(exchanges.open)],
          ["refused, not sent", String(exchanges.refused)],
          ["bytes asked", String(bytes.sent)],
          ["bytes answered", String(bytes.received)],
        ],
      },
    },
    {
      title: "Recipients",
      lines: [],
      table: {
        head: ["recipient", "country", "exchanges", "first", "last"],
        rows: report.recipients.map((each) => [each.name, each.country, String(each.exchanges), each.first, each.last]),
      },
    },
    {
      title: "Purposes and lawful bases",
      lines: [],
      table: {
        head: ["purpose", "DPV term", "basis", "exchanges"],
        rows: report.purposes.map((each) => [each.name, each.dpv, each.basis, String(each.exchanges)]),
      },
    },
    {
      title: "Principals",
      lines: [],
      table: {
        head: ["pseudonym", "exchanges", "first", "last"],
        rows: report.principals.map((each) => [each.name, String(each.exchanges), each.first, each.last]),
      },
    },
    ...counts("Categories of data found", "category", report.categories),
    ...counts("Signals of special categories", "category", report.special),
    {
      title: "Types found, and what was done with them",
      lines: [],
      table: {
        head: ["type", "found", "sent in clear", "replaced by"],
        rows: report.types.map(({ name, found, clear, operators }) => [
          name,
          String(found),
          String(clear),
          Object.entries(operators)
            .map(([operator, count]) => `${operator} ${count}`)
            .join(", "),
        ]),
      },
    },
    ...counts("Sent without being scanned", "part", report.unscanned),
    ...counts("Masked in answers", "type", report.answers.masked),
    ...counts("Refusals", "code", report.refusals),
    ...counts("Other events of the same principals", "event", report.events),
  ];
}
