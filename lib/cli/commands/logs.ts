import { Interrupted } from '../interruption.ts';
import { type CommonOptions, type Register, verb } from './session.ts';

interface Flags extends CommonOptions {
  readonly follow?: boolean;
  readonly since?: string;
  readonly tail?: string;
  readonly denied?: boolean;
  readonly saved?: boolean;
}

export const registerLogs: Register = (program, session) => {
  verb(program, 'logs <slug> [daemon...]', 'show what the daemons of a bottle and its agent wrote, merged by time')
    .option('-f, --follow', 'go on as more is written')
    .option('--since <time>', 'from this moment on: 10m, 2h, 1d, or 2026-01-31T12:00:00Z')
    .option('-n, --tail <lines>', 'the last lines only (default: all; with --follow 50, unless --since is given)')
    .option('--denied', 'refusals only: requests, pushes and proposals that were turned down')
    .option('--saved', 'the logs that destroy saved, instead of those of what runs')
    .addHelpText('after', '\nDaemons: egress, pipelock, git-gate, supervise; also init, and agent. None named: all.')
    .action(async (slug: string, daemons: string[], options: Flags) => {
      const messages = session.messages(options);
      const { logs } = await import('../logs.ts');
      try {
        await logs(slug, daemons, messages, options);
      } catch (error) {
        // Ctrl-C is how following ends: nothing that a person would have to be told.
        if (options.follow !== true || !(error instanceof Interrupted)) throw error;
        session.exitWith(error.exitCode);
      }
    });
};
