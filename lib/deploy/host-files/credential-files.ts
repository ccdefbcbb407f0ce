/** Files that hold credentials by what they are called, or by what a look into those that may hold some shows. */

import { closeSync, readSync } from 'node:fs';
import { posix } from 'node:path';
import { credentialIn } from '../../plan/index.ts';
import { openRegular } from './open-regular.ts';

/** Lower case. A template is none. */
const NAMED =
  /^(?:\.env(?:\.(?!example$|sample$|template$|dist$|defaults?$)[^/]*)?|\.envrc|\.netrc|_netrc|\.git-credentials|\.pgpass|\.my\.cnf|\.htpasswd|\.vault-token|\.s3cfg|\.boto|id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|.+\.(?:kdbx|p12|pfx|jks|keystore|ovpn)|.*\.tfstate(?:\.backup)?|kubeconfig|credentials|service[-_]account[^/]*\.json)$/;

/** Files that hold some where somebody has put one there. */
const LOOKED_INTO =
  /^(?:\.npmrc|\.yarnrc(?:\.yml)?|\.pypirc|pip\.conf|\.dockercfg|config\.json|credentials\.(?:json|toml|ya?ml)|secrets?\.(?:json|toml|ya?ml)|settings\.xml|gradle\.properties|nuget\.config|config|.+\.(?:pem|key))$/;

const HELD =
  /_auth(?:token)?\s*=|_password\s*=|npmAuthToken\s*:|"auths"\s*:\s*\{\s*"|"private_key"\s*:|"client_secret"\s*:|<password>|-----BEGIN [A-Z0-9 ]*PRIVATE KEY/i;

const LOOK_BYTES = 64 * 1024;

function beginningOf(file: string): string {
  try {
    const handle = openRegular(file);
    try {
      const buffer = Buffer.alloc(LOOK_BYTES);
      return buffer.toString('latin1', 0, readSync(handle, buffer, 0, LOOK_BYTES, 0));
    } finally {
      closeSync(handle);
    }
  } catch {
    return '';
  }
}

/** Whether the regular file at `file` holds a credential. Its text is shown nowhere. */
export function holdsCredential(file: string): boolean {
  const name = posix.basename(file).toLowerCase();
  if (NAMED.test(name)) return true;
  if (!LOOKED_INTO.test(name)) return false;
  const text = beginningOf(file);
  return HELD.test(text) || credentialIn(text) !== undefined;
}
