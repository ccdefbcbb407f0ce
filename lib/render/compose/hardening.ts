/** What both services get (domain §2, difference 6). */

import type { ResourcesPlan } from '../../plan/index.ts';

/** The only capabilities that the bundle's init gets back: to start each daemon under its own uid and to signal it. */
export const INIT_CAPABILITIES = ['SETUID', 'SETGID', 'KILL'] as const;

/** Compose keys shared by both services; `readOnlyRoot` and `capabilities` differ. */
export function hardening(resources: ResourcesPlan, readOnlyRoot: boolean, capabilities: readonly string[]): object {
  return {
    cap_drop: ['ALL'],
    ...(capabilities.length === 0 ? {} : { cap_add: capabilities }),
    security_opt: ['no-new-privileges:true'],
    read_only: readOnlyRoot,
    pids_limit: resources.pids,
    mem_limit: resources.memory,
    ...(resources.cpus === undefined ? {} : { cpus: resources.cpus }),
    logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
    restart: 'unless-stopped',
  };
}
