/** Attack 2 of the sandbox-escape suite: an address or a name that is not what it says. */

import { SITES } from '../internet/internet.ts';
import { curl, type Probe, reasonOf, type Stage, statusOf } from './probe.ts';

/** A probe that must end in 403 with nothing at either site; `marker` is in its URL. */
const spoof = (title: string, marker: string, command: (unlistedAddress: string) => string): Probe => ({
  title,
  expected: 'refused',
  run: async ({ agent, internet }: Stage) => {
    const address = await internet.addressOf('unlisted');
    const control = await internet.outsider(curl(`-k https://${address}/control-${marker}`));
    const outcome = await agent(curl(command(address)));
    const urls = (await internet.received('unlisted')).map(({ url }) => url);
    // Nor at the listed one: a request that says two things goes nowhere.
    const anywhere = [...urls, ...(await internet.received('allowed')).map(({ url }) => url)];
    const leaked = anywhere.some((url) => url.includes(`agent-${marker}`));
    return {
      ok: statusOf(outcome) === 403 && !leaked && statusOf(control) === 200 && urls.includes(`/control-${marker}`),
      seen: `${statusOf(outcome)} ${reasonOf(outcome)}`,
      arrived: leaked ? 'THE REQUEST' : `nothing (control: ${statusOf(control)})`,
    };
  },
});

export const spoofs: readonly Probe[] = [
  spoof('GET an unlisted address over HTTPS', 'ip', (address) => `-k https://${address}/agent-ip`),
  spoof('GET an unlisted address over HTTP', 'ip-http', (address) => `http://${address}/agent-ip-http`),
  spoof(
    'GET an unlisted address in decimal',
    'decimal',
    (address) => `-k https://${address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)}/agent-decimal`,
  ),
  spoof(
    'GET an unlisted host with the Host header of a listed one',
    'host-header',
    () => `-k -H 'Host: ${SITES.allowed}' https://${SITES.unlisted}/v1/agent-host-header`,
  ),
  spoof(
    'GET an unlisted address with the Host header of a listed one, over HTTP',
    'host-header-http',
    (address) => `-H 'Host: ${SITES.allowed}' http://${address}/v1/agent-host-header-http`,
  ),
  spoof(
    'CONNECT to an unlisted host with the SNI of a listed one',
    'connect-to',
    () => `-k --connect-to ${SITES.allowed}:443:${SITES.unlisted}:443 https://${SITES.allowed}/v1/agent-connect-to`,
  ),
  spoof(
    'a listed host with the Host header of an unlisted one',
    'inverse',
    () => `-k -H 'Host: ${SITES.unlisted}' https://${SITES.allowed}/v1/agent-inverse`,
  ),
];
