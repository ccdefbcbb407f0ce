import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { bottle, ROOT } from '../../support/cli.ts';
import { suite } from '../../support/suite.ts';

const test = suite('bottle --help', { timeoutMs: 30_000 });

const reference = readFileSync(join(ROOT, 'docs/reference/cli.md'), 'utf8');

/** Long options in a help text. */
const optionsIn = (help: string): readonly string[] =>
  [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option ?? '').filter((o) => o !== '--help');

for (const verb of ['synth', 'deploy', 'destroy', 'list', 'status', 'logs', 'enter']) {
  test(`the reference names every option of ${verb}, for this verb`, async () => {
    const { exitCode, stdout } = await bottle(ROOT, [verb, '--help']);
    assert.is(exitCode, 0);
    const options = optionsIn(stdout);
    assert.ok(options.length >= 2, stdout);
    for (const option of options) {
      const row = reference.split('\n').find((line) => line.startsWith('| `-') && line.includes(`${option}`));
      assert.ok(row, `${option} is not in docs/reference/cli.md`);
      const verbs = row.split('|')[2] ?? '';
      assert.ok(
        verbs.includes(verb) || verbs.includes('all'),
        `${option}: the reference does not say that ${verb} has it`,
      );
    }
  });
}

test('the reference names every verb of the help', async () => {
  const { stdout } = await bottle(ROOT, ['--help']);
  const verbs = [...stdout.matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, verb]) => verb ?? '');
  assert.ok(verbs.length >= 3);
  for (const verb of verbs) assert.match(reference, `| \`${verb}\` |`);
});

test.run();
