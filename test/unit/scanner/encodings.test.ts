import { deflateSync, gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { judgeBody, judgeHeaders } from '../../../images/sidecars/scanner/judge/content.ts';
import { judgeTarget } from '../../../images/sidecars/scanner/judge/target.ts';
import { suite } from '../../support/suite.ts';
import { noise } from './support/harmless.ts';
import { SECRETS } from './support/secrets.ts';

const test = suite('what tools write a secret as');
const ORIGIN = 'https://api.test:443';
const KINDS = ['GitHub token', 'AWS access key id alone', 'Anthropic key', 'short PKCS#8 key (Ed25519)'];

const base64 = (bytes: string | Buffer) => Buffer.from(bytes).toString('base64');
const lines = (text: string, width: number, end = '\n') => text.replace(new RegExp(`(.{${width}})`, 'g'), `$1${end}`);
const letters = (length: number) =>
  noise(length, 'letters')
    .toString('base64')
    .replace(/[^a-z]/g, '')
    .slice(0, length);

/** RFC 4648 section 6. */
function base32(text: string): string {
  const bits = [...Buffer.from(text)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('');
}

/** A zlib stream with the header that a window of 2^(8 + info) bytes has, and every level that the header can name. */
const zlibWindows = (text: string): Buffer[] => {
  const stream = deflateSync(text).subarray(2);
  const headers = [0x0800, 0x1800, 0x2800, 0x3800, 0x4800, 0x5800, 0x6800, 0x7800].flatMap((method) =>
    [0, 1, 2, 3].map((level) => method + level * 64 + (31 - ((method + level * 64) % 31))),
  );
  return headers.map((header) => Buffer.concat([Buffer.from([header >> 8, header & 255]), stream]));
};

/** As `xxd` and `hexdump` write bytes: an offset, words of `group` bytes, and a column of characters. */
function dump(text: string, { group = 1, columns = false, swapped = false }): string {
  const bytes = Buffer.from(text);
  const rows = Array.from({ length: Math.ceil(bytes.length / 16) }, (_, row) =>
    bytes.subarray(row * 16, row * 16 + 16),
  );
  const word = (at: number, row: Buffer) => {
    const piece = [...row.subarray(at, at + group)];
    return Buffer.from(swapped ? piece.reverse() : piece).toString('hex');
  };
  return rows
    .map((row, index) => {
      const words = Array.from({ length: Math.ceil(row.length / group) }, (_, at) => word(at * group, row));
      const characters = columns ? `  ${row.toString('latin1').replace(/[^ -~]/g, '.')}` : '';
      return `${(index * 16).toString(16).padStart(8, '0')}: ${words.join(' ')}${characters}\n`;
    })
    .join('');
}

const octalDump = (text: string) =>
  lines([...Buffer.from(text)].map((byte) => ` ${byte.toString(8).padStart(3, '0')}`).join(''), 64).replace(
    /^/gm,
    '0000020',
  );

const hex = (text: string) => Buffer.from(text).toString('hex');
const quotedPrintable = (text: string) =>
  lines(
    [...text].map((character, index) => (index % 3 === 0 ? `=${hex(character).toUpperCase()}` : character)).join(''),
    25,
    '=\r\n',
  );

const WRITTEN: Readonly<Record<string, (text: string) => string | Buffer | readonly Buffer[]>> = {
  'xxd -p': (text) => `${lines(hex(`Some text before it, which is longer than a line.\n${text}`), 60)}\n`,
  'xxd -p in short lines': (text) => lines(hex(text), 16),
  'hex in upper case with CRLF': (text) => lines(hex(text).toUpperCase(), 32, '\r\n'),
  'hex with spaces': (text) => lines(hex(text), 2, ' '),
  'hex with colons': (text) => lines(hex(text), 2, ':'),
  'hex with dots': (text) => lines(hex(text), 2, '.'),
  'hex as path segments': (text) => lines(hex(text), 16, '/'),
  'hex behind an odd letter': (text) => `a${hex(text)}`,
  'hex as C writes it': (text) => [...Buffer.from(text)].map((byte) => `0x${byte.toString(16)}`).join(', '),
  'base64 in lines of 15': (text) => lines(base64(text), 15),
  'base64 in lines of 4': (text) => lines(base64(text), 4),
  'base64 in lines of 1': (text) => lines(base64(text), 1),
  'base64 in an indented block': (text) => lines(base64(`  ${text}`), 20, '\n    '),
  'base64 in short lines behind prose': (text) => `Dear all,\nplease find it below.\n\n${lines(base64(text), 12)}`,
  'misaligned base64 behind 70 kB of letters': (text) => `${letters(70_001)}${base64(text)}`,
  'misaligned base64 behind 70 kB of base64 of text': (text) => `${base64('readable '.repeat(7_000))}x${base64(text)}`,
  'zlib in base64': (text) => `data=${base64(deflateSync(text))}`,
  'zlib in the second run of base64': (text) =>
    JSON.stringify({ a: base64(noise(60, 'first')), b: base64(deflateSync(text)) }),
  'zlib in hex behind other hex': (text) =>
    `${noise(32, 'x').toString('hex')} of ${hex('')}\n.\n${deflateSync(text).toString('hex')}`,
  'zlib of any window': zlibWindows,
  'zlib of any window in base64, last of many': (text) =>
    zlibWindows(text).map((bytes) => Buffer.from(`${letters(40)} ${base64(noise(50, 'y'))} ${base64(bytes)}`)),
  'zlib as a multipart part': (text) =>
    Buffer.concat([
      Buffer.from('--b\r\nContent-Disposition: form-data; name="f"\r\n\r\n'),
      deflateSync(text),
      Buffer.from('\r\n--b--\r\n'),
    ]),
  'base64 of hex in lines': (text) => base64(lines(hex(text), 60)),
  'gzip of base64 in short lines': (text) => gzipSync(lines(base64(text), 8)),
  'XML entities, decimal': (text) => `<a>${[...Buffer.from(text)].map((byte) => `&#${byte};`).join('')}</a>`,
  'XML entities, hex': (text) => `<a>${[...Buffer.from(text)].map((byte) => `&#x${byte.toString(16)};`).join('')}</a>`,
  'one XML entity': (text) => `<a>&#${text.charCodeAt(0)};${text.slice(1)}</a>`,
  'quoted-printable': quotedPrintable,
  'a soft line break': (text) => `${text.slice(0, 9)}=\r\n${text.slice(9)}`,
  base32: (text) => base32(text),
  xxd: (text) => dump(text, { group: 2, columns: true }),
  'hexdump -C': (text) => dump(text, { group: 1, columns: true }),
  'hexdump in words': (text) => dump(text, { group: 2, swapped: true }),
  'od -b': (text) => octalDump(text),
  'octal escapes': (text) => [...Buffer.from(text)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
  'an array of bytes': (text) => JSON.stringify({ type: 'Buffer', data: [...Buffer.from(text)] }),
  'an array of bytes, one a line': (text) => JSON.stringify([...Buffer.from(text)], null, 4),
  'bytes of Go': (text) => `[${[...Buffer.from(text)].join(' ')}]`,
  'od -c': (text) =>
    [...text.replaceAll('\n', ' ')]
      .map((character) => `   ${character}`)
      .join('')
      .replace(/(.{64})/g, '$1\n'),
  'fold -w1': (text) => [...text].join('\n'),
  'zero-width spaces': (text) => [...text].join('\u200b'),
  'soft hyphens': (text) => lines(text, 3, '\u00ad'),
  'full width': (text) => text.replace(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0)),
  'combining marks': (text) => [...text].join('\u0301'),
  'base32 in lower case and lines': (text) => lines(base32(text).toLowerCase(), 30),
  'base32 behind letters': (text) => `ABC${base32(text)}`,
};

for (const [name, write] of Object.entries(WRITTEN)) {
  test(`${name} is found`, async () => {
    for (const kind of KINDS) {
      const written = write(SECRETS[kind] ?? '');
      for (const [index, one] of (Array.isArray(written) ? written : [written]).entries()) {
        const refused = await judgeBody(Buffer.from(one as Buffer));
        assert.match(refused?.reason ?? 'passed', /^request body contains secret: /, `${kind}, ${index}`);
      }
    }
  });
}

/** A secret as two halves in the fields of a body. Its type is not asked for: how it is read is the origin's choice. */
const SPLIT: Readonly<Record<string, (one: string, two: string) => string>> = {
  JSON: (one, two) => JSON.stringify({ a: one, b: [two] }),
  'JSON behind a BOM': (one, two) => `\xef\xbb\xbf${JSON.stringify([one, two])}`,
  'JSON behind line ends': (one, two) => `\r\n \t${JSON.stringify([one, two])}`,
  NDJSON: (one, two) => `${JSON.stringify({ a: one })}\n${JSON.stringify({ a: two })}\n`,
  'JSON that is broken at its end': (one, two) => `${JSON.stringify([one, two])},`,
  'JSON with the same key twice': (one, two) => `{"a":"${one}","a":"${two}"}`,
  'JSON with keys like indices': (one, two) => `{"2":"${one}","1":"${two}"}`,
  'JSON with escapes': (one, two) =>
    `["${[...one].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}","\\"${two}"]`.replace(
      '\\"',
      '',
    ),
  'JSON keys': (one, two) => JSON.stringify({ [one]: 1, [two]: 2 }),
  'a JSON key and its value': (one, two) => JSON.stringify({ [one]: two }),
  'a form': (one, two) => `a=${one}&b=${two}`,
  'a form with percent encoding': (one, two) => `a=${one}&b=%${two.charCodeAt(0).toString(16)}${two.slice(1)}`,
  'names of a form': (one, two) => `${one}=1&${two}=2`,
  'a form of lines': (one, two) => `a=${one}\r\nb=${two}\r\n`,
  multipart: (one, two) =>
    [one, two]
      .map((part) => `--b\r\nA: b\r\n\r\n${part}\r\n`)
      .join('')
      .concat('--b--\r\n'),
  'multipart with bare LF': (one, two) =>
    [one, two]
      .map((part) => `--b\nA: b\n\n${part}\n`)
      .join('')
      .concat('--b--\n'),
  'multipart without headers': (one, two) =>
    [one, two]
      .map((part) => `--b\r\n\r\n${part}\r\n`)
      .join('')
      .concat('--b--'),
  'multipart behind a preamble': (one, two) =>
    `x\r\n${[one, two].map((part) => `--b c\r\nA: b\r\n\r\n${part}\r\n`).join('')}--b c--`,
};

for (const [name, write] of Object.entries(SPLIT)) {
  test(`halves of a token in ${name} are put together`, async () => {
    for (const kind of ['GitHub token', 'AWS access key id alone']) {
      const secret = SECRETS[kind] ?? '';
      const body = Buffer.from(write(secret.slice(0, 11), secret.slice(11)), 'latin1');
      assert.is((await judgeBody(body))?.scanner, 'body_dlp', kind);
    }
  });
}

test('halves in path segments, query names and header names, and in cookies, are put together', async () => {
  for (const kind of ['GitHub token', 'AWS access key id alone']) {
    const secret = SECRETS[kind] ?? '';
    const [one, two] = [secret.slice(0, 11), secret.slice(11)];
    for (const target of [`/a/${one}/${two}/b`, `/x?${one}=1&${two}=2`, `/x?${one}=${two}`, `/x?a=${one}&b=${two}`]) {
      assert.is((await judgeTarget(ORIGIN, target))?.scanner, 'dlp', target);
    }
    const cases = {
      names: [
        { name: one, value: '1' },
        { name: two, value: '2' },
      ],
      'a name and its value': [{ name: one, value: two }],
      cookies: [{ name: 'Cookie', value: `a=${one}; b=${two}` }],
      'two cookie fields': [
        { name: 'Cookie', value: `t=1; a=${one}` },
        { name: 'Cookie', value: `b=${two}; c=3` },
      ],
    };
    for (const [name, fields] of Object.entries(cases)) {
      assert.is((await judgeHeaders(fields, new Set()))?.scanner, 'header_dlp', name);
    }
  }
});

/** A token in pieces of ten characters within one text. */
const PIECES: Readonly<Record<string, (pieces: readonly string[]) => string>> = {
  'literals that are added': (pieces) => `const key = "${pieces.join('" + "')}";`,
  'literals side by side': (pieces) => `key = ("${pieces.join('"\n       "')}")`,
  'pieces of a template': (pieces) => `\${"${pieces.join('"}${"')}"}`,
  'quotes of a shell': (pieces) => `KEY="${pieces.join('""')}"`,
  'lines that a shell continues': (pieces) => pieces.join('\\\n'),
  lines: (pieces) => pieces.join('\n'),
  'quoted lines': (pieces) => pieces.map((piece) => `> ${piece}`).join('\n'),
  'lines of a diff': (pieces) => pieces.map((piece) => `+${piece}`).join('\n'),
  comments: (pieces) => pieces.map((piece) => `// ${piece}`).join('\n'),
  'a list of YAML': (pieces) => pieces.map((piece) => `- ${piece}`).join('\n'),
  'a folded text of YAML': (pieces) => `key: >-\n  ${pieces.join('\n  ')}`,
  'bold text': (pieces) => `**${pieces.join('****')}**`,
  'words with blanks between': (pieces) => pieces.join(' '),
  'words with dots between': (pieces) => pieces.join('.'),
  'characters of Python': (pieces) => `[${[...pieces.join('')].map((one) => `'${one}'`).join(', ')}]`,
};

for (const [name, write] of Object.entries(PIECES)) {
  test(`a token in ${name} is put together`, async () => {
    for (const kind of ['GitHub token', 'npm token', 'Stripe key', 'Anthropic key', 'GitLab token']) {
      const pieces = (SECRETS[kind] ?? '').match(/.{1,10}/g) ?? [];
      assert.is((await judgeBody(Buffer.from(write(pieces))))?.scanner, 'body_dlp', kind);
    }
  });
}

test('pieces in a path, a list of values and a header are put together', async () => {
  const pieces = (SECRETS['GitHub token'] ?? '').match(/.{1,10}/g) ?? [];
  for (const target of [`/x/${pieces.join('.')}`, `/x?ids=${pieces.join(',')}`, `/x?q=${pieces.join('+')}`]) {
    assert.is((await judgeTarget(ORIGIN, target))?.scanner, 'dlp', target);
  }
  for (const value of [pieces.join(', '), `agent/${pieces.join(' ')}`]) {
    assert.is((await judgeHeaders([{ name: 'X-List', value }], new Set()))?.scanner, 'header_dlp', value);
  }
});

test('what nobody can tell from other text passes: the limits that the manual names', async () => {
  const token = SECRETS['GitHub token'] ?? '';
  const passing = {
    reversed: [...token].reverse().join(''),
    'without its prefix': token.slice(4),
    'every character changed': [...Buffer.from(token)].map((byte) => String.fromCharCode(byte + 1)).join(''),
    'base64 backwards': [...base64(token)].reverse().join(''),
    bits: [...Buffer.from(token)].map((byte) => byte.toString(2).padStart(8, '0')).join(' '),
  };
  for (const [name, text] of Object.entries(passing)) assert.is(await judgeBody(Buffer.from(text)), undefined, name);
});

test('many streams, and headers of streams without one, end in a refusal or a verdict, in time and memory', async () => {
  const bomb = base64(deflateSync(Buffer.alloc(100 * 1024 * 1024, 0x61)));
  const falseStart = base64(Buffer.concat([Buffer.from([0x78, 0x9c]), noise(22, 'false')]));
  const hostile = {
    'a bomb in base64': Buffer.from(bomb),
    'many bombs in base64': Buffer.from(Array.from({ length: 20 }, () => bomb).join(' . ')),
    'false starts': Buffer.from(`${falseStart}.`.repeat(100_000)),
    'short streams': Buffer.from(`${base64(deflateSync(noise(20, 's')))}.`.repeat(20_000)),
  };
  for (const [name, body] of Object.entries(hostile)) {
    const started = performance.now();
    const refused = await judgeBody(body);
    assert.match(refused?.reason ?? '', /cannot be scanned/, name);
    assert.ok(performance.now() - started < 3_000, `${name}: ${performance.now() - started} ms`);
  }
});

test.run();
