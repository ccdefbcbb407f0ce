/** What becomes of a change that only closes when a daemon does not take it: it stays, whatever the daemon does. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { BottleError } from '../../../../lib/errors.ts';
import { type Applied, applyChanges, type LiveBottle, settle } from '../../../../lib/operate/apply/index.ts';
import { livePolicy, sha256 } from '../../../../lib/operate/apply/policy-files.ts';
import { type ChangeEntry, verifyAudit } from '../../../../lib/operate/audit/index.ts';
import { grantsText, type PolicyChange, readGrants, withGrants } from '../../../../lib/operate/grants/index.ts';
import type { Deployed } from '../../../../lib/operate/state/deployed.ts';
import { suite } from '../../../support/suite.ts';
import { close, granted, NOW, open, TOKENS, WITH_EGRESS } from '../grants/declared.ts';

const test = suite('live changes that only close');

const GIVEN = open('new.example.org');
const GRANTS = granted(WITH_EGRESS, GIVEN);
const { deferred: _wide, ...WIDE } = withGrants(WITH_EGRESS, GRANTS, TOKENS, NOW);

const DEPLOYED: Deployed = {
  version: 1,
  slug: 'demo',
  app: 'app',
  path: 'demo',
  projectDir: '/mine',
  complete: true,
  daemons: ['egress', 'pipelock'],
  shape: 'bundle',
  images: { agent: { reference: 'a', id: 'sha256:a' }, sidecars: { reference: 's', id: 'sha256:s' } },
  scanner: 'builtin',
  assembly: {},
  hostVariables: [],
  tokens: [...TOKENS],
};

/** Exit codes of `bundle-health` by `<act> <daemon>`, one call after the other; 0 where none is left. */
type Script = Record<string, number[]>;

interface Rig {
  readonly bottle: LiveBottle;
  readonly calls: string[];
  change(...changes: readonly PolicyChange[]): Promise<Applied | BottleError>;
}

/** A bottle that runs with one grant, whose daemons answer as `script` says, for `work`. */
async function withBottle(script: Script, work: (rig: Rig) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'narrowing-'));
  const stateDir = join(home, 'state/demo');
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(stateDir, path)), { recursive: true });
    writeFileSync(join(stateDir, path), text);
  };
  for (const [directory, texts] of [
    ['declared', WITH_EGRESS],
    ['.', WIDE],
  ] as const) {
    put(`${directory}/egress/routes.yaml`, texts.routes ?? '');
    put(`${directory}/pipelock/pipelock.yaml`, texts.pipelock);
  }
  put('grants.json', grantsText(GRANTS));
  const calls: string[] = [];
  const bottle: LiveBottle = {
    ...{ slug: 'demo', home, stateDir, deployed: DEPLOYED },
    containers: new Map([
      ['egress', 'sidecars'],
      ['pipelock', 'sidecars'],
    ]),
    docker: {
      run: async () => '',
      attempt: async (args) => {
        const daemons = args.flatMap((word) => /^([a-z]+)=[0-9a-f]{64}$/.exec(word)?.[1] ?? []);
        const call = `${args[3]?.slice(2)} ${daemons.join('+')}`;
        calls.push(call);
        const exitCode = script[call]?.shift() ?? 0;
        return { exitCode, stdout: '', stderr: exitCode === 125 ? 'Error: container x is not running' : '' };
      },
    },
  };
  const record = { who: 'ann', why: 'a test', origin: 'allow' } as const;
  const change = (...changes: readonly PolicyChange[]) =>
    applyChanges(bottle, changes, record, { now: NOW }).catch((error: unknown) => {
      if (error instanceof BottleError) return error;
      throw error;
    });
  try {
    await work({ bottle, calls, change });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const CLOSE = close('new.example.org');

const outcomes = (stateDir: string): readonly (ChangeEntry['outcome'] | undefined)[] =>
  verifyAudit(stateDir).lines.flatMap((line) => (line.kind === 'change' ? [line.outcome] : []));

/** The closed files lie there and are final. */
function assertClosed({ stateDir }: LiveBottle): void {
  assert.equal(livePolicy(stateDir), WITH_EGRESS);
  assert.equal(readGrants(stateDir), []);
  assert.not(existsSync(join(stateDir, '.change')));
  assert.is(outcomes(stateDir).at(-1), 'applied');
}

function assertWide({ stateDir }: LiveBottle): void {
  assert.equal(livePolicy(stateDir), WIDE);
  assert.is(readGrants(stateDir).length, 1);
}

test('daemons that take it in time are asked once each, egress first', () =>
  withBottle({}, async ({ bottle, calls, change }) => {
    const applied = await change(CLOSE);
    assert.not.instance(applied, BottleError);
    assert.equal(calls, ['reload egress', 'reload pipelock']);
    assertClosed(bottle);
  }));

for (const daemon of ['egress', 'pipelock']) {
  test(`${daemon} being late is restarted in place, and when it then runs the files there is a warning`, () =>
    withBottle({ [`reload ${daemon}`]: [4] }, async ({ bottle, calls, change }) => {
      const applied = await change(CLOSE);
      if (applied instanceof BottleError) throw applied;
      assert.ok(calls.includes(`restart-${daemon} ${daemon}`), calls.join());
      assert.is(calls.length, 3);
      assert.match(applied.warnings.join(), new RegExp(`^${daemon} did not acknowledge .* restarted in place`));
      assertClosed(bottle);
    }));

  test(`${daemon} being late after its restart, too, leaves the closed files in place, and is named`, () =>
    withBottle({ [`reload ${daemon}`]: [4], [`restart-${daemon} ${daemon}`]: [4] }, async ({ bottle, change }) => {
      const error = await change(CLOSE);
      assert.instance(error, BottleError);
      if (!(error instanceof BottleError)) return;
      assert.is(error.code, 'apply/not-acknowledged');
      assert.match(error.message, new RegExp(`the new policy is kept, but ${daemon} may run the old one`));
      assert.match(error.fix ?? '', /^docker restart claude-bottle-sidecars-demo, or bottle deploy demo/);
      assertClosed(bottle);
      const last = verifyAudit(bottle.stateDir).lines.at(-1);
      assert.match((last?.kind === 'change' && last.reason) || '', new RegExp(daemon));
    }));

  test(`${daemon} refusing the files takes the change back`, () =>
    withBottle({ [`reload ${daemon}`]: [3] }, async ({ bottle, change }) => {
      const error = await change(CLOSE);
      assert.ok(error instanceof BottleError && error.code === 'apply/refused');
      assertWide(bottle);
      assert.equal(outcomes(bottle.stateDir), ['refused']);
    }));
}

test('sidecars that are gone get the closed files when they come up', () =>
  withBottle({ 'reload egress': [125], 'reload pipelock': [125] }, async ({ bottle, calls, change }) => {
    const error = await change(CLOSE);
    assert.ok(error instanceof BottleError && error.code === 'operate/not-running');
    assert.equal(calls, ['reload egress', 'reload pipelock']);
    assertClosed(bottle);
  }));

test('a grants.json that names what nobody may open stops every change, and nothing is applied', () =>
  withBottle({}, async ({ bottle, calls, change }) => {
    const file = join(bottle.stateDir, 'grants.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('new.example.org', '169.254.169.254'));
    const error = await change(open('other.example.org'));
    assert.ok(error instanceof BottleError && error.code === 'state/bad-grants' && /169\.254/.test(error.message));
    assert.equal(livePolicy(bottle.stateDir), WIDE);
    assert.equal(calls, []);
  }));

test('an audit log that is gone with its note, though there were grants, is told', () =>
  withBottle({}, async ({ bottle, change }) => {
    const applied = await change(open('other.example.org'));
    if (applied instanceof BottleError) throw applied;
    assert.match(applied.warnings.join(), /the log and the note of its last line are gone/);
    const again = await change(CLOSE);
    assert.ok(!(again instanceof BottleError) && again.warnings.length === 0, 'said once');
    rmSync(join(bottle.stateDir, 'audit'), { recursive: true });
    const last = await change(close('other.example.org'));
    assert.ok(!(last instanceof BottleError) && /are gone/.test(last.warnings.join()), 'also of the last grant');
    assert.equal(
      verifyAudit(bottle.stateDir).lines.map(({ kind }) => kind),
      ['broken-chain', 'change'],
    );
    rmSync(join(bottle.stateDir, 'audit'), { recursive: true });
    const first = await change(open('other.example.org'));
    assert.ok(!(first instanceof BottleError) && first.warnings.length === 0, 'a first grant begins the log');
  }));

test('a change that opens as well as closes is taken back when a daemon is late', () =>
  withBottle({ 'reload egress': [4] }, async ({ bottle, calls, change }) => {
    const error = await change(CLOSE, open('other.example.org'));
    assert.ok(error instanceof BottleError && error.code === 'apply/not-acknowledged');
    assertWide(bottle);
    assert.not(calls.some((call) => call.startsWith('restart')));
  }));

test('of a change that was closing when its process was ended, the closed files are brought to the daemons', () =>
  withBottle({}, async ({ bottle, calls, change }) => {
    // What a killed process leaves: the files and the intent as they are when the first daemon is asked.
    const during: string[] = [];
    await applyChanges(
      {
        ...bottle,
        docker: {
          ...bottle.docker,
          attempt: async () => {
            during.push(sha256(readFileSync(join(bottle.stateDir, 'egress/routes.yaml'))));
            assert.equal(readGrants(bottle.stateDir), []);
            assert.match((await settle(bottle.stateDir, { bottle, acknowledgeMs: 1 })) ?? '', /it is in force$/);
            return { exitCode: 0, stdout: '', stderr: '' };
          },
        },
      },
      [CLOSE],
      { who: 'ann', why: 'a test', origin: 'allow' },
      { now: NOW },
    ).catch(() => {});
    assert.is(during[0], sha256(WITH_EGRESS.routes ?? ''));
    assert.equal(calls.slice(0, 2), ['reload egress', 'reload pipelock']);
    assert.not.instance(await change(open('other.example.org')), BottleError);
  }));

test('an interrupted opening that a late daemon does not let go of does not hold up what is closed next', () =>
  withBottle({}, async ({ bottle, change }) => {
    const late: Script = { 'reload egress': [4], 'reload pipelock+egress': [4] };
    const asked: string[] = [];
    const docker: LiveBottle['docker'] = {
      ...bottle.docker,
      attempt: async (args) => {
        const call = `${args[3]?.slice(2)} ${args.flatMap((word) => /^([a-z]+)=/.exec(word)?.[1] ?? []).join('+')}`;
        asked.push(call);
        return { exitCode: late[call]?.shift() ?? 0, stdout: '', stderr: '' };
      },
    };
    const failed = await applyChanges(
      { ...bottle, docker },
      [open('other.example.org')],
      { who: 'ann', why: 'a test', origin: 'allow' },
      { now: NOW },
    ).catch((error: unknown) => error);
    assert.ok(failed instanceof BottleError && /the old policy is in place, but/.test(failed.message), asked.join());
    assert.ok(existsSync(join(bottle.stateDir, '.change')));
    const closed = await change(CLOSE);
    if (closed instanceof BottleError) throw closed;
    assert.match(closed.warnings.join(), /is taken back/);
    assertClosed(bottle);
  }));

test.run();
