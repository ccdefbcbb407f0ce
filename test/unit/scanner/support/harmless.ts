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

const PIXELS = noise(60_000, 'pixels');
/** As `xxd` and `hexdump -C` write bytes. */
const dump = (gap: string, columns: string) =>
  Array.from({ length: 1_500 }, (_, index) => {
    const row = PIXELS.subarray(index * 16, index * 16 + 16);
    const hex = (row.toString('hex').match(new RegExp(`.{${columns}}`, 'g')) ?? []).join(gap);
    return `${(index * 16).toString(16).padStart(8, '0')}  ${hex}  |${row.toString('latin1').replace(/[^\x20-\x7e]/g, '.')}|`;
  }).join('\n');

const CSS = Array.from(
  { length: 800 },
  (_, index) =>
    `.sk-card-${index}>a[href="#k${index}"]:hover{color:#${(index * 20_857).toString(16).padStart(6, '0').slice(0, 6)};background:url(data:image/png;base64,${noise(90, `css${index}`).toString('base64')}) no-repeat;margin:0 -1px;transition:opacity .3s cubic-bezier(.4,0,.2,1)}`,
).join('');

const MULTIPART = `--b\r\nContent-Disposition: form-data; name="note"\r\n\r\n${PROSE}\r\n--b\r\nContent-Disposition: form-data; name="f"; filename="a.js"\r\nContent-Type: text/javascript\r\n\r\n${CODE}\r\n--b--\r\n`;

const ENVIRONMENT = `NODE_ENV=production\nnpm_config_registry=https://registry.example/\nnpm_package_name=app\nGIT_COMMIT=${createHash('sha1').update('c').digest('hex')}\nsha256=${createHash('sha256').update('c').digest('hex')}\nTOKEN_FILE=/run/token\nhf_home=/models\n`;

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
  'minified code': file('node_modules/reflect-metadata/Reflect.js'),
  'another lock file': Buffer.from(
    Array.from({ length: 600 }, (_, index) => {
      const hash = createHash('sha512').update(`lock${index}`).digest('base64');
      return `"pkg-${index}@npm:^${index}.0.0":\n  version: ${index}.0.1\n  checksum: 10c0/${createHash('sha512').update(`y${index}`).digest('hex')}\n  resolution: {integrity: sha512-${hash}}\n`;
    }).join('\n'),
  ),
  'a go.sum': Buffer.from(
    Array.from(
      { length: 500 },
      (_, index) =>
        `github.com/acme/mod${index} v1.${index}.0 h1:${createHash('sha256').update(`go${index}`).digest('base64')}`,
    ).join('\n'),
  ),
  'an image in base64': Buffer.from(`<img src="data:image/png;base64,${PIXELS.toString('base64')}">`),
  'an image in base64 in lines': Buffer.from(PIXELS.toString('base64').replace(/(.{76})/g, '$1\r\n')),
  'style sheets': Buffer.from(CSS),
  'a hex dump': Buffer.from(dump(' ', '2')),
  'a hex dump in groups': Buffer.from(dump(' ', '4')),
  'a plain hex dump': Buffer.from(PIXELS.toString('hex').replace(/(.{60})/g, '$1\n')),
  fingerprints: Buffer.from(
    Array.from({ length: 300 }, (_, index) =>
      createHash('sha256')
        .update(`fp${index}`)
        .digest('hex')
        .toUpperCase()
        .replace(/(..)(?=.)/g, '$1:'),
    ).join('\n'),
  ),
  'a byte array in C': Buffer.from([...PIXELS.subarray(0, 20_000)].map((byte) => `0x${byte.toString(16)}`).join(', ')),
  'a multipart form': Buffer.from(MULTIPART),
  'a message in quoted-printable': Buffer.from(
    PROSE.replace(/[^\x20-\x7e\n]/g, '=C3=BC').replace(/(.{70})/g, '$1=\r\n'),
  ),
  'a page with character references': Buffer.from(PROSE.replace(/[^a-z\n ]/gi, (c) => `&#${c.charCodeAt(0)};`)),
  'NDJSON of log lines': Buffer.from(
    Array.from({ length: 400 }, (_, index) =>
      JSON.stringify({
        level: 'info',
        npm_package: `app${index}`,
        trace: noise(16, `t${index}`).toString('hex'),
        msg: 'ok',
      }),
    ).join('\n'),
  ),
  'an environment without secrets': Buffer.from(ENVIRONMENT),
  'words, one a line': Buffer.from(PROSE.replace(/\s+/g, '\n')),
  'a genome': Buffer.from(
    `>chr1\n${[...PIXELS]
      .map((byte) => 'ACGT'[byte & 3])
      .join('')
      .replace(/(.{60})/g, '$1\n')}`,
  ),
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
  `/npm_local/app/${createHash('sha256').update('p').digest('hex')}`,
  `/fdapi/${createHash('md5').update('p').digest('hex')}/hf_mirror/${createHash('sha1').update('p').digest('hex')}`,
  `/v3?npm_config_name=a&hf_home=models&sig=${createHash('sha256').update('q').digest('hex')}`,
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
