/**
 * Characters that nobody sees, or that change how others are read, shown by their number: what is decided on must look like what it
 * is. Line ends and tabs stay; they are seen.
 */

/**
 * Format, private use, unassigned, control, line and paragraph ends
 * (https://www.unicode.org/reports/tr44/#General_Category_Values); what a renderer leaves out, variation selectors and fillers
 * among it (https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point); and the one blank that is neither.
 */
const UNSEEN = /[\p{Cf}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]|(?![\n\t])\p{Cc}/gu;

/** `mark`: how a number such as `U+202E` is written. */
export function visible(text: string, mark = (number: string): string => `⟨${number}⟩`): string {
  return text.replaceAll(UNSEEN, (char) =>
    mark(`U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`),
  );
}
