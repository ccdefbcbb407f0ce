/** A body without a declared length over HTTP/2 must not become further requests on the HTTP/1 hops behind egress. */

import { SITES } from '../internet/internet.ts';
import type { Probe } from './probe.ts';

const SMUGGLED = `DELETE /admin/smuggled HTTP/1.1\\r\\nHost: ${SITES.allowed}\\r\\nContent-Length: 0\\r\\n\\r\\n`;

/** Plain Node: curl always declares a length. Prints the status of the answer. */
const post = (path: string, body: string): string => `
const { connect } = require('node:net'); const tls = require('node:tls'); const http2 = require('node:http2');
const host = '${SITES.allowed}';
const socket = connect(9099, 'egress', () => socket.write('CONNECT ' + host + ':443 HTTP/1.1\\r\\nHost: ' + host + ':443\\r\\n\\r\\n'));
socket.once('data', () => {
  const secure = tls.connect({ socket, servername: host, ALPNProtocols: ['h2', 'http/1.1'] }, () => {
    const session = http2.connect('https://' + host, { createConnection: () => secure });
    const stream = session.request({ ':method': 'POST', ':path': '${path}' });
    stream.on('response', (headers) => console.log('status=' + headers[':status'] + ' connect=000'));
    stream.on('close', () => process.exit(0)).resume();
    stream.end('${body}');
  });
});
setTimeout(() => process.exit(1), 10_000);`;

export const smuggledRequest: Probe = {
  title: 'smuggle a request outside the route in an HTTP/2 body (control: an ordinary HTTP/2 body)',
  expected: 'refused',
  run: async ({ agent, internet }) => {
    await agent('node -', post('/v1/h2-control', 'ordinary'));
    const outcome = await agent('node -', post('/v1/h2-carrier', SMUGGLED));
    await agent('node -', post('/v1/h2-after', 'ordinary'));
    const arrived = await internet.received('allowed');
    const leaked = arrived.some(({ url }) => url.startsWith('/admin/smuggled'));
    const bodyOf = (path: string): string | undefined => arrived.find(({ url }) => url === path)?.body;
    const controlled = bodyOf('/v1/h2-control') === 'ordinary' && bodyOf('/v1/h2-after') === 'ordinary';
    return {
      ok: !leaked && controlled,
      seen: outcome.stdout.trim() || 'no answer',
      arrived: leaked ? 'THE REQUEST' : `the carrier's body at most (control: ${controlled ? 'arrived' : 'FAILED'})`,
    };
  },
};
