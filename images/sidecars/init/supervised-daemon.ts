/** The life of one daemon under the init: started, watched, restarted, reloaded, stopped. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type DaemonRun, messageOf, startRun } from './daemon-run.ts';
import { type Death, startFailureCode } from './exit-code.ts';
import type { DaemonHealth } from './health-report.ts';
import type { OutputPipes } from './output-pipes.ts';
import { paced } from './paced.ts';
import type { ProbeResult } from './probe.ts';
import { CrashHistory } from './restart-rules.ts';
import { copySecrets } from './secrets.ts';
import type { DaemonSpec } from './spec.ts';
import type { Surroundings } from './surroundings.ts';

/** Restarts in place are at least this far apart. */
const RESTART_PACE_MS = 1_000;
/** Runs whose unread lines are kept for a reader that stalls: the one that runs and the one before it. */
const OUTPUTS_KEPT = 2;

/** How one attempt to run the daemon ended. */
interface Outcome {
  readonly death: Death;
  readonly livedMs: number;
  /** Why no process came to be; absent: one did. */
  readonly failure?: string;
}

export class SupervisedDaemon {
  readonly name: string;
  readonly #spec: DaemonSpec;
  readonly #around: Surroundings;
  /** Undefined: a death is the end. */
  readonly #history: CrashHistory | undefined;
  readonly #restartPaced = paced(RESTART_PACE_MS, () => this.#restartNow());
  #run: DaemonRun | undefined;
  #stopping = false;
  #restartAsked = false;
  #restarts = 0;
  #pause: AbortController | undefined;
  #outputs: readonly OutputPipes[] = [];

  constructor(spec: DaemonSpec, around: Surroundings) {
    this.name = spec.name;
    this.#spec = spec;
    this.#around = around;
    this.#history = around.restart === 'never' ? undefined : new CrashHistory(around.restart);
  }

  /** Runs the daemon until it is stopped for good; resolves with how its last process ended. */
  async live(): Promise<Death> {
    let death: Death = { kind: 'exit', code: 0 };
    while (!this.#stopping) {
      const outcome = await this.#oneRun();
      if (outcome === undefined) break;
      death = outcome.death;
      if (this.#stopping) break;
      if (!this.#restartAsked) {
        const delayMs = this.#crashed(outcome);
        if (delayMs === undefined) break;
        await this.#sleepUnlessWoken(delayMs);
      }
      this.#restartAsked = false;
      if (!this.#stopping) this.#restarts += 1;
    }
    return death;
  }

  /** Ends the daemon for good. */
  stop(): void {
    this.#stopping = true;
    this.#run?.stop();
    this.#pause?.abort();
  }

  /** Has another process started after this call, at most one a second. No effect during a shutdown. */
  restart(): void {
    // One that is on its way already, or whose predecessor is being stopped, will have started after this call.
    const isOnItsWay = this.#restartAsked || (this.#run === undefined && this.#pause === undefined);
    if (!this.#stopping && !isOnItsWay) this.#restartPaced();
  }

  /** Makes the daemon read its files again. */
  reload(): void {
    if (this.#spec.reloads && !this.#stopping) this.#run?.reload();
  }

  /** For every second: sees a death that Node has missed, and the end of a crash loop. */
  reconcile(): void {
    this.#run?.reconcile();
    const run = this.#run;
    if (run !== undefined && this.#history?.looping === true) void this.#lookForRecovery(run, this.#history);
  }

  async health(): Promise<DaemonHealth> {
    const run = this.#run;
    const result: ProbeResult = run === undefined ? { up: false, detail: 'is not running' } : await run.check();
    return {
      up: result.up,
      pid: this.#run?.pid ?? null,
      restarts: this.#restarts,
      digest: result.up ? result.digest : '',
      refusals: result.up ? result.refusals : 0,
      crashLoop: this.#history?.looping ?? false,
      detail: result.up ? '' : result.detail,
    };
  }

  #restartNow(): void {
    if (this.#stopping || this.#restartAsked || (this.#run === undefined && this.#pause === undefined)) return;
    this.#around.log(`${this.name}: restarting it in place`);
    this.#restartAsked = true;
    this.#run?.stop();
    this.#pause?.abort();
  }

  async #lookForRecovery(run: DaemonRun, history: CrashHistory): Promise<void> {
    const { up } = await run.check();
    if (!up || this.#run !== run || !history.recovered(run.livedMs)) return;
    this.#around.log(`${this.name}: recovered from its crash loop`);
    this.#around.events.record({ daemon: this.name, event: 'recovered', restarts: this.#restarts });
  }

  /** What a death that nobody asked for leads to: events, and the milliseconds until the next start. */
  #crashed({ death, livedMs, failure }: Outcome): number | undefined {
    const { log, events } = this.#around;
    const verdict = this.#history?.crashed(livedMs, performance.now());
    const common = {
      daemon: this.name,
      ...(death.kind === 'exit' ? { code: death.code } : { signal: death.signal }),
      restarts: this.#restarts,
      ...(verdict === undefined ? {} : { delayMs: verdict.delayMs }),
      ...(failure === undefined ? {} : { detail: failure.slice(0, 1_000) }),
    };
    events.record({ ...common, event: failure === undefined ? 'crash' : 'start-failed' });
    if (verdict === undefined) return undefined;
    if (verdict.loopBegins) {
      log(`${this.name}: it is in a crash loop`);
      events.record({ ...common, event: 'crash-loop' });
    }
    log(`${this.name}: starting it again in ${verdict.delayMs / 1000} s`);
    return verdict.delayMs;
  }

  /** From the secrets of one process to its end; undefined if a shutdown prevented the start. */
  async #oneRun(): Promise<Outcome | undefined> {
    const { log } = this.#around;
    const failed = (code: number, failure: string): Outcome => {
      log(`${this.name}: ${failure}`);
      return { death: { kind: 'exit', code }, livedMs: 0, failure };
    };
    try {
      const { secrets, identity } = this.#spec;
      if (secrets !== undefined) await copySecrets(secrets, identity, this.#around.daemonUids);
    } catch (error) {
      return failed(1, `not started, for its secret files cannot be copied: ${messageOf(error)}`);
    }
    if (this.#stopping) return undefined;
    let run: DaemonRun;
    try {
      run = await startRun(this.#spec, this.#around, (output) => this.#keepOutput(output));
    } catch (error) {
      const errno = error instanceof Error && 'code' in error ? String(error.code) : undefined;
      return failed(startFailureCode(errno), `cannot start ${this.#spec.argv[0]}: ${messageOf(error)}`);
    }
    this.#run = run;
    log(`${this.name}: started, pid ${run.pid}`);
    // A shutdown that came while the process was being started found nothing to stop.
    if (this.#stopping) run.stop();
    const { death, livedMs } = await run.ended((text) => log(`${this.name}: ${text}`));
    this.#run = undefined;
    return { death, livedMs };
  }

  /** A reader that stalls keeps the pipes of ended runs open: of a crash loop only the last ones. */
  #keepOutput(output: OutputPipes): void {
    const kept = [...this.#outputs, output];
    const dropped = kept.slice(0, -OUTPUTS_KEPT).filter((old) => old.abandon());
    this.#outputs = kept.slice(-OUTPUTS_KEPT);
    if (dropped.length > 0) this.#around.log(`${this.name}: lines of an earlier run are dropped: nobody read them`);
  }

  async #sleepUnlessWoken(delayMs: number): Promise<void> {
    this.#pause = new AbortController();
    await sleep(delayMs, undefined, { signal: this.#pause.signal }).catch(() => {});
    this.#pause = undefined;
  }
}
