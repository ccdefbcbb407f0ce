/** The built-in scanner's memory while a gigabyte goes down and uploads go up. */

import { execaSync } from 'execa';
import * as assert from 'uvu/assert';
import { Rig } from '../../conformance/rig.ts';
import { suite } from '../../support/suite.ts';
import { openTunnel, startTls } from '../../unit/scanner/support/client.ts';

const test = suite('memory of the scanner', { timeoutMs: 600_000 });
const rig = new Rig();
const MIB = 1024 * 1024;
const DOWNLOAD = 30_000_000;

/** Sends `head` and `body` and drops what comes, until `bytes` of it have come; the status. */
async function exchange(head: string, body: Buffer, bytes: number, times: number): Promise<string> {
  const { socket } = await openTunnel(rig.proxy, 'api.test:443');
  const secure = await startTls(socket, { ca: rig.cas.proxy.pem, servername: 'api.test' });
  let status = '';
  for (let time = 0; time < times; time += 1) {
    let seen = 0;
    const done = new Promise<void>((resolve, reject) => {
      const onData = (chunk: Buffer) => {
        if (seen === 0) status = chunk.toString('latin1', 9, 12);
        seen += chunk.length;
        if (seen < bytes && status === '200') return;
        secure.removeListener('data', onData);
        resolve();
      };
      secure.on('data', onData);
      secure.once('close', () => reject(new Error(`closed after ${seen} bytes`)));
    });
    secure.write(head);
    secure.write(body);
    secure.resume();
    await done;
    if (status !== '200') break;
  }
  secure.removeAllListeners('close');
  secure.destroy();
  return status;
}

const engine = execaSync('docker', ['version'], { reject: false });
if (engine.exitCode === 0) {
  test.before(async () => {
    await rig.setUp('builtin');
    await rig.start((config) => {
      Object.assign(config['tls_interception'] as object, { max_response_bytes: 32 * MIB });
      Object.assign(config['request_body_scanning'] as object, { max_body_bytes: 5 * MIB });
    });
  });
  test.after(() => rig.tearDown());

  test('a gigabyte of downloads over four connections leaves no trace', async () => {
    const idle = await rig.memory('VmRSS');
    const get = `GET /?bytes=${DOWNLOAD} HTTP/1.1\r\nHost: api.test\r\n\r\n`;
    const download = () => exchange(get, Buffer.alloc(0), DOWNLOAD, 9);
    const statuses = await Promise.all([download(), download(), download(), download()]);
    assert.equal(statuses, ['200', '200', '200', '200']);
    const most = await rig.memory('VmHWM');
    process.stdout.write(`idle ${idle.toFixed(0)} MiB; at most ${most.toFixed(0)} MiB during 1.08 GB of downloads\n`);
    assert.ok(most < 400, `${most} MiB`);
  });

  test('uploads of 4 MB at once are bounded, each of them scanned or refused', async () => {
    const body = Buffer.alloc(4 * MIB, 'const value = call(argument, other) || fallback; ');
    const post = `POST / HTTP/1.1\r\nHost: api.test\r\nContent-Length: ${body.length}\r\n\r\n`;
    const statuses = await Promise.all(Array.from({ length: 24 }, () => exchange(post, body, 1, 1)));
    assert.ok(
      statuses.every((status) => status === '200' || status === '503'),
      statuses.join(),
    );
    assert.ok(statuses.includes('200'));
    const most = await rig.memory('VmHWM');
    process.stdout.write(`at most ${most.toFixed(0)} MiB during 24 uploads at once: ${statuses.join()}\n`);
    assert.ok(most < 700, `${most} MiB`);
  });
} else {
  test.skip('everything', 'no container engine answers');
}

test.run();
