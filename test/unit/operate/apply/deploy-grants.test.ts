/** What a deploy makes of live grants, before anything is touched. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import type { AssembledBottle } from '../../../../lib/deploy/assembly.ts';
import { assertGrantsAsSeen, grantLines, withLiveGrants } from '../../../../lib/deploy/state/live-grants.ts';
import { withTokenSlots } from '../../../../lib/deploy/state/token-slots.ts';
import { grantsText, type PolicyChange } from '../../../../lib/operate/grants/index.ts';
import { renderBottle } from '../../../../lib/render/index.ts';
import { planWith, SLUG } from '../../../support/plans.ts';
import { suite } from '../../../support/suite.ts';
import { close, granted, NOW, open, TOKENS, WITH_EGRESS } from '../grants/declared.ts';

const test = suite('live grants in a deploy');

const FILES = new Map(
  Object.entries(renderBottle(planWith(['egress']))).map(([path, text]) => [path, Buffer.from(text)]),
);

const BOTTLE: AssembledBottle = {
  slug: SLUG,
  app: 'acme-bottles',
  manifest: {
    path: SLUG,
    files: {},
    daemons: ['egress', 'pipelock'],
    shape: 'bundle',
    overrides: [],
    requires: {
      images: { agent: { kind: 'default' }, sidecars: { kind: 'default' } },
      scanner: null,
      hostVariables: [],
      answers: [],
      skills: [],
      tokens: TOKENS,
      identityFiles: [],
      trustedCAs: [],
      bindMounts: [],
      externalNetwork: null,
      agentTrusts: 'egress-ca',
    },
  },
  files: FILES,
};

/** The bottle with the grants of `changes`, or with this text as its `grants.json`. */
function withGranted<T>(
  given: readonly PolicyChange[] | string,
  work: (merge: (options?: { reset?: boolean }) => AssembledBottle, stateDir: string) => T,
): T {
  const stateDir = mkdtempSync(join(tmpdir(), 'live-grants-'));
  try {
    const text = typeof given === 'string' ? given : grantsText(granted(WITH_EGRESS, ...given));
    writeFileSync(join(stateDir, 'grants.json'), text);
    return work((options = {}) => withLiveGrants(BOTTLE, stateDir, { ...options, now: NOW }), stateDir);
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

const environmentOf = (compose: string): readonly string[] => parse(compose).services.sidecars.environment;

test('without grants the files are those of synth', () => {
  const merged = withLiveGrants(BOTTLE, '/nowhere/at/all');
  assert.is(merged.files, FILES);
  assert.is(merged.live?.wanted, undefined);
});

test('grants are merged into the files that run, and what synth rendered is kept beside them', () => {
  withGranted([open('new.example.org')], (merge) => {
    const { files, live } = merge();
    assert.match(files.get('egress/routes.yaml')?.toString() ?? '', /host: new\.example\.org/);
    assert.match(files.get('pipelock/pipelock.yaml')?.toString() ?? '', /- new\.example\.org/);
    assert.is(live?.declared.get('egress/routes.yaml')?.toString(), WITH_EGRESS.routes);
    assert.is(files.get('compose.yaml'), FILES.get('compose.yaml'));
  });
});

test('a credential that only a grant names gets a slot where a declared one would stand, and its variable is wanted', () => {
  const auth = { scheme: 'Bearer', from: 'OTHER_TOKEN' } as const;
  withGranted([open('new.example.org', { auth })], (merge) => {
    const { files, manifest } = merge();
    const { egress } = planWith(['egress']).sidecars;
    if (egress === undefined) throw new Error('the plan has no egress');
    const declaring = planWith(['egress'], { egress: { ...egress, tokens: [...egress.tokens, 'OTHER_TOKEN'] } });
    const [rendered, merged] = [
      renderBottle(declaring)['compose.yaml'] ?? '',
      files.get('compose.yaml')?.toString() ?? '',
    ];
    assert.equal(environmentOf(merged), environmentOf(rendered));
    assert.equal(manifest.requires.tokens.at(-1), { slot: 'EGRESS_TOKEN_2', from: 'OTHER_TOKEN' });
    assert.equal(manifest.requires.hostVariables, [
      { name: 'OTHER_TOKEN', neededBy: ['live grant of new.example.org'] },
    ]);
  });
});

test('a compose file without slots to add keeps its bytes', () => {
  const text = FILES.get('compose.yaml')?.toString() ?? '';
  assert.is(withTokenSlots(text, 'sidecars', []), text);
});

test('--reset forgets everything, also a file that nobody can read, which otherwise stops a deploy', () => {
  withGranted([open('new.example.org'), close('docs.example.org')], (merge) => {
    const { live, files } = merge({ reset: true });
    assert.is(live?.wanted, undefined);
    assert.is(files, FILES);
    const [line] = live === undefined ? [] : grantLines(live);
    assert.is(line, '2 live grants forgotten (--reset): opened new.example.org; closed docs.example.org');
  });
  withGranted('not json', (merge) => {
    assert.throws(() => merge(), /cannot be read/);
    assert.is(merge({ reset: true }).live?.wanted, undefined);
  });
});

test('lines say what is in force, and what was dropped and why', () => {
  withGranted([open('new.example.org'), close('docs.example.org')], (merge) => {
    const { live } = merge();
    assert.equal(live === undefined ? [] : grantLines(live), [
      'live grants in force: opened new.example.org; closed docs.example.org',
    ]);
  });
  const grants = granted(WITH_EGRESS, open('docs.example.com'));
  withGranted(grantsText(grants).replaceAll('docs.example.com', 'docs.example.org'), (merge) => {
    const { live } = merge();
    assert.equal(live === undefined ? [] : grantLines(live), ['live grant dropped: docs.example.org is declared now']);
    assert.is(live?.wanted, undefined);
  });
});

test('grants that change between the look and the lock stop the deploy', () => {
  withGranted([open('new.example.org')], (merge, stateDir) => {
    const merged = merge();
    assertGrantsAsSeen(merged, stateDir);
    writeFileSync(join(stateDir, 'grants.json'), grantsText([]));
    assert.throws(() => assertGrantsAsSeen(merged, stateDir), /have just been changed/);
  });
});

test.run();
