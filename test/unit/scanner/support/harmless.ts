/** What agents send all day and no scanner may stop: candidates for false positives, by kind. */

import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

const ROOT = join(import.meta.dirname, '../../../..');
const file = (path: string): Buffer => readFileSync(join(ROOT, path)).subarray(0, 190_000);

/** Bytes that look random and are the same in every run. */
export function noise(length: number, seed: string): Buffer {
  const blocks: Buffer[] = [];
  for (let index = 0; index * 32 < length; index += 1) {
    blocks.push(createHash('sha256').update(`${seed}${index}`).digest());
  }
  return Buffer.concat(blocks).subarray(0, length);
}

const hashes = (algorithm: string, encoding: 'hex' | 'base64' | 'base64url') =>
  Array.from({ length: 200 }, (_, index) => createHash(algorithm).update(String(index)).digest(encoding)).join('\n');

const PROSE = `The quick brown fox jumps over the lazy dog. A password manager keeps secrets; a token is what you pass.
Set API_KEY in your environment, run the task-ant-design-component, and mind the disk-proj-folder. AKIA is a prefix.
Über die Brücke gehen. 私たちはコードを書く。 Ключ лежит под ковриком. `.repeat(40);

const CODE = `
export const isPem = (text: string) => text.startsWith('-----BEGIN PRIVATE KEY-----');
const header = { authorization: \`Bearer \${process.env.TOKEN}\` };
if (!process.env.AWS_SECRET_ACCESS_KEY) throw new Error('AWS_SECRET_ACCESS_KEY is not set');
const pattern = /gh[pousr]_[A-Za-z0-9]{36}/; // ghp_xxxxxxxx
password = getpass("Password: ")
client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])  # sk-...
curl -H "Authorization: Bearer $GITHUB_TOKEN" https://api.github.com/user
git clone https://github.com/acme/app.git && git clone git@github.com:acme/app.git
key-value: true; token-type: bearer; secret-name: my-secret; sk-loader sk-card sk-button
`.repeat(10);

export const HARMLESS_BODIES: Readonly<Record<string, Buffer>> = {
  'a lock file': file('package-lock.json'),
  'a package manifest': file('package.json'),
  'source of our own': file('images/sidecars/scanner/secrets/patterns.ts'),
  'compiled code': file('node_modules/esbuild/lib/main.js'),
  'a minified bundle': file('node_modules/@peculiar/x509/build/x509.js'),
  declarations: file('node_modules/@types/node/http.d.ts'),
  'a source map': file('node_modules/@secretlint/core/module/index.js.map'),
  'a licence': file('LICENSE'),
  'code about secrets': Buffer.from(CODE),
  'prose in four scripts': Buffer.from(PROSE),
  'SHA-1 in hex': Buffer.from(hashes('sha1', 'hex')),
  'SHA-256 in hex': Buffer.from(hashes('sha256', 'hex')),
  'SHA-512 in base64 (integrity)': Buffer.from(hashes('sha512', 'base64').replace(/^/gm, 'sha512-')),
  'SHA-256 in base64url': Buffer.from(hashes('sha256', 'base64url')),
  UUIDs: Buffer.from(Array.from({ length: 500 }, () => randomUUID()).join('\n')),
  'random bytes': noise(150_000, 'bytes'),
  'random bytes in base64': Buffer.from(noise(100_000, 'base64').toString('base64')),
  'random bytes in hex': Buffer.from(noise(80_000, 'hex').toString('hex')),
  'prose in gzip': gzipSync(PROSE),
  'prose in zlib': deflateSync(PROSE),
  'prose in brotli': brotliCompressSync(PROSE),
  'code in base64': Buffer.from(Buffer.from(CODE).toString('base64')),
  'prose in UTF-16': Buffer.from(PROSE, 'utf16le'),
  'JSON of prose': Buffer.from(
    JSON.stringify({
      messages: [
        { role: 'user', content: PROSE },
        { role: 'x', content: CODE },
      ],
    }),
  ),
  'a form': Buffer.from('name=J%C3%BCrgen+M%C3%BCller&city=K%C3%B6ln&q=a%2Bb%3Dc&page=2'),
  'a PNG': Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), noise(60_000, 'png')]),
  'public keys': Buffer.from(
    `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${noise(30, 'ssh').toString('base64')} me@host\n-----BEGIN PUBLIC KEY-----\n${noise(91, 'pub').toString('base64')}\n-----END PUBLIC KEY-----\n-----BEGIN CERTIFICATE-----\n${noise(600, 'cert').toString('base64')}\n-----END CERTIFICATE-----`,
  ),
  'a Git pack': Buffer.concat([Buffer.from('PACK\0\0\0\x02\0\0\x03\xe8', 'latin1'), noise(100_000, 'pack')]),
  numbers: Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 7919) % 100_003).join(',')),
};

export const HARMLESS_PATHS: readonly string[] = [
  '/repos/acme/app/issues?state=open&per_page=100&page=2',
  `/acme/app/commit/${createHash('sha1').update('x').digest('hex')}`,
  `/objects/${createHash('sha256').update('y').digest('hex')}`,
  `/v1/users/${'3f2504e0-4f89-41d3-9a0c-0305e82c3301'}/files/Report%20(final).pdf`,
  '/search?q=how+to+rotate+an+api+key&sort=desc',
  '/@angular%2fcore/-/core-17.0.0.tgz',
  '/simple/typing-extensions/',
  '/a/..b/c..d/...',
  '/list?page_token=CAoQAA&next_token=abc&max_tokens=4096',
  `/thumb/${noise(24, 'thumb').toString('base64url')}.webp?w=640&h=480&fit=crop`,
  '/maps?bbox=13.08,52.33,13.76,52.67&layers=a|b',
  '/w/index.php?title=%E6%97%A5%E6%9C%AC%E8%AA%9E&action=raw',
  '/v2/library/debian/manifests/trixie-slim',
  '/npm/task-ant-design-component-library-for-everyone',
];

export const HARMLESS_HEADERS: readonly string[] = [
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36',
  `X-Request-Id: ${'3f2504e0-4f89-41d3-9a0c-0305e82c3301'}`,
  'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  `If-None-Match: W/"${createHash('sha256').update('e').digest('hex')}"`,
  `Cookie: theme=dark; consent=1; sid=${noise(24, 'sid').toString('base64url')}`,
  'Content-Security-Policy: default-src none',
  `X-Amz-Content-Sha256: ${createHash('sha256').update('z').digest('hex')}`,
  'Range: bytes=0-1048575',
  'X-Stainless-Package-Version: 4.52.0',
];
