/** The init as the image runs it, but with the daemons and paths of a test: bundled and started by harness.ts. */

import { requests } from '../../../images/sidecars/init/signals.ts';
import '../../../images/sidecars/init/no-inspector.ts';

import { existsSync, readFileSync } from 'node:fs';
import { announcedDigest } from '../../../images/sidecars/init/pipelock-events.ts';
import type { Probe } from '../../../images/sidecars/init/probe.ts';
import { fixedBackOff, neverRestart } from '../../../images/sidecars/init/restart-policy.ts';
import { runInit } from '../../../images/sidecars/init/run-init.ts';

/** A daemon of a test; it is up while `upFile` exists (absent: always). */
export interface FakeDaemon {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  readonly reloads?: boolean;
  readonly upFile?: string;
  readonly umask?: number;
  readonly identity?: { readonly uid: number; readonly gid: number };
  readonly secrets?: { readonly from: string; readonly to: string };
}

export interface FakeSpec {
  readonly daemons: readonly FakeDaemon[];
  readonly runDir: string;
  readonly graceMs: number;
  /** Back-off; null: a death is the end. */
  readonly restartMs: number | null;
}

function probe({ upFile }: FakeDaemon): Probe {
  let digest = '';
  return {
    check: async () =>
      upFile === undefined || existsSync(upFile) ? { up: true, digest } : { up: false, detail: 'has no up-file' },
    onStdoutLine: (line) => {
      digest = announcedDigest(line) ?? digest;
    },
  };
}

const spec: FakeSpec = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));

runInit(
  {
    daemons: spec.daemons.map((daemon) => ({
      ...daemon,
      env: { PATH: process.env['PATH'] ?? '', ...daemon.env },
      reloads: daemon.reloads ?? false,
      probe: () => probe(daemon),
    })),
    runDir: spec.runDir,
    healthSocket: `${spec.runDir}/health.sock`,
    graceMs: spec.graceMs,
    restart: spec.restartMs === null ? neverRestart : fixedBackOff(spec.restartMs),
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
