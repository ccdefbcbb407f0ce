/** What is found of a change whose process was ended: at every point it is made, or it never was. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { settle, unsettledChange } from '../../../../lib/operate/apply/index.ts';
import { type Intent, putBack, putStaged, writeIntent } from '../../../../lib/operate/apply/intent.ts';
import { livePolicy, sha256 } from '../../../../lib/operate/apply/policy-files.ts';
import { appendAudit, verifyAudit } from '../../../../lib/operate/audit/index.ts';
import { grantsText, type PolicyTexts } from '../../../../lib/operate/grants/index.ts';
import { suite } from '../../../support/suite.ts';
import { after, granted, open, WITH_EGRESS } from '../grants/declared.ts';

const test = suite('interrupted live changes');

const CHANGE = open('new.example.org');
const { deferred: _deferred, ...NEW }: PolicyTexts & { deferred: unknown } = after(WITH_EGRESS, CHANGE);
const GIVEN = granted(WITH_EGRESS, CHANGE);
const GRANTS = grantsText(GIVEN);

const INTENT: Intent = {
  version: 1,
  entry: {
    kind: 'change',
    change: 'the-change',
    who: 'ann (uid 1000)',
    why: 'a test',
    origin: 'allow',
    outcome: 'applied',
    opens: ['new.example.org: any method on any path'],
    closes: [],
    deferred: [],
    before: { pipelock: 'a' },
    after: { pipelock: 'b' },
    grants: { added: [...GIVEN], removed: [] },
  },
  existed: ['pipelock/pipelock.yaml', 'egress/routes.yaml'],
  grants: sha256(GRANTS),
};

/** A state directory with the declared policy in force, for `work`. */
async function withState(work: (stateDir: string) => Promise<void>): Promise<void> {
  const stateDir = mkdtempSync(join(tmpdir(), 'settle-'));
  try {
    for (const name of ['egress', 'pipelock']) mkdirSync(join(stateDir, name));
    writeFileSync(join(stateDir, 'egress/routes.yaml'), WITH_EGRESS.routes ?? '');
    writeFileSync(join(stateDir, 'pipelock/pipelock.yaml'), WITH_EGRESS.pipelock);
    await work(stateDir);
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

const begin = (stateDir: string): void =>
  writeIntent(
    stateDir,
    INTENT,
    new Map([
      ['pipelock', NEW.pipelock],
      ['routes', NEW.routes ?? ''],
      ['grants', GRANTS],
    ]),
  );

/** The steps of a change after its intent, one by one. */
const STEPS: readonly ((stateDir: string) => void)[] = [
  (stateDir) => putStaged(stateDir, 'pipelock/pipelock.yaml', 'pipelock'),
  (stateDir) => putStaged(stateDir, 'egress/routes.yaml', 'routes'),
  (stateDir) => putStaged(stateDir, 'grants.json', 'grants'),
  (stateDir) => void appendAudit(stateDir, INTENT.entry),
];
/** The step that replaces the grants decides. */
const COMMIT = 3;

for (let made = 0; made <= STEPS.length; made += 1) {
  const isMade = made >= COMMIT;
  test(`killed after ${made} of ${STEPS.length} steps, the change is ${isMade ? 'in force' : 'taken back'}, and recorded once`, () =>
    withState(async (stateDir) => {
      begin(stateDir);
      for (const step of STEPS.slice(0, made)) step(stateDir);
      assert.is(unsettledChange(stateDir)?.change, 'the-change');
      assert.match((await settle(stateDir)) ?? '', isMade ? /is in force/ : /is taken back/);
      assert.equal(livePolicy(stateDir), isMade ? NEW : WITH_EGRESS);
      assert.is(existsSync(join(stateDir, 'grants.json')), isMade);
      const { lines, problems } = verifyAudit(stateDir);
      assert.equal(problems, []);
      assert.equal(
        lines.map((line) => line.kind === 'change' && line.outcome),
        [isMade ? 'applied' : 'rolled-back'],
      );
      assert.is(unsettledChange(stateDir), undefined);
      assert.is(await settle(stateDir), undefined);
    }));
}

test('a process that is killed while it takes a change back leaves one that is taken back', () =>
  withState(async (stateDir) => {
    begin(stateDir);
    for (const step of STEPS) step(stateDir);
    putBack(stateDir, INTENT);
    rmSync(join(stateDir, 'egress/routes.yaml'));
    writeFileSync(join(stateDir, 'egress/routes.yaml'), NEW.routes ?? '');
    assert.match((await settle(stateDir)) ?? '', /is taken back/);
    assert.equal(livePolicy(stateDir), WITH_EGRESS);
  }));

test('what was written before the intent was whole is swept away', () =>
  withState(async (stateDir) => {
    mkdirSync(join(stateDir, '.change'));
    writeFileSync(join(stateDir, '.change/intent.json.tmp'), '{"version":');
    assert.is(await settle(stateDir), undefined);
    assert.not(existsSync(join(stateDir, '.change')));
    assert.equal(livePolicy(stateDir), WITH_EGRESS);
  }));

test('an intent that nobody can read stops every change, and touches nothing', () =>
  withState(async (stateDir) => {
    begin(stateDir);
    const file = join(stateDir, '.change/intent.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"version":1', '"version":2'));
    try {
      await settle(stateDir);
      assert.unreachable();
    } catch (error) {
      assert.match(String(error), /intent\.json cannot be read/);
    }
    assert.equal(livePolicy(stateDir), WITH_EGRESS);
  }));

test.run();
