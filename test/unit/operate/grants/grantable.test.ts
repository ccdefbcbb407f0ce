/** What a `grants.json` may say that some other hand than a change has written. */

import * as assert from 'uvu/assert';
import { BottleError } from '../../../../lib/errors.ts';
import { assertGrantable, type Grant, grantsText, parseGrants } from '../../../../lib/operate/grants/index.ts';
import { suite } from '../../../support/suite.ts';
import { close, granted, open, WITH_EGRESS, WITHOUT_EGRESS } from './declared.ts';

const test = suite('grants.json as it is read');

const GIVEN = granted(WITH_EGRESS, open('new.example.org', { pathPrefixes: ['/a'] }), close('docs.example.org'));

/** The grants after `change` on the text of the file. */
const written = (change: (text: string) => string): readonly Grant[] => parseGrants(change(grantsText(GIVEN)));

test('what changes have given is read, also on top of a declared host', () => {
  assertGrantable(WITH_EGRESS, GIVEN);
  assertGrantable(WITH_EGRESS, granted(WITH_EGRESS, open('api.github.com', { methods: ['POST'] })));
  assertGrantable(WITHOUT_EGRESS, granted(WITHOUT_EGRESS, close('*.example.net')));
});

test('an entry that no change could have given is an error that names the file and the entry', () => {
  const hosts = [
    '169.254.169.254',
    'localhost',
    '10.0.0.1',
    '0x7f.1',
    '*.com',
    'pipelock',
    'db.internal',
    'A.example.org',
  ];
  const edits: readonly (readonly [string, (text: string) => string])[] = [
    ...hosts.map((host) => [host, (text: string) => text.replace('new.example.org', host)] as const),
    ['new.example.org', (text) => text.replace('"/a"', '"/a/../b"')],
  ];
  for (const [host, edit] of edits) {
    try {
      assertGrantable(WITH_EGRESS, written(edit));
    } catch (error) {
      if (!(error instanceof BottleError)) throw error;
      assert.is(error.code, 'state/bad-grants');
      assert.ok(error.message.startsWith('grants.json of the state directory: the entry '), error.message);
      assert.ok(error.message.includes(host) && error.message.includes(GIVEN[0]?.id ?? '?'), error.message);
      assert.match(error.fix ?? '', /--reset/);
      continue;
    }
    assert.unreachable(host);
  }
});

test.run();
