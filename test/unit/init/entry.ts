/** The init as the image runs it, but with the daemons and paths of a test: bundled and started by harness.ts. */

import { requests } from '../../../images/sidecars/init/signals.ts';
import '../../../images/sidecars/init/no-inspector.ts';

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { policyListener } from '../../../images/sidecars/init/pipelock-events.ts';
import { RESTART_RULES, type RestartRules } from '../../../images/sidecars/init/restart-rules.ts';
import { runInit } from '../../../images/sidecars/init/run-init.ts';
import { territoryBelowReaper, territoryOfUser } from '../../../images/sidecars/init/strays.ts';

/** A daemon of a test; it is up while `upFile` exists (absent: always). */
export interface FakeDaemon {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  readonly reloads?: boolean;
  readonly upFile?: string;
  /** While this file exists, a health check holds up the whole init, once it has written `<blockFile>.held`. */
  readonly blockFile?: string;
  readonly umask?: number;
  /** It tells its policy by events, as pipelock does. */
  readonly announces?: boolean;
  readonly identity?: { readonly uid: number; readonly gid: number };
  readonly secrets?: { readonly from: string; readonly to: string };
}

export interface FakeSpec {
  readonly daemons: readonly FakeDaemon[];
  readonly runDir: string;
  readonly eventsDir?: string;
  readonly graceMs: number;
  /** What differs from the image's rules. */
  readonly restart: Partial<RestartRules> | 'never';
}

const spec: FakeSpec = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));

runInit(
  {
    ...spec,
    daemons: spec.daemons.map((daemon) => {
      const { identity, upFile, blockFile, announces } = daemon;
      const territory = identity === undefined ? territoryBelowReaper() : territoryOfUser(identity);
      return {
        ...daemon,
        env: { PATH: process.env['PATH'] ?? '', ...daemon.env },
        reloads: daemon.reloads ?? false,
        probe: () => {
          const probe = policyListener(async (up) => {
            if (blockFile !== undefined && existsSync(blockFile)) {
              writeFileSync(`${blockFile}.held`, '');
              while (existsSync(blockFile));
            }
            return upFile === undefined || existsSync(upFile) ? up() : { up: false, detail: 'has no up-file' };
          });
          // As in the image, where the others say their digest when they are asked.
          return announces ? probe : { check: probe.check };
        },
        ...(territory === undefined ? {} : { territory }),
      };
    }),
    healthSocket: `${spec.runDir}/health.sock`,
    restart: spec.restart === 'never' ? 'never' : { ...RESTART_RULES, ...spec.restart },
    notices: [],
  },
  requests,
).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(70);
  },
);
