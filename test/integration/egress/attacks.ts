/** What a hostile agent may try. Each was sent to a bare mitmdump or to an earlier version of the addon. */

import { closed, fields, h2Request, https, receive, request, type Step, send, tunnel } from './steps.ts';

export interface Attack {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Status and rule of the last answer; `closed` where the connection ends without one. */
  readonly refusal: string;
}

const attack = (name: string, refusal: string, ...steps: readonly Step[]): Attack => ({ name, refusal, steps });
const plain = (url: string, ...headers: readonly string[]): Step[] => [
  send([`GET ${url} HTTP/1.1`, `Host: ${new URL(url).host}`, ...headers, '', ''].join('\r\n')),
  receive,
];
const connect = (authority: string): Step[] => [
  send(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`),
  receive,
];
const raw = (text: string): Step[] => [...tunnel('docs.test'), send(text), receive];
const h2 = (...more: (readonly [string, string])[]): Step[] => [
  ...tunnel('docs.test', 'docs.test', ['h2']),
  { h2: [fields('docs.test', '/h2', ...more)] },
];
const WEB_SOCKET = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: eA==',
];
const H2C = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQ'];

export const ATTACKS: readonly Attack[] = [
  attack('an unlisted host', '403 route', ...https('evil.test', 'GET /')),
  attack('an unlisted host that does not exist', '403 route', ...https('no-such-name.test', 'GET /')),
  attack('an unlisted host over plain HTTP', '403 route', ...plain('http://evil.test/')),
  attack('a look-alike with a suffix', '403 route', ...https('docs.test.evil.test', 'GET /')),
  attack('a look-alike with a prefix', '403 route', ...https('evildocs.test', 'GET /')),
  attack('a sub-domain of a listed host', '403 route', ...https('secret-words.docs.test', 'GET /')),
  attack('a look-alike in punycode', '403 route', ...https('xn--dcs-sla.test', 'GET /')),
  attack('a listed host with a final dot', '403 route', ...plain('http://docs.test./')),
  attack('a look-alike outside ASCII', '400 malformed', ...connect('d\xc3\xb6cs.test:443')),
  attack('an address', '403 route', ...https('198.51.100.9', 'GET /')),
  attack('the metadata service', '403 route', ...plain('http://169.254.169.254/latest/')),
  attack(
    'the metadata service in decimal',
    '403 route',
    send('GET http://2852039166/ HTTP/1.1\r\nHost: 2852039166\r\n\r\n'),
    receive,
  ),
  attack(
    'the metadata service in hex',
    '403 route',
    send('GET http://0xa9fea9fe/ HTTP/1.1\r\nHost: 0xa9fea9fe\r\n\r\n'),
    receive,
  ),
  attack("egress's own loopback", '403 route', ...plain('http://127.0.0.1:9099/')),
  attack("egress's own port", '403 route', ...connect('listen-egress:9099')),
  attack("pipelock's port", '403 route', ...connect('claude-bottle-pipelock-test:8888')),
  attack('the ssh port of a listed host', '403 route', ...connect('docs.test:22')),
  attack("mitmproxy's own site", '403 route', ...plain('http://mitm.it/')),
  attack('a path outside the route', '403 path', ...https('api.test', 'GET /orgs/acme')),
  attack('a dot segment', '403 path', ...https('api.test', 'GET /repos/acme/../../orgs')),
  attack('an encoded dot segment', '403 path', ...https('api.test', 'GET /repos/acme/%2e%2e/x')),
  attack('an encoded slash', '403 path', ...https('api.test', 'GET /repos/acme/..%2fx')),
  attack('a double encoding', '403 path', ...https('api.test', 'GET /repos/acme/%252e%252e/x')),
  attack('a method outside the route', '403 method', ...https('api.test', 'DELETE /repos/acme/x')),
  attack('a soft hyphen between dots', '403 path', ...https('docs.test', 'GET /v1/.%c2%ad./secret')),
  attack('a zero width space after dots', '403 path', ...https('docs.test', 'GET /v1/..%e2%80%8b/secret')),
  attack(
    'a method override',
    '403 method',
    ...https('api.test', 'POST /repos/acme/x', 'X-HTTP-Method-Override: DELETE'),
  ),
  attack(
    'a method override with underscores',
    '403 method',
    ...https('api.test', 'POST /repos/acme/x', 'X_HTTP_Method_Override: DELETE'),
  ),
  attack(
    'a method override behind a semicolon',
    '403 method',
    ...https('api.test', 'POST /repos/acme/x?y;_method=DELETE'),
  ),
  attack(
    'a method override in a form',
    '403 method',
    ...tunnel('api.test'),
    request('api.test', 'POST /repos/acme/x', 'Content-Type: application/x-www-form-urlencoded', 'Content-Length: 14'),
    send('_method=DELETE'),
    receive,
  ),
  attack(
    'a path override with underscores',
    '403 path',
    ...https('api.test', 'GET /repos/acme/x', 'X_Original_URL: /admin'),
  ),
  attack(
    'a forwarding header with underscores',
    '403 authority',
    ...https('docs.test', 'GET /x', 'X_Forwarded_Host: evil.test'),
  ),
  attack('git push', '403 git-push', ...https('docs.test', 'GET /a.git/info/refs?service=git-receive-pack')),
  attack('TRACE', '403 trace', ...https('docs.test', 'TRACE /')),
  attack('an empty slot', '403 token', ...https('empty.test', 'GET /')),
  attack('plain HTTP with a credential', '403 plain-http', ...plain('http://secure.test/')),
  attack(
    'a second request on a kept connection',
    '403 authority',
    ...tunnel('docs.test'),
    request('evil.test', 'GET /'),
    receive,
  ),
  attack(
    'a Host that disagrees',
    '403 authority',
    ...tunnel('docs.test'),
    request('api.test', 'GET /repos/acme/x'),
    receive,
  ),
  attack(
    'a server name that disagrees',
    '403 authority',
    ...tunnel('docs.test', 'api.test'),
    request('docs.test', 'GET /'),
    receive,
  ),
  attack(
    'a tunnel to another host (--connect-to)',
    '403 authority',
    ...tunnel('evil.test', 'docs.test'),
    request('docs.test', 'GET /'),
    receive,
  ),
  attack(
    'a tunnel to an address (--resolve)',
    '403 authority',
    ...tunnel('198.51.100.9', 'docs.test'),
    request('docs.test', 'GET /'),
    receive,
  ),
  attack('two Hosts', '403 authority', ...https('docs.test', 'GET /', 'Host: evil.test')),
  attack(
    'a whole URL inside a tunnel',
    '403 authority',
    ...tunnel('docs.test'),
    request('docs.test', 'GET https://evil.test/'),
    receive,
  ),
  attack(
    'a URL and a Host that disagree',
    '403 authority',
    send('GET http://docs.test/ HTTP/1.1\r\nHost: evil.test\r\n\r\n'),
    receive,
  ),
  attack(
    'user info in the URL',
    '400 malformed',
    send('GET http://docs.test@evil.test/ HTTP/1.1\r\nHost: docs.test\r\n\r\n'),
    receive,
  ),
  attack('a foreign HTTP/2 authority', '403 authority', ...tunnel('docs.test', 'docs.test', ['h2']), {
    h2: [fields('evil.test', '/')],
  }),
  attack('an HTTP/2 Host that disagrees', 'closed', ...h2(['host', 'evil.test'])),
  attack('a header smuggled into an HTTP/2 value', 'closed', ...h2(['x-a', '1\r\nauthorization: mine'])),
  attack('a header smuggled into an HTTP/2 name', 'closed', ...h2(['x-a\r\nauthorization', 'mine'])),
  attack('framing smuggled into HTTP/2', 'closed', ...h2(['transfer-encoding', 'chunked'])),
  attack('CONNECT as an HTTP/2 stream', '400 malformed', ...tunnel('docs.test', 'docs.test', ['h2']), {
    h2: [h2Request('CONNECT', 'docs.test', '/')],
  }),
  attack('HTTP/1 that claims to be HTTP/2', '403 malformed', ...raw('GET / HTTP/2.0\r\nHost: docs.test\r\n\r\n')),
  attack('HTTP/2 without TLS', '403 authority', send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), receive),
  attack('an upgrade to HTTP/2', '403 upgrade', ...plain('http://docs.test/', ...H2C)),
  attack('a WebSocket that is not declared', '403 upgrade', ...https('docs.test', 'GET /ws', ...WEB_SOCKET)),
  attack('another protocol on a WebSocket route', '403 upgrade', ...https('ws.test', 'GET /ws', 'Upgrade: h2c')),
  attack('raw bytes inside a tunnel', '403 raw', ...connect('docs.test:443'), send('SSH-2.0-OpenSSH_9\r\n'), receive),
  attack('raw bytes inside TLS', '403 raw', ...raw('\x00\x01\x02binary')),
  attack(
    'raw bytes after agreeing on HTTP/2',
    'closed',
    ...tunnel('docs.test', 'docs.test', ['h2']),
    send('EHLO x\r\n\r\n'),
    closed,
  ),
  attack('raw bytes to the proxy', '403 raw', send('\x05\x01\x00'), receive),
  attack('TLS to the proxy', '403 raw', send('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'), receive),
  attack('TLS inside TLS', 'closed', ...tunnel('docs.test'), { tls: { name: 'docs.test', inside: 'docs.test' } }),
  attack(
    'plain HTTP inside a tunnel',
    '403 plain-http',
    ...connect('docs.test:443'),
    request('docs.test', 'GET /'),
    receive,
  ),
  attack(
    'a tunnel inside a tunnel',
    '400 malformed',
    ...raw('CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test\r\n\r\n'),
  ),
  attack(
    'two ways to frame a body',
    '400 malformed',
    ...raw('POST / HTTP/1.1\r\nHost: docs.test\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
  ),
  attack(
    'a space before the colon',
    '400 malformed',
    ...raw('GET / HTTP/1.1\r\nHost: docs.test\r\nAuthorization : mine\r\n\r\n'),
  ),
  attack(
    'a folded header',
    '403 authority',
    ...raw('GET / HTTP/1.1\r\nHost: docs.test\r\nX-A: 1\r\n Authorization: mine\r\n\r\n'),
  ),
  attack(
    'a bare carriage return',
    '403 authority',
    ...raw('GET / HTTP/1.1\r\nHost: docs.test\r\nX-A: 1\rAuthorization: mine\r\n\r\n'),
  ),
  attack('a head without end', '431 malformed', { repeat: { text: `GET ${'y'.repeat(65_536)}`, times: 100 } }, receive),
  attack('a body over the cap', '403 body', ...https('docs.test', 'POST /up', 'Content-Length: 9000000')),
  attack('another scheme', '400 malformed', send('GET ftp://docs.test/ HTTP/1.1\r\nHost: docs.test\r\n\r\n'), receive),
];
