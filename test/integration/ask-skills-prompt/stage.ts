/** A project whose bottle asks, has skills and a prompt; its operator has a terminal, and a `docker` that records. */

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { typescriptArgv } from '../../../examples/demo/typescript.ts';
import { ensureSidecarImage } from '../../../lib/deploy/images/index.ts';
import { silent } from '../../../lib/deploy/index.ts';
import { bottle, type CliResult, ROOT, temporaryProject } from '../../support/cli.ts';

export const SLUG = `asktest-${randomBytes(3).toString('hex')}`;
export const AGENT = `claude-bottle-${SLUG}`;
export const SIDECARS = `claude-bottle-sidecars-${SLUG}`;

/** What a shell, compose and an argument list could spoil. */
export const PROMPT = `Be kind. "quoted" 'single' \`id\` $(id) $HOME \${HOME} $$ \\n %s\n\n- and exact\n${'filler '.repeat(14_000)}END-OF-PROMPT`;

const DEFINITION = `
import { App, Bottle, EnvValue } from 'claude-bottle';
const app = new App();
new Bottle(app, '${SLUG}', {
  agent: {
    env: {
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:8099',
      ANTHROPIC_API_KEY: 'placeholder',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      TICKET_USER: EnvValue.ask('Your name in the ticket system?'),
      LANG: EnvValue.ask('Which language has the agent?'),
    },
    skills: ['skills/review', '.claude/skills/notes'],
    prompt: ${JSON.stringify(PROMPT)},
  },
  sidecars: { pipelock: { allow: ['docs.example.test'] }, env: { LANG: EnvValue.ask('Which language have they?') } },
});
app.synth();
`;

export interface Stage {
  readonly directory: string;
  readonly home: string;
  /** Its environment, to which a test may add. */
  readonly env: Record<string, string>;
  write(path: string, text: string): void;
  bottle(...args: readonly string[]): Promise<CliResult>;
  /** On a terminal, where each text is typed as soon as its cue is shown. */
  onTerminal(
    steps: readonly (readonly [cue: string, text: string])[],
    ...args: readonly string[]
  ): Promise<{ readonly exitCode: number; readonly shown: string }>;
  /** All calls of docker so far, by their arguments. */
  calls(): string;
  close(): void;
}

/** A docker that writes its arguments to `log` and then is the real one. */
function recordingDocker(bin: string, log: string): void {
  const real = execFileSync('sh', ['-c', 'command -v docker'], { encoding: 'utf8' }).trim();
  mkdirSync(bin);
  writeFileSync(join(bin, 'docker'), `#!/bin/sh\nprintf '%s\\n' "$*" >>'${log}'\nexec '${real}' "$@"\n`);
  chmodSync(join(bin, 'docker'), 0o755);
}

export async function openStage(): Promise<Stage> {
  const { directory, write, remove } = temporaryProject(DEFINITION);
  const [bin, log] = [join(directory, 'recording'), join(directory, 'calls')];
  recordingDocker(bin, log);
  // One image for the whole suite, whatever is edited meanwhile.
  const { tag } = await ensureSidecarImage({
    projectDir: tmpdir(),
    engine: 'builtin',
    env: process.env,
    progress: silent,
  });
  const home = join(directory, 'home');
  const env: Record<string, string> = {
    PATH: `${bin}:${process.env['PATH']}`,
    CLAUDE_BOTTLE_HOME: home,
    CLAUDE_BOTTLE_SIDECAR_IMAGE: tag,
    CLAUDE_BOTTLE_SCANNER: 'builtin',
  };
  const [node, ...cli] = typescriptArgv(join(ROOT, 'bin/bottle.ts'));
  return {
    directory,
    home,
    env,
    write,
    bottle: (...args) => bottle(directory, args, env),
    onTerminal: async (steps, ...args) => {
      const terminal = [join(import.meta.dirname, 'terminal.py'), JSON.stringify(steps), node, ...cli, ...args];
      const options = { cwd: directory, env: { ...env, TERM: 'xterm-256color' }, reject: false } as const;
      const { exitCode, stdout } = await execa('python3', terminal, options);
      return { exitCode: exitCode ?? -1, shown: stdout };
    },
    calls: () => readFileSync(log, 'utf8'),
    close: remove,
  };
}
