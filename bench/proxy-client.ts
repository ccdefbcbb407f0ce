/** A program for `node -e` in a container. */

/** Prints milliseconds a request, through the proxy named, on new and on one kept connection. */
export const PROXY_CLIENT = `
const { connect } = require('node:net'); const tls = require('node:tls'); const { readFileSync } = require('node:fs');
const [proxy, port, host, ca, requests] = process.argv.slice(1);
const open = () => new Promise((resolve, reject) => {
  const socket = connect({ host: proxy, port: Number(port) }, () => socket.write('CONNECT ' + host + ':443 HTTP/1.1\\r\\nHost: ' + host + ':443\\r\\n\\r\\n'));
  socket.once('data', () => { const secure = tls.connect({ socket, servername: host, ca: readFileSync(ca) }, () => resolve(secure)); secure.on('error', reject); });
  socket.on('error', reject);
});
const get = (secure) => new Promise((resolve) => {
  secure.once('data', resolve);
  secure.write('GET /v1/bench HTTP/1.1\\r\\nHost: ' + host + '\\r\\n\\r\\n');
});
(async () => {
  const kept = await open(); await get(kept);
  let started = performance.now();
  for (let n = 0; n < requests; n += 1) await get(kept);
  const keptMs = (performance.now() - started) / requests; kept.destroy();
  started = performance.now();
  for (let n = 0; n < requests; n += 1) { const fresh = await open(); await get(fresh); fresh.destroy(); }
  console.log(JSON.stringify({ kept: keptMs, fresh: (performance.now() - started) / requests }));
})();`;
