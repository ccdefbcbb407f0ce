/** What an image of the user's own is like for the agent: who runs in it, at home where, with which programs. */

import { BottleError } from '../../errors.ts';
import { docker, type Environment } from './docker.ts';

export interface AgentFacts {
  readonly uid: number;
  readonly gid: number;
  /** As the container gets it; empty or `/` for a uid without an entry in the image's passwd. */
  readonly home: string;
  /** Of {@link ASKED_PROGRAMS}. */
  readonly programs: ReadonlySet<string>;
}

export interface AgentFactsOptions {
  /** Id of the image. */
  readonly image: string;
  /** As messages name it. */
  readonly reference: string;
  /** As the definition says. */
  readonly user?: string;
  readonly home?: string;
  readonly env: Environment;
  readonly signal?: AbortSignal | undefined;
}

const ASKED_PROGRAMS = ['sleep', 'git', 'cp'] as const;

const MARK = 'claude-bottle-facts';

/** Built into the shell but for nothing: an image with /bin/sh alone answers, too. */
const QUESTIONS = `while read -r key real effective rest; do
  case $key in Uid:) uid=$effective ;; Gid:) gid=$effective ;; esac
done </proc/self/status
printf '%s %s %s %s\\n' ${MARK} "$uid" "$gid" "\${HOME:-}"
for program in ${ASKED_PROGRAMS.join(' ')}; do
  if command -v "$program" >/dev/null 2>&1; then printf '%s %s\\n' ${MARK} "$program"; fi
done`;

const ANSWER = new RegExp(`^${MARK} (\\d+) (\\d+) (.*)$`, 'm');

interface Failure {
  readonly pattern: RegExp;
  readonly code: string;
  readonly what: string;
  readonly fix: string;
}

const FAILURES: readonly Failure[] = [
  {
    pattern: /unable to find (?:user|group)|no matching entries in (?:passwd|group)/i,
    code: 'images/agent-user-unknown',
    what: 'does not know the user of the agent',
    fix: "name a user of the image, or give a number: `user: '1000:1000'`",
  },
  {
    pattern: /exec format error/i,
    code: 'images/agent-other-architecture',
    what: 'is for another architecture than this engine',
    fix: 'name an image for this architecture, or build it here with Image.build',
  },
  {
    pattern: /\/bin\/sh\\?"?: (?:stat|no such|permission)|\/bin\/sh: no such file|executable file not found/i,
    code: 'images/agent-without-shell',
    what: "has no /bin/sh, which the agent's entrypoint needs",
    fix: 'use a base with a shell (a distroless image has a variant with one, often tagged debug), or copy a static busybox to /bin/sh',
  },
];

function failure(reference: string, stderr: string): BottleError {
  const details = stderr.trim().split('\n').slice(-5);
  const known = FAILURES.find(({ pattern }) => pattern.test(stderr));
  if (known !== undefined) {
    return new BottleError(known.code, `the image ${reference} ${known.what}`, { fix: known.fix, details });
  }
  return new BottleError('images/agent-not-startable', `nothing can be started in the image ${reference}`, {
    fix: 'see what the engine says below, and try it: docker run --rm --entrypoint /bin/sh <image>',
    details,
  });
}

/** Runs a shell in the image, as the agent's user, with no network and no right. Throws if that cannot be. */
export async function agentFacts(options: AgentFactsOptions): Promise<AgentFacts> {
  const { image, reference, user, home, env, signal } = options;
  const { ok, stdout, stderr } = await docker(
    [
      ...['run', '--rm', '--pull', 'never', '--network', 'none', '--read-only', '--log-driver', 'none'],
      ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--pids-limit', '64', '--memory', '256m'],
      ...(user === undefined ? [] : ['--user', user]),
      ...(home === undefined ? [] : ['--env', `HOME=${home}`]),
      ...['--entrypoint', '/bin/sh', image, '-c', QUESTIONS],
    ],
    { env, signal },
  );
  const answer = ANSWER.exec(stdout);
  if (!ok || answer === null) throw failure(reference, stderr);
  const [, uid = '', gid = '', found = ''] = answer;
  return {
    uid: Number(uid),
    gid: Number(gid),
    home: found,
    programs: new Set(ASKED_PROGRAMS.filter((name) => stdout.split('\n').includes(`${MARK} ${name}`))),
  };
}
