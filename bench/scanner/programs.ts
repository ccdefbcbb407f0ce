/** Programs for `node -e` in the containers of the scanner's bench. */

/** HTTPS on 443: `/bytes/N` answers N bytes, everything else two. Certificate and key come by the environment. */
export const ORIGIN = `
const { CERT, KEY } = process.env;
require('node:https').createServer({ cert: CERT, key: KEY }, (request, response) => {
  request.resume();
  request.on('end', () => response.end(Buffer.alloc(Number(/^\\/bytes\\/(\\d+)/.exec(request.url)?.[1] ?? 2), 97)));
}).listen(443);`;

/** The least that a forward proxy can do: CONNECT, then bytes both ways. */
export const TUNNEL = `
const { connect } = require('node:net');
require('node:http').createServer().on('connect', (request, socket, head) => {
  const [host, port] = request.url.split(':');
  const upstream = connect({ host, port: Number(port), noDelay: true }, () => {
    socket.write('HTTP/1.1 200 OK\\r\\n\\r\\n');
    upstream.write(head);
    socket.pipe(upstream).pipe(socket);
  });
  upstream.on('error', () => socket.destroy());
  socket.on('error', () => upstream.destroy());
}).listen(9098, '127.0.0.1');`;

/**
 * Arguments: port of the proxy, kind of work, how often. Prints milliseconds for one, over one kept connection. What is
 * uploaded is JSON of source code: all of it is legible, and so among the longest to scan.
 */
export const CLIENT = `
const http = require('node:http'); const https = require('node:https'); const { connect: secure } = require('node:tls');
const [port, kind, times] = process.argv.slice(1);
const CODE = 'export const value = (text: string): string => text.trim().split(/[,;]/).map((part) => part.length).join();';
const upload = (bytes) => JSON.stringify({ files: Array.from({ length: bytes / 130 }, (_, at) => at + ': ' + CODE) }).slice(0, bytes);
const work = { get: ['GET', '/', ''], download: ['GET', '/bytes/1000000', ''], upload: ['POST', '/', upload(5000000)], gigabyte: ['GET', '/bytes/30000000', ''] }[kind];
const open = () => new Promise((resolve, reject) => {
  const request = http.request({ host: '127.0.0.1', port: Number(port), method: 'CONNECT', path: 'origin.test:443', headers: { Host: 'origin.test:443' } });
  request.on('connect', ({ statusCode }, socket) => { if (statusCode !== 200) reject(new Error('CONNECT: ' + statusCode)); const tls = secure({ socket, servername: 'origin.test', rejectUnauthorized: false }, () => resolve(tls)); tls.on('error', reject); });
  request.on('error', reject); request.end();
});
(async () => {
  const socket = await open();
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = () => socket;
  const [method, path, body] = work;
  const once = () => new Promise((resolve, reject) => {
    const request = https.request({ agent, host: 'origin.test', method, path, headers: { 'Content-Length': Buffer.byteLength(body) } }, (response) => {
      let bytes = 0;
      response.on('data', (chunk) => { bytes += chunk.length; });
      response.on('end', () => response.statusCode === 200 ? resolve(bytes) : reject(new Error(kind + ': ' + response.statusCode)));
      response.on('aborted', () => reject(new Error(kind + ': aborted')));
    });
    request.on('error', reject); request.end(body);
  });
  await once();
  const started = performance.now();
  for (let at = 0; at < times; at += 1) await once();
  console.log((performance.now() - started) / times);
  process.exit(0);
})();`;
