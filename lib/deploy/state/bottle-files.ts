/** Everything that a bottle's state directory holds, as a value. */

import { basename } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { BottleManifest } from '../../assembly/manifest.ts';
import { GRANTS_FILE } from '../../operate/grants/index.ts';
import { ensureDirectory } from '../../operate/state/directory.ts';
import {
  AGENT_CA_BUNDLE,
  type Daemon,
  gitKeyFile,
  PROTECTED_LIST,
  SECRET_DIR,
  SECRET_FILE,
  TRUSTED_CAS_FILE,
} from '../../plan/index.ts';
import { type Guarded, guardedList } from '../../render/agent/index.ts';
import type { AssembledBottle } from '../assembly.ts';
import { type Authority, type AuthorityName, authorityFiles } from '../certificates/index.ts';
import type { Skill } from '../preflight/index.ts';
import { PUBLIC, SECRET, type StateFile, type StateFiles, textFile } from './contents.ts';
import { dotEnv } from './dot-env.ts';
import { declaredPath } from './live-grants.ts';
import { composeOverride, OVERRIDE_FILE, type ServiceAdditions } from './override.ts';

export interface BottleFilesInput {
  readonly bottle: AssembledBottle;
  readonly projectDir: string;
  readonly authorities: ReadonlyMap<AuthorityName, Authority>;
  /** PEM of `trustedCAs`. */
  readonly trustedCAs: string;
  /** Private keys by git remote. */
  readonly identityKeys: ReadonlyMap<string, string>;
  readonly skills: readonly Skill[];
  /** Image references by service, where they differ from the rendered ones. */
  readonly pins: Readonly<Record<string, string>>;
  /** By service, what this host adds to what synth rendered. */
  readonly additions?: Readonly<Record<string, ServiceAdditions>>;
  /** Of a workspace on the host: what must be mounted in it. */
  readonly guarded?: readonly Guarded[];
}

const program = /\.(sh|mjs|cjs)$/;

export const authorityNames = (daemons: readonly Daemon[]): readonly AuthorityName[] =>
  daemons.includes('egress') ? ['egress', 'pipelock'] : ['pipelock'];

function authority(authorities: BottleFilesInput['authorities'], name: AuthorityName): Authority {
  const found = authorities.get(name);
  if (found === undefined) throw new Error(`no ${name} CA was minted`);
  return found;
}

function secretFiles({ bottle, authorities, identityKeys }: BottleFilesInput): [string, StateFile][] {
  const secret = (daemon: keyof typeof SECRET_DIR, name: string, text: string): [string, StateFile] => [
    `secrets/${daemon}/${name}`,
    textFile(text, SECRET),
  ];
  const pipelock = authority(authorities, 'pipelock');
  const files = [
    secret('pipelock', SECRET_FILE.pipelockCert, pipelock.certificate),
    secret('pipelock', SECRET_FILE.pipelockKey, pipelock.key),
  ];
  if (bottle.manifest.daemons.includes('egress')) {
    const egress = authority(authorities, 'egress');
    files.push(
      secret('egress', SECRET_FILE.mitmproxyCa, egress.key + egress.certificate),
      secret('egress', SECRET_FILE.pipelockCa, pipelock.certificate),
    );
  }
  for (const [remote, key] of identityKeys) files.push(secret('git-gate', gitKeyFile(remote), key));
  return files;
}

/** Roots that Node ships (Mozilla's), the bottle's CA and the definition's, in one file for any client. */
function agentCaBundle({ bottle, authorities, trustedCAs }: BottleFilesInput): string {
  const own = bottle.manifest.requires.agentTrusts === 'egress-ca' ? 'egress' : 'pipelock';
  return `${rootCertificates.join('\n')}\n${authority(authorities, own).certificate}${trustedCAs}`;
}

/** Copies of the skills, below the state directory. */
export const SKILLS_DIR = 'agent/skills';

/** Below what the agent's container has read-only already, and in a directory that can be mounted by itself. */
const skillFiles = ({ skills }: BottleFilesInput): [string, StateFile][] =>
  skills.flatMap(({ name, files }) =>
    [...files].map(([path, file]): [string, StateFile] => [`${SKILLS_DIR}/${name}/${path}`, file]),
  );

/** All files of the bottle, `deployed.json` aside. */
export function bottleFiles(input: BottleFilesInput): StateFiles {
  const { bottle, projectDir, authorities, trustedCAs, pins, additions, guarded } = input;
  const rendered = [...bottle.files].map(([path, content]): [string, StateFile] => [
    path,
    { content, mode: program.test(path) ? 0o755 : 0o644 },
  ]);
  const override = composeOverride(pins, additions);
  const { live } = bottle;
  const declared = [...(live?.declared ?? [])].map(([path, content]): [string, StateFile] => [
    declaredPath(path),
    { content, mode: PUBLIC },
  ]);
  return new Map([
    ...rendered,
    ...declared,
    ...skillFiles(input),
    ...(live?.wanted === undefined ? [] : [[GRANTS_FILE, textFile(live.wanted, SECRET)] as const]),
    [`trust/${basename(TRUSTED_CAS_FILE)}`, textFile(trustedCAs)],
    [`agent/${basename(AGENT_CA_BUNDLE)}`, textFile(agentCaBundle(input))],
    ...(guarded === undefined ? [] : [[`agent/${basename(PROTECTED_LIST)}`, textFile(guardedList(guarded))] as const]),
    ...secretFiles(input),
    ...authorityFiles(authorities),
    ['.env', textFile(dotEnv(projectDir, bottle.manifest.requires.tokens))],
    ...(override === undefined ? [] : [[OVERRIDE_FILE, textFile(override)] as const]),
  ]);
}

/** supervise writes there: it runs in the group of the mounted directory. */
const QUEUE_MODE = 0o2770;
/** The init writes there, as the directory's owner; that group reads, and neither plants nor removes an event. */
const EVENTS_MODE = 0o2750;

/** Makes the directories that are mounted, also those in which no file lies yet. */
export function ensureBottleDirectories(stateDir: string, { daemons }: BottleManifest): void {
  ensureDirectory(stateDir, 0o700);
  for (const name of [...daemons, 'agent', 'trust']) ensureDirectory(`${stateDir}/${name}`, 0o755);
  const holders = Object.keys(SECRET_DIR).filter((name) => daemons.some((daemon) => daemon === name));
  for (const name of ['secrets', ...holders.map((holder) => `secrets/${holder}`)]) {
    ensureDirectory(`${stateDir}/${name}`, 0o700);
  }
  ensureDirectory(`${stateDir}/events`, EVENTS_MODE);
  if (daemons.includes('supervise')) ensureDirectory(`${stateDir}/queue`, QUEUE_MODE);
}
