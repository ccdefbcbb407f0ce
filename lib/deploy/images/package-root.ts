import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

function isOurs(manifest: string): boolean {
  const parsed: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  return typeof parsed === 'object' && parsed !== null && 'name' in parsed && parsed.name === 'claude-bottle';
}

/** Folder of this package: where `images/` lies, for the sources as for the compiled files. */
export function packageRoot(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && isOurs(manifest)) return folder;
  }
  throw new Error(`no package.json of claude-bottle above ${import.meta.dirname}`);
}
