/**
 * `npm run demo`: deploys the bottle of `app.ts` next to a test internet, lets the agent try what it may and what it
 * may not, and prints what arrived. Exits 0 only if every row is as it should be.
 *
 *   --keep    leave the bottle and its internet running
 *   --split   each daemon in a container of its own (as does CLAUDE_BOTTLE_SIDECAR_BUNDLE=0)
 */

import { join } from 'node:path';
import Table from 'cli-table3';
import pc from 'picocolors';
import { INTERNET_LABEL } from './internet/internet.ts';
import {
  allowedSite,
  broadcastOutOfReach,
  cleanPush,
  cloneThroughGate,
  hostOutOfReach,
  innerHopOutOfReach,
  type Probe,
  pathOutsideRoute,
  resolverOutOfReach,
  secretInBody,
  secretPush,
  superviseTools,
  unlistedSite,
} from './probes/index.ts';
import { type OpenStage, openStage } from './stage.ts';

const PROBES: readonly Probe[] = [
  allowedSite,
  unlistedSite,
  pathOutsideRoute,
  secretInBody,
  cloneThroughGate,
  cleanPush,
  secretPush,
  superviseTools,
  hostOutOfReach,
  broadcastOutOfReach,
  innerHopOutOfReach,
  resolverOutOfReach,
];

const say = (text: string): void => void process.stderr.write(`${pc.dim('demo')} ${text}\n`);

/** Thrown by what an interruption stops, after it has cleaned up. */
class Interrupted extends Error {
  readonly exitCode: number;
  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`interrupted by ${signal}, and cleaned up`);
    this.exitCode = signal === 'SIGINT' ? 130 : 143;
  }
}

async function runProbes(stage: OpenStage): Promise<boolean> {
  const width = Math.max(100, Math.min(process.stdout.columns ?? 140, 180));
  const [first, second, third] = [0.34, 0.36, 0.22].map((share) => Math.floor(width * share));
  const table = new Table({
    head: ['the agent tried', 'the agent saw', 'what arrived', ''],
    colWidths: [first ?? 40, second ?? 40, third ?? 24, 6],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  let everyRow = true;
  for (const probe of PROBES) {
    say(probe.title);
    const verdict = await probe.run(stage);
    everyRow &&= verdict.ok;
    const expected = pc.dim(`should be ${probe.expected}`);
    const mark = verdict.ok ? pc.green('ok') : pc.red('FAIL');
    table.push([`${probe.title}\n${expected}`, verdict.seen, verdict.arrived, mark]);
  }
  process.stdout.write(`\n${table.toString()}\n`);
  return everyRow;
}

function sayHowToGoOn({ project, home, cli, internet: { network } }: OpenStage): void {
  say('kept. Enter it:   docker exec -it claude-bottle-demo bash');
  say(`Take it down:     (cd ${project} && CLAUDE_BOTTLE_HOME=${home} ${cli} destroy demo --volumes --yes)`);
  say(`and its internet: docker rm -f $(docker ps -aq --filter label=${INTERNET_LABEL}=${network})`);
  say(`                  docker network rm ${network}`);
}

const ALLOWED = ['--keep', '--split'];

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.filter((arg) => !ALLOWED.includes(arg));
  if (unknown.length > 0) {
    process.stderr.write(`unknown argument ${unknown.join(' ')}; allowed: ${ALLOWED.join(', ')}\n`);
    return 2;
  }
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => interruption.abort(new Interrupted(name)));
  }
  const { signal } = interruption;
  const stage = await openStage({
    definition: join(import.meta.dirname, 'app.ts'),
    slug: 'demo',
    ...(args.includes('--split') ? { shape: 'split' as const } : {}),
    subnet: '198.51.100.0/26',
    output: 'inherit',
    say,
    signal,
  });
  say(`${stage.daemons.length} daemons, shape ${stage.shape}`);
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  try {
    const everyRow = await Promise.race([runProbes(stage), aborted]);
    process.stdout.write(everyRow ? '\nevery row is as it should be\n' : '\nNOT every row is as it should be\n');
    return everyRow ? 0 : 1;
  } finally {
    if (args.includes('--keep')) sayHowToGoOn(stage);
    else {
      say('cleaning up');
      await stage.close();
    }
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Interrupted)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
