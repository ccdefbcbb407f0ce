import * as assert from 'uvu/assert';
import { DNS_LABEL, SLUG_MAX } from '../../../lib/plan/index.ts';
import { givenObjects } from '../../../lib/render/kubernetes/index.ts';
import { DAEMON_SUBSETS, fullMatrix, planWith, SLUG } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { everything, withAgent, withSidecars } from './plans.ts';
import { allContainers, type Manifest, manifest, manifestsOf, type PodSpec, podOf } from './rendered.ts';

const test = suite('objects of a bottle on Kubernetes');

const full = manifestsOf(fullMatrix());

test('files are numbered in the order in which objects have to exist', () => {
  const order = [
    'Namespace',
    'ServiceAccount',
    'NetworkPolicy',
    'PersistentVolumeClaim',
    'ConfigMap',
    'Service',
    'Deployment',
  ];
  assert.equal([...new Set(full.map(({ kind }) => kind))], order);
  const paths = full.map(({ path }) => path);
  assert.equal([...paths].sort(), paths);
  for (const { path, kind, metadata } of full) {
    assert.match(path, /^kubernetes\/\d{4}-[a-z]+-[a-z0-9-]+\.yaml$/);
    assert.is(path.replace(/^kubernetes\/\d{4}-/, ''), `${kind.toLowerCase()}-${metadata.name}.yaml`);
  }
  assert.equal(
    full
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ metadata }) => metadata.labels['app.kubernetes.io/component']),
    ['sidecars', 'agent'],
  );
});

test('one more daemon renames no file of another kind', () => {
  const fewer = new Set(manifestsOf(planWith(['egress', 'git-gate'])).map(({ path }) => path));
  const files = full.map(({ path }) => path).filter((path) => !/configmap/.test(path));
  assert.equal(
    files.filter((path) => !fewer.has(path)),
    [],
  );
});

test('every name is a DNS label, for the longest slug, too', () => {
  const longest = { ...everything(), slug: 'a'.repeat(SLUG_MAX) };
  for (const { metadata, kind } of [...manifestsOf(longest), ...manifestsOf(longest, { namespace: 'bottles' })]) {
    assert.match(metadata.name, DNS_LABEL, kind);
    for (const value of Object.values(metadata.labels))
      assert.match(value, /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/);
  }
  for (const { name } of givenObjects(longest)) assert.match(name, DNS_LABEL);
  for (const component of ['agent', 'sidecars'] as const) {
    const pod = podOf(manifestsOf(longest), component);
    for (const name of [...pod.volumes, ...allContainers(pod)].map((one) => one.name)) assert.match(name, DNS_LABEL);
    assert.match(pod.hostname, DNS_LABEL);
  }
});

test('bottles that share a namespace share no object, whatever their slugs and volumes are called', () => {
  const words = [
    'x',
    'agent-x',
    'deny-x',
    'home-x',
    'workspace-x',
    'mirrors-x',
    'tokens-x',
    'trust-x',
    'roots-x',
    'a-x',
    'x-a',
  ];
  const owner = new Map<string, string>();
  for (const slug of words) {
    const mounts = ['a', 'x', 'x-a', 'a-x'].map((name) => ({ kind: 'volume', name, target: `/${name}` }) as const);
    const plan = { ...withAgent(everything(), { mounts }), slug };
    const names = [
      ...manifestsOf(plan, { namespace: 'bottles' }).map(({ kind, metadata }) => `${kind}/${metadata.name}`),
      ...givenObjects(plan).map(({ kind, name }) => `${kind}/${name}`),
    ];
    assert.is(new Set(names).size, names.length, slug);
    for (const name of names) {
      assert.is(owner.get(name), undefined, `${name} of ${slug} and ${owner.get(name)}`);
      owner.set(name, slug);
    }
  }
});

test('every object says whose it is, by the labels of operators and by ours', () => {
  for (const { metadata, kind } of full) {
    assert.is(metadata.labels['app.kubernetes.io/name'], 'claude-bottle', kind);
    assert.is(metadata.labels['app.kubernetes.io/instance'], SLUG);
    assert.is(metadata.labels['app.kubernetes.io/managed-by'], 'claude-bottle');
    assert.is(metadata.labels['claude-bottle.slug'], SLUG);
    assert.is(metadata.labels['claude-bottle.app'], 'acme-bottles');
    assert.is(metadata.annotations['claude-bottle.app'], 'acme-bottles');
    if (kind !== 'Namespace') assert.match(metadata.annotations['claude-bottle.digest'] ?? '', /^[0-9a-f]{64}$/);
  }
});

test("an app's name that is no label's value is whole in an annotation, and told apart in the label", () => {
  const labels = ['@acme/bottles', '@acme-/bottles', `${'a'.repeat(80)}`, '@@@'].map((app) => {
    const { metadata } = manifest(manifestsOf({ ...fullMatrix(), app }), 'Service', '');
    assert.is(metadata.annotations['claude-bottle.app'], app);
    return metadata.labels['claude-bottle.app'] ?? '';
  });
  for (const label of labels) assert.match(label, /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/);
  assert.is(new Set(labels).size, labels.length);
});

test("the definition's labels are annotations, and cannot take ours away", () => {
  const plan = { ...fullMatrix(), labels: { 'com.example.cost': 'a b/c', 'claude-bottle.app': 'other' } };
  const { metadata } = manifest(manifestsOf(plan), 'Service', '');
  assert.is(metadata.annotations['com.example.cost'], 'a b/c');
  assert.is(metadata.annotations['claude-bottle.app'], 'acme-bottles');
});

test('the digest changes with what an object is', () => {
  const digest = (all: readonly Manifest[], kind: string, word: string): string =>
    manifest(all, kind, word).metadata.annotations['claude-bottle.digest'] ?? '';
  const other = manifestsOf(withAgent(fullMatrix(), { command: ['true'] }));
  assert.is.not(digest(other, 'Deployment', `bottle-${SLUG}`), digest(full, 'Deployment', `bottle-${SLUG}`));
  assert.is(digest(other, 'Deployment', 'sidecars'), digest(full, 'Deployment', 'sidecars'));
});

/** `<kind>/<name>` → the keys that pods read from it; none named: the whole of it. */
function referred(pods: readonly PodSpec[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const add = (name: string, ...keys: readonly string[]): void => {
    found.set(name, new Set([...(found.get(name) ?? []), ...keys]));
  };
  for (const pod of pods) {
    for (const { env = [] } of allContainers(pod)) {
      for (const { valueFrom } of env) {
        if (valueFrom !== undefined) add(`Secret/${valueFrom.secretKeyRef.name}`, valueFrom.secretKeyRef.key);
      }
    }
    for (const { secret, configMap, projected } of pod.volumes) {
      if (secret !== undefined) add(`Secret/${secret.secretName}`);
      if (configMap !== undefined) add(`ConfigMap/${configMap.name}`);
      for (const { configMap: source } of projected?.sources ?? []) {
        add(`ConfigMap/${source.name}`, ...source.items.map(({ key }) => key));
      }
    }
  }
  return found;
}

for (const [name, plan] of [
  ...DAEMON_SUBSETS.map((subset) => [subset.join('+') || 'pipelock', planWith(subset)] as const),
  ['everything', everything()] as const,
]) {
  test(`with ${name}, whatever the pods refer to is rendered, or is listed for deploy with its keys, and nothing else is`, () => {
    const all = manifestsOf(plan);
    const pods = [podOf(all, 'agent'), podOf(all, 'sidecars')];
    const given = new Map(givenObjects(plan).map((one) => [`${one.kind}/${one.name}`, Object.keys(one.keys)]));
    const rendered = new Map(all.map((one) => [`${one.kind}/${one.metadata.name}`, Object.keys(one.data ?? {})]));
    const used = referred(pods);
    for (const [object, keys] of used) {
      const there = given.get(object) ?? rendered.get(object);
      assert.ok(there, object);
      for (const key of keys) assert.ok(there?.includes(key), `${object} ${key}`);
    }
    for (const object of [...given.keys(), ...[...rendered.keys()].filter((key) => key.startsWith('ConfigMap/'))]) {
      assert.ok(used.has(object), `${object} is read by nobody`);
    }
    const claims = pods.flatMap(({ volumes }) => volumes.flatMap((one) => one.persistentVolumeClaim?.claimName ?? []));
    assert.equal(
      new Set(claims),
      new Set(all.filter(({ kind }) => kind === 'PersistentVolumeClaim').map(({ metadata }) => metadata.name)),
    );
    for (const { volumes, ...pod } of pods) {
      const mounted = new Set(
        allContainers(pod as PodSpec).flatMap(({ volumeMounts }) => volumeMounts.map((one) => one.name)),
      );
      assert.equal(new Set(volumes.map((one) => one.name)), mounted);
    }
  });
}

test('no Secret is rendered, and what deploy puts into each is said', () => {
  assert.not.ok(full.some(({ kind }) => kind === 'Secret'));
  assert.equal(
    givenObjects(fullMatrix()).map(({ kind, name, keys }) => [kind, name, keys]),
    [
      [
        'Secret',
        `claude-bottle-egress-${SLUG}`,
        { 'mitmproxy-ca.pem': { kind: 'certificates' }, 'pipelock-ca.pem': { kind: 'certificates' } },
      ],
      [
        'Secret',
        `claude-bottle-pipelock-${SLUG}`,
        { 'ca.pem': { kind: 'certificates' }, 'ca-key.pem': { kind: 'certificates' } },
      ],
      ['Secret', `claude-bottle-git-gate-${SLUG}`, { 'app.key': { kind: 'file', path: '~/.ssh/id_ed25519' } }],
      [
        'Secret',
        `claude-bottle-tokens-${SLUG}`,
        {
          EGRESS_TOKEN_0: { kind: 'variable', name: 'CLAUDE_CODE_OAUTH_TOKEN' },
          EGRESS_TOKEN_1: { kind: 'variable', name: 'GH_TOKEN' },
        },
      ],
      ['Secret', `claude-bottle-agent-${SLUG}`, { LANG: { kind: 'variable', name: 'LANG' } }],
      ['ConfigMap', `claude-bottle-roots-${SLUG}`, { 'ca-bundle.pem': { kind: 'certificates' } }],
    ],
  );
});

test('claims ask for the class of storage that is given, and accounts know the credentials of the registry', () => {
  const all = manifestsOf(fullMatrix(), { storageClass: 'fast', imagePullSecrets: ['pull'] });
  for (const { kind, spec } of all) {
    if (kind === 'PersistentVolumeClaim') assert.is((spec as { storageClassName: string }).storageClassName, 'fast');
  }
  const account = manifest(all, 'ServiceAccount', 'agent') as { imagePullSecrets?: unknown };
  assert.equal(account.imagePullSecrets, [{ name: 'pull' }]);
  assert.not.match(full.map(({ text }) => text).join(''), /storageClassName|imagePullSecrets/);
});

test('the shape changes nothing: each daemon has a container of its own in both', () => {
  const split = manifestsOf(withSidecars(fullMatrix(), { shape: 'split' }));
  assert.equal(
    split.map(({ path, text }) => [path, text]),
    full.map(({ path, text }) => [path, text]),
  );
});

test.run();
