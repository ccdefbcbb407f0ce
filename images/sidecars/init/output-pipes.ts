/**
 * The pipes that carry a daemon's stdout and stderr. They are FIFOs: Node's own `stdio: 'pipe'` is a socket pair, on
 * which `echo > /dev/stderr` in a daemon's script fails with ENXIO.
 */

import { execFile } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type LineListener, LinePrefixer } from './line-prefixer.ts';
import type { Outlet } from './outlet.ts';

/** One FIFO, open at both ends and no longer in the file system. */
interface Pipe {
  readonly readEnd: number;
  readonly writeEnd: number;
}

export interface LineListeners {
  readonly stdoutLines?: LineListener;
  readonly stderrLines?: LineListener;
}

export interface OutputPipes {
  /** Descriptors for the daemon. */
  readonly stdout: number;
  readonly stderr: number;
  /** Starts to move lines to the outlet and closes the init's copies of the write ends; to be called after the spawn. */
  pump(): void;
  /** Drops what has not been read yet; true if there was anything to drop. For a daemon that has ended. */
  abandon(): boolean;
  /** Resolves when no process holds a write end any more and the last line is out. */
  readonly ended: Promise<void>;
}

interface Pump {
  readonly ended: Promise<void>;
  abandon(): void;
}

const FIFO_PROGRAM = 'mkfifo';

/** Of all pipes, for each chunk is used up before the next is read; a pipe holds no more. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

async function openPipes(runDir: string, count: number): Promise<Pipe[]> {
  // Only the init can enter the directory; others may write the FIFO, since a daemon reopens it as /dev/stdout.
  const directory = mkdtempSync(join(runDir, 'pipes-'));
  try {
    const paths = Array.from({ length: count }, (_, index) => join(directory, String(index)));
    await promisify(execFile)(FIFO_PROGRAM, ['-m', '0622', ...paths]);
    return paths.map((path) => {
      const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      return { readEnd, writeEnd: openSync(path, constants.O_WRONLY) };
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function pumpPipe(pipe: Pipe, prefixer: LinePrefixer, outlet: Outlet): Pump {
  closeSync(pipe.writeEnd);
  let settle = (): void => {};
  const ended = new Promise<void>((resolve) => {
    settle = resolve;
  });
  let source: Socket | undefined;
  let abandoned = false;
  let stopWaiting = (): void => {};
  const open = (): void => {
    const onread = {
      buffer: READ_BUFFER,
      callback: (bytes: number): boolean => {
        if (outlet.write((block) => prefixer.push(READ_BUFFER.subarray(0, bytes), block))) return true;
        stopWaiting = outlet.whenDrained(() => opened.resume());
        return false;
      },
    };
    const options = { fd: pipe.readEnd, readable: true, writable: false, onread };
    const opened = new Socket(options);
    source = opened;
    opened.resume();
    opened.on('error', () => opened.destroy());
    opened.on('close', () => {
      if (!abandoned) outlet.write((block) => prefixer.flush(block));
      settle();
    });
  };
  // Not before: while nobody reads the outlet, each run of a crash loop would add to what waits.
  stopWaiting = outlet.whenDrained(open);
  return {
    ended,
    abandon: () => {
      abandoned = true;
      stopWaiting();
      if (source !== undefined) source.destroy();
      else closeSync(pipe.readEnd);
      settle();
    },
  };
}

/** Pipes for the daemon called `name`. */
export async function openOutputPipes(
  name: string,
  runDir: string,
  outlet: Outlet,
  { stdoutLines, stderrLines }: LineListeners,
): Promise<OutputPipes> {
  const [out, err] = await openPipes(runDir, 2);
  if (out === undefined || err === undefined) throw new Error('two pipes were asked for');
  let settle = (): void => {};
  let over = false;
  let pumps: readonly Pump[] = [];
  const ended = new Promise<void>((resolve) => {
    settle = () => {
      over = true;
      resolve();
    };
  });
  return {
    stdout: out.writeEnd,
    stderr: err.writeEnd,
    ended,
    pump: () => {
      pumps = [
        pumpPipe(out, new LinePrefixer(name, stdoutLines), outlet),
        pumpPipe(err, new LinePrefixer(name, stderrLines), outlet),
      ];
      void Promise.all(pumps.map((pump) => pump.ended)).then(settle);
      outlet.feed(ended);
    },
    abandon: () => {
      const dropped = !over;
      if (dropped) for (const pump of pumps) pump.abandon();
      return dropped;
    },
  };
}
