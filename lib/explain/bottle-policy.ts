/** The policy of a bottle from its documents: what synth writes, or what lies where the daemons read it. */

import { ConfigError as GitGateError, parseConfig as parseGitGate } from '../../images/sidecars/git-gate/config.ts';
import { ConfigError, parseConfig } from '../../images/sidecars/scanner/config/load.ts';
import { policyOf } from '../../images/sidecars/scanner/policy.ts';
import { BottleError } from '../errors.ts';
import { PolicyError, parseRoutes } from './egress/index.ts';
import type { BottlePolicy } from './types.ts';

export interface PolicyDocuments extends Omit<BottlePolicy, 'egress' | 'pipelock' | 'gitGate'> {
  /** Text of `egress/routes.yaml`; absent without egress. */
  readonly routes?: string;
  /** Text of `pipelock/pipelock.yaml`. */
  readonly pipelock: string;
  /** Text of `git-gate/git-gate.json`; absent without remotes. */
  readonly gitGate?: string;
}

/** What `read` gives; a document that its daemon would refuse is an error that says so. */
function readDocument<T>(file: string, { slug, source }: PolicyDocuments, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof PolicyError || cause instanceof ConfigError || cause instanceof GitGateError)) throw cause;
    const fix =
      source === 'deployed'
        ? `write it anew with bottle deploy ${slug}`
        : 'run bottle synth again; this is a fault of ours';
    throw new BottleError('explain/bad-policy', `${file} of ${slug} is one that its daemon refuses: ${cause.message}`, {
      fix,
      cause,
    });
  }
}

/** The policy in `documents`. Throws a BottleError where one of them is none that its daemon would read. */
export function bottlePolicy(documents: PolicyDocuments): BottlePolicy {
  const { routes, pipelock, gitGate, ...rest } = documents;
  return {
    ...rest,
    ...(routes === undefined ? {} : { egress: readDocument('routes.yaml', documents, () => parseRoutes(routes)) }),
    pipelock: readDocument('pipelock.yaml', documents, () =>
      policyOf(parseConfig(Buffer.from(pipelock), 'pipelock.yaml')),
    ),
    ...(gitGate === undefined
      ? {}
      : { gitGate: readDocument('git-gate.json', documents, () => parseGitGate(gitGate)) }),
  };
}
