import { Mount } from 'claude-bottle';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { findingsOf, withAgent } from '../unit/rules/definition.ts';

const test = suite('mount spelling', { timeoutMs: 30_000 });

const TARGETS = [
  '/run/docker.sock',
  '/var/run/docker.sock',
  '/proc/1/root/etc',
  '/root/.ssh',
  '/home/x/.aws',
  '~/.ssh',
  '/',
];

/** Ways to write one more segment that lead nowhere. */
const NOISE = fc.constantFrom('/', '/.', '/x/..', '//', '/./.', '/x/y/../..');

const error = (source: string): boolean =>
  findingsOf(withAgent({ mounts: [Mount.bind(source, '/data')] })).some(
    ({ rule, severity }) => severity === 'error' && rule === 'bottles::mount-source-forbidden',
  );

test('no spelling of a forbidden source passes', () => {
  const spelled = fc
    .tuple(fc.constantFrom(...TARGETS), fc.array(NOISE, { maxLength: 6 }), fc.boolean())
    .map(([path, noise, upper]) => {
      const [first = '', ...rest] = path.split('/');
      const noisy =
        rest.map((segment, index) => `${noise[index] ?? ''}/${segment}`).join('') + (noise[rest.length] ?? '');
      return `${first}${upper ? noisy.toUpperCase() : noisy}` || '/';
    });
  fc.assert(
    fc.property(spelled, (source) => assert.ok(error(source), source)),
    { numRuns: 400 },
  );
});

test('a target is taken however it is spelled', () => {
  const spelled = fc.array(NOISE, { minLength: 3, maxLength: 3 }).map(([a, b, c]) => `${a}/opt${b}/claude-bottle${c}`);
  fc.assert(
    fc.property(spelled, (target) => {
      const rules = findingsOf(withAgent({ mounts: [Mount.tmpfs(target)] })).map(({ rule }) => rule);
      assert.ok(rules.includes('bottles::mount-target-reserved'), target);
    }),
    { numRuns: 200 },
  );
});

test('a real synth knows its project: what of it runs on the host is refused by its absolute path, too', () => {
  for (const name of ['.git', 'bin', 'node_modules', '.']) {
    const app = withAgent({ mounts: [Mount.bind(`${process.cwd()}/${name}`, '/data', { readOnly: false })] });
    assert.throws(() => app.synth(), /bottles::mount-project/, name);
  }
});

test.run();
