/**
 * One process that scans, and those who wait for it. A scan has so much time and so much memory; a process that needs more
 * is killed and replaced, and what it was scanning is refused. Not a thread: one that runs out of memory while it makes a
 * long string takes the whole program with it.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { type Refusal, refusal } from '../refusal.ts';
import { type ScanJob, sizeOf, unjudged } from './job.ts';
import { SCAN_WORD } from './scan-word.ts';
import type { Verdict } from './serve.ts';

export interface LaneOptions {
  /** The program, which becomes the process that scans. */
  readonly file: string;
  readonly mostWaiting: number;
  /** Milliseconds for a job of so many bytes, from its start. */
  readonly limitMs: (bytes: number) => number;
  readonly heapMiB: number;
  /** Milliseconds without a job after which the process is let go, and its memory with it. */
  readonly idleMs: number;
}

interface Waiting {
  readonly job: ScanJob;
  /** Whether anybody still wants to know. */
  readonly isWanted: () => boolean;
  readonly resolve: (verdict: Refusal | undefined) => void;
  /** Whether a signal to the group of the proxy ended the process that had the job, before it could catch signals. */
  isSecondTry?: boolean;
}

const STOPPING = 'the scanner is stopping';
const TOO_MANY = refusal('body_dlp', 'too many requests wait for a scan', 503);
const GONE = refusal('body_dlp', 'the client went away', 503);

const isVerdict = (value: unknown): value is Verdict =>
  typeof value === 'object' && value !== null && 'refused' in value;

export class Lane {
  readonly #options: LaneOptions;
  readonly #waiting: Waiting[] = [];
  #process: ChildProcess | undefined;
  #current: Waiting | undefined;
  #limit: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** The verdict on `job`; never rejects. */
  run(job: ScanJob, isWanted: () => boolean): Promise<Refusal | undefined> {
    if (this.#closed) return Promise.resolve(unjudged(job, STOPPING));
    if (this.#waiting.length >= this.#options.mostWaiting) return Promise.resolve(TOO_MANY);
    return new Promise((resolve) => {
      this.#waiting.push({ job, isWanted, resolve });
      this.#next();
    });
  }

  close(): void {
    this.#closed = true;
    for (const { job, resolve } of this.#waiting.splice(0)) resolve(unjudged(job, STOPPING));
    this.#end(STOPPING);
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#idle ??= setTimeout(() => this.#end(''), this.#options.idleMs).unref();
      return;
    }
    if (!next.isWanted()) {
      next.resolve(GONE);
      this.#next();
      return;
    }
    clearTimeout(this.#idle);
    this.#idle = undefined;
    this.#current = next;
    const seconds = this.#options.limitMs(sizeOf(next.job)) / 1000;
    this.#limit = setTimeout(() => this.#end(`it takes longer than ${Math.ceil(seconds)} s`), seconds * 1000);
    this.#process ??= this.#start();
    this.#process.send(next.job, (error) => {
      if (error !== null && this.#current === next) this.#end('the scan failed');
    });
  }

  #start(): ChildProcess {
    const started = fork(this.#options.file, [SCAN_WORD], {
      execArgv: [`--max-old-space-size=${this.#options.heapMiB}`],
      // Nothing of the proxy's surroundings is for a process that reads what the agent wrote.
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    });
    started.unref();
    started.channel?.unref();
    started.on('message', (message) => {
      if (started !== this.#process) return;
      if (isVerdict(message)) this.#settle(message.refused);
      else this.#end('the scan failed');
    });
    started.on('error', () => {
      if (started === this.#process) this.#end('the scan failed');
    });
    started.on('exit', (_code, signal) => {
      if (started === this.#process) this.#onExit(signal);
    });
    return started;
  }

  #onExit(signal: NodeJS.Signals | null): void {
    const current = this.#current;
    if (signal === 'SIGHUP' && current !== undefined && current.isSecondTry !== true) {
      current.isSecondTry = true;
      this.#waiting.unshift(current);
      this.#current = undefined;
      clearTimeout(this.#limit);
      this.#process = undefined;
      this.#next();
      return;
    }
    // V8 aborts when its heap is full.
    this.#end(signal === 'SIGABRT' ? 'it takes more memory than a scan has' : 'the scan failed');
  }

  /** Ends the process; what it was scanning has no verdict. */
  #end(why: string): void {
    clearTimeout(this.#idle);
    this.#idle = undefined;
    const ended = this.#process;
    this.#process = undefined;
    ended?.kill('SIGKILL');
    const current = this.#current;
    if (current !== undefined) this.#settle(unjudged(current.job, why));
  }

  #settle(verdict: Refusal | undefined): void {
    clearTimeout(this.#limit);
    const current = this.#current;
    this.#current = undefined;
    current?.resolve(verdict);
    if (!this.#closed) this.#next();
  }
}
