/** What the daemons' files say besides hosts and remotes: limits, the scan, listen addresses, supervise. */

import { isDeepStrictEqual } from 'node:util';
import { BOTTLE_FILE, HOP_BY_HOP_HEADERS } from '../../plan/index.ts';
import { type Comparison, changes, closes, family, opens, type Part, TOLD } from '../family.ts';
import { named } from '../shown.ts';
import { asText, type Side, taken, takenFrom, within } from '../side.ts';

interface Ignored {
  /** Behind egress, which removes such headers from every request: what pipelock sees there is ours. */
  readonly isOurs: boolean;
}

/** Headers that pipelock does not scan. */
const unscannedHeaders = family<Ignored>({
  kind: 'content-scan',
  read: (side) => {
    const body = within(side.documents[BOTTLE_FILE.pipelock], 'request_body_scanning');
    const names = takenFrom(body, 'ignore_headers', asText);
    const isOurs = side.documents[BOTTLE_FILE.routes] !== undefined && names.includes('authorization');
    const parts = names.map((name): [string, Part<Ignored>] => [
      name,
      { value: { isOurs: isOurs || HOP_BY_HOP_HEADERS.includes(name) }, files: [BOTTLE_FILE.pipelock] },
    ]);
    return new Map(parts);
  },
  describe: (name, before, after) => {
    const text = `header ${named(name)} past pipelock's scan`;
    if (before !== undefined && after !== undefined) {
      return [after.isOurs ? closes('content-scan', name, text) : opens('content-scan', name, text)];
    }
    if ((after ?? before)?.isOurs === true) {
      return [
        changes(
          'content-scan',
          name,
          `header ${named(name)} ${after === undefined ? 'scanned again' : 'not scanned by pipelock, since egress sets it'}`,
        ),
      ];
    }
    return [after === undefined ? closes('content-scan', name, text) : opens('content-scan', name, text)];
  },
});

const size = (value: unknown): string => {
  if (typeof value !== 'number') return value === undefined ? 'unset' : named(String(value));
  return value % 1_048_576 === 0 ? `${value / 1_048_576} MiB` : `${value} bytes`;
};

const limits = family<readonly unknown[]>({
  kind: 'limit',
  read: (side) => {
    const pipelock = side.documents[BOTTLE_FILE.pipelock];
    if (pipelock === undefined) return new Map();
    const scanned = taken(within(pipelock, 'request_body_scanning'), 'max_body_bytes');
    const routes = side.documents[BOTTLE_FILE.routes];
    const own = routes === undefined ? scanned : taken(routes, 'maxBodyBytes');
    const requests = [scanned, own === scanned ? 'the same' : (own ?? 'unset')];
    const responses = [taken(within(pipelock, 'tls_interception'), 'max_response_bytes')];
    return new Map([
      ['request bodies', { value: requests, files: [BOTTLE_FILE.pipelock, BOTTLE_FILE.routes] }],
      ['response bodies', { value: responses, files: [BOTTLE_FILE.pipelock] }],
    ]);
  },
  describe: (what, before, after) => {
    if (before === undefined || after === undefined) return [];
    if (isDeepStrictEqual(before[0], after[0]))
      return [changes('limit', what, `${what}: egress up to ${size(after[1])}, was ${size(before[1])}`)];
    return [changes('limit', what, `${what} up to ${size(after[0])}, was ${size(before[0])}`)];
  },
});

const LISTENERS = [
  ['egress', BOTTLE_FILE.routes],
  ['git-gate', BOTTLE_FILE.gitGate],
  ['supervise', BOTTLE_FILE.supervise],
  ['pipelock', BOTTLE_FILE.pipelock],
] as const;

const listen = family<unknown>({
  kind: 'listen',
  read: (side) => {
    const found = new Map<string, Part<unknown>>();
    for (const [daemon, file] of LISTENERS) {
      const document = side.documents[file];
      if (document === undefined) continue;
      const holder = daemon === 'pipelock' ? within(document, 'fetch_proxy') : document;
      found.set(daemon, { value: taken(holder, 'listen') ?? 'nothing', files: [file] });
    }
    return found;
  },
  describe: (daemon, before, after) =>
    before === undefined || after === undefined
      ? TOLD
      : [changes('listen', daemon, `${daemon} listens on ${named(String(after))}, was ${named(String(before))}`)],
});

const supervise = family<unknown>({
  kind: 'supervise',
  read: (side: Side) => {
    const file = side.documents[BOTTLE_FILE.supervise];
    const value = taken(file ?? {}, 'deadlineSeconds') ?? 'unset';
    return file === undefined ? new Map() : new Map([['supervise', { value, files: [BOTTLE_FILE.supervise] }]]);
  },
  describe: (name, before, after) => {
    if (before === undefined || after === undefined) return TOLD;
    const [old, now] = [before, after].map((seconds) => `${named(String(seconds))} s`);
    return [changes('supervise', name, `supervise: proposals wait ${now} for an operator, was ${old}`)];
  },
});

export const policy: readonly Comparison[] = [unscannedHeaders, limits, listen, supervise];
