/** A health check in the git protocol. */

import { connect } from 'node:net';
import type { Address } from './listen-address.ts';

/** No remote can be called this: its name would start with a dot. */
const NO_SUCH_REPOSITORY = '/.bundle-health';
/** Length field of a pkt-line: four hex digits that count themselves. */
const LENGTH_BYTES = 4;

/** `payload` as a pkt-line (gitprotocol-common(5)). */
const pktLine = (payload: string): string =>
  `${(payload.length + LENGTH_BYTES).toString(16).padStart(LENGTH_BYTES, '0')}${payload}`;

/** True if `answer` begins with an ERR packet (gitprotocol-pack(5)). */
export const isErrPacket = (answer: string): boolean => /^[0-9a-f]{4}ERR /.test(answer);

/** Asks for a repository that does not exist; resolves if the daemon refuses it in the git protocol. */
export function refusesUnknownRepository(address: Address, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address.host, port: address.port, family: 4, signal });
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('connect', () => {
      socket.write(pktLine(`git-upload-pack ${NO_SUCH_REPOSITORY}\0host=${address.host}\0`));
    });
    const judge = (): void => {
      socket.destroy();
      if (isErrPacket(answer)) resolve();
      else reject(new Error('it does not answer in the git protocol'));
    };
    socket.on('data', (text: string) => {
      answer += text;
      if (answer.length >= 'XXXXERR '.length) judge();
    });
    socket.on('end', judge);
    socket.on('error', reject);
  });
}
