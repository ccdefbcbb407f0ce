/** git-gate on a repository of 20,000 commits that is made here: clone, fetch and push through it and past it. */

import { startWorld, type World } from '../test/integration/git-gate/world.ts';
import { type Spread, spread, spreadText } from './statistics.ts';

const COMMITS = 20_000;
const RUNS = 7;
/** A push of one commit scans that commit, whatever lies behind it: above this something scans the history, too. */
const LIMIT = 20;

/** A stream for git-fast-import(1): some twenty lines of code-like text a commit, in 500 files. */
const HISTORY = `node -e '
  const out = []; const words = "const value return await function import export type string number token key".split(" ");
  for (let n = 0; n < ${COMMITS}; n += 1) {
    const text = Array.from({ length: 20 }, (_, line) => words[(n * 7 + line * 3) % words.length] + " line" + ((n * 31 + line) % 997)).join("\\n");
    out.push("commit refs/heads/main\\ncommitter U <u@u.test> " + (1700000000 + n) + " +0000\\ndata 6\\ncommit\\n");
    out.push("M 100644 inline src/d" + (n % 25) + "/f" + (n % 500) + ".ts\\ndata " + text.length + "\\n" + text + "\\n");
  }
  process.stdout.write(out.join(""))'`;

const SSH = `cp /keys/app.key /tmp/key; chmod 600 /tmp/key
export HOME=/tmp GIT_SSH_COMMAND="ssh -F /dev/null -i /tmp/key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
gate=ssh://git@git.test/srv/git
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@a.test GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@a.test
`;

/** Shell: runs the words in $1 and prints how many milliseconds they took. */
const TIMED = 'timed() { s=$(date +%s%N); eval "$1" >&2; echo $((($(date +%s%N) - s) / 1000000)); }\n';

type Shell = (script: string) => Promise<string>;

const shells = (world: World): Readonly<Record<'gate' | 'plain', Shell>> => {
  const checked = async (outcome: ReturnType<World['client']>): Promise<string> => {
    const { exitCode, stdout, stderr } = await outcome;
    if (exitCode !== 0) throw new Error(`a client failed: ${stderr}`);
    // The commit, its file and the three directories above that.
    if (stderr.includes('git-gate: ') && !stderr.includes('scanned 5 objects')) throw new Error(stderr);
    return stdout;
  };
  return {
    gate: (script) => checked(world.client(TIMED + script)),
    plain: (script) => checked(world.neighbour(`set -eu\n${SSH}${TIMED}${script}`)),
  };
};

async function repeated({ gate, plain }: ReturnType<typeof shells>, script: (run: number, via: string) => string) {
  const times = { gate: [] as number[], plain: [] as number[] };
  for (let run = 0; run < RUNS; run += 1) {
    times.gate.push(Number(await gate(script(run, 'gate'))));
    times.plain.push(Number(await plain(script(run, 'plain'))));
  }
  const ratio = spread(times.gate.map((value, index) => value / (times.plain[index] ?? 1)));
  return { gate: spread(times.gate), plain: spread(times.plain), ratio };
}

const line = (what: string, { gate, plain, ratio }: Readonly<Record<'gate' | 'plain' | 'ratio', Spread>>): string =>
  `${what}: ${spreadText(gate, 0)} ms; past it, over ssh: ${spreadText(plain, 0)} ms; ratio ${spreadText(ratio, 1)}`;

export async function benchGitGate(): Promise<readonly string[]> {
  const world = await startWorld();
  try {
    await world.upstream(`git init -q --bare -b main long.git; ${HISTORY} | git -C long.git fast-import --quiet`);
    const both = shells(world);
    const cold = Number(await both.gate('timed "git clone -q $gate/long.git /tmp/long"'));
    await both.plain('git clone -q $gate/long.git /tmp/long');
    const clones = await repeated(both, () => 'timed "git clone -q $gate/long.git r"; rm -rf r');
    const fetches = await repeated(both, () => 'cd /tmp/long; timed "git fetch -q"');
    const pushes = await repeated(
      both,
      (run, via) =>
        `cd /tmp/long; git checkout -q -B w${run} origin/main; echo ${via} >>src/d0/f0.ts; git commit -qam w
         timed "git push -q origin w${run}:${via}-${run}"`,
    );
    if (pushes.ratio.median > LIMIT) {
      throw new Error(`a push of one commit takes ${pushes.ratio.median} times as long, above the limit of ${LIMIT}`);
    }
    return [
      `first clone of ${COMMITS} commits through git-gate, which makes the mirror: ${cold} ms`,
      line('clone through git-gate', clones),
      line('fetch of nothing new through git-gate', fetches),
      line(`push of one commit on a new branch through git-gate (limit: ratio ${LIMIT})`, pushes),
    ];
  } finally {
    await world.stop();
  }
}
