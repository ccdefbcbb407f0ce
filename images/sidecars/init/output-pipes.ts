/**
 * The pipes that carry a daemon's stdout and stderr. They are FIFOs: Node's own `stdio: 'pipe'` is a socket pair, on
 * which `echo > /dev/stderr` in a daemon's script fails with ENXIO.
 */

import { execFile } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LinePrefixer } from './line-prefixer.ts';
import type { Outlet } from './outlet.ts';

/** One FIFO, open at both ends and no longer in the file system. */
interface Pipe {
  readonly readEnd: number;
  readonly writeEnd: number;
}

export interface OutputPipes {
  /** Descriptors for the daemon. */
  readonly stdout: number;
  readonly stderr: number;
  /** Starts to move lines to the outlet and closes the init's copies of the write ends; to be called after the spawn. */
  pump(): void;
  /** Resolves when no process holds a write end any more and the last line is out. */
  readonly ended: Promise<void>;
}

const FIFO_PROGRAM = 'mkfifo';

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

function pumpPipe(pipe: Pipe, prefixer: LinePrefixer, outlet: Outlet): Promise<void> {
  closeSync(pipe.writeEnd);
  const source = new Socket({ fd: pipe.readEnd, readable: true, writable: false });
  source.on('data', (chunk: Buffer) => {
    if (outlet.write(prefixer.push(chunk))) return;
    source.pause();
    void outlet.drained().then(() => source.resume());
  });
  return new Promise((resolve) => {
    const finish = (): void => {
      outlet.write(prefixer.flush());
      resolve();
    };
    source.on('error', () => source.destroy());
    source.on('close', finish);
  });
}

/** Pipes for the daemon called `name`; `onStdoutLine` sees the lines of its stdout. */
export async function openOutputPipes(
  name: string,
  runDir: string,
  outlet: Outlet,
  onStdoutLine?: (line: Buffer) => void,
): Promise<OutputPipes> {
  const [out, err] = await openPipes(runDir, 2);
  if (out === undefined || err === undefined) throw new Error('two pipes were asked for');
  let settle = (): void => {};
  const ended = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return {
    stdout: out.writeEnd,
    stderr: err.writeEnd,
    ended,
    pump: () => {
      const streams = [
        pumpPipe(out, new LinePrefixer(name, onStdoutLine), outlet),
        pumpPipe(err, new LinePrefixer(name), outlet),
      ];
      void Promise.all(streams).then(settle);
      outlet.feed(ended);
    },
  };
}
