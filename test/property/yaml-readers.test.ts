/** What synth writes is what compose reads: the rules judge the document as one reader of YAML has it, another runs it. */

import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { yamlText } from '../../lib/render/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('two readers of YAML', { timeoutMs: 120_000 });

/** What begins, ends or separates something in YAML of any version, what looks like another type, and a few letters. */
const PARTS = [
  ...'ab0:#-?&*!|>%@`{}[],=<~"\'\\.+ \n\r\t\u0000\u001b\u007f\u0085\u009f\u00a0\u200b\u2028\u2029\u3000\ufeff\ufffe😀',
  ...[
    '---',
    '...',
    'null',
    'yes',
    '0x1',
    '0o7',
    '0O_7',
    '0X1f',
    '0B1',
    '1e3',
    '1:30',
    '1_0',
    '.inf',
    '2001-01-01',
    ': ',
    ' #',
    '    privileged:',
  ],
];
const text = fc.array(fc.constantFrom(...PARTS), { maxLength: 10 }).map((parts) => parts.join(''));

interface Read {
  readonly services: { readonly agent: { readonly command: string[]; readonly labels: Record<string, string> } };
}

function readByCompose(yaml: string): Read {
  const options = { input: yaml, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 } as const;
  const { status, stdout, stderr } = spawnSync('docker', ['compose', '-f', '-', 'config', '--format', 'json'], options);
  assert.is(status, 0, stderr);
  return JSON.parse(stdout) as Read;
}

test('compose reads each text, as a value and as a key, as it was given, and no key besides', () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 500, maxLength: 500 }), (texts) => {
      const labels = Object.fromEntries(texts.map((one, index) => [`k${one}`, `v${index}`]));
      const given = { image: 'x', command: texts, labels };
      const { agent } = readByCompose(yamlText({ name: 'x', services: { agent: given } })).services;
      assert.equal(
        texts.filter((one, index) => agent.command[index] !== one),
        [],
      );
      assert.equal(agent.labels, labels);
      assert.equal(Object.keys(agent).sort(), ['command', 'entrypoint', 'image', 'labels', 'networks']);
    }),
    { numRuns: 8, endOnFailure: true },
  );
});

test.run();
