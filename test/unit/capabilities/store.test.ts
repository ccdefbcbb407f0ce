import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { BottleError } from '../../../lib/errors.ts';
import {
  forgetCapabilities,
  hasNoCapabilities,
  NO_CAPABILITIES,
  readCapabilities,
  withPackages,
  writeCapabilities,
} from '../../../lib/operate/capabilities/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('capabilities › the store');

let directory = '';
test.beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'capabilities-'));
});
test.afterEach(() => rmSync(directory, { recursive: true, force: true }));

function codeOf(action: () => unknown): string {
  try {
    action();
    return 'none';
  } catch (error) {
    return error instanceof BottleError ? error.code : String(error);
  }
}

test('what was written is read again, by its owner alone, and can be forgotten', () => {
  assert.ok(hasNoCapabilities(readCapabilities(directory)));
  const approved = withPackages(NO_CAPABILITIES, { apt: ['jq', 'g++=4:12'], npm: ['@a/b@1.2'], pip: ['x[y]==1'] });
  writeCapabilities(directory, { ...approved, dockerfile: 'FROM x' });
  assert.equal(readCapabilities(directory), { ...approved, dockerfile: 'FROM x' });
  assert.equal(readdirSync(directory), ['capabilities.json']);
  assert.is(statSync(join(directory, 'capabilities.json')).mode & 0o777, 0o600);
  forgetCapabilities(directory);
  assert.equal(readCapabilities(directory), NO_CAPABILITIES);
  forgetCapabilities(directory);
});

test('a package of the same name takes the place of the earlier one, however it is spelled', () => {
  const first = withPackages(NO_CAPABILITIES, {
    apt: ['jq=1.6', 'ripgrep'],
    npm: ['@a/b@1', 'left-pad@1'],
    pip: ['Foo_Bar==1', 'x[y]'],
  });
  const second = withPackages(first, { apt: ['jq'], npm: ['@a/b', 'left-pad@^2'], pip: ['foo-bar', 'x==2'] });
  assert.equal(second.packages, {
    apt: ['jq', 'ripgrep'],
    npm: ['@a/b', 'left-pad@^2'],
    pip: ['foo-bar', 'x==2'],
  });
});

for (const [title, text] of [
  ['JSON that is cut off', '{"version":1'],
  ['an unknown key', '{"version":1,"packages":{},"run":"id"}'],
  ['an option in place of a package', '{"version":1,"packages":{"apt":["-oX=y"]}}'],
  ['a shell in place of a package', `{"version":1,"packages":{"npm":["x';id"]}}`],
  ['another manager', '{"version":1,"packages":{"gem":["x"]}}'],
  ['an endless file', `{"version":1,"packages":{}}${' '.repeat(300_000)}`],
] as const) {
  test(`a file with ${title} stops a deploy, and says how to go on`, () => {
    writeFileSync(join(directory, 'capabilities.json'), text);
    assert.is(
      codeOf(() => readCapabilities(directory)),
      'capabilities/unreadable',
    );
  });
}

test('a link is never followed', () => {
  writeFileSync(join(directory, 'elsewhere'), '{"version":1,"packages":{"apt":["jq"]}}');
  symlinkSync(join(directory, 'elsewhere'), join(directory, 'capabilities.json'));
  assert.is(
    codeOf(() => readCapabilities(directory)),
    'capabilities/unreadable',
  );
});

test('a directory that cannot be written is an error that says that nothing was approved', () => {
  assert.is(
    codeOf(() => writeCapabilities(join(directory, 'missing'), NO_CAPABILITIES)),
    'capabilities/not-writable',
  );
});

test.run();
