/**
 * What whole processes cost: wall time, and CPU time with that of their children. On a busy machine the first says how
 * busy it was; the second, at its lowest of many runs, says what the program takes.
 */

import { execa } from 'execa';
import { spread, spreadText } from './statistics.ts';

export interface Cost {
  readonly wall: number;
  /** User and system time in milliseconds. */
  readonly cpu: number;
}

/** A process of a user's, as `execa` takes it. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether a failing end is none to the measurement. */
  readonly mayFail?: boolean;
}

/** The shell's own measurement, to a millisecond; that of POSIX (`times`) counts in ticks of ten. */
const MEASURED = `TIMEFORMAT='%3U %3S'; { time "$@" >/dev/null 2>&1; } 2>&1`;

function milliseconds(text: string): number {
  return text.split(' ').reduce((sum, seconds) => sum + Number(seconds) * 1_000, 0);
}

async function costOf({ file, args, cwd, env = {}, mayFail = false }: Program): Promise<Cost> {
  const started = performance.now();
  const { stdout } = await execa('bash', ['-c', MEASURED, 'bash', file, ...args], { cwd, env, reject: !mayFail });
  return { wall: performance.now() - started, cpu: milliseconds(stdout.trim().split('\n').at(-1) ?? '') };
}

const text = (of: keyof Cost, a: readonly Cost[], b: readonly Cost[]): string => {
  const as = spread(a.map((cost) => cost[of]));
  const bs = spread(b.map((cost) => cost[of]));
  const pairs = spread(a.map((cost, index) => cost[of] / (b[index]?.[of] ?? 1)));
  const ratio = `ratio ${(as.min / bs.min).toFixed(2)} of the lowest, ${spreadText(pairs, 2)} pair by pair`;
  return `${of} ${spreadText(as, 0)} ms against ${spreadText(bs, 0)} ms, ${ratio}`;
};

/** `a` and `b` in turn, `runs` times each after one uncounted run. */
export async function compared(runs: number, what: string, a: Program, against: string, b: Program): Promise<string> {
  await costOf(a);
  await costOf(b);
  const as: Cost[] = [];
  const bs: Cost[] = [];
  for (let run = 0; run < runs; run += 1) {
    as.push(await costOf(a));
    bs.push(await costOf(b));
  }
  return `${what} against ${against}: ${text('cpu', as, bs)}; ${text('wall', as, bs)}`;
}
