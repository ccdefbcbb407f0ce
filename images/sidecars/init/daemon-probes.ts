/** The real check of each daemon (docs/reference/bundle.md, "Health"). */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DAEMON_PORT, type Daemon } from '../../../lib/plan/daemons.ts';
import { CONFIG_FILE } from '../../../lib/plan/paths.ts';
import { refusesUnknownRepository } from './git-probe.ts';
import { httpResult, resultOfBody } from './http-probe.ts';
import { listenAddressOf } from './listen-address.ts';
import { policyListener } from './pipelock-events.ts';
import type { Probe } from './probe.ts';

/** The host that egress answers itself. */
const MAGIC_HOST = '_egress.local';

function egressProbe(): Probe {
  const question = { address: listenAddressOf('egress'), target: `http://${MAGIC_HOST}/health`, host: MAGIC_HOST };
  return { check: (signal) => httpResult(question, signal, resultOfBody) };
}

function pipelockProbe(): Probe {
  const address = listenAddressOf('pipelock');
  const question = { address, target: '/health', host: `${address.host}:${address.port}` };
  return policyListener((up, signal) => httpResult(question, signal, up));
}

function gitGateProbe(): Probe {
  const address = listenAddressOf('git-gate');
  return {
    check: async (signal) => {
      await refusesUnknownRepository(address, signal);
      // Its hooks read the file afresh each time, so what lies there is what runs.
      const digest = createHash('sha256')
        .update(await readFile(CONFIG_FILE['git-gate'], { signal }))
        .digest('hex');
      return { up: true, digest, refusals: 0 };
    },
  };
}

function superviseProbe(): Probe {
  const question = {
    address: listenAddressOf('supervise'),
    target: '/health',
    // The only Host that the MCP server accepts.
    host: `supervise:${DAEMON_PORT.supervise}`,
  };
  return { check: (signal) => httpResult(question, signal, resultOfBody) };
}

/** Makes the probe of one run; it throws if the daemon's configuration names no listen address. */
export const PROBE_OF: Readonly<Record<Daemon, () => Probe>> = {
  egress: egressProbe,
  pipelock: pipelockProbe,
  'git-gate': gitGateProbe,
  supervise: superviseProbe,
};
