/** What a bottle's daemons refused, each as one short statement. */

import { type LogEvent, type LogLine, type LogSource, logEvent } from './log-line.ts';

export interface Refusal {
  /** The rule or check that said no, in the daemon's own words. */
  readonly rule: string;
  /** Host, URL, repository or proposal that was asked for. */
  readonly subject: string;
  readonly reason: string;
}

/** egress logs the rule alone: what the agent read in its answer (docs/reference/egress.md, "Order of the verdict"). */
const EGRESS_REASON: Readonly<Record<string, string>> = {
  'magic-host': 'not a question that egress answers itself',
  'git-push': 'a git push over HTTPS; pushes go through git-gate',
  authority: 'tunnel, server name, URL and Host do not agree, or are malformed',
  route: 'no route for this host and port',
  method: 'the route does not allow this method',
  path: 'the route does not allow this path, or it can be read in two ways',
  'plain-http': 'plain HTTP where a credential would be sent, or inside a tunnel',
  trace: 'TRACE is never allowed',
  upgrade: 'an upgrade that the route does not declare',
  token: "the route's credential is empty or unusable",
  body: 'larger than what is scanned',
  raw: 'neither HTTP nor TLS',
  malformed: 'not parseable as HTTP',
  pipelock: 'refused by pipelock',
  busy: 'too much is open already',
  error: 'egress failed to judge the request',
};

const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : Array.isArray(value) ? words(value) : '';

const words = (values: readonly unknown[]): string => values.map(text).filter(Boolean).join('; ');

const spaced = (...parts: readonly string[]): string => parts.filter(Boolean).join(' ');

/** `host:port/path`, without a port that says nothing. */
function address({ host, port, path }: LogEvent): string {
  const shown = text(port);
  return `${text(host)}${shown === '' || shown === '443' ? '' : `:${shown}`}${text(path)}`;
}

/** Failures of egress that are the origin's or the network's, not a no. */
const NOT_REFUSED = new Set(['upstream']);

function egressRefusal(event: LogEvent): Refusal | undefined {
  const rule = text(event['rule']);
  const subject = spaced(text(event['method']), address(event));
  const reason = text(event['reason']) || text(event['detail']) || (EGRESS_REASON[rule] ?? '');
  switch (event['event']) {
    case 'request':
      return event['verdict'] === 'refused' ? { rule, subject, reason } : undefined;
    case 'refused':
      return { rule, subject, reason };
    case 'failed':
      return NOT_REFUSED.has(rule) ? undefined : { rule, subject, reason };
    case 'revoked':
      return { rule: 'revoked', subject, reason: 'cut, for the policy no longer allows it' };
    default:
      return undefined;
  }
}

function pipelockRefusal(event: LogEvent): Refusal | undefined {
  if (event['event'] === 'blocked') {
    const subject = spaced(text(event['method']), text(event['url']) || text(event['target']));
    return { rule: text(event['scanner']), subject, reason: text(event['reason']) };
  }
  if (event['event'] !== 'sni_mismatch') return undefined;
  const reason = spaced('the TLS server name does not fit:', text(event['sni_host']), `(${text(event['category'])})`);
  return { rule: 'sni_mismatch', subject: text(event['connect_host']), reason };
}

const FINDINGS_SHOWN = 3;

const record = (value: unknown): LogEvent => (typeof value === 'object' && value !== null ? (value as LogEvent) : {});

/** `2 secrets: aws-access-token in src/a.ts:3, …`. */
function secretsFound({ count, findings }: LogEvent): string {
  const found = Number(count ?? 0);
  if (!(found > 0)) return '';
  const shown = (Array.isArray(findings) ? findings : []).slice(0, FINDINGS_SHOWN).map((one) => {
    const { rule, file, line, in: where } = record(one);
    return `${text(rule)} in ${file === undefined ? `a ${text(where)}` : [text(file), text(line)].filter(Boolean).join(':')}`;
  });
  const rest = found > shown.length && shown.length > 0 ? ', …' : '';
  return `${found} ${found === 1 ? 'secret' : 'secrets'}${shown.length === 0 ? '' : `: ${shown.join(', ')}${rest}`}`;
}

function gitGateRefusal(event: LogEvent): Refusal | undefined {
  if (event['event'] !== 'push' || event['verdict'] !== 'rejected') return undefined;
  const rule = [text(event['stage']), text(event['reason'])].filter(Boolean).join('/');
  return { rule, subject: `push to ${text(event['remote'])}`, reason: words([secretsFound(event), event['refused']]) };
}

function superviseRefusal(event: LogEvent): Refusal | undefined {
  const status = text(event['status']);
  if (event['event'] !== 'verdict' || (status !== 'rejected' && status !== 'expired')) return undefined;
  const reason = status === 'rejected' ? 'the operator said no' : 'nobody answered in time';
  return { rule: status, subject: `proposal ${text(event['id'])}`, reason };
}

const REFUSAL_OF: Readonly<Partial<Record<LogSource, (event: LogEvent) => Refusal | undefined>>> = {
  egress: egressRefusal,
  pipelock: pipelockRefusal,
  'git-gate': gitGateRefusal,
  supervise: superviseRefusal,
};

/** The refusal that `line` reports. Only the daemons' own events count: nothing that the agent writes. */
export function refusalIn(line: LogLine): Refusal | undefined {
  const event = logEvent(line);
  return event === undefined ? undefined : REFUSAL_OF[line.source]?.(event);
}
