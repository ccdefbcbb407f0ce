import * as assert from 'uvu/assert';
import { type PolicyChange, type PolicyTexts, regrant } from '../../../../lib/operate/grants/index.ts';
import { planWith } from '../../../support/plans.ts';
import { suite } from '../../../support/suite.ts';
import { close, declaredPolicy, granted, NOW, open, TOKENS, WITH_EGRESS, WITHOUT_EGRESS } from './declared.ts';

const test = suite('live grants at the next deploy');

const declaring = (host: string, more: object = {}): PolicyTexts => {
  const { egress } = planWith(['egress']).sidecars;
  const route = { host, ports: [443], tlsPassthrough: false, privateUpstream: false, webSocket: false, ...more };
  if (egress === undefined) throw new Error('the plan has no egress');
  return declaredPolicy(['egress'], { egress: { ...egress, routes: [...egress.routes, route] } });
};

const again = (now: PolicyTexts, ...changes: readonly PolicyChange[]) =>
  regrant(now, granted(WITH_EGRESS, ...changes), TOKENS, NOW);
const whys = ({ dropped }: ReturnType<typeof regrant>): readonly string[] => dropped.map(({ why }) => why);

test('what still holds is kept as it is', () => {
  const grants = granted(
    WITH_EGRESS,
    open('new.example.org', { methods: ['GET'], expires: '2026-04-01T00:00:00.000Z', tlsPassthrough: true }),
    open('api.github.com', { pathPrefixes: ['/user'], webSocket: true }),
    close('docs.example.org'),
  );
  assert.equal(regrant(WITH_EGRESS, grants, TOKENS, NOW), { kept: grants, dropped: [], tokens: TOKENS });
});

test('what the definition declares now is dropped as redundant', () => {
  assert.equal(whys(again(declaring('new.example.org'), open('new.example.org', { methods: ['GET'] }))), [
    'is declared now',
  ]);
  assert.equal(whys(again(declaring('new.example.org'), open('new.example.org'))), ['is declared now']);
});

test('what the definition declares with less stays granted, but for an end that nobody could enforce', () => {
  const now = declaring('new.example.org', { methods: ['GET'] });
  assert.is(again(now, open('new.example.org')).kept.length, 1);
  const [why] = whys(again(now, open('new.example.org', { expires: '2026-04-01T00:00:00.000Z' })));
  assert.match(why ?? '', /cannot have an end/);
});

test('what one entry cannot say any more is dropped with the reason', () => {
  const now = declaring('new.example.org', { methods: ['GET'], pathPrefixes: ['/a'] });
  const [why] = whys(again(now, open('new.example.org', { methods: ['POST'], pathPrefixes: ['/b'] })));
  assert.match(why ?? '', /cannot be granted any more: .*one entry/);
});

test('what was granted on top of a declared host goes with it, and a closed host that is gone is forgotten', () => {
  const { egress } = planWith(['egress']).sidecars;
  const none = declaredPolicy(['egress'], { ...(egress && { egress: { ...egress, routes: [] } }) });
  const outcome = again(none, open('docs.example.org', { webSocket: true }), close('api.github.com'));
  assert.equal(outcome.kept, []);
  assert.match(
    whys(outcome).join('\n'),
    /not declared any more, and was granted on top.*\n.*closed, and is not declared/,
  );
});

test('a grant that has expired is dropped', () => {
  const grants = granted(WITH_EGRESS, open('new.example.org', { expires: '2026-03-02T00:00:00.000Z' }));
  assert.equal(whys(regrant(WITH_EGRESS, grants, TOKENS, new Date('2026-03-02T00:00:00.000Z'))), ['has expired']);
});

test('without egress only whole hosts are kept', () => {
  const outcome = again(WITHOUT_EGRESS, open('new.example.org'), open('other.example.org', { methods: ['GET'] }));
  assert.equal(
    outcome.kept.map(({ host }) => host),
    ['new.example.org'],
  );
  assert.match(whys(outcome)[0] ?? '', /no egress/);
});

test('a credential that only grants name gets the next slot, one for all of them', () => {
  const auth = { scheme: 'Bearer', from: 'OTHER_TOKEN' } as const;
  const { tokens, kept } = again(WITH_EGRESS, open('new.example.org', { auth }), open('two.example.org', { auth }));
  assert.equal(tokens.slice(2), [{ slot: 'EGRESS_TOKEN_2', from: 'OTHER_TOKEN' }]);
  assert.is(kept.length, 2);
});

test.run();
