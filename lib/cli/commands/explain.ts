import type { ExplainFlags } from '../explain-question.ts';
import { type CommonOptions, collect, previewVerb, type Register } from './session.ts';

const HELP = `
Asks no network and no engine. <question> is
  <method> <url>                 GET https://api.example.org/v1/items
  git push <remote> <ref>        git push app agent/fix    (refs/tags/v1, +main, :main and local:main as in git)
  git fetch <remote>             git fetch app

Examples:
  bottle explain demo GET https://api.github.com/repos/acme/app
  bottle explain demo POST 'https://api.github.com/repos/acme/../x' --json
  bottle explain demo GET wss://stream.example.org/ --deployed
  bottle explain demo GET https://docs.example.org/ --header 'Authorization: Bearer x'
  bottle explain demo git push app main --path .github/workflows/ci.yml

Exits 0 whatever the verdict is; with --fail 1 if it is refused.`;

export const registerExplain: Register = (program, session) => {
  const summary = 'say whether a request or a push of the agent is allowed, by which rule, and what would open it';
  previewVerb(program, 'explain <slug> <question...>', summary)
    .option('--header <line>', "a header that the client sends, as 'Name: value'; may be repeated", collect)
    .option('--force', 'of a push: it rewrites history')
    .option('--delete', 'of a push: it deletes the ref')
    .option('--path <path>', 'of a push: a path that its commits change; may be repeated', collect)
    .option('--deployed', 'judge by what is deployed, live grants included, without running the definition')
    .option('--fail', 'exit 1 if the verdict is refused')
    .addHelpText('after', HELP)
    .action(async (slug: string, question: string[], options: CommonOptions & ExplainFlags) => {
      const messages = session.messages(options);
      const { explain } = await import('../explain.ts');
      const verdict = await explain(process.cwd(), slug, question, messages, options);
      if (options.fail === true && verdict === 'refused') session.exitWith(1);
    });
};
