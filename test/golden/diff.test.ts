import picocolors from 'picocolors';
import { diffText } from '../../lib/cli/diff-text.ts';
import { rendered } from '../../lib/cli/styled.ts';
import { diffBottle, unifiedDiff } from '../../lib/diff/index.ts';
import type { BottlePlan } from '../../lib/plan/index.ts';
import { matchesGolden } from '../support/golden.ts';
import { fullMatrix, planWith } from '../support/plans.ts';
import { suite } from '../support/suite.ts';
import { versionOf } from '../unit/diff/versions.ts';

const test = suite('golden diff');

const FULL = fullMatrix();

/** What a busy month makes of the full matrix. */
function changed(): BottlePlan {
  const plan = planWith(['egress', 'git-gate', 'supervise'], {
    egress: {
      path: 'x',
      tokens: ['GH_TOKEN', 'REGISTRY_TOKEN'],
      routes: [
        {
          host: 'api.github.com',
          ports: [443],
          methods: ['GET', 'POST'],
          pathPrefixes: ['/repos/acme/', '/search/'],
          auth: { scheme: 'Bearer', from: 'GH_TOKEN', slot: 0 },
          tlsPassthrough: false,
          privateUpstream: false,
          webSocket: false,
        },
        {
          host: 'registry.example.org',
          ports: [443, 8443],
          auth: { scheme: 'header', header: 'X-Api-Key', from: 'REGISTRY_TOKEN', slot: 1 },
          tlsPassthrough: true,
          privateUpstream: true,
          webSocket: true,
        },
      ],
    },
    resources: { memory: '2g', pids: 512 },
    trustedCAs: ['certs/corp.pem'],
  });
  return {
    ...plan,
    labels: { team: 'tools' },
    agent: {
      ...plan.agent,
      image: { kind: 'claudeCode', version: '2.1.0' },
      env: [
        { kind: 'literal', name: 'EDITOR', value: 'nano' },
        { kind: 'literal', name: 'DB_PASSWORD', value: 'correct-horse-battery' },
      ],
      mounts: [
        { kind: 'bind', source: './src', target: '/src', readOnly: false },
        { kind: 'volume', name: 'cache', target: '/cache' },
      ],
    },
  };
}

test('a rich difference reads as its golden text, forth, back, new and gone', () => {
  const [before, after] = [versionOf(FULL), versionOf(changed())];
  const text = (old: typeof before | undefined, now: typeof before | undefined, unified = false): string => {
    const diff = diffBottle(old, now);
    const shown = {
      ...diff,
      ...(unified ? { diff: unifiedDiff(old, now) } : {}),
      grants: { kept: ['pypi.org opened by ada at 2026-01-31T12:00:00Z: for the build'], dropped: [] },
      notes: [],
    };
    return `${rendered(diffText([shown], { files: false }), picocolors.createColors(false))}\n`;
  };
  matchesGolden('diff', {
    'forth.txt': text(before, after, true),
    'back.txt': text(after, before),
    'new.txt': text(undefined, after),
    'gone.txt': text(after, undefined),
  });
});

test.run();
