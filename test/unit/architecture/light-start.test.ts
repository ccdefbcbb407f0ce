/** What a synth loads: its two processes start anew after each edit, and loading is most of what one bottle costs. */

import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';

const test = suite('what a synth loads');
const ROOT = join(import.meta.dirname, '../../..');

/** Imports and re-exports that are there when the types are gone. */
const IMPORT = /^(?:import|export)\s(?!type\b)(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;

/** Names in braces that are all types leave nothing to load. */
const isOnlyTypes = (statement: string): boolean => {
  const [, names] = /\{([^}]*)\}/.exec(statement) ?? [];
  const listed = (names ?? '').split(',').map((name) => name.trim());
  return names !== undefined && listed.every((name) => name === '' || name.startsWith('type '));
};

/** Files of ours, relative to the repository, and packages that are loaded with `entries`. */
function loadedBy(...entries: readonly string[]): ReadonlySet<string> {
  const loaded = new Set<string>();
  const open = [...entries];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (loaded.has(file)) continue;
    loaded.add(file);
    for (const [statement, target = ''] of readFileSync(join(ROOT, file), 'utf8').matchAll(IMPORT)) {
      if (isOnlyTypes(statement)) continue;
      if (!target.startsWith('.')) loaded.add(target);
      else open.push(relative(ROOT, join(ROOT, dirname(file), target)));
    }
  }
  return loaded;
}

const packages = (loaded: ReadonlySet<string>): readonly string[] =>
  [...loaded].filter((name) => !name.endsWith('.ts') && !name.startsWith('node:')).sort();

test('the command line of synth loads neither what drives Docker nor what makes a synth', () => {
  const loaded = loadedBy('bin/bottle.ts', 'lib/cli/synth.ts');
  assert.ok(loaded.has('lib/assembly/manifest.ts'), 'the imports were followed');
  assert.equal(packages(loaded), ['commander', 'picocolors']);
  assert.equal(
    [...loaded].filter((file) => /^lib\/(?:rules|render|topology|deploy|operate|explain|diff)\//.test(file)),
    [],
  );
});

test('a definition loads nothing of the command line, of Docker, or of a search for credentials', () => {
  const loaded = loadedBy('index.ts');
  assert.ok(loaded.has('lib/rules/registry.ts'), 'the imports were followed');
  assert.equal(packages(loaded), ['constructs', 'ipaddr.js', 'rfc6902', 'yaml']);
  assert.equal(
    [...loaded].filter((file) => /^(?:lib\/(?:cli|deploy|operate|explain|diff)|images)\//.test(file)),
    [],
  );
});

test.run();
