/** Golden files: one per shape, refreshed only by `UPDATE_GOLDEN=1`. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';

const ROOT = join(import.meta.dirname, '../golden/files');

/** Compares `files` with the golden directory `name`: the same names and the same bytes. */
export function matchesGolden(name: string, files: Readonly<Record<string, string>>): void {
  const directory = join(ROOT, name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    rmSync(directory, { recursive: true, force: true });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
  }
  assert.ok(existsSync(directory), `no golden directory ${name}: run the test once with UPDATE_GOLDEN=1 and read it`);
  const kept = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
  assert.equal(kept.sort(), Object.keys(files).sort());
  for (const [path, text] of Object.entries(files)) {
    assert.fixture(text, readFileSync(join(directory, path), 'utf8'), `${name}/${path}`);
  }
}
