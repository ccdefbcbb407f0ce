/** One run of a daemon: its process, from the start until nothing of it is left. */

import { setTimeout as sleep } from 'node:timers/promises';
import { coalesced } from './coalesced.ts';
import { type Death, deathText } from './exit-code.ts';
import { type OutputPipes, openOutputPipes } from './output-pipes.ts';
import { paced } from './paced.ts';
import type { Probe, ProbeResult } from './probe.ts';
import { type ProcessGroup, startGroup } from './process-group.ts';
import type { DaemonSpec } from './spec.ts';
import { sweep } from './strays.ts';
import type { Surroundings } from './surroundings.ts';

/** A daemon on the loopback that needs longer than this is not up. */
const CHECK_TIMEOUT_MS = 1_000;
/** How often a reload that waits for its daemon to be up asks again. */
const RELOAD_POLL_MS = 200;
/** Reloads of a daemon are at least this far apart. */
const RELOAD_PACE_MS = 100;
/** How long the last lines of a daemon that is gone may take. */
const LAST_LINES_MS = 200;

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A probe that could not be made says why; the daemon runs, or fails on the same file, regardless. */
function probeOf(spec: DaemonSpec): Probe {
  try {
    return spec.probe();
  } catch (error) {
    const detail = messageOf(error);
    return { check: async () => ({ up: false, detail }) };
  }
}

export class DaemonRun {
  readonly #graceMs: number;
  readonly #group: ProcessGroup;
  readonly #probe: Probe;
  readonly #territory: DaemonSpec['territory'];
  readonly #startedAt = performance.now();
  readonly #outputEnded: Promise<void>;
  readonly #reloadNow = paced(RELOAD_PACE_MS, () => this.#group.signal('SIGHUP'));
  #seenUp = false;
  #reloadWaits = false;
  #over = false;

  constructor(
    { territory }: DaemonSpec,
    { graceMs }: Surroundings,
    { group, probe, outputEnded }: { group: ProcessGroup; probe: Probe; outputEnded: Promise<void> },
  ) {
    this.#graceMs = graceMs;
    this.#territory = territory;
    this.#group = group;
    this.#probe = probe;
    this.#outputEnded = outputEnded;
  }

  get pid(): number {
    return this.#group.pid;
  }

  /** True once it has been asked to end. */
  get stopping(): boolean {
    return this.#group.stopping;
  }

  get livedMs(): number {
    return performance.now() - this.#startedAt;
  }

  stop(): void {
    this.#group.stop(this.#graceMs);
  }

  reconcile(): void {
    this.#group.reconcile();
  }

  /** The answer of the daemon; callers at the same moment share one check. */
  readonly check = coalesced(async (): Promise<ProbeResult> => {
    if (this.#over || this.stopping) return { up: false, detail: 'is not running' };
    const signal = AbortSignal.timeout(CHECK_TIMEOUT_MS);
    try {
      const result = await this.#probe.check(signal);
      // Whoever answered may not have been this process any more.
      if (this.#over || this.stopping) return { up: false, detail: 'ended during the check' };
      if (result.up) this.#seenUp = true;
      return result;
    } catch (error) {
      return { up: false, detail: signal.aborted ? 'does not answer its health check' : messageOf(error) };
    }
  });

  /**
   * Makes the daemon read its files again. A daemon that is not up yet would be killed by the SIGHUP, or might have read
   * the old files already: it gets the signal once it is up.
   */
  reload(): void {
    if (this.#seenUp) this.#reloadNow();
    else void this.#reloadOnceUp();
  }

  async #reloadOnceUp(): Promise<void> {
    if (this.#reloadWaits) return;
    this.#reloadWaits = true;
    while (!this.#over && !this.stopping) {
      if ((await this.check()).up) break;
      await sleep(RELOAD_POLL_MS);
    }
    this.#reloadWaits = false;
    if (!this.#over && !this.stopping) this.#reloadNow();
  }

  /** Resolves with how the process ended once it, all that it started and its last lines are gone. */
  async ended(log: (text: string) => void): Promise<{ readonly death: Death; readonly livedMs: number }> {
    const death = await this.#group.exited;
    const { livedMs } = this;
    log(`ended, ${deathText(death)}`);
    // What a dead daemon leaves behind could hold its port against its successor.
    if (!this.#group.stopping) this.#group.signal('SIGKILL');
    await this.#group.gone;
    this.#over = true;
    if (this.#territory !== undefined) {
      const { found, left } = await sweep(this.#territory);
      if (found > 0) log(`killed ${found} processes that had left its group`);
      if (left > 0) log(`${left} processes cannot be killed`);
    }
    await Promise.race([this.#outputEnded, sleep(LAST_LINES_MS)]);
    return { death, livedMs };
  }
}

/** Starts `spec`'s program; `onOutput` gets its pipes. Rejects with Node's error if it cannot be started. */
export async function startRun(
  spec: DaemonSpec,
  around: Surroundings,
  onOutput: (output: OutputPipes) => void,
): Promise<DaemonRun> {
  const probe = probeOf(spec);
  const output = await openOutputPipes(spec.name, around.runDir, around.outlet, probe);
  onOutput(output);
  try {
    const group = await startGroup(spec, output.stdout, output.stderr);
    return new DaemonRun(spec, around, { group, probe, outputEnded: output.ended });
  } finally {
    output.pump();
  }
}
