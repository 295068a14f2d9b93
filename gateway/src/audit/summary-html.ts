/** The summary as a page that needs nothing from anywhere: no script, no image, no font. */
import { type Summary, sectionsOf } from "./summary.ts";

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1a1a1a;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ccc;vertical-align:top;overflow-wrap:anywhere}
@media(prefers-color-scheme:dark){body{color:#eee;background:#181818}th,td{border-color:#555}}`;

export function summaryHtml(summary: Summary): string {
  const sections = sectionsOf(summary).map(({ title, lines, table }) => {
    const paragraphs = lines.map((line) => `<p>${escaped(line)}</p>`).join("\n");
    const rows =
      table === undefined
        ? ""
        : `<table>\n<thead><tr>${table.head.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join("")}</tr></thead>\n<tbody>\n${table.rows
            .map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`)
            .join("\n")}\n</tbody>\n</table>`;
    return `<section>\n<h2>${escaped(title)}</h2>\n${paragraphs}${rows}\n</section>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Evidence of ${escaped(summary.origin)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Evidence of ${escaped(summary.origin)}</h1>
${sections.join("\n")}
</body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
