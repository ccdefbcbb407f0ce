/** In which order the daemons take a changed policy. */

import { isDeepStrictEqual } from 'node:util';
import { NO_HOST } from '../../plan/index.ts';
import { yamlText } from '../../render/yaml.ts';
import { type PolicyTexts, parsePolicy } from './declared.ts';

/** One file to replace, and how its daemon takes it up. */
export interface Step {
  readonly daemon: 'egress' | 'pipelock';
  readonly text: string;
  readonly how: 'reload' | 'restart';
}

type Lists = readonly [allowed: readonly string[], spliced: readonly string[], ignored: readonly string[]];

function lists(text: string): Lists {
  const { pipelock } = parsePolicy({ pipelock: text });
  return [
    pipelock.api_allowlist.filter((entry) => entry !== NO_HOST),
    pipelock.tls_interception.passthrough_domains,
    pipelock.request_body_scanning.ignore_headers,
  ];
}

const isSubset = (inner: Lists, outer: Lists): boolean =>
  inner.every((values, index) => values.every((value) => outer[index]?.includes(value) === true));

/** All of a pipelock.yaml but the lists that live changes touch. */
function besideLists(text: string): object {
  const { pipelock } = parsePolicy({ pipelock: text });
  const { api_allowlist: _list, tls_interception: tls, request_body_scanning: body, ...more } = pipelock;
  return { ...more, tls: { ...tls, passthrough_domains: [] }, body: { ...body, ignore_headers: [] } };
}

/** Whether the pipelock.yaml `inner` lets through, and unscanned, no more than `outer`, and is the same otherwise. */
export const isPipelockWithin = (inner: string, outer: string): boolean =>
  isSubset(lists(inner), lists(outer)) && isDeepStrictEqual(besideLists(inner), besideLists(outer));

/**
 * Whether pipelock, which in strict mode refuses a reload that weakens its scan, has to be restarted for the way from
 * `before` to `after` (domain §4): more hosts passed through, or other headers ignored. Anything but the lists that
 * live changes touch counts, too.
 */
export function needsRestart(before: string, after: string): boolean {
  const [, oldSpliced, oldIgnored] = lists(before);
  const [, newSpliced, newIgnored] = lists(after);
  const rest = (text: string): object => {
    const { pipelock } = parsePolicy({ pipelock: text });
    const { api_allowlist: _list, tls_interception: tls, ...more } = pipelock;
    return { ...more, tls: { ...tls, passthrough_domains: [] }, ignored: [] };
  };
  const widened = newSpliced.some((host) => !oldSpliced.includes(host));
  const reignored = !isDeepStrictEqual([...oldIgnored].sort(), [...newIgnored].sort());
  return widened || reignored || !isDeepStrictEqual(rest(before), rest(after));
}

/** `before` and what `after` lets through besides. */
function widest(before: string, after: string): string {
  const { pipelock } = parsePolicy({ pipelock: after });
  const [old, now] = [lists(before), lists(after)];
  const both = (index: 0 | 1 | 2): string[] => [...new Set([...now[index], ...old[index]])];
  return yamlText({
    ...pipelock,
    api_allowlist: both(0).length === 0 ? [NO_HOST] : both(0),
    tls_interception: { ...pipelock.tls_interception, passthrough_domains: both(1) },
    request_body_scanning: { ...pipelock.request_body_scanning, ignore_headers: both(2) },
  });
}

/**
 * From `before` to `after`, so that egress never lets a request through that pipelock does not know yet: what widens
 * goes to pipelock first, what narrows to egress first, and a change that does both passes through a pipelock that
 * knows the old and the new.
 */
export function policySteps(before: PolicyTexts, after: PolicyTexts): readonly Step[] {
  const pipelock = (from: string, text: string): Step[] =>
    from === text ? [] : [{ daemon: 'pipelock', text, how: needsRestart(from, text) ? 'restart' : 'reload' }];
  const { routes } = after;
  const egress: Step[] =
    routes === undefined || routes === before.routes ? [] : [{ daemon: 'egress', text: routes, how: 'reload' }];
  const [old, now] = [lists(before.pipelock), lists(after.pipelock)];
  if (egress.length === 0 || isSubset(old, now)) return [...pipelock(before.pipelock, after.pipelock), ...egress];
  if (isSubset(now, old)) return [...egress, ...pipelock(before.pipelock, after.pipelock)];
  const middle = widest(before.pipelock, after.pipelock);
  return [...pipelock(before.pipelock, middle), ...egress, ...pipelock(middle, after.pipelock)];
}
