/** A proposal in words, as an operator reads it. What the agent wrote itself is kept apart from what it asks for. */

import type { Proposal } from '../../../images/sidecars/supervise/proposal.ts';
import type { MergedHost } from './merged.ts';

/** The host that a proposal is about, canonical; none for capabilities. */
export function hostOf(proposal: Proposal): string | undefined {
  if (proposal.tool === 'egress-block') return proposal.arguments.host;
  return proposal.tool === 'pipelock-block' ? new URL(proposal.arguments.failed_url).hostname : undefined;
}

const listOf = (name: string, entries: readonly string[] | undefined): readonly string[] =>
  entries === undefined ? [] : [`${name} ${entries.join(', ')}`];

/** What the proposal asks for, one line; the host is its first word where there is one. */
export function askText(proposal: Proposal): string {
  switch (proposal.tool) {
    case 'egress-block': {
      const { host, pathPrefixes, auth } = proposal.arguments;
      const where = pathPrefixes === undefined ? 'any path' : `below ${pathPrefixes.join(', ')}`;
      const how = auth?.header ?? (auth?.user === undefined ? auth?.scheme : `${auth.scheme} as ${auth.user}`);
      return `${host}: ${where}${auth === undefined ? '' : `, with the credential ${auth.tokenFrom} (${how})`}`;
    }
    case 'pipelock-block':
      return `${hostOf(proposal)}: a request that was refused, ${proposal.arguments.failed_url}`;
    case 'capability-block': {
      const { packages, dockerfile } = proposal.arguments;
      if (packages === undefined) return `a Dockerfile of ${dockerfile?.split('\n').length ?? 0} lines, to look at`;
      const lists = (['apt', 'npm', 'pip'] as const).flatMap((manager) => listOf(manager, packages[manager]));
      return `packages: ${lists.join('; ')}`;
    }
  }
}

/** What stays closed of a host once a change is merged, one line each, so that nobody takes an approval for more or less. */
export function staysClosed({ host, hasEgress, after }: MergedHost): readonly string[] {
  const { ports, methods, pathPrefixes = ['/'] } = after?.reach ?? {};
  const whole = pathPrefixes.includes('/');
  const frames = after?.webSocket === true && hasEgress ? ', but for WebSocket frames' : '';
  return [
    `every other host, also those below ${host}`,
    ...(ports === undefined ? [] : [`${host} on any port but ${ports.join(', ')}`]),
    ...(whole ? [] : [`paths of ${host} that are not below ${pathPrefixes.join(', ')}`]),
    ...(methods === undefined ? [] : [`methods other than ${methods.join(', ')}`]),
    ...(after?.credential === undefined ? ['no credential goes with it'] : []),
    ...(after?.webSocket === true || !hasEgress ? [] : ['WebSockets']),
    after?.unscanned === true
      ? 'nothing of what is sent there is scanned'
      : `what is sent there is still scanned for secrets, and refused if it holds one${frames}`,
  ];
}

/** Whole seconds as `7 min 5 s`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
