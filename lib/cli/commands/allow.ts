import type { AllowFlags } from '../allow-flags.ts';
import { type CommonOptions, collect, type Register, verb } from './session.ts';

export const registerAllow: Register = (program, session) => {
  verb(program, 'allow <slug> [host...]', 'open hosts for a running bottle, or close them, without a restart')
    .option('--remove', 'take grants back; a declared host stays closed until it is opened again')
    .option('--show', 'list what is open, one host a line')
    .option('--method <method>', 'open these methods only; may be repeated', collect)
    .option('--path-prefix <path>', 'open what lies below this path only; may be repeated', collect)
    .option('--port <port>', 'open this port instead of 443; may be repeated', collect)
    .option('--tls-passthrough', "take the hosts out of pipelock's content scan; restarts pipelock in place")
    .option('--web-socket', 'let WebSockets through, whose frames nobody scans')
    .option('--expires <when>', 'until when: 90m, 1d12h, or 2026-05-01T18:00:00Z')
    .option('--credential <name>', 'host variable whose value egress sends along')
    .option('--scheme <scheme>', 'how: Bearer (default), token, Basic or header')
    .option('--header <name>', 'header that carries the credential, for scheme header')
    .option('--user <name>', 'user name, for scheme Basic')
    .option('--why <text>', 'kept in the grant and in the audit log')
    .option('--dry-run', 'say what would be done, with the diff, and touch nothing')
    .action(async (slug: string, hosts: string[], options: CommonOptions & AllowFlags) => {
      const messages = session.messages(options);
      const { allow } = await import('../allow.ts');
      await allow(slug, hosts, messages, options);
    });
};
