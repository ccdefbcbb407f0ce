/** `synth` as a whole process against `node -e 0`. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { paired, pairedText } from './statistics.ts';

const ROOT = join(import.meta.dirname, '..');
const RUNS = 10;

export async function benchSynth(): Promise<readonly string[]> {
  const output = mkdtempSync(join(tmpdir(), 'claude-bottle-bench-'));
  const node = (...args: string[]) => execa(process.execPath, args, { cwd: ROOT });
  const definition = { cwd: ROOT, env: { CLAUDE_BOTTLE_OUTDIR: output } };
  const compiled = join(ROOT, 'build/bin/app.js');
  const cli = join(ROOT, 'build/bin/bottle.js');
  try {
    await execa('npm', ['run', 'build'], { cwd: ROOT });
    const nothing = () => node('-e', '0');
    const typescript = ['--conditions=claude-bottle-source', '--import', 'tsx'];
    const whole = () => node(cli, 'synth', '--app', `${process.execPath} ${compiled}`, '-o', output);
    return [
      pairedText(
        'the compiled definition alone',
        'node -e 0',
        await paired(RUNS, () => execa(process.execPath, [compiled], definition), nothing),
      ),
      pairedText('bottle synth, compiled', 'node -e 0', await paired(RUNS, whole, nothing)),
      pairedText(
        'npm run synth from TypeScript',
        'node -e 0',
        await paired(RUNS, () => node(...typescript, 'bin/bottle.ts', 'synth', '-o', output), nothing),
      ),
    ];
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}
