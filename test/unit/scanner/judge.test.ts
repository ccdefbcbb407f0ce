import * as assert from 'uvu/assert';
import { addressClass } from '../../../images/sidecars/scanner/judge/address.ts';
import { DomainList, isDomainPattern } from '../../../images/sidecars/scanner/judge/domain-pattern.ts';
import { shannonEntropy } from '../../../images/sidecars/scanner/judge/entropy.ts';
import { canonicalHost, parseAuthority } from '../../../images/sidecars/scanner/judge/host.ts';
import { RateLimit } from '../../../images/sidecars/scanner/judge/rate-limit.ts';
import { judgeTarget } from '../../../images/sidecars/scanner/judge/target.ts';
import { suite } from '../../support/suite.ts';

const test = suite('what the scanner makes of names and addresses');

test('public addresses are public, the two documentation networks of the test internet too', () => {
  const all = [
    '1.1.1.1',
    '8.8.8.8',
    '140.82.121.4',
    '198.51.100.7',
    '203.0.113.255',
    '2606:4700::1111',
    '2a00:1450::1',
  ];
  for (const address of all) assert.is(addressClass(address), 'public', address);
});

test('addresses of networks that are not the internet are internal', () => {
  const internal = {
    private: ['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', 'fc00::1', 'fd12:3456::1'],
    loopback: ['127.0.0.1', '127.255.255.254', '::1'],
    'carrier grade NAT': ['100.64.0.1', '100.127.255.255'],
    reserved: ['192.0.0.1', '192.0.2.1', '198.18.0.1', '198.19.255.255', '192.88.99.1', '240.0.0.1', '250.1.2.3'],
    'IPv4 in IPv6': ['::ffff:10.0.0.1', '::ffff:1.1.1.1', '::ffff:7f00:1', '64:ff9b::a00:1', '64:ff9b::101:101'],
    'more of that': ['64:ff9b:1::1', '2002:a00:1::', '2002:101:101::1', '2001::1', '::10.0.0.1', '2001:db8::1'],
    'special IPv6': ['fec0::1', '100::1', '2001:10::1', '2001:20::1', '3fff::1', '5f00::1', '4000::1'],
  };
  for (const [kind, addresses] of Object.entries(internal)) {
    for (const address of addresses) assert.is(addressClass(address), 'internal', `${kind}: ${address}`);
  }
});

test('metadata, link-local, multicast, broadcast and unspecified addresses are for nobody', () => {
  const never = ['169.254.169.254', '169.254.0.1', 'fe80::1', '100.100.100.200', '168.63.129.16', '192.0.0.192'];
  never.push('fd00:ec2::254', '224.0.0.1', '239.255.255.250', 'ff02::1', '255.255.255.255', '0.0.0.0', '0.1.2.3', '::');
  never.push(
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::ffff:0.0.0.0',
    'fe80::1%eth0',
    '::1%lo',
    '',
    'x',
    '0x7f.1',
  );
  for (const address of never) assert.is(addressClass(address), 'never', address);
});

test('a host has one spelling', () => {
  assert.is(canonicalHost('API.Example.COM'), 'api.example.com');
  assert.is(canonicalHost('api.example.com.'), 'api.example.com');
  assert.is(canonicalHost('1.2.3.4'), '1.2.3.4');
  assert.is(canonicalHost('2001:DB8:0:0::1'), '2001:db8::1');
  assert.is(canonicalHost('xn--bcher-kva.example'), 'xn--bcher-kva.example');
  assert.is(canonicalHost('_dmarc.example.com'), '_dmarc.example.com');
});

test('spellings that some parser might read otherwise are no hosts', () => {
  const addresses = [
    '2130706433',
    '0x7f000001',
    '017700000001',
    '0177.0.0.1',
    '0x7f.0.0.1',
    '127.1',
    '1.2.3.256',
    '1.2.3',
  ];
  const names = [
    '',
    '.',
    'a..b',
    '-a.b',
    'a-.b',
    'a b',
    'bücher.example',
    'a/b',
    'a@b',
    'a:b',
    'a%2eb',
    'a.b..',
    'fe80::1%1',
  ];
  const odd = [
    'a\u3002b',
    'ａpi.test',
    '[::1]',
    'a\0b',
    `${'a'.repeat(64)}.b`,
    'a.'.repeat(130),
    'api.test\n',
    'example.0x1',
  ];
  for (const host of [...addresses, ...names, ...odd]) assert.is(canonicalHost(host), undefined, JSON.stringify(host));
});

test('an authority is a host with at most a port', () => {
  assert.equal(parseAuthority('api.test:8443', 443), { host: 'api.test', port: 8443 });
  assert.equal(parseAuthority('api.test', 443), { host: 'api.test', port: 443 });
  assert.equal(parseAuthority('[2001:db8::1]:443', 80), { host: '2001:db8::1', port: 443 });
  const bad = [
    'user@api.test:443',
    'user:pw@api.test',
    'api.test:',
    'api.test:0',
    'api.test:65536',
    'api.test:0443',
    'api.test:44x',
  ];
  bad.push(
    '::1:443',
    '[::1',
    '[api.test]:443',
    '[1.2.3.4]:443',
    '[fe80::1%25eth0]:443',
    'api.test:443:443',
    ' api.test:443',
  );
  bad.push('api.test#x:443', 'api.test?x', 'api.test/x', 'api.test\\@evil.test:443', 'api.test:443\t', '');
  for (const text of bad) assert.is(parseAuthority(text, 443), undefined, text);
});

test('patterns match whole names and whole suffixes only', () => {
  const list = new DomainList(['api.example.com', '*.cdn.example.com', '10.0.0.5']);
  for (const host of ['api.example.com', 'a.cdn.example.com', 'a.b.cdn.example.com', 'cdn.example.com', '10.0.0.5']) {
    assert.ok(list.has(host), host);
  }
  const others = [
    'example.com',
    'xapi.example.com',
    'api.example.com.evil.test',
    'evilcdn.example.com',
    'b.api.example.com',
  ];
  for (const host of [...others, '10.0.0.50', '110.0.0.5']) assert.not(list.has(host), host);
  assert.equal(list.freeLabels('a.b.cdn.example.com'), ['a', 'b']);
  assert.equal(list.freeLabels('api.example.com'), []);
});

test('a pattern without a meaning is recognised', () => {
  for (const good of ['a.example', '*.example.com', 'nothing.invalid', '10.0.0.1'])
    assert.ok(isDomainPattern(good), good);
  const bad = [
    '',
    '*',
    '*.',
    'https://a.example',
    'a.example:443',
    'a.example/x',
    '*.*.example',
    'a*.example',
    '*.10.0.0.1',
  ];
  for (const pattern of bad) assert.not(isDomainPattern(pattern), pattern);
});

test('entropy is in bits per character', () => {
  assert.is(shannonEntropy(''), 0);
  assert.is(shannonEntropy('aaaa'), 0);
  assert.is(shannonEntropy('abcd'), 2);
});

test('the rate limit counts a host alone, forgets with time, and holds a bounded number of hosts', () => {
  const limit = new RateLimit();
  for (let index = 0; index < 10; index += 1) assert.ok(limit.admit('a', 10, 1_000));
  assert.not(limit.admit('a', 10, 2_000));
  assert.ok(limit.admit('b', 10, 2_000));
  assert.not(limit.admit('a', 10, 61_000 + 5_000));
  assert.ok(limit.admit('a', 10, 200_000));
  for (let index = 0; index < 10_000; index += 1) limit.admit(`h${index}`, 10, 200_000);
  assert.ok(limit.size <= 4096);
});

test('paths that climb, line breaks in disguise and raw bytes are refused', async () => {
  const climbing = [
    '/a/../b',
    '/a/..',
    '/%2e%2e/b',
    '/a/.%2E/b',
    '/a%2f..%2fb',
    '/a/..%5cb',
    '/%252e%252e/b',
    '/a\\..\\b',
  ];
  for (const target of climbing) assert.is((await judgeTarget('', target))?.scanner, 'path_traversal', target);
  for (const target of ['/a%0d%0aX:1', '/a?b=%0A', '/a%250d', '/%25250a']) {
    assert.is((await judgeTarget('', target))?.scanner, 'crlf_injection', target);
  }
  for (const target of ['', 'a', '*', '/a b', '/a#b', '/\u00e9', '/a\0', '//\x7f']) {
    assert.is((await judgeTarget('', target))?.scanner, 'parser', JSON.stringify(target));
  }
  assert.is((await judgeTarget('', `/${'a/'.repeat(1024)}`))?.reason, 'URL length 2049 exceeds maximum 2048');
  for (const target of ['/', '/a..b/...', '/a/.well-known/x', '/a?b=../c', '//a']) {
    assert.is(await judgeTarget('', target), undefined, target);
  }
});

test.run();
