import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { composeOverride } from '../../../lib/deploy/state/override.ts';
import { yamlText } from '../../../lib/render/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('rendered YAML');

/** What YAML 1.1, and so Compose and Python, take for the end of a line, or do not take at all. */
const AMBIGUOUS = [...'\u007f\u0080\u0085\u009f\u2028\u2029\ufeff\ufffe\uffff'];
const RAW = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;

test('a text in which another reader would see the end of a line, and keys behind it, is escaped', () => {
  for (const character of AMBIGUOUS) {
    const text = `NOTE=a${character}    privileged:${character}      true`;
    const document = { services: { agent: { environment: [text], labels: { [`a${character}b`]: text } } } };
    const rendered = yamlText(document);
    assert.not.match(rendered, RAW);
    assert.equal(parse(rendered, { version: '1.1' }), document);
  }
});

test('a text that is a number to compose alone is quoted', () => {
  for (const text of ['0o17', '-0O7', '0X1F', '0B1', '+0o_7', '0_o7', '-_0o7', '1e3_', '0o-7']) {
    const rendered = yamlText({ user: text, list: [text], [text]: text });
    assert.is(rendered, `user: "${text}"\nlist:\n  - "${text}"\n"${text}": "${text}"\n`);
  }
  assert.is(yamlText({ image: '0o17:latest', name: '0o18' }), 'image: 0o17:latest\nname: 0o18\n');
});

test('a text of several lines stands on one, and what nobody differs about is written plainly beside it', () => {
  const document = { plain: 'a b', word: 'yes', odd: 'a\u2028b', lines: '\ta\n \nb\n'.repeat(9) };
  const rendered = yamlText(document);
  assert.is(rendered.split('\n').length, 5);
  assert.match(rendered, 'plain: a b\nword: "yes"\nodd: "a\\u2028b"\nlines: "\\ta\\n');
  assert.equal(parse(rendered, { version: '1.1' }), document);
});

test('a path that an agent named in its workspace adds no key to what deploy writes beside compose.yaml', () => {
  const source = '/home/user/app/a\u2028    privileged:\u2028      true';
  const text = composeOverride({}, { agent: { volumes: [{ type: 'bind', source, target: '/workspace/a' }] } }) ?? '';
  assert.not.match(text, RAW);
  assert.is(parse(text, { version: '1.1' }).services.agent.volumes[0].source, source);
});

test.run();
