/** One file, two programs: the proxy, and the processes that scan for it, which load nothing of the proxy. */

import './ignore-sigusr1.ts';
import { SCAN_WORD } from './scans/scan-word.ts';

async function main(): Promise<void> {
  const send = process.send?.bind(process);
  if (send !== undefined && process.argv[2] === SCAN_WORD) {
    const { serveScans } = await import('./scans/serve.ts');
    serveScans(send);
  } else {
    const { runProgram } = await import('./program.ts');
    await runProgram(process.argv.slice(2), __filename);
  }
}

void main();
