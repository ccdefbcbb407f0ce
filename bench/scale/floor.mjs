/**
 * What cannot be saved: the documents of one bottle (folder `BOTTLE`) stringified and written `BOTTLES` times below
 * `CLAUDE_BOTTLE_OUTDIR` with the package `yaml` alone; the last line of stdout is its own figures: peak memory in KiB and user CPU time in µs.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';

const { BOTTLE = '', BOTTLES, CLAUDE_BOTTLE_OUTDIR = '' } = process.env;

/** @param {string} path @returns {() => string} */
function writer(path) {
  const text = readFileSync(path, 'utf8');
  if (path.endsWith('.yaml')) {
    const document = parse(text, { version: '1.1' });
    return () => stringify(document, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
  }
  if (!path.endsWith('.json')) return () => text;
  const document = JSON.parse(text);
  return () => `${JSON.stringify(document, null, 2)}\n`;
}

const files = readdirSync(BOTTLE, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .map((path) => ({ path: path.slice(BOTTLE.length), text: writer(path) }));
const folders = [...new Set(files.map(({ path }) => dirname(path)))];

for (let number = 0; number < Number(BOTTLES); number += 1) {
  const root = join(CLAUDE_BOTTLE_OUTDIR, `demo-${number}`);
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
  for (const { path, text } of files) writeFileSync(join(root, path), text());
}
const { maxRSS, userCPUTime } = process.resourceUsage();
process.stdout.write(`${maxRSS} ${userCPUTime}\n`);
