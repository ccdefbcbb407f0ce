import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { configSchema } from '../../../images/sidecars/scanner/config/schema.ts';
import { renderBottle } from '../../../lib/render/index.ts';
import { suite } from '../../support/suite.ts';
import { findingsOf, planOf, withSidecars } from './definition.ts';

const test = suite('limits of bodies');
const NAMES = ['maxResponseBytes', 'maxBodyBytes'] as const;

/** The largest value that the rule lets pass, found by halving. */
function largest(name: (typeof NAMES)[number]): number {
  let [passes, fails] = [1024, 2 ** 40];
  while (fails - passes > 1) {
    const middle = Math.floor((passes + fails) / 2);
    if (findingsOf(withSidecars({ pipelock: { [name]: middle } })).length === 0) passes = middle;
    else fails = middle;
  }
  return passes;
}

test('the built-in scanner takes the largest bodies that synth accepts', () => {
  for (const name of NAMES) {
    const files = renderBottle(planOf(withSidecars({ pipelock: { [name]: largest(name) } })));
    const result = configSchema.safeParse(parse(files['pipelock/pipelock.yaml'] ?? ''));
    assert.ok(result.success, `${name}: ${result.error?.message}`);
  }
});

test('two request bodies of the largest size fit into the memory that the scanner has for all', () => {
  assert.ok(2 * largest('maxBodyBytes') <= 64 * 1024 ** 2);
});

test.run();
