import * as assert from 'uvu/assert';
import { isNarrowing, type PolicyChange, type PolicyTexts } from '../../../../lib/operate/grants/index.ts';
import { suite } from '../../../support/suite.ts';
import { after, close, open, TOKENS, WITH_EGRESS, WITHOUT_EGRESS } from './declared.ts';

const test = suite('changes that only close');

const texts = (declared: PolicyTexts, ...changes: readonly PolicyChange[]): PolicyTexts => {
  const { deferred: _deferred, ...policy } = after(declared, ...changes);
  return policy;
};

const narrows = (before: PolicyTexts, now: PolicyTexts): boolean => isNarrowing(before, now, TOKENS);

/** Each with what it opens; the way there opens, the way back closes. */
const OPENINGS: Readonly<Record<string, PolicyChange>> = {
  'a host': open('new.example.org'),
  'more methods of a declared host': open('api.github.com', { methods: ['POST'] }),
  'a passed through host': open('new.example.org', { tlsPassthrough: true }),
  WebSockets: open('docs.example.org', { webSocket: true }),
  'a host with a credential in a header of its own': open('new.example.org', {
    auth: { scheme: 'header', from: 'GH_TOKEN', header: 'X-Own' },
  }),
};

for (const [what, opening] of Object.entries(OPENINGS)) {
  test(`taking back ${what} only closes, and giving it does not`, () => {
    const wide = texts(WITH_EGRESS, opening);
    assert.is(narrows(wide, WITH_EGRESS), true);
    assert.is(narrows(WITH_EGRESS, wide), false);
  });
}

test('closing a declared host only closes, and opening it again does not', () => {
  for (const [declared, host] of [
    [WITH_EGRESS, 'api.github.com'],
    [WITHOUT_EGRESS, 'docs.example.org'],
    [WITHOUT_EGRESS, '*.example.net'],
  ] as const) {
    const closed = texts(declared, close(host));
    assert.is(narrows(declared, closed), true, host);
    assert.is(narrows(closed, declared), false, host);
  }
});

test('a change that closes one host and opens another, or more of one, does not only close', () => {
  const one = texts(WITH_EGRESS, open('one.example.org'));
  assert.is(narrows(one, texts(WITH_EGRESS, open('two.example.org'))), false);
  const limited = (path: string) => texts(WITH_EGRESS, open('one.example.org', { pathPrefixes: [path] }));
  assert.is(narrows(limited('/a'), limited('/b')), false);
  assert.is(narrows(limited('/a'), limited('/a/b')), true);
  assert.is(narrows(one, limited('/a')), true);
});

test('a change of pipelock alone, or of anything but hosts, does not only close', () => {
  const wide = texts(WITH_EGRESS, open('new.example.org'));
  const edited = (change: (text: string) => string): PolicyTexts => ({
    ...WITH_EGRESS,
    pipelock: change(WITH_EGRESS.pipelock),
  });
  const listed = edited((text) => text.replace('api_allowlist:\n', 'api_allowlist:\n  - more.example.org\n'));
  assert.is.not(listed.pipelock, WITH_EGRESS.pipelock);
  assert.is(narrows(wide, listed), false);
  assert.is(
    narrows(
      wide,
      edited((text) => `${text}another_key: true\n`),
    ),
    false,
  );
  const versioned = { ...WITH_EGRESS, routes: (WITH_EGRESS.routes ?? '').replace('version: 1', 'version: 2') };
  assert.is(narrows(wide, versioned), false);
});

test.run();
