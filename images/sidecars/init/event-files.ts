/** The events of the daemons as files, for those who are outside the container or run as another user in it. */

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { DAEMON_EVENTS_KEPT, type DaemonEvent, daemonEventFile } from '../../../lib/plan/daemon-event.ts';

const TIMEOUT_MS = 5_000;
/** Events that may wait for the one being written; with a disk that hangs, later ones are in the log only. */
const MAX_WAITING = 50;

/**
 * Writes standard input as $3 into directory $1 by way of $2, whose name nobody can guess: whoever else may write there
 * could put a link in the way, which would be followed. `set -C` creates (O_EXCL) what is not there. Then the oldest go.
 */
const WRITE_EVENT = `
umask 0137
cd -- "$1" || exit 1
set -C
cat >"$2" || exit 1
mv -fT -- "$2" "$3" || exit 1
keep=$4
LC_ALL=C
set -- [0-9]*.json
while [ "$#" -gt "$keep" ]; do
  rm -f -- "$1"
  shift
done`;

/** An event of any daemon; the file adds version and time. */
export type NewEvent = Omit<DaemonEvent, 'version' | 'time' | 'daemon'> & { readonly daemon: string };

export interface EventFiles {
  record(event: NewEvent): void;
  /** Resolves when everything recorded so far is written, or given up. */
  written(): Promise<void>;
}

function writeEvent(directory: string, file: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // As the owner, since root without DAC_OVERRIDE is nobody there; who cannot switch users writes as itself.
    const { uid, gid } = statSync(directory);
    const identity = process.geteuid?.() === 0 ? { uid, gid } : {};
    const child = execFile(
      '/bin/sh',
      ['-c', WRITE_EVENT, 'sh', directory, `.${randomUUID()}.tmp`, file, String(DAEMON_EVENTS_KEPT)],
      {
        cwd: '/',
        env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
        timeout: TIMEOUT_MS,
        killSignal: 'SIGKILL',
        ...identity,
      },
      (error, _stdout, stderr) => {
        if (error === null) resolve();
        else reject(new Error(stderr.trim().slice(0, 300) || 'the writing process failed'));
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(text);
  });
}

/** Event files in `directory`; undefined or not there: none. A failure is a line in `log` and nothing else. */
export function openEventFiles(directory: string | undefined, log: (text: string) => void): EventFiles {
  const isThere = directory !== undefined && statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isThere) return { record: () => {}, written: () => Promise.resolve() };
  let count = 0;
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();
  return {
    record: (event) => {
      const now = new Date();
      count += 1;
      if (waiting >= MAX_WAITING) return;
      waiting += 1;
      const file = daemonEventFile(now.getTime(), event.daemon, count);
      const text = `${JSON.stringify({ version: 1, time: now.toISOString(), ...event })}\n`;
      last = last
        .then(() => writeEvent(directory, file, text))
        .catch((error: unknown) => {
          log(`the event file ${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
        })
        .finally(() => {
          waiting -= 1;
        });
    },
    written: () => last,
  };
}
