/** git-gate.cjs: `prepare` for the entrypoint, `access` and `pre-receive` for the hooks. Fails closed. */

import { readFileSync } from 'node:fs';
import { accessRefusal } from './access.ts';
import { ConfigError, readConfig, remoteOfMirror } from './config.ts';
import { failureReason } from './failure-reason.ts';
import { judgePush } from './pre-receive.ts';
import { daemonWords } from './prepare.ts';
import { parseRefUpdates } from './ref-update.ts';
import { clientLine } from './say.ts';

async function prepare(): Promise<number> {
  try {
    process.stdout.write(`${(await daemonWords()).join('\n')}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(clientLine(error instanceof Error ? error.message : 'cannot start'));
    return 1;
  }
}

/** The daemon passes the first line of stdout on to the client. */
async function access(service: string, path: string): Promise<number> {
  const refusal = await accessRefusal(service, path).catch((error: unknown) => failureReason(error).lines.join('; '));
  if (refusal === undefined) return 0;
  process.stdout.write(clientLine(refusal));
  return 1;
}

async function preReceive(): Promise<number> {
  try {
    const remote = remoteOfMirror(readConfig(), process.cwd());
    if (remote === undefined) throw new ConfigError('no such repository');
    const updates = parseRefUpdates(readFileSync(0, 'utf8'));
    const { accepted, lines } = await judgePush(remote, process.cwd(), updates, process.env);
    process.stderr.write(lines.map(clientLine).join(''));
    if (!accepted) process.stderr.write(clientLine('push rejected'));
    return accepted ? 0 : 1;
  } catch (error) {
    process.stderr.write(failureReason(error).lines.map(clientLine).join(''));
    process.stderr.write(clientLine('push rejected'));
    return 1;
  }
}

async function main([command, service = '', path = '']: readonly string[]): Promise<number> {
  if (command === 'prepare') return prepare();
  if (command === 'access') return access(service, path);
  if (command === 'pre-receive') return preReceive();
  process.stderr.write(clientLine('usage: git-gate.cjs prepare | access <service> <path> | pre-receive'));
  return 2;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  () => {
    process.exitCode = 1;
  },
);
