/** Entry point of the sidecar bundle, behind a reaper: `tini -s -- node /opt/claude-bottle/init.cjs`. */

// First, and in this order: see the files.
import { requests } from './signals.ts';
import './no-inspector.ts';

import { writeSync } from 'node:fs';
import { DAEMONS, DAEMONS_VARIABLE } from '../../../lib/plan/daemons.ts';
import { EVENTS_DIR, INIT_DIR } from '../../../lib/plan/paths.ts';
import { INIT_GRACE_MS } from '../../../lib/plan/stopping.ts';
import { daemonSpecs, queueGroup } from './daemon-table.ts';
import { daemonIdentities, ownPrivileges } from './identity.ts';
import { RESTART_VARIABLE, restartChoice } from './restart-rules.ts';
import { runInit } from './run-init.ts';
import { selectedDaemons } from './selection.ts';

const HEALTH_SOCKET = `${INIT_DIR}/health.sock`;

const USAGE_ERROR = 2;

async function main(): Promise<number> {
  const { daemons, unknown } = selectedDaemons(process.env[DAEMONS_VARIABLE]);
  const known = DAEMONS.join(', ');
  if (daemons.length === 0) {
    writeSync(2, `[init] ${DAEMONS_VARIABLE} names no daemon: ${JSON.stringify(unknown)}; allowed: ${known}\n`);
    return USAGE_ERROR;
  }
  const restart = restartChoice(process.env[RESTART_VARIABLE]);
  if (restart === undefined) {
    const word = JSON.stringify(process.env[RESTART_VARIABLE]);
    writeSync(2, `[init] ${RESTART_VARIABLE} is ${word}; allowed: always, never\n`);
    return USAGE_ERROR;
  }
  const identities = daemonIdentities(daemons, ownPrivileges(), queueGroup());
  return runInit(
    {
      daemons: daemonSpecs(daemons, identities, process.env),
      runDir: INIT_DIR,
      healthSocket: HEALTH_SOCKET,
      eventsDir: EVENTS_DIR,
      graceMs: INIT_GRACE_MS,
      restart,
      notices: unknown.map(
        (name) => `${DAEMONS_VARIABLE}: no daemon is called ${JSON.stringify(name)}; allowed: ${known}`,
      ),
    },
    requests,
  );
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    writeSync(2, `[init] ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
