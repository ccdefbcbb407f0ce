/**
 * Who judges content, and where: what is short and plain at once, on the event loop; the rest in two processes, one for
 * what is large, so that it does not hold up what is not.
 */

import type { Refusal } from '../refusal.ts';
import { DecodeBudgetError } from '../secrets/budget.ts';
import { judgeJob, type ScanJob, sizeOf } from './job.ts';
import { Lane, type LaneOptions } from './lane.ts';

/** More than this is not scanned on the event loop. */
const SHORT = 8 * 1024;
const LARGE = 256 * 1024;
/** A row of expensive bodies of 5 MB stays below half of it. */
const HEAP_MIB = { brief: 128, long: 384 };
const MOST_WAITING = 256;
const IDLE_MS = 30_000;
const MIB = 1024 * 1024;

export class ContentJudge {
  readonly #brief: Lane;
  readonly #long: Lane;

  /** `file`: the program, which becomes the processes that scan. */
  constructor(file: string, options: Partial<LaneOptions> = {}) {
    const shared = { file, mostWaiting: MOST_WAITING, idleMs: IDLE_MS };
    // A scan takes up to a second and a half a MiB; a machine may be some times busier.
    const limitMs = (bytes: number) => 15_000 + (bytes / MIB) * 10_000;
    this.#brief = new Lane({ ...shared, limitMs, heapMiB: HEAP_MIB.brief, ...options });
    this.#long = new Lane({ ...shared, limitMs, heapMiB: HEAP_MIB.long, ...options });
  }

  /** The refusal of `job`, if it has a secret, or none can be ruled out; never rejects. */
  async judge(job: ScanJob, isWanted: () => boolean = () => true): Promise<Refusal | undefined> {
    if (sizeOf(job) <= SHORT) {
      try {
        return await judgeJob(job, 'quick');
      } catch (reason) {
        if (!(reason instanceof DecodeBudgetError)) throw reason;
      }
    }
    return (sizeOf(job) > LARGE ? this.#long : this.#brief).run(job, isWanted);
  }

  close(): void {
    this.#brief.close();
    this.#long.close();
  }
}
