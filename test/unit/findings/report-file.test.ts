import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from 'claude-bottle';
import type { Log } from 'sarif';
import * as assert from 'uvu/assert';
import { validationReport } from '../../../lib/assembly/index.ts';
import { reportFile } from '../../../lib/cli/report-file.ts';
import { BottleError } from '../../../lib/errors.ts';
import { jsonText } from '../../../lib/render/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('the file of --report');

let root = '';
/** The repository is `root`, the project lies in `infra` of it. */
const project = () => ({ directory: join(root, 'infra'), app: 'x', output: 'dist', context: {} });

test.beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'claude-bottle-report-')));
  for (const name of ['.git', 'infra']) mkdirSync(join(root, name));
  writeFileSync(join(root, 'infra/cdk.json'), '{}');
});
test.afterEach(() => rmSync(root, { recursive: true, force: true }));

const FINDING: Finding = {
  rule: 'bottles::route-host',
  severity: 'error',
  path: 'demo',
  message: 'wrong',
  fix: 'mend it',
  location: { file: 'bin/app.ts', line: 3 },
};
const REPORT = validationReport({ app: 'a', findings: [FINDING], acknowledgements: [], houseRules: [] });

const at = (name: string): string => join(root, name);
const text = (name: string): string => readFileSync(at(name), 'utf8');
const sarif = (name: string): Log['runs'][number] | undefined => (JSON.parse(text(name)) as Log).runs[0];

test('it is JSON, byte for byte as validation-report.json, and its directory is made', async () => {
  await reportFile(at('out/ci/report.json'), project()).save(REPORT);
  assert.is(text('out/ci/report.json'), jsonText(REPORT));
});

test('a name that ends in .sarif or .sarif.json makes it SARIF, with paths from the root of the repository', async () => {
  for (const name of ['a.sarif', 'b.sarif.json', 'C.SARIF']) {
    await reportFile(at(name), project()).save(REPORT);
    const run = sarif(name);
    const location = run?.results?.[0]?.locations?.[0]?.physicalLocation;
    assert.is(location?.artifactLocation?.uri, 'infra/bin/app.ts');
    assert.is(run?.originalUriBaseIds?.['OUTPUT']?.uri, 'infra/dist/');
    assert.match(run?.tool.driver.semanticVersion ?? '', /^\d+\.\d+\.\d+/);
    assert.not.match(text(name), root);
  }
});

test('without a repository, paths start at the project; an output directory elsewhere is not named', async () => {
  rmSync(at('.git'), { recursive: true });
  await reportFile(at('a.sarif'), { ...project(), output: '/elsewhere/dist' }).save(REPORT);
  const run = sarif('a.sarif');
  assert.is(run?.results?.[0]?.locations?.[0]?.physicalLocation?.artifactLocation?.uri, 'bin/app.ts');
  assert.not.match(text('a.sarif'), '/elsewhere');
});

test('what cannot be written is refused at once, and nothing is changed', () => {
  writeFileSync(at('a-file'), 'keep');
  mkdirSync(at('a-directory'));
  for (const name of ['a-file/report.json', 'a-directory', 'infra/dist/manifest.json', 'infra/dist/tree.json']) {
    assert.throws(
      () => reportFile(at(name), project()),
      (error: unknown) =>
        error instanceof BottleError && error.code === 'synth/report-not-writable' && error.message.includes(at(name)),
      name,
    );
  }
  assert.is(text('a-file'), 'keep');
  assert.not.ok(existsSync(at('infra/dist')));
});

test('what can no longer be written later is an error, and no half of it is left', async () => {
  const file = reportFile(at('report.json'), project());
  mkdirSync(at('report.json'));
  await file.save(REPORT).then(
    () => assert.unreachable(),
    (error: unknown) => assert.ok(error instanceof BottleError && error.code === 'synth/report-not-writable'),
  );
  assert.equal(readdirSync(root).sort(), ['.git', 'infra', 'report.json']);
});

test('it takes the place of a link, also of one to nowhere, and what the link led to stays', async () => {
  writeFileSync(at('victim'), 'keep');
  symlinkSync('victim', at('report.json'));
  symlinkSync('nowhere', at('report.sarif'));
  for (const name of ['report.json', 'report.sarif']) {
    await reportFile(at(name), project()).save(REPORT);
    assert.ok(lstatSync(at(name)).isFile());
  }
  assert.is(text('victim'), 'keep');
  assert.not.ok(existsSync(at('nowhere')));
});

test('a stream is written to, and stays one', async () => {
  await reportFile('/dev/null', project()).save(REPORT);
  assert.not.ok(lstatSync('/dev/null').isFile());
});

test('a definition that failed is told in either form, in place of an older report', async () => {
  for (const name of ['report.json', 'report.sarif']) {
    writeFileSync(at(name), 'old');
    await reportFile(at(name), project()).saveFailure('it threw');
  }
  const { failure, findings } = JSON.parse(text('report.json')) as { failure: string; findings: unknown[] };
  assert.equal([failure, findings], ['it threw', []]);
  assert.is(sarif('report.sarif')?.invocations?.[0]?.executionSuccessful, false);
});

test.run();
