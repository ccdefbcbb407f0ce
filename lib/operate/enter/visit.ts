/** A visit to the agent's container: `docker exec` with this process' streams, signals and exit code. */

import { randomUUID } from 'node:crypto';
import { constants } from 'node:os';
import { execa } from 'execa';
import { dockerMissing } from '../docker/failure.ts';
import { createDocker, dockerEnvironment, type Environment } from '../docker/index.ts';
import { type EnterWhat, enterArguments, SIGNAL_SCRIPT, VISIT_VARIABLE } from './script.ts';

export interface Visit {
  readonly env: Environment;
  /** Id of the agent's container. */
  readonly container: string;
  readonly what: EnterWhat;
  readonly words: readonly string[];
  /** Where it begins, if that is there; empty: where the container's own processes do. */
  readonly directory: string;
  /** Both ends of this process are a terminal. */
  readonly terminal: boolean;
}

/** What tells a program about the terminal that it is shown on; nothing else of our environment goes in. */
const TERMINAL_VARIABLES = ['TERM', 'COLORTERM'];
const PLAIN_VALUE = /^[\w.+-]{1,64}$/;

function terminalVariables(env: Environment): readonly string[] {
  return TERMINAL_VARIABLES.flatMap((name) => {
    const value = env[name] ?? '';
    return PLAIN_VALUE.test(value) ? ['--env', `${name}=${value}`] : [];
  });
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const SIGNAL_MS = 10_000;
/** Time to end for what was asked to, as when a container is stopped. */
const LEAVE_MS = 10_000;

/** A shell on a terminal ignores SIGTERM: to it, the end of the visit is the end of its terminal. */
const toldAs = (signal: NodeJS.Signals, terminal: boolean): string =>
  terminal && signal === 'SIGTERM' ? 'HUP' : signal.slice('SIG'.length);

/**
 * Forwards what this process is told to the visit's processes, and leaves when they do not end of it; returns how to
 * stop doing so.
 */
function forwardSignals({ env, container, terminal }: Visit, id: string, leave: () => void): () => void {
  const docker = createDocker({ env });
  let leaving: NodeJS.Timeout | undefined;
  const forward = (signal: NodeJS.Signals): void => {
    const script = ['/bin/sh', '-c', SIGNAL_SCRIPT, 'sh', toldAs(signal, terminal), id];
    docker.attempt(['exec', container, ...script], { timeoutMs: SIGNAL_MS }).catch(() => {
      // The container went away meanwhile, and its processes with it.
    });
    if (signal !== 'SIGINT') leaving ??= setTimeout(leave, LEAVE_MS);
  };
  for (const signal of SIGNALS) process.on(signal, forward);
  return () => {
    clearTimeout(leaving);
    for (const signal of SIGNALS) process.off(signal, forward);
  };
}

/** Runs the visit and resolves with the exit code of its command; 128 + n if docker itself died of signal n. */
export async function visit(one: Visit): Promise<number> {
  const { env, container, what, words, directory, terminal } = one;
  const id = randomUUID();
  const child = execa(
    'docker',
    [
      ...['exec', '--interactive'],
      ...(terminal ? ['--tty', ...terminalVariables(env)] : []),
      ...['--env', `${VISIT_VARIABLE}=${id}`, container],
      ...enterArguments(what, directory, words),
    ],
    {
      env: dockerEnvironment(env),
      extendEnv: false,
      reject: false,
      stdio: 'inherit',
      // A terminal's keys and its size reach docker alone, which passes them on. Without one, its Ctrl-C would end
      // docker and leave the command behind: it gets to us, and from us to the command.
      detached: !terminal,
      cleanup: false,
    },
  );
  const stop = forwardSignals(one, id, () => void child.kill('SIGTERM'));
  try {
    const { exitCode, signal, code } = await child;
    if (code === 'ENOENT') throw dockerMissing();
    return exitCode ?? 128 + (signal === undefined ? 0 : constants.signals[signal]);
  } finally {
    stop();
  }
}
