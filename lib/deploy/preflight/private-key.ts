/** Judges an SSH private key by its bytes, without ever showing them. */

export type KeyVerdict = 'usable' | 'passphrase' | 'public-key' | 'putty' | 'not-a-key';

const PEM = /-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----\r?\n([\s\S]*?)-----END \1-----/;
const MAGIC = 'openssh-key-v1\0';

/** The cipher name of an OpenSSH key (PROTOCOL.key): the first string after the magic. */
function opensshCipher(body: string): string | undefined {
  const bytes = Buffer.from(body.replace(/\s/g, ''), 'base64');
  if (!bytes.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC, 'latin1'))) return undefined;
  if (bytes.length < MAGIC.length + 4) return undefined;
  const length = bytes.readUInt32BE(MAGIC.length);
  const cipher = bytes.subarray(MAGIC.length + 4, MAGIC.length + 4 + length);
  return cipher.length === length && length > 0 ? cipher.toString('latin1') : undefined;
}

/** What `text` is to an ssh that can ask nobody for a passphrase. */
export function judgePrivateKey(text: string): KeyVerdict {
  if (text.startsWith('PuTTY-User-Key-File-')) return 'putty';
  const [, label, body] = PEM.exec(text) ?? [];
  if (label === undefined || body === undefined) {
    return /^(ssh-|ecdsa-|sk-(ssh|ecdsa)-|---- BEGIN SSH2 PUBLIC KEY|-----BEGIN (RSA )?PUBLIC KEY)/.test(
      text.trimStart(),
    )
      ? 'public-key'
      : 'not-a-key';
  }
  if (label === 'OPENSSH PRIVATE KEY') {
    const cipher = opensshCipher(body);
    return cipher === undefined ? 'not-a-key' : cipher === 'none' ? 'usable' : 'passphrase';
  }
  if (label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type:.*ENCRYPTED/m.test(body)) return 'passphrase';
  return body.trim() === '' ? 'not-a-key' : 'usable';
}

/** The key as ssh reads it everywhere: LF line ends, and one at the end. */
export const normalizedKey = (text: string): string => `${text.replaceAll('\r\n', '\n').trim()}\n`;
