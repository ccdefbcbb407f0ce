/** The JSON lines on stdout: pipelock's event names and fields, one object a line. */

export type Level = 'info' | 'warn' | 'error';
export type EventFields = Readonly<Record<string, string | number | readonly string[] | undefined>>;
export type EventSink = (level: Level, event: string, fields: EventFields, message: string) => void;

/** Longest value of one field; what the agent sends must not make lines without end. */
const MAX_FIELD = 2048;

const CONTROL = /[\p{Cc}\u2028\u2029]/gu;

const clean = (value: string): string => {
  const text = value.replace(CONTROL, ' ');
  return text.length > MAX_FIELD ? `${text.slice(0, MAX_FIELD)}...` : text;
};

/** A sink that hands finished lines to `write`. */
export function jsonEvents(write: (line: string) => void, now: () => Date = () => new Date()): EventSink {
  return (level, event, fields, message) => {
    const entries = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, typeof value === 'string' ? clean(value) : value] as const);
    const record = { level, component: 'pipelock', event, ...Object.fromEntries(entries), time: now().toISOString() };
    write(`${JSON.stringify({ ...record, message })}\n`);
  };
}
