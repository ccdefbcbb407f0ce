/** The status of one bottle, for a person. */

import type { BottleStatus, DaemonStatus } from '../operate/status/index.ts';
import { ago } from './ago.ts';
import { columns } from './columns.ts';
import { printableLine } from './printable.ts';
import { type Piece, piece, type Style, type Styled } from './styled.ts';

const SHOWN_DIGEST = 12;

const STATE_STYLE: Readonly<Record<BottleStatus['state'], Style>> = {
  healthy: 'green',
  running: 'yellow',
  unhealthy: 'red',
  partial: 'red',
  stopped: 'red',
};

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

function upCell({ up, crashLoop }: DaemonStatus): Piece {
  if (crashLoop) return piece('red', 'crash loop');
  return up ? piece('green', 'up') : piece('red', 'down');
}

function policyCell({ policy }: DaemonStatus): Piece {
  const digest = (policy.running ?? '').slice(0, SHOWN_DIGEST);
  if (policy.standing === 'in force') return piece('plain', `${digest} in force`);
  if (policy.standing === 'unknown') return piece('yellow', 'not known');
  return piece('yellow', `${digest}, not the file's ${(policy.file ?? '').slice(0, SHOWN_DIGEST)}`);
}

function daemonRow(daemon: DaemonStatus) {
  const { restarts, refusals, detail, up } = daemon;
  const notes = [
    ...(restarts > 0 ? [`started again ${counted(restarts, 'time', 'times')}`] : []),
    ...(refusals > 0 ? [`refused ${counted(refusals, 'reload', 'reloads')}`] : []),
    ...(up || detail === '' ? [] : [detail]),
  ];
  return [`  ${daemon.daemon}`, upCell(daemon), policyCell(daemon), piece('yellow', notes.join('; '))];
}

function agentLines({ containers, workspace }: BottleStatus): readonly string[] {
  const agent = containers.find(({ service }) => service === 'agent');
  const clone = workspace === null ? [] : [`workspace ${workspace.name} ${workspace.state}`, workspace.detail];
  const restarts = agent !== undefined && agent.restarts > 0 ? [`restarted ${agent.restarts} times`] : [];
  return [agent?.status ?? 'missing', ...restarts, ...clone.filter(Boolean)];
}

function scannerText({ scanner: { engine, version } }: BottleStatus): string {
  const words = { pipelock: 'pipelock', builtin: 'the built-in scanner', unknown: 'unknown' };
  return `${words[engine ?? 'unknown']}${version === null ? '' : ` ${version}`}`;
}

function imagesText({ containers }: BottleStatus): string {
  return [...new Set(containers.flatMap(({ image }) => image ?? []))].join(', ');
}

function networkText({ network: { egress, sealed } }: BottleStatus): string {
  const seal = sealed === null ? 'whether broadcasts reach the host cannot be seen' : 'broadcasts reach the host';
  return `${egress.join(', ') || 'none'}; ${sealed === true ? 'broadcasts stay inside' : seal}`;
}

function askedText({ proposals, supervised, grants, slug }: BottleStatus): string {
  const open =
    proposals === null || !supervised ? [] : [`${counted(proposals.open, 'open proposal', 'open proposals')}`];
  const hint = (proposals?.open ?? 0) > 0 ? ` (bottle supervise ${slug})` : '';
  const live = grants === null ? [] : [counted(grants.live, 'live grant', 'live grants')];
  const ends = grants?.nextExpiry == null ? '' : `, the next ends ${grants.nextExpiry}`;
  return [...open.map((text) => `${text}${hint}`), ...live.map((text) => `${text}${ends}`)].join('; ');
}

function eventLine({ time, daemon, event, code, signal, delayMs, detail }: BottleStatus['events'][number]): string {
  const end = signal == null ? (code == null ? '' : `, exit code ${code}`) : `, ${signal}`;
  const next = delayMs == null ? '' : `, again in ${(delayMs / 1_000).toFixed(1)} s`;
  return printableLine(`${ago(time)} ago  ${daemon} ${event}${end}${next}${detail == null ? '' : `: ${detail}`}`);
}

function eventLines({ events, skippedEvents }: BottleStatus): readonly string[] {
  const skipped =
    skippedEvents > 0 ? [`    ${counted(skippedEvents, 'entry that is', 'entries that are')} no event`] : [];
  return events.length + skipped.length === 0
    ? []
    : ['  what happened', ...events.map((one) => `    ${eventLine(one)}`), ...skipped];
}

const label = (name: string, text: string): readonly string[] =>
  text === '' ? [] : [`  ${name.padEnd(11)}${printableLine(text)}`];

export function statusText(status: BottleStatus): Styled {
  const { slug, state, since, shape, daemons, problems, containers } = status;
  const up = since === null ? '' : `, ${ago(since)}`;
  const table = daemons.length === 0 ? '' : columns(['  DAEMON', 'STATE', 'POLICY', ''], daemons.map(daemonRow));
  const down = containers.filter(({ status: word, service }) => word !== 'running' && service !== 'agent');
  const rest = [
    ...down.flatMap(({ name, status: word }) => label('container', `${name} ${word}`)),
    ...label('agent', agentLines(status).join(', ')),
    ...label('scanner', scannerText(status)),
    ...label('network', networkText(status)),
    ...label('images', imagesText(status)),
    ...label('asked', askedText(status)),
    ...eventLines(status),
  ];
  return [
    piece('bold', slug),
    ' ',
    piece(STATE_STYLE[state], state),
    `${up}${shape === null ? '' : `, ${shape}`}\n`,
    ...problems.flatMap((problem) => [piece('red', `  ! ${printableLine(problem)}`), '\n']),
    ...(typeof table === 'string' ? [table] : [...table, '\n']),
    rest.join('\n'),
  ];
}
