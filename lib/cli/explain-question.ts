/** The words of `bottle explain` as a question. */

import { BottleError } from '../errors.ts';
import { type GitQuestion, headerOf, type RequestQuestion } from '../explain/index.ts';
import { quoted } from '../plan/index.ts';
import type { ProjectOptions } from './project.ts';

export interface ExplainFlags extends ProjectOptions {
  readonly header?: readonly string[];
  readonly force?: boolean;
  readonly delete?: boolean;
  readonly path?: readonly string[];
  readonly deployed?: boolean;
  readonly fail?: boolean;
}

export type Question = ({ readonly kind: 'request' } & RequestQuestion) | ({ readonly kind: 'git' } & GitQuestion);

const usage = (message: string, fix: string): BottleError =>
  new BottleError('usage/explain', message, { fix, exitCode: 2 });

/** Verbs of git that read: all of them begin with a fetch. */
const FETCHES = ['fetch', 'pull', 'clone', 'ls-remote'];

function gitQuestion(slug: string, words: readonly string[], flags: ExplainFlags): Question {
  const [verb = '', remote, ref, ...more] = words;
  const action = verb === 'push' ? 'push' : FETCHES.includes(verb) ? 'fetch' : undefined;
  if (action === undefined) {
    throw usage(
      `git ${quoted(verb)} is nothing to judge; allowed: push, ${FETCHES.join(', ')}`,
      `write for example bottle explain ${slug} git push app main`,
    );
  }
  if (remote === undefined)
    throw usage(`git ${verb} of what?`, `name a remote: bottle explain ${slug} git ${verb} app`);
  if (more.length > 0)
    throw usage(`one ref at a time; ${quoted(more.join(' '))} is too much`, 'ask about each by itself');
  if (flags.header !== undefined) throw usage('--header goes with a request, not with git', 'leave it out');
  const { force = false, delete: isDeleted = false, path: paths = [] } = flags;
  if (action === 'fetch' && (force || isDeleted || paths.length > 0)) {
    throw usage('--force, --delete and --path go with git push', 'leave them out');
  }
  return { kind: 'git', action, remote, ...(ref === undefined ? {} : { ref }), force, delete: isDeleted, paths };
}

function requestQuestion(slug: string, words: readonly string[], flags: ExplainFlags): Question {
  const [method = '', url, ...more] = words;
  if (url === undefined && /:\/\//.test(method)) {
    throw usage(`no method is named for ${quoted(method)}`, `write for example bottle explain ${slug} GET ${method}`);
  }
  if (url === undefined) {
    throw usage(`${method} of what?`, `write for example bottle explain ${slug} ${method} https://docs.example.org/`);
  }
  if (more.length > 0) {
    throw usage(`${quoted(more.join(' '))} is too much: a question is <method> <url>`, 'quote a URL with & or spaces');
  }
  if (flags.force === true || flags.delete === true || flags.path !== undefined) {
    throw usage('--force, --delete and --path go with git push', 'leave them out');
  }
  return { kind: 'request', method, url, headers: (flags.header ?? []).map(headerOf) };
}

/** The question in `words`. Throws a usage error on what is none. */
export function questionOf(slug: string, words: readonly string[], flags: ExplainFlags): Question {
  const [first = '', ...rest] = words;
  return first === 'git' ? gitQuestion(slug, rest, flags) : requestQuestion(slug, words, flags);
}
