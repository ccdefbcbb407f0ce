import * as assert from 'uvu/assert';
import { hostProblem } from '../../../images/sidecars/supervise/host.ts';
import { suite } from '../../support/suite.ts';

const test = suite('supervise › hosts');

for (const host of [
  'docs.example.org',
  'a.test',
  'xn--bcher-kva.example',
  'x1.y2.z3',
  '1password.com',
  'internal.example.org',
]) {
  test(`${host} can be asked for`, () => {
    assert.is(hostProblem(host), undefined);
  });
}

const REFUSED: readonly (readonly [host: string, reason: RegExp])[] = [
  ['169.254.169.254', /IP address/],
  ['127.0.0.1', /IP address/],
  ['10.0.0.1', /IP address/],
  ['8.8.8.8', /IP address/],
  ['2130706433', /IP address/],
  ['0x7f000001', /IP address/],
  ['0x7f.1', /IP address/],
  ['0177.0.0.1', /IP address/],
  ['127.1', /IP address/],
  ['foo.0x', /IP address/],
  ['[::1]', /bare host/],
  ['fd00:ec2::254', /bare host/],
  ['[::ffff:10.0.0.1]', /bare host/],
  ['localhost', /own network/],
  ['x.localhost', /own network/],
  ['metadata.google.internal', /own network/],
  ['host.docker.internal', /own network/],
  ['kubernetes.default.svc.cluster.local', /own network/],
  ['kubernetes.default.svc', /own network/],
  ['_egress.local', /DNS name/],
  ['169.254.169.254.nip.io', /leads to/],
  ['localtest.me', /leads to/],
  ['*.com', /wildcard/],
  ['*', /wildcard/],
  ['*.example.org', /wildcard/],
  ['com', /two labels/],
  ['supervise', /bottle itself/],
  ['git-gate', /bottle itself/],
  ['claude-bottle-egress-demo', /bottle itself/],
  ['egress.claude-bottle-demo-internal', /bottle itself/],
  ['example.org.', /dot/],
  ['example.org:443', /scheme, port/],
  ['https://example.org', /scheme, port/],
  ['example.org/path', /path/],
  ['user@example.org', /user/],
  ['exa%6dple.org', /escape/],
  ['bücher.example', /DNS name/],
  ['①②⑦.⓪.⓪.①', /DNS name/],
  ['a..b', /DNS name/],
  ['-a.example', /DNS name/],
  ['exam ple.org', /DNS name/],
  ['example.org\n', /DNS name/],
  [`${'a'.repeat(64)}.example`, /DNS name/],
  [`${'a.'.repeat(130)}example`, /characters/],
  ['', /characters/],
];

for (const [host, reason] of REFUSED) {
  test(`${JSON.stringify(host.slice(0, 40))} cannot be asked for`, () => {
    assert.match(hostProblem(host) ?? 'no problem', reason);
  });
}

test.run();
