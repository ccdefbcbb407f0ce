/**
 * An "internet" of our own: containers on a network that the bottle's egress joins. Probes are judged by what arrived
 * here, and no probe targets an address that is not here.
 */

import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { siteCertificate } from './certificates.ts';
import { docker, dockerOutcome, placeOn } from './docker.ts';

/** Sites by name; each is an HTTPS and an HTTP server of its own container. */
export const SITES = {
  allowed: 'api.allowed.test',
  passthrough: 'models.allowed.test',
  unlisted: 'unlisted.test',
} as const;
const GIT_HOST = 'git.test';
const REPOSITORY = '/srv/git/app.git';
/** Label of every container of an internet; its value is the network's name. */
export const INTERNET_LABEL = 'claude-bottle-test-internet';
export type Site = keyof typeof SITES;

export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface InternetOptions {
  /** Image built from `./image`. */
  readonly image: string;
  /** Directory for keys and certificates. */
  readonly directory: string;
  /** A documentation network (RFC 5737), which pipelock and the scanner treat as public. */
  readonly subnet: string;
}

export interface Internet {
  /** Name of the Docker network. */
  readonly network: string;
  readonly caFile: string;
  /** `<type> <base64>` of the git server. */
  readonly hostKey: string;
  readonly identityFile: string;
  /** What a site received, oldest first. */
  received(site: Site): Promise<readonly ReceivedRequest[]>;
  /** Names that the DNS server was asked for. */
  queries(): Promise<readonly string[]>;
  /** IPv4 address of a container of the internet. */
  addressOf(name: Site | 'dns' | 'git'): Promise<string>;
  /** How many connections sshd has seen. */
  sshConnections(): Promise<number>;
  /** Output of git in the upstream repository. */
  upstreamGit(...args: string[]): Promise<string>;
  /** Runs a shell script in a container beside the sites: the positive control of a probe. */
  outsider(script: string): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }>;
  stop(): Promise<void>;
}

interface KeyPair {
  readonly secret: string;
  readonly public: string;
}

/** An ed25519 key, made in a container: a bare host has no ssh-keygen. */
async function sshKey(image: string): Promise<KeyPair> {
  const script =
    'ssh-keygen -q -t ed25519 -N "" -C demo -f /tmp/key && cat /tmp/key && echo PUBLIC && cat /tmp/key.pub';
  const output = await docker(['run', '--rm', '--network', 'none', image, 'sh', '-c', script]);
  const [secret = '', line = ''] = output.split('PUBLIC\n');
  return { secret, public: line.trim().split(' ').slice(0, 2).join(' ') };
}

/** A shell script that fails until every site answers; a HEAD request, so that no probe's receipt is mistaken. */
const SITES_ANSWER = Object.values(SITES)
  .map((host) => `curl -sSI --max-time 2 --cacert /ca.pem https://${host}/ready`)
  .join(' && ');

const READY_SECONDS = 30;

async function waitUntil(done: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + READY_SECONDS * 1000; Date.now() < end; await sleep(200)) {
    if (await done()) return;
  }
  throw new Error(`the test internet did not come up within ${READY_SECONDS} s`);
}

function jsonLines(text: string): readonly ReceivedRequest[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as ReceivedRequest)
    .filter(({ url }) => url !== '/ready');
}

export async function startInternet(options: InternetOptions): Promise<Internet> {
  const { image, directory, subnet } = options;
  const id = `demo-internet-${randomBytes(3).toString('hex')}`;
  const tls = join(directory, 'tls');
  const keys = join(directory, 'keys');
  for (const path of [tls, keys]) mkdirSync(path, { recursive: true });

  const certificate = await siteCertificate([...Object.values(SITES)]);
  writeFileSync(join(tls, 'key.pem'), certificate.keyPem, { mode: 0o600 });
  writeFileSync(join(tls, 'cert.pem'), certificate.certificatePem);
  const caFile = join(directory, 'internet-ca.pem');
  writeFileSync(caFile, certificate.caPem);

  const [host, client] = await Promise.all([sshKey(image), sshKey(image)]);
  const identityFile = join(directory, 'id_ed25519');
  writeFileSync(identityFile, client.secret, { mode: 0o600 });
  writeFileSync(join(keys, 'host_key'), host.secret, { mode: 0o600 });
  writeFileSync(join(keys, 'authorized_keys'), `${client.public}\n`);
  chmodSync(keys, 0o755);

  const names: string[] = [];
  const start = async (name: string, alias: string, mounts: readonly string[], command: readonly string[]) => {
    const container = `${id}-${name}`;
    names.push(container);
    const volumes = mounts.flatMap((mount) => ['--volume', mount]);
    const place = ['--network', id, '--network-alias', alias];
    await docker([
      'run',
      '--detach',
      '--init',
      '--name',
      container,
      '--label',
      `${INTERNET_LABEL}=${id}`,
      ...place,
      ...volumes,
      image,
      ...command,
    ]);
  };
  const stop = async (): Promise<void> => {
    if (names.length > 0) await dockerOutcome(['rm', '--force', '--volumes', ...names]);
    await dockerOutcome(['network', 'rm', id]);
  };

  const logs = async (name: string): Promise<string> => {
    const { stdout, stderr } = await dockerOutcome(['logs', `${id}-${name}`]);
    return `${stdout}\n${stderr}`;
  };
  const outsider = (script: string) => dockerOutcome(['exec', `${id}-outsider`, 'sh', '-c', script]);

  try {
    await docker(['network', 'create', '--subnet', subnet, id]);
    const node = ['node', '/opt/internet/site.mjs'];
    await Promise.all([
      ...Object.entries(SITES).map(([name, alias]) => start(name, alias, [`${tls}:/tls:ro`], node)),
      start('git', GIT_HOST, [`${keys}:/keys:ro`], ['sh', '/opt/internet/git-server.sh']),
      start('dns', 'dns.test', [], ['node', '/opt/internet/dns.mjs']),
      start('outsider', 'outsider.test', [`${caFile}:/ca.pem:ro`], ['sleep', 'infinity']),
    ]);
    await waitUntil(async () => (await logs('git')).includes('Server listening'));
    await waitUntil(async () => (await outsider(SITES_ANSWER)).exitCode === 0);
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    network: id,
    caFile,
    hostKey: host.public,
    identityFile,
    received: async (site) => jsonLines(await logs(site)),
    queries: async () => (await logs('dns')).split('\n').filter((line) => line !== ''),
    addressOf: async (name) => (await placeOn(`${id}-${name}`, id)).address,
    sshConnections: async () =>
      (await logs('git')).split('\n').filter((line) => line.includes('Connection from')).length,
    upstreamGit: (...args) => docker(['exec', '--user', 'git', `${id}-git`, 'git', '-C', REPOSITORY, ...args]),
    outsider,
    stop,
  };
}
