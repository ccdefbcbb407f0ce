import * as assert from 'uvu/assert';
import { CHANGE_KINDS, diffBottle, unifiedDiff } from '../../../lib/diff/index.ts';
import { BottleError } from '../../../lib/errors.ts';
import type { BottlePlan } from '../../../lib/plan/index.ts';
import { fullMatrix, planWith } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { diffPlans, linesOf, versionOf, withFile } from './versions.ts';

const test = suite('two versions of a bottle', { timeoutMs: 30_000 });

const FULL = fullMatrix();
const BEFORE = versionOf(FULL);

const agentWith = (more: Partial<BottlePlan['agent']>): BottlePlan => ({ ...FULL, agent: { ...FULL.agent, ...more } });

/** The compose file of the full matrix with a line added to a service. */
const inService = (service: string, lines: string) =>
  withFile(BEFORE, 'compose.yaml', (text) => text.replace(`  ${service}:\n`, `  ${service}:\n${lines}\n`));

test('what an override brings is told by its place, and opens where it gives more of the host', () => {
  const cases: readonly (readonly [lines: string, told: string])[] = [
    ['    ulimits:\n      nofile: 1024', '~ compose: agent: ulimits.nofile: 1024, was unset'],
    ['    privileged: true', '+ compose: agent: privileged: true, to the agent'],
    ['    pid: host', "+ compose: agent: pid: 'host', to the agent"],
    ['    ports: ["8080:80"]', '+ compose: agent: ports: ["8080:80"], to the agent'],
    ['    x-a.b: {}', '~ compose: agent: x-a\\.b: {}, was unset'],
    ['    extra_hosts: ["db:10.0.0.5"]', '+ name-resolution: address db:10.0.0.5 to the agent'],
    ['    cap_add: [SYS_PTRACE]', '+ capability: capability SYS_PTRACE to the agent'],
  ];
  for (const [lines, told] of cases) {
    const diff = diffBottle(BEFORE, inService('agent', lines));
    assert.equal(linesOf(diff), [told]);
    assert.equal(diff.consequences.recreated, ['agent']);
  }
});

test('a service or a daemon that no bottle has is told as an opening', () => {
  const other = withFile(BEFORE, 'compose.yaml', (text) =>
    text.replace('services:\n', 'services:\n  evil:\n    image: x\n'),
  );
  assert.equal(linesOf(diffBottle(BEFORE, other)), ['+ container: container of the service evil, which no bottle has']);
});

const SECRETS = [
  'correct horse battery',
  'ghp_abcdefghijklmnopqrstuvwxyz0123456789',
  'f00dfeedf00dfeedf00dfeedf00dfeed',
];

test('no value that looks like a credential is in a change or in a unified diff', () => {
  const [password, token, random] = SECRETS;
  const secretive = agentWith({
    env: [
      { kind: 'literal', name: 'DB_PASSWORD', value: `${password}\nand a second line of it` },
      { kind: 'literal', name: 'NOTE', value: token ?? '' },
      { kind: 'literal', name: 'SEED', value: random ?? '' },
    ],
    command: ['run', '--token', token ?? ''],
    image: { kind: 'build', context: '.', args: { NPM_TOKEN: password ?? '' } },
  });
  for (const [before, after] of [
    [BEFORE, versionOf(secretive)],
    [versionOf(secretive), BEFORE],
    [undefined, versionOf(secretive)],
  ] as const) {
    const shown = JSON.stringify(diffBottle(before, after)) + unifiedDiff(before, after);
    for (const secret of [...SECRETS, 'a second line']) assert.not.ok(shown.includes(secret), secret);
    assert.ok(shown.includes('DB_PASSWORD'));
  }
});

test('no variable hides what is opened, and no host hides behind the looks of a token', () => {
  const hosts = ['collector9of8many7things.example.net', 'xoxb-123456789012-abcdefghijklmnop.com'];
  const before = agentWith({
    env: [
      ...hosts.map((host, index) => ({ kind: 'literal' as const, name: `DOCS_${index}`, value: host })),
      { kind: 'literal', name: 'NOTE', value: `any request to ${hosts[0]}` },
      { kind: 'literal', name: 'MAIN_TOKEN', value: 'true' },
      { kind: 'literal', name: 'OTHER_TOKEN', value: 'false' },
    ],
  });
  const old = versionOf(before);
  const rename = (text: string): string =>
    hosts.reduce(
      (rest, host, index) => rest.replaceAll(['docs.example.org', 'api.github.com'][index] ?? '', host),
      text,
    );
  const now = withFile(withFile(old, 'egress/routes.yaml', rename), 'pipelock/pipelock.yaml', rename);
  const loose = withFile(now, 'compose.yaml', (text) => text.replace('read_only: true', 'read_only: false'));
  const told = diffBottle(old, loose).changes.map(({ text }) => text);
  const shown = unifiedDiff(old, loose);
  for (const host of hosts) {
    assert.ok(
      told.some((text) => text.includes(`to ${host}`) || text.includes(` ${host} `)),
      host,
    );
    assert.ok(shown.includes(`+  - host: ${host}`), shown);
  }
  assert.ok(shown.includes('read_only: false') && shown.includes('read_only: true'));
});

test('of long values that begin alike, what differs is shown', () => {
  const long = 'a b '.repeat(40);
  const told = (one: object, other: object): string =>
    linesOf(diffBottle(versionOf(agentWith(one)), versionOf(agentWith(other)))).join('\n');
  const command = told({ command: ['sh', '-c', long] }, { command: ['sh', '-c', `${long}; fetch it`] });
  assert.match(command, /command of the agent: …[ab ]+; fetch it"\], was …[ab ]+"\]$/);
  const note = (value: string): object => ({ env: [{ kind: 'literal', name: 'NOTE', value }] });
  assert.match(told(note(long), note(`${long}more`)), /variable NOTE of the agent: …[ab ]+more, was …[ab ]+$/);
});

test('a workspace that may be written to, and could only be read, closes nothing', () => {
  const bound = (readOnly: boolean): object => ({ workspace: { kind: 'bind', hostPath: './src', readOnly } });
  const told = linesOf(diffBottle(versionOf(agentWith(bound(true))), versionOf(agentWith(bound(false)))));
  assert.ok(told.includes('+ mount: writes to host path ./src at /workspace/src in the agent'), told.join('\n'));
  assert.equal(
    told.filter((line) => line.startsWith('-')),
    [],
  );
});

test('control characters of a document reach no line', () => {
  const hostile = agentWith({ env: [{ kind: 'literal', name: 'NOTE', value: 'a\u001b[2Jb\nc\u202e' }] });
  const planted = withFile(BEFORE, 'egress/routes.yaml', (text) =>
    text.replace('docs.example.org', '"d\\x1b[31m\\nx"'),
  );
  for (const diff of [diffPlans(FULL, hostile), diffBottle(BEFORE, planted)]) {
    assert.ok(diff.changes.length > 0);
    for (const { text, subject } of diff.changes) assert.not.match(text + subject, /[\p{Cc}\p{Cf}]/u);
  }
});

test('documents that synth did not render are refused by name', () => {
  const bad: readonly (readonly [path: string, text: string])[] = [
    ['compose.yaml', 'services: ['],
    ['compose.yaml', '- a'],
    ['compose.yaml', 'services: {}'],
    ['compose.yaml', 'services: { agent: 5 }'],
    ['git-gate/git-gate.json', '{'],
    ['supervise/supervise.json', '[]'],
  ];
  for (const [path, text] of bad) {
    try {
      diffBottle(
        BEFORE,
        withFile(BEFORE, path, () => text),
      );
      assert.unreachable(text);
    } catch (error) {
      assert.instance(error, BottleError, String(error));
      assert.is((error as BottleError).code, 'diff/unreadable');
      assert.match((error as BottleError).message, path);
    }
  }
});

test('containers are made anew, daemons reload or restart, as the documents tell', () => {
  const sidecars = (more: Partial<BottlePlan['sidecars']>) => planWith(['egress', 'git-gate', 'supervise'], more);
  const routes = FULL.sidecars.egress?.routes ?? [];
  const one = (plan: BottlePlan) => diffPlans(FULL, plan).consequences;
  const fewer = one(
    sidecars({ egress: { path: 'x', tokens: FULL.sidecars.egress?.tokens ?? [], routes: routes.slice(0, 2) } }),
  );
  assert.equal([fewer.recreated, fewer.reloaded, fewer.restarted], [[], ['egress', 'pipelock'], []]);
  const spliced = one(
    sidecars({
      egress: {
        path: 'x',
        tokens: FULL.sidecars.egress?.tokens ?? [],
        routes: routes.map((route) => ({ ...route, tlsPassthrough: true })),
      },
    }),
  );
  assert.equal([spliced.reloaded, spliced.restarted], [[], ['pipelock']]);
  const remote = FULL.sidecars.gitGate?.remotes.map((each) => ({ ...each, access: 'read' as const })) ?? [];
  assert.equal(one(sidecars({ gitGate: { path: 'x', remotes: remote } })).restarted, ['sidecars']);
  assert.equal(one(sidecars({ trustedCAs: ['x.pem'] })).restarted, ['sidecars']);
  const memory = one(sidecars({ resources: { memory: '2g', pids: 512 } }));
  assert.equal([memory.recreated, memory.endsSession], [['sidecars'], false]);
  const agent = one(agentWith({ image: { kind: 'claudeCode' } }));
  assert.equal([agent.recreated, agent.endsSession], [['agent'], true]);
  const { workspace: _workspace, ...without } = FULL.agent;
  const later = one({ ...FULL, agent: without });
  assert.equal([later.recreated, later.atNextStart], [[], ['agent/entrypoint.sh']]);
  const subnet = one(sidecars({ egressNetwork: { kind: 'managed', subnet: '10.9.0.0/24' } }));
  assert.equal([subnet.recreated, subnet.remadeNetworks, subnet.endsSession], [['sidecars'], ['egress'], false]);
  const split = one(sidecars({ shape: 'split' }));
  assert.equal(split.created, ['egress', 'pipelock', 'git-gate', 'supervise']);
  assert.equal([split.removed, split.recreated], [['sidecars'], ['agent']]);
});

test('a project that lies elsewhere makes containers with relative mounts anew', () => {
  const plan = versionOf(agentWith({ mounts: [{ kind: 'bind', source: './x', target: '/x', readOnly: true }] }));
  const { consequences, status } = diffBottle(plan, plan, { isMoved: true });
  assert.equal([status, consequences.recreated], ['unchanged', ['agent']]);
});

test('the reference names every kind', async () => {
  const { readFileSync } = await import('node:fs');
  const text = readFileSync(new URL('../../../docs/reference/diff.md', import.meta.url), 'utf8');
  for (const kind of CHANGE_KINDS) assert.match(text, `\`${kind}\``);
});

test.run();
