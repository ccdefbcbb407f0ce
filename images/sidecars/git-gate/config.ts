/** `git-gate.json`, read afresh by every hook; anything unexpected in it is an error. */

import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import {
  CONFIG_FILE,
  GIT_MIRROR_DIR,
  type GitGateFile,
  type GitRemoteEntry,
  gitKeyFile,
  PRIVATE_DIR,
  parseGitSshUrl,
} from '../../../lib/plan/index.ts';

/** A name that is one path segment, one shell word and no option. */
const REMOTE_NAME = /^[A-Za-z0-9](?!.*\.\.)[A-Za-z0-9._-]{0,63}$/;
const LISTEN = /^([A-Za-z0-9.-]+):(\d{1,5})$/;

const Remote = z.strictObject({
  name: z.string().check(z.regex(REMOTE_NAME)),
  url: z.string().check(z.refine((url) => parseGitSshUrl(url) !== undefined && !url.startsWith('-'), 'not an SSH URL')),
  key: z.string(),
  access: z.enum(['read', 'push']),
  branches: z.optional(z.array(z.string().check(z.minLength(1)))),
  protectedPaths: z.array(z.string().check(z.minLength(1))),
  allow: z.strictObject({ force: z.boolean(), delete: z.boolean(), tags: z.boolean() }),
});

const File = z.strictObject({
  version: z.literal(1),
  listen: z.string().check(z.regex(LISTEN)),
  remotes: z.array(Remote).check(z.minLength(1)),
});

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The configuration in `text`. Throws a {@link ConfigError} that says where and what is wrong. */
export function parseConfig(text: string): GitGateFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ConfigError('git-gate.json is not JSON');
  }
  const { data, error } = File.safeParse(value);
  if (error !== undefined) {
    const [issue] = error.issues;
    const unknown = issue?.code === 'unrecognized_keys' ? `: ${issue.keys.join(', ')}` : '';
    throw new ConfigError(
      `git-gate.json, ${issue?.path.join('.') || 'top level'}: ${issue?.code ?? 'invalid'}${unknown}`,
    );
  }
  const names = new Set<string>();
  for (const { name, key } of data.remotes) {
    if (names.has(name)) throw new ConfigError(`git-gate.json: two remotes are called ${name}`);
    names.add(name);
    // ssh's command line goes through a shell, so the key's path is not free.
    if (key !== `${PRIVATE_DIR['git-gate']}/${gitKeyFile(name)}`) {
      throw new ConfigError(`git-gate.json: the key of ${name} is not where the init puts it`);
    }
  }
  return {
    ...data,
    remotes: data.remotes.map(({ branches, ...rest }) => ({
      ...rest,
      ...(branches === undefined ? {} : { branches }),
    })),
  };
}

export function readConfig(): GitGateFile {
  let text: string;
  try {
    text = readFileSync(CONFIG_FILE['git-gate'], 'utf8');
  } catch {
    throw new ConfigError('git-gate.json cannot be read');
  }
  return parseConfig(text);
}

/** Host and port of a listen address that {@link parseConfig} has accepted. */
export function listenParts(listen: string): { readonly host: string; readonly port: number } {
  const [, host, port] = LISTEN.exec(listen) ?? [];
  const number = Number(port);
  if (host === undefined || !(number >= 1 && number <= 65_535)) throw new ConfigError(`not host:port: ${listen}`);
  return { host, port: number };
}

export const mirrorPath = (name: string): string => `${GIT_MIRROR_DIR}/${name}.git`;

/** The remote whose mirror is `path`, exactly as spelled. */
export function remoteOfMirror(config: GitGateFile, path: string): GitRemoteEntry | undefined {
  return config.remotes.find(({ name }) => mirrorPath(name) === path);
}
