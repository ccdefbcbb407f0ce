/** What the demo and the containment tests share: a probe is something that an agent tries, judged at a receiver. */

import type { Daemon, Shape } from '../../../lib/plan/index.ts';
import type { Internet } from '../internet/internet.ts';

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a probe acts: inside an agent, with a test internet outside. */
export interface Stage {
  readonly slug: string;
  /** As it was last deployed. */
  readonly shape: Shape;
  readonly daemons: readonly Daemon[];
  readonly internet: Internet;
  /** What stands in pipelock's slot: the image's label. */
  readonly scanner: string;
  /** The credential that egress injects for the allowed site; the agent must not hold it. */
  readonly token: string;
  /** Runs a shell script in the agent's container as its own user; `input` goes to its stdin. */
  agent(script: string, input?: string): Promise<Outcome>;
  /** Name of the container that runs `daemon`. */
  sidecar(daemon: Daemon): string;
}

export interface Verdict {
  /** True if everything is as it should be. */
  readonly ok: boolean;
  /** What the agent saw. */
  readonly seen: string;
  /** What arrived at the receiver. */
  readonly arrived: string;
}

export interface Probe {
  /** What the agent tries, for a person. */
  readonly title: string;
  /** `allowed` if the bottle grants it. */
  readonly expected: 'allowed' | 'refused';
  run(stage: Stage): Promise<Verdict>;
}

/** The status that `curl` below printed: of the answer, or else of a refused CONNECT; 0 for none. */
export function statusOf(outcome: Outcome): number {
  const [, answer = '000', connect = '000'] = /status=(\d{3}) connect=(\d{3})/.exec(outcome.stdout) ?? [];
  return Number(answer === '000' ? connect : answer);
}

/** The first line of a refusal's body, without what curl adds. */
export function reasonOf(outcome: Outcome): string {
  const [line = ''] = outcome.stdout.split('\n').filter((text) => text !== '' && !text.startsWith('status='));
  return line.length > 90 ? `${line.slice(0, 87)}…` : line;
}

/** A curl command line that prints the body, then both statuses; `rest` is shell text. */
export const curl = (rest: string): string =>
  `curl -sS --max-time 20 -w '\\nstatus=%{http_code} connect=%{http_connect}' ${rest}`;
