/** Refs as git's command line names them (git-push(1), "<refspec>"). */

import { BottleError } from '../errors.ts';
import { quoted } from '../plan/index.ts';

export interface NamedRef {
  /** Full name, `refs/heads/main`. */
  readonly ref: string;
  /** `+main`. */
  readonly force: boolean;
  /** `:main`. */
  readonly delete: boolean;
}

/** What no ref may hold anywhere, and no component may begin or end with (git-check-ref-format(1)). */
const FORBIDDEN = /[\p{Cc}\x20~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|\.$/u;

/** Whether git takes `ref` as the name of a ref (git-check-ref-format(1)). */
export function isWellFormed(ref: string): boolean {
  const components = ref.split('/');
  const isGood = (component: string): boolean => !component.startsWith('.') && !component.endsWith('.lock');
  return components.length > 1 && !FORBIDDEN.test(ref) && components.every(isGood);
}

/** The ref that `spelled` updates at the remote. A name without `refs/` is a branch. */
export function namedRef(spelled: string): NamedRef {
  const force = spelled.startsWith('+');
  const refspec = force ? spelled.slice(1) : spelled;
  const at = refspec.indexOf(':');
  const target = at === -1 ? refspec : refspec.slice(at + 1);
  if (target === '' || (at === -1 && target === 'HEAD')) {
    throw new BottleError('usage/ref', `the ref ${quoted(spelled)} does not say what it is at the remote`, {
      fix: 'name a branch (main), a tag (refs/tags/v1) or a refspec (local:main)',
      exitCode: 2,
    });
  }
  return { ref: target.startsWith('refs/') ? target : `refs/heads/${target}`, force, delete: at === 0 };
}
