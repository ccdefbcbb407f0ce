/** The flags of `bottle supervise` as terms, and whether they make sense together. */

import { BottleError } from '../errors.ts';
import type { Terms } from '../operate/proposals/index.ts';
import { flagName, OPENING_FLAGS, type OpeningFlags, openingOf } from './opening-flags.ts';

const VERDICT_FLAGS = ['approve', 'modify', 'reject'] as const;
type VerdictFlag = (typeof VERDICT_FLAGS)[number];

export interface SuperviseFlags extends OpeningFlags {
  readonly approve?: boolean;
  readonly modify?: boolean;
  readonly reject?: boolean;
  readonly note?: string;
  readonly host?: string;
  readonly dockerfile?: string;
  readonly saveDockerfile?: string;
  readonly once?: boolean;
  readonly watch?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const usage = (message: string, fix?: string): BottleError =>
  new BottleError('usage/supervise', message, { exitCode: 2, ...(fix === undefined ? {} : { fix }) });

/** The one verdict that the flags name, if they do. */
export function verdictFlag(flags: SuperviseFlags): VerdictFlag | undefined {
  const named = VERDICT_FLAGS.filter((verdict) => flags[verdict] === true);
  if (named.length > 1) throw usage(`${named.map(flagName).join(' and ')} contradict each other`);
  const [verdict] = named;
  const terms: string[] = ['host', ...OPENING_FLAGS, 'dockerfile'].filter(
    (key) => Reflect.get(flags, key) !== undefined,
  );
  if (verdict === undefined || verdict === 'reject') {
    const stray = verdict === undefined && flags.note !== undefined ? [...terms, 'note'] : terms;
    if (stray.length > 0) {
      throw usage(`${stray.map(flagName).join(', ')} without --approve or --modify`, 'say what you decide');
    }
  }
  return verdict;
}

/** What the flags put in place of what a proposal asks for. */
export function termsOf(flags: SuperviseFlags): Terms {
  const { host } = flags;
  return { ...(host === undefined ? {} : { host }), ...openingOf(flags) };
}
