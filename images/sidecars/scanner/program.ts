/**
 * The program in pipelock's slot: `run --config FILE`, `healthcheck [--addr HOST:PORT]`, `version`. Exits 1 on a
 * configuration that it refuses and 2 on arguments that it does not know.
 */

import { lookup } from 'node:dns/promises';
import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ConfigError } from './config/load.ts';
import { jsonEvents } from './events.ts';
import { AuthorityError } from './proxy/authority.ts';
import { systemResolver, tcpConnector } from './proxy/dial.ts';
import { upstreamRoots } from './roots.ts';
import { Scanner } from './scanner.ts';
import { VERSION } from './version.ts';
import { watchFile } from './watch.ts';

const USAGE = 'usage: pipelock run --config FILE | healthcheck [--addr HOST:PORT] | version';
const GRACE_MS = 3_000;
const LISTEN_TRIES = 10;

const warn = (line: string) => process.stderr.write(`${line}\n`);

/** The IPv4 address of `host`; the name of a container may take a moment to appear. */
async function listenAddress(host: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await lookup(host, { family: 4 })).address;
    } catch (reason) {
      if (attempt === LISTEN_TRIES) throw reason;
      await pause(500);
    }
  }
}

async function run(configFile: string, programFile: string): Promise<void> {
  let isUp = false;
  let reloadWanted = false;
  let scanner: Scanner | undefined;
  const reload = () => {
    if (isUp) scanner?.reload();
    else reloadWanted = true;
  };
  process.on('SIGHUP', reload);
  scanner = new Scanner({
    configFile,
    emit: jsonEvents((line) => process.stdout.write(line)),
    warn,
    roots: upstreamRoots(process.env['SSL_CERT_FILE']),
    resolver: systemResolver,
    connector: tcpConnector,
    programFile,
  });
  const { listen } = scanner.policy.config.fetch_proxy;
  const colon = listen.lastIndexOf(':');
  const running = scanner;
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    void running.close(signal, GRACE_MS).then(() => process.exit(0));
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  const address = await listenAddress(listen.slice(0, colon));
  watchFile(configFile, reload);
  await scanner.listen(address, Number(listen.slice(colon + 1)));
  isUp = true;
  if (reloadWanted) reload();
}

function healthcheck(address: string): Promise<number> {
  return new Promise((resolve) => {
    const request = get(`http://${address}/health`, { timeout: 3_000 }, (response) => {
      response.resume();
      if (response.statusCode !== 200) warn(`unhealthy: status ${response.statusCode}`);
      resolve(response.statusCode === 200 ? 0 : 1);
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', (error) => {
      warn(`health check failed: ${error.message}`);
      resolve(1);
    });
  });
}

async function main(words: readonly string[], programFile: string): Promise<number | undefined> {
  const { positionals, values } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { config: { type: 'string' }, addr: { type: 'string', default: '127.0.0.1:8888' } },
  });
  const [verb, ...rest] = positionals;
  if (rest.length === 0 && verb === 'version') {
    process.stdout.write(`pipelock version ${VERSION}\n`);
    return 0;
  }
  if (rest.length === 0 && verb === 'healthcheck') return healthcheck(values.addr);
  if (rest.length === 0 && verb === 'run' && values.config !== undefined) {
    await run(values.config, programFile);
    return undefined;
  }
  warn(USAGE);
  return 2;
}

function complain(reason: unknown): never {
  const isUsage = reason instanceof Error && 'code' in reason && String(reason.code).startsWith('ERR_PARSE_ARGS');
  const isExpected = reason instanceof ConfigError || reason instanceof AuthorityError;
  const text = reason instanceof Error ? (isExpected || isUsage ? reason.message : (reason.stack ?? '')) : 'failed';
  warn(isUsage ? `${text}\n${USAGE}` : `pipelock: ${text}`);
  process.exit(isUsage ? 2 : 1);
}

/** Runs as `words` say; `file` is the file of this program. */
export async function runProgram(words: readonly string[], file: string): Promise<void> {
  // A log that nobody reads any more must not end the proxy.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  try {
    const code = await main(words, file);
    if (code !== undefined) process.exitCode = code;
  } catch (reason) {
    complain(reason);
  }
}
