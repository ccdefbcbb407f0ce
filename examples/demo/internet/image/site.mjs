// An HTTPS (443) and HTTP (80) site that answers every request and writes what it received as one JSON line each.
// A path that ends in `/bytes/<n>` is answered with n bytes.
import { readFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';

/** @type {import('node:http').RequestListener} */
function answer(request, response) {
  /** @type {Buffer[]} */
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { method, url, headers } = request;
    const body = Buffer.concat(chunks).toString('latin1');
    process.stdout.write(`${JSON.stringify({ method, url, headers, body })}\n`);
    response.setHeader('content-type', 'text/plain');
    const bytes = Number(/\/bytes\/(\d+)$/.exec(url ?? '')?.[1] ?? 0);
    if (bytes > 0) {
      response.end(Buffer.alloc(bytes, 'x'));
      return;
    }
    response.end(`hello from ${headers.host}\n`);
  });
}

createHttps({ key: readFileSync('/tls/key.pem'), cert: readFileSync('/tls/cert.pem') }, answer).listen(443);
createHttp(answer).listen(80);
