/** `bottle logs`: what the daemons of a bottle and its agent wrote. */

import { BottleError } from '../errors.ts';
import { createDocker, redactor } from '../operate/docker/index.ts';
import { type DeployedBottle, deployedBottle, ownerOf } from '../operate/list/index.ts';
import {
  bottleLog,
  LOG_SOURCES,
  type LogLine,
  type LogSelection,
  type LogSource,
  logEvent,
  logSourceNamed,
  refusalIn,
  savedBottleLog,
  savedLogs,
  sinceMoment,
} from '../operate/logs/index.ts';
import { readDeployed } from '../operate/state/deployed.ts';
import { homeDirectory, stateDirectory } from '../operate/state/directory.ts';
import { AGENT_SERVICE, DNS_LABEL, nearest, sidecarService } from '../plan/index.ts';
import { interruption } from './interruption.ts';
import type { Messages } from './messages.ts';
import { printableLine } from './printable.ts';
import { piece, type Style, type Styled } from './styled.ts';

export interface LogsOptions {
  readonly follow?: boolean;
  readonly since?: string;
  readonly tail?: string;
  readonly denied?: boolean;
  readonly saved?: boolean;
}

const FOLLOW_TAIL = 50;

const STYLE: Readonly<Record<LogSource, Style>> = {
  egress: 'cyan',
  pipelock: 'magenta',
  'git-gate': 'blue',
  supervise: 'green',
  init: 'yellow',
  agent: 'plain',
};

function sourceNamed(text: string): LogSource {
  const found = logSourceNamed(text);
  if (found !== undefined) return found;
  const meant = nearest(text, LOG_SOURCES);
  throw new BottleError('usage/unknown-daemon', `no daemon is called ${text}`, {
    fix: `${meant === undefined ? '' : `did you mean ${meant}? `}allowed: ${LOG_SOURCES.join(', ')}`,
    exitCode: 2,
  });
}

function tailOf({ tail, follow, since }: LogsOptions): number | undefined {
  if (tail === undefined) return follow === true && since === undefined ? FOLLOW_TAIL : undefined;
  if (/^\d{1,9}$/.test(tail)) return Number(tail);
  throw new BottleError('usage/tail', `--tail ${tail} is not a number of lines`, {
    fix: 'write for example -n 100',
    exitCode: 2,
  });
}

/** To the millisecond, in a form that `--since` takes. */
const shownTime = (time: string): string => time.replace(/^(.{23})\d+Z$/, '$1Z');

function lineText(line: LogLine): Styled {
  const { time, source, text, continued } = line;
  const name = piece(STYLE[source], `[${source}] `);
  return [piece('dim', `${shownTime(time)} `), name, printableLine(continued ? `(continued) ${text}` : text)];
}

function refusalText(line: LogLine): Styled {
  const { rule, subject, reason } = refusalIn(line) ?? { rule: '', subject: '', reason: '' };
  return [
    piece('dim', `${shownTime(line.time)} `),
    piece(STYLE[line.source], `[${line.source}] `),
    piece('red', `${printableLine(rule)} `),
    printableLine(`${subject}: ${reason}`),
  ];
}

function lineData(line: LogLine): object {
  const { time, source, text, continued } = line;
  const event = logEvent(line);
  const refusal = refusalIn(line);
  const body = event === undefined ? { text } : { event };
  return {
    time,
    daemon: source,
    ...(refusal === undefined ? {} : { refusal }),
    ...(continued ? { continued } : {}),
    ...body,
  };
}

/** The containers that `sources` write in; none named: all. */
function containersOf(bottle: DeployedBottle, sources: readonly LogSource[]) {
  const shape = bottle.record?.shape ?? 'bundle';
  const services = sources.map((source) =>
    source === 'agent' ? AGENT_SERVICE : source === 'init' ? 'init' : sidecarService(source, shape),
  );
  const isWanted = (service: string): boolean =>
    services.length === 0 || services.includes(service) || (services.includes('init') && service !== AGENT_SERVICE);
  return [...bottle.containers.values()].filter(({ service }) => isWanted(service));
}

function assertRuns({ record }: DeployedBottle, sources: readonly LogSource[]): void {
  const missing = sources.filter((one) => one !== 'init' && one !== 'agent' && record?.daemons.includes(one) === false);
  if (record === undefined || missing.length === 0) return;
  throw new BottleError('logs/no-such-daemon', `bottle ${record.slug} has no ${missing.join(', ')}`, {
    fix: `it runs ${record.daemons.join(', ')}; init and agent are there, too`,
  });
}

async function show(
  lines: AsyncIterable<readonly LogLine[]>,
  messages: Messages,
  options: LogsOptions,
  redact: (text: string) => string,
) {
  const text = options.denied === true ? refusalText : lineText;
  for await (const batch of lines) {
    for (const line of batch) {
      const shown = { ...line, text: redact(line.text) };
      await messages.line(
        messages.options.json ? lineData(shown) : undefined,
        messages.options.json ? '' : text(shown),
      );
    }
  }
}

async function showSaved(slug: string, messages: Messages, options: LogsOptions, wanted: LogSelection): Promise<void> {
  const stateDir = stateDirectory(homeDirectory(process.env), slug);
  const saved = DNS_LABEL.test(slug) ? savedLogs(stateDir) : [];
  if (saved.length === 0) {
    throw new BottleError('logs/none-saved', `no log of a bottle ${slug} was saved on this home`, {
      fix: 'destroy saves them; leave --saved out to see those of what runs',
    });
  }
  const names = readDeployed(stateDir)?.tokens.map(({ from }) => from) ?? [];
  await show(savedBottleLog(saved, wanted), messages, options, redactor(process.env, names));
}

async function showLive(slug: string, messages: Messages, options: LogsOptions, wanted: LogSelection): Promise<void> {
  const { env } = process;
  const docker = createDocker({ env });
  const bottle = await deployedBottle(docker, homeDirectory(env), slug);
  assertRuns(bottle, wanted.sources);
  const containers = containersOf(bottle, wanted.sources);
  if (containers.length === 0) {
    throw new BottleError('logs/no-container', `bottle ${slug} has no container whose log could be read`, {
      fix: 'bring it up with bottle deploy; bottle logs --saved shows what destroy saved',
    });
  }
  const redact = redactor(env, bottle.record?.tokens.map(({ from }) => from) ?? []);
  await interruption(async (signal) => {
    const follow = options.follow === true;
    const log = bottleLog({ ...wanted, docker, env, owner: ownerOf(bottle), containers, follow, signal });
    await show(log, messages, options, redact);
    // A reader of a log that grows is told nothing by its end but that it was asked for.
    if (signal.aborted) throw new BottleError('interrupted', 'interrupted');
  });
}

export async function logs(
  slug: string,
  daemons: readonly string[],
  messages: Messages,
  options: LogsOptions,
): Promise<void> {
  const tail = tailOf(options);
  const wanted: LogSelection = {
    sources: [...new Set(daemons.map(sourceNamed))],
    denied: options.denied === true,
    ...(options.since === undefined ? {} : { since: sinceMoment(options.since) }),
    ...(tail === undefined ? {} : { tail }),
  };
  if (options.saved === true && options.follow === true) {
    throw new BottleError('usage/saved-follow', '--saved logs do not grow', { fix: 'leave --follow out', exitCode: 2 });
  }
  await (options.saved === true ? showSaved : showLive)(slug, messages, options, wanted);
}
