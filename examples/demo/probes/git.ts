/** Probes of the way to git. */

import { randomBytes } from 'node:crypto';
import type { Probe } from './probe.ts';
import { PLANTED_SECRET } from './web.ts';

const AUTHOR = '-c user.name=Agent -c user.email=agent@bottle.test';

/** A shell script that commits `text` on a new branch of a fresh clone and pushes it. */
const pushScript = (branch: string, text: string): string => `set -e
rm -rf /tmp/${branch} && git clone -q git://git-gate/app.git /tmp/${branch} && cd /tmp/${branch}
git checkout -q -b ${branch} && printf '%s\\n' '${text}' >note.txt && git add note.txt
git ${AUTHOR} commit -q -m 'Add a note' && git push origin ${branch} 2>&1`;

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';

export const cloneThroughGate: Probe = {
  title: 'git clone through git-gate',
  expected: 'allowed',
  run: async ({ agent, internet }) => {
    const outcome = await agent(
      'rm -rf /tmp/clone && git clone -q git://git-gate/app.git /tmp/clone && git -C /tmp/clone rev-parse HEAD',
    );
    const upstream = await internet.upstreamGit('rev-parse', 'main');
    const same = outcome.stdout.trim() === upstream.trim();
    return {
      ok: outcome.exitCode === 0 && same,
      seen: outcome.exitCode === 0 ? `commit ${outcome.stdout.trim().slice(0, 10)}` : lastLine(outcome.stderr),
      arrived: same ? 'the same commit upstream' : 'ANOTHER commit upstream',
    };
  },
};

export const cleanPush: Probe = {
  title: 'git push of a clean commit on a new branch',
  expected: 'allowed',
  run: async ({ agent, internet }) => {
    // Another one each time: a branch that is there already could not be pushed without force.
    const branch = `clean-${randomBytes(3).toString('hex')}`;
    const before = await internet.sshConnections();
    const outcome = await agent(pushScript(branch, 'nothing secret here'));
    const heads = await internet.upstreamGit('for-each-ref', '--format=%(refname)', 'refs/heads');
    const landed = heads.includes(`refs/heads/${branch}`);
    const connections = (await internet.sshConnections()) - before;
    return {
      ok: outcome.exitCode === 0 && landed && connections > 0,
      seen: outcome.exitCode === 0 ? 'pushed' : lastLine(outcome.stdout || outcome.stderr),
      arrived: landed ? `refs/heads/${branch}, ${connections} connections` : 'NOTHING',
    };
  },
};

export const secretPush: Probe = {
  title: 'git push of a commit that holds a secret',
  expected: 'refused',
  run: async ({ agent, internet }) => {
    // Cloning contacts the upstream, so the connections are counted between the clone and the end of the push; that
    // they are counted at all, the clone shows.
    const [prepare = '', push = ''] = pushScript('leak', `aws_access_key_id = ${PLANTED_SECRET}`).split(' && git push');
    const atFirst = await internet.sshConnections();
    const prepared = await agent(prepare);
    const before = await internet.sshConnections();
    const counted = before > atFirst;
    const outcome = await agent(`cd /tmp/leak && git push${push}`);
    const contacted = (await internet.sshConnections()) - before;
    const heads = await internet.upstreamGit('for-each-ref', '--format=%(refname)', 'refs/heads');
    const landed = heads.includes('refs/heads/leak');
    const said = outcome.stdout.split('\n').find((line) => line.includes('git-gate:')) ?? lastLine(outcome.stdout);
    const refused = outcome.exitCode !== 0 && said.includes('git-gate:');
    return {
      ok: prepared.exitCode === 0 && counted && refused && !landed && contacted === 0,
      seen: said.replace(/^remote:\s*/, '').trim(),
      arrived: landed
        ? 'THE COMMIT'
        : `nothing, ${contacted} connections (control: the clone ${counted ? 'was counted' : 'WAS NOT COUNTED'})`,
    };
  },
};
