import { Option } from 'commander';
import type { SuperviseFlags } from '../supervise-flags.ts';
import { type CommonOptions, collect, type Register, verb } from './session.ts';

export const registerSupervise: Register = (program, session) => {
  const summary = 'see what agents ask for, and answer: on a terminal by conversation, elsewhere by flags';
  verb(program, 'supervise [slug] [proposal]', summary)
    .option('--approve', 'approve exactly what is asked for')
    .option('--modify', 'approve something else, which the flags below say; the agent is told')
    .option('--reject', 'say no')
    .option('--note <text>', 'for the agent, and for the audit log')
    .option('--credential <name>', 'send this credential along; never done unless named, even if it is asked for')
    .option('--host <host>', 'another host')
    .option('--path-prefix <path>', 'only paths below; may be repeated', collect)
    .option('--method <method>', 'only this method; may be repeated', collect)
    .option('--port <port>', 'this port in place of 443; may be repeated', collect)
    .addOption(new Option('--scheme <scheme>', 'how the credential is sent: Bearer, token, Basic or header'))
    .option('--header <name>', 'header that carries it, for scheme header')
    .option('--user <name>', 'user name, for scheme Basic')
    .option('--tls-passthrough', 'take the host out of pipelock’s scan')
    .option('--web-socket', 'let WebSockets through')
    .option('--expires <when>', 'end the grant: 30m, 2h, 7d, or an ISO 8601 instant')
    .option('--dockerfile <file>', 'build this file of yours, for a capability')
    .option('--save-dockerfile <file>', 'write a proposed Dockerfile into a new file, to read and edit')
    .option('--once', 'on a terminal: end when nothing waits any more')
    .option('--watch', 'print proposals as they come, and ask nothing')
    .option('--dry-run', 'say what would be done and touch nothing')
    .action(async (slug: string | undefined, id: string | undefined, options: CommonOptions & SuperviseFlags) => {
      const messages = session.messages(options);
      const { supervise } = await import('../supervise.ts');
      await supervise(slug, id, messages, options);
    });
};
