/** The life of one daemon under the init: started, watched, restarted, reloaded, stopped. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type Death, deathText, startFailureCode } from './exit-code.ts';
import type { DaemonHealth } from './health-report.ts';
import type { Outlet } from './outlet.ts';
import { type OutputPipes, openOutputPipes } from './output-pipes.ts';
import type { Probe, ProbeResult } from './probe.ts';
import { type ProcessGroup, startGroup } from './process-group.ts';
import type { RestartPolicy } from './restart-policy.ts';
import { copySecrets } from './secrets.ts';
import type { DaemonSpec } from './spec.ts';

/** A daemon on the loopback that needs longer than this is not up. */
const CHECK_TIMEOUT_MS = 1_000;
/** How often a reload that waits for its daemon to be up asks again. */
const RELOAD_POLL_MS = 200;
/** How long the last lines of a daemon that is gone may take. */
const LAST_LINES_MS = 200;

export interface Surroundings {
  readonly runDir: string;
  readonly graceMs: number;
  readonly outlet: Outlet;
  readonly log: (text: string) => void;
  readonly daemonUids: ReadonlySet<number>;
}

/** One process of the daemon, from its start until its group is gone. */
interface Run {
  readonly group: ProcessGroup;
  readonly probe: Probe;
  seenUp: boolean;
  reloadWaits: boolean;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A probe that could not be made says why; the daemon runs, or fails on the same file, regardless. */
function probeOf(spec: DaemonSpec): Probe {
  try {
    return spec.probe();
  } catch (error) {
    const detail = messageOf(error);
    return { check: async () => ({ up: false, detail }) };
  }
}

export class SupervisedDaemon {
  readonly name: string;
  readonly #spec: DaemonSpec;
  readonly #policy: RestartPolicy;
  readonly #around: Surroundings;
  #run: Run | undefined;
  #stopping = false;
  #restartAsked = false;
  #restarts = 0;
  #pause: AbortController | undefined;

  constructor(spec: DaemonSpec, policy: RestartPolicy, around: Surroundings) {
    this.name = spec.name;
    this.#spec = spec;
    this.#policy = policy;
    this.#around = around;
  }

  /** Runs the daemon until it is stopped for good; resolves with how its last process ended. */
  async live(): Promise<Death> {
    let death: Death = { kind: 'exit', code: 0 };
    while (!this.#stopping) {
      const startedAt = Date.now();
      death = await this.#oneRun(death);
      if (this.#stopping) break;
      if (!this.#restartAsked) {
        const delay = this.#policy.delayAfter(Date.now() - startedAt);
        if (delay === undefined) break;
        this.#around.log(`${this.name}: starting it again in ${delay / 1000} s`);
        await this.#sleepUnlessWoken(delay);
      }
      this.#restartAsked = false;
      if (!this.#stopping) this.#restarts += 1;
    }
    return death;
  }

  /** Ends the daemon for good. */
  stop(): void {
    this.#stopping = true;
    this.#run?.group.stop(this.#around.graceMs);
    this.#pause?.abort();
  }

  /** Stops the process and starts another, at once. No effect during a shutdown, or while one is being started. */
  restart(): void {
    if (this.#stopping || this.#restartAsked || (this.#run === undefined && this.#pause === undefined)) return;
    this.#around.log(`${this.name}: restarting it in place`);
    this.#restartAsked = true;
    this.#run?.group.stop(this.#around.graceMs);
    this.#pause?.abort();
  }

  /**
   * Makes the daemon read its files again. A daemon that is not up yet would be killed by the SIGHUP, or might have read
   * the old files already: it gets the signal once it is up.
   */
  reload(): void {
    const run = this.#run;
    if (!this.#spec.reloads || this.#stopping || run === undefined) return;
    if (run.seenUp) run.group.signal('SIGHUP');
    else void this.#reloadOnceUp(run);
  }

  async health(): Promise<DaemonHealth> {
    const run = this.#run;
    if (run === undefined || run.group.stopping) return this.#healthOf(run, { up: false, detail: 'is not running' });
    const result = await this.#checked(run);
    return this.#healthOf(run, this.#run === run ? result : { up: false, detail: 'ended during the check' });
  }

  #healthOf(run: Run | undefined, result: ProbeResult): DaemonHealth {
    return {
      up: result.up,
      pid: run?.group.pid ?? null,
      restarts: this.#restarts,
      digest: result.up ? result.digest : '',
      detail: result.up ? '' : result.detail,
    };
  }

  async #checked(run: Run): Promise<ProbeResult> {
    const signal = AbortSignal.timeout(CHECK_TIMEOUT_MS);
    try {
      const result = await run.probe.check(signal);
      if (result.up) run.seenUp = true;
      return result;
    } catch (error) {
      return { up: false, detail: signal.aborted ? 'does not answer its health check' : messageOf(error) };
    }
  }

  async #reloadOnceUp(run: Run): Promise<void> {
    if (run.reloadWaits) return;
    run.reloadWaits = true;
    while (this.#run === run && !run.group.stopping) {
      if ((await this.#checked(run)).up) break;
      await sleep(RELOAD_POLL_MS);
    }
    run.reloadWaits = false;
    if (this.#run === run && !run.group.stopping) run.group.signal('SIGHUP');
  }

  /** One process, from its secrets to the end of its group; `last` is the answer if a shutdown prevents the start. */
  async #oneRun(last: Death): Promise<Death> {
    const { log, graceMs } = this.#around;
    try {
      await this.#copySecrets();
    } catch (error) {
      log(`${this.name}: not started, for its secret files cannot be copied: ${messageOf(error)}`);
      return { kind: 'exit', code: 1 };
    }
    let output: OutputPipes | undefined;
    try {
      const probe = probeOf(this.#spec);
      output = await openOutputPipes(this.name, this.#around.runDir, this.#around.outlet, probe.onStdoutLine);
      if (this.#stopping) return last;
      const group = await startGroup(this.#spec, output.stdout, output.stderr);
      this.#run = { group, probe, seenUp: false, reloadWaits: false };
      log(`${this.name}: started, pid ${group.pid}`);
      // A shutdown that came while the process was being started found nothing to stop.
      if (this.#stopping) group.stop(graceMs);
    } catch (error) {
      const errno = error instanceof Error && 'code' in error ? String(error.code) : undefined;
      log(`${this.name}: cannot start ${this.#spec.argv[0]}: ${messageOf(error)}`);
      return { kind: 'exit', code: startFailureCode(errno) };
    } finally {
      output?.pump();
    }
    const death = await this.#ended(this.#run.group);
    this.#run = undefined;
    await Promise.race([output.ended, sleep(LAST_LINES_MS)]);
    return death;
  }

  async #copySecrets(): Promise<void> {
    const { secrets, identity } = this.#spec;
    if (secrets !== undefined) await copySecrets(secrets, identity, this.#around.daemonUids);
  }

  async #ended(group: ProcessGroup): Promise<Death> {
    const death = await group.exited;
    this.#around.log(`${this.name}: ended, ${deathText(death)}`);
    // What a dead daemon leaves behind could hold its port against its successor.
    if (!group.stopping) group.signal('SIGKILL');
    await group.gone;
    return death;
  }

  async #sleepUnlessWoken(delayMs: number): Promise<void> {
    this.#pause = new AbortController();
    await sleep(delayMs, undefined, { signal: this.#pause.signal }).catch(() => {});
    this.#pause = undefined;
  }
}
