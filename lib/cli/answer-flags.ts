/** `--answer [[bottle.]agent.|sidecars.]NAME=HOST_VARIABLE`. */

import type { AnswerSource } from '../deploy/index.ts';
import { BottleError } from '../errors.ts';
import { DNS_LABEL, ENV_NAME, type EnvOwner } from '../plan/index.ts';

const OWNERS: readonly EnvOwner[] = ['agent', 'sidecars'];

/** Never shows the flag: what stands behind the sign may be an answer, typed by mistake. */
const malformed = (position: number): BottleError =>
  new BottleError('usage/answer', `--answer number ${position} is malformed`, {
    details: [
      'allowed: NAME=HOST_VARIABLE, agent.NAME=…, sidecars.NAME=… or BOTTLE.agent.NAME=…',
      'HOST_VARIABLE is the name of a variable that holds the answer: a value could be read by every process',
    ],
    fix: 'export the answer under a name of your choice, and give --answer that name',
    exitCode: 2,
  });

function parsed(flag: string): AnswerSource | undefined {
  const [place = '', from = '', ...more] = flag.split('=');
  const [name = '', owner, slug, ...rest] = place.split('.').reverse();
  const known = OWNERS.find((one) => one === owner);
  if (more.length + rest.length > 0 || !ENV_NAME.test(name) || !ENV_NAME.test(from)) return undefined;
  if ((owner !== undefined && known === undefined) || (slug !== undefined && !DNS_LABEL.test(slug))) return undefined;
  return { name, from, ...(known === undefined ? {} : { owner: known }), ...(slug === undefined ? {} : { slug }) };
}

/** What the flags say. Throws a usage error on one that is malformed. */
export const answerSources = (flags: readonly string[]): readonly AnswerSource[] =>
  flags.map((flag, index) => {
    const source = parsed(flag);
    if (source === undefined) throw malformed(index + 1);
    return source;
  });
