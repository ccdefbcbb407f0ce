/** `synth` as a whole process against `node -e 0`. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { compared, type Program } from './processes.ts';

const ROOT = join(import.meta.dirname, '..');
const RUNS = 15;

export async function benchSynth(): Promise<readonly string[]> {
  const output = mkdtempSync(join(tmpdir(), 'claude-bottle-bench-'));
  const env = { CLAUDE_BOTTLE_OUTDIR: output };
  const node = (...args: string[]): Program => ({ file: process.execPath, args, cwd: ROOT, env });
  const compiled = join(ROOT, 'build/bin/app.js');
  const cli = join(ROOT, 'build/bin/bottle.js');
  const source = ['--conditions=claude-bottle-source', '--import', 'tsx'];
  const synth = (app: string) => node(cli, 'synth', '--app', app, '-o', output);
  const programs: readonly (readonly [string, Program])[] = [
    ['the compiled definition alone', node(compiled)],
    ['bottle synth, compiled', synth(`${process.execPath} ${compiled}`)],
    [
      'bottle synth of a TypeScript definition, node --import tsx',
      synth(`${process.execPath} --import tsx bin/app.ts`),
    ],
    ['bottle synth of a TypeScript definition, npx tsx', synth('npx tsx bin/app.ts')],
    ['npm run synth, all of it from TypeScript', node(...source, 'bin/bottle.ts', 'synth', '-o', output)],
  ];
  try {
    await execa('npm', ['run', 'build'], { cwd: ROOT });
    const lines: string[] = [];
    for (const [what, program] of programs) {
      lines.push(await compared(RUNS, what, program, 'node -e 0', node('-e', '0')));
    }
    return lines;
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}
