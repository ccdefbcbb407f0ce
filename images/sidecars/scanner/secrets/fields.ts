/** Values that a request carries in parts, put back together: a secret cut over parameters is one secret again. */

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
};

/** The values of `name=value&…` in order, without anything between them. */
export function joinedParameters(query: string): string {
  const values = query
    .split(/[&;]/)
    .map((pair) => (pair.includes('=') ? decoded(pair.slice(pair.indexOf('=') + 1)) : decoded(pair)));
  return values.length > 1 ? values.join('') : '';
}

function collectStrings(value: unknown, into: string[]): void {
  const stack: unknown[] = [value];
  for (let next = stack.pop(); next !== undefined || stack.length > 0; next = stack.pop()) {
    if (typeof next === 'string') into.push(next);
    else if (typeof next === 'object' && next !== null) {
      // Reversed, so that the stack gives them back in their order; one by one, as a call takes only so many arguments.
      for (const child of Object.values(next).reverse()) stack.push(child);
    }
  }
}

/** The document that `text` is, or undefined if it is not JSON; any other failure is thrown, and refuses the request. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (reason) {
    if (reason instanceof SyntaxError) return undefined;
    throw reason;
  }
}

/** The string values of a JSON document in order, without anything between them; empty if `body` is none. */
export function joinedJsonStrings(body: string): string {
  if (!/^\s*[[{]/.test(body)) return '';
  const strings: string[] = [];
  collectStrings(parsedJson(Buffer.from(body, 'latin1').toString('utf8')), strings);
  return strings.length > 1 ? strings.join('') : '';
}

/** The contents of the parts of a multipart body in order; empty without a boundary in `contentType`. */
export function joinedParts(body: string, contentType: string): string {
  const boundary = /boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  const text = boundary?.[1] ?? boundary?.[2];
  if (text === undefined) return '';
  return body
    .split(`--${text}`)
    .map((part) => {
      const start = part.indexOf('\r\n\r\n');
      return start < 0 ? '' : part.slice(start + 4).replace(/\r\n$/, '');
    })
    .join('');
}
