/**
 * The summary as a PDF, with the fonts that every reader has: characters beyond Windows-1252 are written as `?`. The page, which
 * has them all, is beside it.
 */
import Pdf from "pdfkit";
import { type Section, type Summary, sectionsOf } from "./summary.ts";

const MARGIN = 50;
const SIZES = { title: 18, heading: 13, text: 9.5 } as const;

export async function summaryPdf(summary: Summary): Promise<Uint8Array> {
  const document = new Pdf({
    size: "A4",
    margin: MARGIN,
    info: {
      Title: `Evidence of ${summary.origin}`,
      CreationDate: new Date(summary.made),
      Producer: "Sluice",
      Creator: "Sluice",
    },
    lang: "en",
    displayTitle: true,
  });
  const chunks: Buffer[] = [];
  document.on("data", (chunk: Buffer) => void chunks.push(chunk));
  const done = new Promise<void>((resolve, reject) => {
    document.on("end", resolve);
    document.on("error", reject);
  });
  document
    .font("Helvetica-Bold")
    .fontSize(SIZES.title)
    .text(printable(`Evidence of ${summary.origin}`));
  for (const section of sectionsOf(summary)) write(document, section);
  document.end();
  await done;
  return Buffer.concat(chunks);
}

function write(document: PDFKit.PDFDocument, { title, lines, table }: Section): void {
  document.moveDown(1).font("Helvetica-Bold").fontSize(SIZES.heading).text(title, MARGIN).moveDown(0.3);
  document.font("Helvetica").fontSize(SIZES.text);
  for (const line of lines) document.text(printable(line)).moveDown(0.2);
  if (table === undefined) return;
  const head = table.head.map((cell) => ({
    text: printable(cell),
    type: "TH" as const,
    font: { src: "Helvetica-Bold", size: SIZES.text },
  }));
  document.table({
    data: [head, ...table.rows.map((row) => row.map(printable))],
    defaultStyle: { border: [0, 0, 0.5, 0], borderColor: "#bbbbbb", padding: "0.35em" },
  });
}

/** https://encoding.spec.whatwg.org/#windows-1252: what the standard fonts of PDF have, and no control characters. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e\xa0-\xff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]/gu, "?");
}
