import * as assert from 'uvu/assert';
import { hostWarnings } from '../../../../lib/operate/proposals/index.ts';
import { suite } from '../../../support/suite.ts';

const test = suite('proposals › hosts that look like others');

for (const [host, message] of [
  ['xn--githb-nva.com', /encoded name that programs show as githüb\.com/],
  ['xn--80ak6aa92e.com', /encoded name that programs show as аррӏе\.com/],
  ['githud.com', /differs from github\.com by one letter/],
  ['gihtub.com', /differs from github\.com by one letter/],
  ['github.co', /differs from github\.com by one letter/],
  ['g1thub.com', /easily taken for github\.com/],
  ['git-hub.com', /easily taken for github\.com/],
  ['github.com.evil.test', /begins with github\.com, but belongs to evil\.test/],
  ['login.github.com.evil.test', /begins with github\.com, but belongs to evil\.test/],
  ['rnycorp.example', /easily taken for mycorp\.example/],
] as const) {
  test(`${host} is warned about`, () => {
    assert.match(hostWarnings(host, ['mycorp.example']).join('\n'), message);
  });
}

for (const host of [
  'github.com',
  'gist.github.com',
  'docs.example.org',
  'mycorp.example',
  'gitlab.com',
  'a.mycorp.example',
]) {
  test(`${host} gives no warning`, () => {
    assert.equal(hostWarnings(host, ['mycorp.example', '*.corp.example']), []);
  });
}

test.run();
