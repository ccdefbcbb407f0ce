/** The SSH keys that git-gate forwards with. */

import { readFileSync, statSync } from 'node:fs';
import type { DeployRequirements } from '../../assembly/manifest.ts';
import { BottleError } from '../../errors.ts';
import { type HostPaths, hostPath } from '../host-files/host-path.ts';
import { judgePrivateKey, type KeyVerdict, normalizedKey } from './private-key.ts';

const LARGEST = 64 * 1024;

const VERDICTS: Readonly<
  Record<Exclude<KeyVerdict, 'usable'>, { readonly code: string; readonly what: string; readonly fix: string }>
> = {
  passphrase: {
    code: 'deploy/identity-file-has-passphrase',
    what: 'has a passphrase, which nobody can type inside the bottle',
    fix: 'make a deploy key of its own without one: ssh-keygen -t ed25519 -N "" -f <file>',
  },
  'public-key': {
    code: 'deploy/identity-file-not-a-key',
    what: 'is a public key',
    fix: 'name the private key, which has the same name without .pub',
  },
  putty: {
    code: 'deploy/identity-file-not-a-key',
    what: "is in PuTTY's format",
    fix: 'convert it with puttygen <file> -O private-openssh',
  },
  'not-a-key': {
    code: 'deploy/identity-file-not-a-key',
    what: 'is not an SSH private key',
    fix: 'name a key in OpenSSH or PEM format',
  },
};

function readKey(file: string, remote: string): string | BottleError {
  const of = `the identity file of remote ${remote}, ${file},`;
  try {
    const stat = statSync(file);
    if (!stat.isFile() || stat.size > LARGEST) {
      const { code, what, fix } = VERDICTS['not-a-key'];
      return new BottleError(code, `${of} ${what}`, { fix });
    }
    return readFileSync(file, 'latin1');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code !== 'EACCES';
    return missing
      ? new BottleError('deploy/identity-file-missing', `${of} does not exist`, {
          fix: 'create the key, or correct identityFile in the definition',
        })
      : new BottleError('deploy/identity-file-unreadable', `${of} cannot be read by this user`, {
          fix: `give the deploying user read access to it`,
        });
  }
}

export interface IdentityKeys {
  /** Private keys by remote, ready to be written. */
  readonly keys: ReadonlyMap<string, string>;
  readonly problems: readonly BottleError[];
}

export function readIdentityFiles(files: DeployRequirements['identityFiles'], paths: HostPaths): IdentityKeys {
  const keys = new Map<string, string>();
  const problems: BottleError[] = [];
  for (const { remote, path } of files) {
    const file = hostPath(path, paths);
    const text = readKey(file, remote);
    if (text instanceof BottleError) {
      problems.push(text);
      continue;
    }
    const verdict = judgePrivateKey(text);
    if (verdict === 'usable') {
      keys.set(remote, normalizedKey(text));
    } else {
      const { code, what, fix } = VERDICTS[verdict];
      problems.push(new BottleError(code, `the identity file of remote ${remote}, ${file}, ${what}`, { fix }));
    }
  }
  return { keys, problems };
}
