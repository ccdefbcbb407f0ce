import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { difference, type PolicyTexts, policyDiff, policySteps } from '../../../../lib/operate/grants/index.ts';
import { suite } from '../../../support/suite.ts';
import { after, close, open, TOKENS, WITH_EGRESS, WITHOUT_EGRESS } from './declared.ts';

const test = suite('the way between two policies');

const steps = (before: PolicyTexts, now: PolicyTexts): readonly string[] =>
  policySteps(before, now).map(({ daemon, how }) => `${daemon} ${how}`);

test('what widens goes to pipelock first, what narrows to egress first', () => {
  const wide = after(WITH_EGRESS, open('new.example.org'));
  assert.equal(steps(WITH_EGRESS, wide), ['pipelock reload', 'egress reload']);
  assert.equal(steps(wide, WITH_EGRESS), ['egress reload', 'pipelock reload']);
});

test('a change that does both passes through a pipelock that knows the old and the new', () => {
  const one = after(WITH_EGRESS, open('one.example.org'));
  const two = after(WITH_EGRESS, open('two.example.org'));
  const way = policySteps(one, two);
  assert.equal(
    way.map(({ daemon }) => daemon),
    ['pipelock', 'egress', 'pipelock'],
  );
  const middle: readonly string[] = parse(way[0]?.text ?? '').api_allowlist;
  assert.ok(['one.example.org', 'two.example.org'].every((host) => middle.includes(host)));
  assert.is(way[2]?.text, two.pipelock);
});

test('a change of paths alone is for egress alone, a bottle without egress has pipelock alone', () => {
  const wide = after(WITH_EGRESS, open('api.github.com', { pathPrefixes: ['/user'] }));
  assert.equal(steps(WITH_EGRESS, wide), ['egress reload']);
  assert.equal(steps(WITHOUT_EGRESS, after(WITHOUT_EGRESS, open('new.example.org'))), ['pipelock reload']);
  assert.equal(steps(WITH_EGRESS, WITH_EGRESS), []);
});

test('pipelock is restarted where strict mode refuses the reload, and only there', () => {
  const spliced = after(WITH_EGRESS, open('new.example.org', { tlsPassthrough: true }));
  assert.equal(steps(WITH_EGRESS, spliced), ['pipelock restart', 'egress reload']);
  assert.equal(steps(spliced, WITH_EGRESS), ['egress reload', 'pipelock reload']);
  const header = after(
    WITH_EGRESS,
    open('new.example.org', { auth: { scheme: 'header', header: 'X-Api-Key', from: 'GH_TOKEN' } }),
  );
  assert.equal(steps(WITH_EGRESS, header), ['pipelock restart', 'egress reload']);
  const closed = after(WITH_EGRESS, close('api.anthropic.com'));
  assert.equal(steps(closed, WITH_EGRESS), ['pipelock reload', 'egress reload'], 'a passthrough host reopens hot');
});

test('words say what opens and what closes, credentials by their names', () => {
  const auth = { scheme: 'Bearer', from: 'GH_TOKEN' } as const;
  const wide = after(WITH_EGRESS, open('new.example.org', { auth, methods: ['GET'] }), close('docs.example.org'));
  assert.equal(difference(WITH_EGRESS, wide, TOKENS), {
    opens: ['new.example.org: GET on any path, with the credential GH_TOKEN'],
    closes: ['docs.example.org: any method on any path'],
  });
  const more = after(WITH_EGRESS, open('api.github.com', { methods: ['POST'] }));
  const [line] = difference(WITH_EGRESS, more, TOKENS).opens;
  assert.match(line ?? '', /^api\.github\.com: GET, POST below .*\(so far: GET below/);
  assert.equal(difference(more, WITH_EGRESS, TOKENS).opens, []);
  assert.is(difference(more, WITH_EGRESS, TOKENS).closes.length, 1);
});

test('a later end is an opening, an earlier one a closing', () => {
  const until = (hour: string) =>
    after(WITH_EGRESS, open('new.example.org', { expires: `2026-03-02T${hour}:00:00.000Z` }));
  assert.is(difference(until('10'), until('11'), TOKENS).opens.length, 1);
  assert.is(difference(until('11'), until('10'), TOKENS).closes.length, 1);
});

test('the diff shows both files, and nothing where nothing differs', () => {
  const wide = after(WITH_EGRESS, open('new.example.org'));
  const diff = policyDiff(WITH_EGRESS, wide);
  assert.match(diff, /^\+ {2}- host: new\.example\.org$/m);
  assert.match(diff, /^\+\+\+ b\/pipelock\/pipelock\.yaml$/m);
  assert.is(policyDiff(wide, wide), '');
});

test.run();
