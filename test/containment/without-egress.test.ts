/** The attacks on a bottle without egress: what stands in pipelock's slot contains alone. */

import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { docker } from '../../examples/demo/internet/docker.ts';
import {
  broadcastOutOfReach,
  connectScript,
  daemonsForTheAgent,
  hostOutOfReach,
  type Probe,
  plantedSecrets,
  portsFromHost,
  resolverOutOfReach,
  secretAsSubdomain,
  spoofs,
  unlistedSite,
} from '../../examples/demo/probes/index.ts';
import { longAlias } from '../../lib/plan/index.ts';
import { holdAll, inBothShapes, onStage } from '../support/staged.ts';
import { suite } from '../support/suite.ts';

const test = suite('a bottle without egress', { timeoutMs: 600_000 });

const definition = join(import.meta.dirname, 'definitions/without-egress.ts');
const stage = onStage(test, { definition, slug: 'without-egress' });

const PROBES: readonly (readonly [string, Probe])[] = [
  ['attack 1', unlistedSite],
  ...spoofs.map((probe) => ['attack 2', probe] as const),
  ...plantedSecrets.map((probe) => ['attack 3', probe] as const),
  ['attack 4a', secretAsSubdomain],
  ['attack 4b', resolverOutOfReach],
  ['difference 2', daemonsForTheAgent],
  ['difference 2', portsFromHost],
  ['difference 3', hostOutOfReach],
  ['difference 3', broadcastOutOfReach],
];

inBothShapes(test, stage, (shape) => {
  holdAll(test, stage, PROBES, shape);

  test(`${shape}: the agent trusts the one CA that the slot mints certificates with`, async () => {
    const trusted = await stage().agent('curl -sS -o /dev/null https://api.allowed.test/v1/x && echo trusted');
    const untrusted = await stage().agent(
      'curl -sS -o /dev/null --cacert /etc/ssl/certs/ca-certificates.crt https://api.allowed.test/v1/x || echo refused',
    );
    assert.is(trusted.stdout.trim(), 'trusted');
    assert.is(untrusted.stdout.trim(), 'refused');
  });

  test(`${shape}: a tunnel to another port than 443 and 80 is refused: no egress has judged it`, async () => {
    const { slug } = stage();
    const agent = [`claude-bottle-${slug}`, ...connectScript(longAlias('pipelock', slug))];
    assert.match(await docker(['exec', ...agent]), /^HTTP\/1\.1 403 [\s\S]*port 8443 not allowed/);
  });
});

test.run();
