/** One line of a bottle's log: who wrote it, when, and what. */

import { AGENT_SERVICE, DAEMONS, daemonNamed } from '../../plan/index.ts';
import type { TimedLine } from './timed-lines.ts';

/** Everybody who writes, in the order of help texts; the init writes about the daemons. */
export const LOG_SOURCES = [...DAEMONS, 'init', 'agent'] as const;

export type LogSource = (typeof LOG_SOURCES)[number];

export interface LogLine extends TimedLine {
  readonly source: LogSource;
}

export const logSourceNamed = (text: string): LogSource | undefined => LOG_SOURCES.find((name) => name === text);

/** As the init marks the rest of a line that was too long for one. */
const CONTINUED = '(continued) ';

const PREFIX = /^\[([a-z-]+)\] /;

/** A line of the container of `service`. The init prefixes what daemons write; what has no prefix is its own. */
export function logLine(service: string, line: TimedLine): LogLine {
  if (service === AGENT_SERVICE) return { ...line, source: 'agent' };
  const [prefix = '', name = ''] = PREFIX.exec(line.text) ?? [];
  const source = daemonNamed(name) ?? 'init';
  const text = source === 'init' && name !== 'init' ? line.text : line.text.slice(prefix.length);
  const isRest = source !== 'init' && text.startsWith(CONTINUED);
  return { ...line, source, text: isRest ? text.slice(CONTINUED.length) : text, continued: line.continued || isRest };
}

export type LogEvent = Readonly<Record<string, unknown>>;

/** The JSON object that a daemon wrote as `line`; undefined for plain text, and for whatever the agent wrote. */
export function logEvent({ source, text, continued }: LogLine): LogEvent | undefined {
  if (source === 'agent' || source === 'init' || continued || !text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as LogEvent) : undefined;
  } catch {
    return undefined;
  }
}
