/** What pipelock (or the built-in scanner) says of the policy that it runs. */

import { digestOr, type Probe, type ProbeResult } from './probe.ts';

/** Nearly every line is a request's; only those that hold one of these are worth parsing. */
const MARKS = [Buffer.from('"config_hash"'), Buffer.from('CONFIG_RELOAD')] as const;
const ANNOUNCING_EVENTS: readonly unknown[] = ['startup', 'config_reload'];
const UNREADABLE = Buffer.from('pipelock: config reload failed');

export type PolicyNews = { readonly kind: 'runs'; readonly digest: string } | { readonly kind: 'refused' };

/**
 * What a line of its stdout says of a policy: that one took effect, that a reload was refused, or nothing. What an
 * agent sends is inside JSON strings of other events, so it can forge neither.
 */
export function policyNews(line: Buffer): PolicyNews | undefined {
  if (!MARKS.some((mark) => line.includes(mark))) return undefined;
  let event: unknown;
  try {
    event = JSON.parse(line.toString());
  } catch {
    return undefined;
  }
  if (typeof event !== 'object' || event === null) return undefined;
  const name: unknown = Reflect.get(event, 'event');
  if (name === 'error' && Reflect.get(event, 'method') === 'CONFIG_RELOAD') return { kind: 'refused' };
  const digest = digestOr(Reflect.get(event, 'config_hash'));
  return ANNOUNCING_EVENTS.includes(name) && digest !== '' ? { kind: 'runs', digest } : undefined;
}

/** True for the line of its stderr that reports a file which cannot be read as a policy. */
export const reportsUnreadablePolicy = (line: Buffer): boolean =>
  line.subarray(0, UNREADABLE.length).equals(UNREADABLE);

/** A probe of one run that knows the digest and the refusals from its output; `ask` says whether it is up. */
export function policyListener(
  ask: (up: () => ProbeResult, signal: AbortSignal) => Promise<ProbeResult>,
): Required<Probe> {
  let digest = '';
  let refusals = 0;
  return {
    check: (signal) => ask(() => ({ up: true, digest, refusals }), signal),
    stdoutLines: {
      marks: MARKS,
      onLine: (line) => {
        const news = policyNews(line);
        if (news?.kind === 'runs') digest = news.digest;
        else if (news?.kind === 'refused') refusals += 1;
      },
    },
    stderrLines: {
      marks: [UNREADABLE],
      onLine: (line) => {
        if (reportsUnreadablePolicy(line)) refusals += 1;
      },
    },
  };
}
