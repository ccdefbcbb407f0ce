/** Serves health reports on a Unix socket: one line of words in, an exit code on a line of its own and a text out. */

import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { type Daemons, HEALTH_EXIT, healthAnswer } from './health-answer.ts';
import { reportLine } from './health-report.ts';
import { healthRequest, UsageError } from './health-request.ts';

const LONGEST_REQUEST = 4_096;
/** Who connects asks at once. */
const REQUEST_MS = 2_000;

/** The first line that comes in; rejects if none does. */
function requestLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setTimeout(REQUEST_MS, () => reject(new Error('no request')));
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end !== -1) resolve(text.slice(0, end));
      else if (text.length > LONGEST_REQUEST) reject(new Error('a request without an end'));
    });
    socket.on('close', () => reject(new Error('no request')));
  });
}

async function answerTo(socket: Socket, daemons: Daemons): Promise<string> {
  const words = (await requestLine(socket)).split(' ').filter((word) => word !== '');
  socket.setTimeout(0);
  const gone = new AbortController();
  socket.on('close', () => gone.abort());
  try {
    const { code, report } = await healthAnswer(healthRequest(words, daemons.names), daemons, gone.signal);
    return `${code}\n${reportLine(report)}`;
  } catch (error) {
    if (error instanceof UsageError) return `${HEALTH_EXIT.usage}\n${error.message}\n`;
    throw error;
  }
}

/** Listens at `path`, which only the init's own user can then connect to. Rejects if it cannot. */
export async function serveHealth(path: string, daemons: Daemons): Promise<Server> {
  // Half-open: whoever has nothing more to say may still listen.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    answerTo(socket, daemons).then(
      (answer) => socket.end(answer),
      () => socket.destroy(),
    );
  });
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return server;
}
