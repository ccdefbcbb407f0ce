/** One JSON object a line, as the other daemons write their events. Values of the agent's never go in. */
export type Log = (event: string, fields?: Readonly<Record<string, string | number>>) => void;

/** Events to stdout; `skipped` and `failed`, which somebody should look at, to stderr. */
export const log: Log = (event, fields = {}) => {
  const stream = event === 'skipped' || event === 'failed' ? process.stderr : process.stdout;
  stream.write(`${JSON.stringify({ event, ...fields })}\n`);
};
