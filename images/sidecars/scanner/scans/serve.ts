/**
 * The process that scans: a job comes as a message, its verdict goes back as one. What it throws ends it. Signals to the
 * group of the proxy are the proxy's business; this process ends with its channel.
 */

import { judgeJob, type ScanJob } from './job.ts';

export interface Verdict {
  readonly refused: Awaited<ReturnType<typeof judgeJob>>;
}

export function serveScans(send: (verdict: Verdict) => void): void {
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  process.on('disconnect', () => process.exit(0));
  process.on('message', (job: ScanJob) => {
    void judgeJob(job, 'full').then((refused) => send({ refused }));
  });
}
