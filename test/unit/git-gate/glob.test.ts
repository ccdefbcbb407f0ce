import * as assert from 'uvu/assert';
import { matchesGlob, protects } from '../../../lib/plan/glob.ts';
import { suite } from '../../support/suite.ts';

const test = suite('git-gate patterns');

test('matches a star within a segment and two over any number', () => {
  assert.ok(matchesGlob('agent/*', 'agent/one'));
  assert.not(matchesGlob('agent/*', 'agent/a/b'));
  assert.not(matchesGlob('agent/*', 'agent'));
  assert.ok(matchesGlob('agent/**', 'agent/a/b'));
  assert.ok(matchesGlob('**/ci.yml', 'ci.yml'));
  assert.ok(matchesGlob('**/ci.yml', 'a/b/ci.yml'));
  assert.not(matchesGlob('**/ci.yml', 'a/xci.yml'));
  assert.ok(matchesGlob('v?', 'v1'));
  assert.not(matchesGlob('v?', 'v/'));
});

test('takes every other character for itself, and the whole text or nothing', () => {
  assert.ok(matchesGlob('a.b+(c)[d]', 'a.b+(c)[d]'));
  assert.not(matchesGlob('a.b', 'axb'));
  assert.not(matchesGlob('main', 'mainline'));
  assert.not(matchesGlob('main', 'Main'));
  assert.not(matchesGlob('main', 'main\nx'));
});

test('protects what matches, what lies below, and what stands in place of a directory', () => {
  const pattern = '.github/workflows/**';
  for (const path of ['.github/workflows/ci.yml', '.github/workflows/a/b', '.github/workflows', '.github']) {
    assert.ok(protects(pattern, path), path);
  }
  for (const path of ['.github/CODEOWNERS', 'x/.github/workflows/ci.yml', '.githubx', 'README.md']) {
    assert.not(protects(pattern, path), path);
  }
  assert.ok(protects('ci', 'ci/deep/file'));
  assert.ok(protects('.gitlab-ci.yml', '.gitlab-ci.yml'));
  assert.not(protects('.gitlab-ci.yml', 'xgitlab-ciyyml'));
});

test('protects in any case, and takes every other character for itself then, too', () => {
  for (const path of ['.GitHub/Workflows/ci.yml', '.GITHUB', '.github/wor\u212aflows/x']) {
    assert.ok(protects('.github/workflows/**', path), path);
  }
  assert.ok(protects('Deploy-[x]+/É.yml', 'deploy-[X]+/é.yml'));
  assert.not(protects('a.b', 'AxB'));
});

test('does not take a wildcard for the directory that a file may replace', () => {
  assert.not(protects('*/ci.yml', 'README.md'));
  assert.not(protects('**/ci.yml', 'README.md'));
  assert.ok(protects('**/deploy/ci.yml', 'a/deploy'));
});

test.run();
