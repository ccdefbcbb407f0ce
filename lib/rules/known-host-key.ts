/** Host keys as in known_hosts, without the host (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */

import { listed, quoted } from '../plan/index.ts';

/** Types that current OpenSSH accepts for a host, with the length of the whole blob where it is fixed. */
const TYPES: Readonly<Record<string, number | undefined>> = {
  'ssh-ed25519': 51,
  'ecdsa-sha2-nistp256': 104,
  'ecdsa-sha2-nistp384': 136,
  'ecdsa-sha2-nistp521': 172,
  'ssh-rsa': undefined,
  'sk-ssh-ed25519@openssh.com': undefined,
  'sk-ecdsa-sha2-nistp256@openssh.com': undefined,
};

/** 2048 bits and the fields around them. */
const RSA_MIN = 270;

/** The first length-prefixed string of a key blob (RFC 4253, section 6.6): its type. */
function innerType(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined;
  const length = blob.readUInt32BE(0);
  return length <= 64 && blob.length > 4 + length ? blob.toString('latin1', 4, 4 + length) : undefined;
}

/** What is wrong with `<type> <base64>`, in words that follow its name, or undefined. */
export function knownHostKeyProblem(key: string): string | undefined {
  if (/[\r\n]/.test(key)) return 'has more than one line; allowed: one key';
  const words = key.split(' ');
  const [type = '', encoded = ''] = words;
  const types = `allowed: '<type> <base64>' of a type among ${listed(Object.keys(TYPES))}`;
  if (!Object.hasOwn(TYPES, type)) return `begins with ${quoted(type)}; ${types}, without the host`;
  if (words.length !== 2) return `has ${words.length} words; allowed: two, '<type> <base64>', without host and comment`;
  const blob = Buffer.from(encoded, 'base64');
  if (blob.toString('base64') !== encoded) return "is not base64 behind its type; allowed: '<type> <base64>', whole";
  const inner = innerType(blob);
  if (inner !== type)
    return `says ${quoted(type)}, but its key is ${inner === undefined ? 'none' : `of type ${quoted(inner)}`}; allowed: one type`;
  const length = TYPES[type];
  const cut = length === undefined ? type === 'ssh-rsa' && blob.length < RSA_MIN : blob.length !== length;
  return cut ? 'is too short or too long for its type; allowed: the whole key, RSA of 2048 bits at least' : undefined;
}
