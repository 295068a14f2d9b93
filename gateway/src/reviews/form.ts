/** What a page's form holds, by field; of two of one name the last. Pure: limits on its length are the door's. */
export function readForm(body: string): Record<string, string> {
  // A form sends every end of a line as CRLF (https://html.spec.whatwg.org/multipage/form-control-infrastructure.html, "normalize
  // newlines"), while `maxlength` of a text area counts one character: what a page lets people write must not be too long here.
  const fields = [...new URLSearchParams(body)].map(([name, value]) => [name, value.replaceAll("\r\n", "\n")] as const);
  return Object.fromEntries(fields);
}
