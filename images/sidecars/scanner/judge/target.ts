/** The checks of a URL that need no network, in pipelock's order: sequences, allowlist, secrets, label entropy, length. */

import type { Policy } from '../policy.ts';
import { type Refusal, refusal } from '../refusal.ts';
import type { Effort } from '../secrets/budget.ts';
import { parameterFields } from '../secrets/fields.ts';
import { type Finding, findInFields, findInWords, findSecret } from '../secrets/find-secret.ts';
import { CASELESS_PATTERNS, firstMatch } from '../secrets/patterns.ts';
import { shannonEntropy } from './entropy.ts';
import type { Authority } from './host.ts';
import { orUnscannable } from './unscannable.ts';

/** pipelock's defaults. */
const MAX_URL_LENGTH = 2048;
const LABEL_ENTROPY = 4.0;
const LABEL_MIN_LENGTH = 8;

/** Characters of an origin-form target (RFC 3986); the rest has to be percent-encoded. */
const TARGET = /^\/[\x21-\x7e]*$/;
const ENCODED_LINE_BREAK = /%(?:25)*0[ad]/i;
const DOT_SEGMENT = /(?:^|[/\\]|%(?:25)*(?:2f|5c))(?:\.|%(?:25)*2e){2}(?:$|[/\\?#]|%(?:25)*(?:2f|5c))/i;
/** A query parameter that is named like a credential and has a value. */
const CREDENTIAL_PARAMETER = /[?&;]\s*(?:password|passwd|secret|token|apikey|api[_-]key)\s*=\s*[^\s&]{4}/i;

/** The host as it may be repeated in a reason: an agent puts secrets into names, too. */
const shownHost = (host: string): string => (firstMatch(host, CASELESS_PATTERNS) === undefined ? host : '[redacted]');

async function secretInLabels(labels: readonly string[]): Promise<Finding | undefined> {
  const joined = labels.join('');
  return firstMatch(labels.join('.'), CASELESS_PATTERNS) ?? firstMatch(joined, CASELESS_PATTERNS) ?? findSecret(joined);
}

const refusalOf = (found: Finding | undefined): Refusal | undefined =>
  found === undefined ? undefined : refusal('dlp', `DLP match: ${found.name} (${found.severity})`);

/** Judges the host alone: what CONNECT knows. Nothing is resolved. */
export async function judgeHost({ host, port }: Authority, policy: Policy): Promise<Refusal | undefined> {
  if (!policy.allowed.has(host)) return refusal('allowlist', `domain not in allowlist: ${shownHost(host)}`);
  if (!policy.behindEgress && port !== 443 && port !== 80) {
    return refusal('port', `port ${port} not allowed: only 80 and 443`);
  }
  const free = policy.allowed.freeLabels(host);
  // A name that the operator wrote down carries nothing out; one that the agent completes may.
  if (free.length === 0) return undefined;
  const secret = await orUnscannable(
    async () => refusalOf(await secretInLabels(free)),
    'full',
    (why) => refusal('dlp', `host cannot be scanned: ${why}`),
  );
  if (secret !== undefined) return secret;
  for (const label of free) {
    if (label.length < LABEL_MIN_LENGTH) continue;
    const entropy = shannonEntropy(label);
    if (entropy > LABEL_ENTROPY) {
      const figures = `${entropy.toFixed(2)} > ${LABEL_ENTROPY.toFixed(2)} threshold`;
      return refusal('subdomain_entropy', `high entropy subdomain label (${figures})`);
    }
  }
  return undefined;
}

/** Judges path and query of a request to an allowed host. `target` is in origin form. */
export async function judgeTarget(
  origin: string,
  target: string,
  effort: Effort = 'full',
): Promise<Refusal | undefined> {
  if (!TARGET.test(target) || target.includes('#')) return refusal('parser', 'invalid URL');
  if (ENCODED_LINE_BREAK.test(target)) return refusal('crlf_injection', 'encoded CR or LF in URL');
  const path = target.split('?')[0] ?? '';
  if (DOT_SEGMENT.test(path)) return refusal('path_traversal', 'path traversal sequence in URL');
  const query = Buffer.from(target.slice(path.length + 1), 'latin1');
  const search = async () =>
    refusalOf(
      (await findSecret(target, effort)) ??
        (await findInFields(parameterFields(query), effort)) ??
        findInWords(path.replaceAll('/', '')),
    );
  const refused = await orUnscannable(search, effort, (why) => refusal('dlp', `URL cannot be scanned: ${why}`));
  if (refused !== undefined) return refused;
  if (CREDENTIAL_PARAMETER.test(target)) return refusal('dlp', 'DLP match: Credential in URL (high)');
  const length = origin.length + target.length;
  if (length > MAX_URL_LENGTH) return refusal('length', `URL length ${length} exceeds maximum ${MAX_URL_LENGTH}`);
  return undefined;
}
