/** A health check over HTTP. */

import { request } from 'node:http';
import type { Address } from './listen-address.ts';
import { countOr, digestOr, type ProbeResult } from './probe.ts';

/** A health answer is a line; a daemon that sends more than this is not asked to go on. */
const MAX_ANSWER_BYTES = 64 * 1024;

export interface HttpQuestion {
  readonly address: Address;
  /** Request target: a path, or an absolute URL when the daemon is a proxy. */
  readonly target: string;
  /** Host header. */
  readonly host: string;
}

interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

function httpAnswer({ address, target, host }: HttpQuestion, signal: AbortSignal): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: address.host,
        port: address.port,
        family: 4,
        path: target,
        headers: { Host: host, Connection: 'close' },
        agent: false,
        signal,
      },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          bytes += chunk.length;
          if (bytes > MAX_ANSWER_BYTES) response.destroy(new Error('its health answer is too long'));
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

/** `{"status":"ok","digest":"…","refusals":0}` as a result, absent `refusals` being 0; any other body is not up. */
export function resultOfBody(body: string): ProbeResult {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    answer = undefined;
  }
  if (typeof answer !== 'object' || answer === null || Reflect.get(answer, 'status') !== 'ok') {
    return { up: false, detail: 'its health answer is not {"status":"ok"}' };
  }
  const [digest, refusals]: readonly unknown[] = ['digest', 'refusals'].map((name) => Reflect.get(answer, name));
  return { up: true, digest: digestOr(digest), refusals: countOr(refusals) };
}

/** Up if the daemon answers 200 and `judge` accepts the body. */
export async function httpResult(
  question: HttpQuestion,
  signal: AbortSignal,
  judge: (body: string) => ProbeResult,
): Promise<ProbeResult> {
  const { status, body } = await httpAnswer(question, signal);
  return status === 200 ? judge(body) : { up: false, detail: `answers its health check with status ${status}` };
}
