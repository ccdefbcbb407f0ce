/** Where two pieces of plain data differ, for the message of a property that fails: an assertion's own is cut off there. */

const isHolder = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** One line for each place that differs. A key whose value is undefined is one that is not there. */
export function differences(actual: unknown, expected: unknown, at = ''): readonly string[] {
  if (Object.is(actual, expected)) return [];
  if (!isHolder(actual) || !isHolder(expected) || Array.isArray(actual) !== Array.isArray(expected)) {
    return [`${at}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`];
  }
  const keys = new Set([...Object.keys(actual), ...Object.keys(expected)]);
  return [...keys].flatMap((key) => differences(actual[key], expected[key], `${at}/${key}`));
}
