/**
 * Copies a daemon's secret files onto its own tmpfs. The init has no capability to read the host's files or to write
 * the daemon's: one short child with the owner's uid reads, one with the daemon's uid writes. The bytes travel by pipe.
 */

import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Identity } from './spec.ts';

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 4 * 1024 * 1024;
const SHELL = '/bin/sh';

/** Prints name and base64 content of each file, NUL-terminated; `printf` is built in, so neither is ever in an argv. */
const READ_ALL = `
cd -- "$1" || exit 1
for file in *; do
  [ -f "$file" ] || continue
  content=$(base64 -w0 <"$file") || exit 1
  printf '%s\\0%s\\0' "$file" "$content"
done`;

/** Replaces file $2 in directory $1 by what comes in. */
const WRITE_ONE = `
umask 077
cat >"$1/.$2.new" && mv -f -- "$1/.$2.new" "$1/$2"`;

interface SecretFile {
  readonly name: string;
  readonly content: Buffer;
}

/** Runs a script under `identity` (absent: the init's own) with nothing of the init's environment. */
function shellOutput(
  script: string,
  args: readonly string[],
  identity: Identity | undefined,
  input?: Buffer,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      SHELL,
      ['-c', script, 'sh', ...args],
      {
        cwd: '/',
        env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
        encoding: 'buffer',
        timeout: TIMEOUT_MS,
        killSignal: 'SIGKILL',
        maxBuffer: MAX_BYTES,
        ...identity,
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        // Not error.message, which would be the whole script; stderr names files and reasons, never contents.
        else reject(new Error(stderr.toString().trim().slice(0, 300) || 'the copying process failed'));
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

function parsedFiles(output: Buffer): readonly SecretFile[] {
  const fields = output.toString('latin1').split('\0');
  return fields
    .slice(0, -1)
    .flatMap((name, index) =>
      index % 2 === 0
        ? [{ name: Buffer.from(name, 'latin1').toString(), content: Buffer.from(fields[index + 1] ?? '', 'base64') }]
        : [],
    );
}

/**
 * Copies every file of `from` into `to`, mode 0600. `identity` is the daemon's; without one the init reads and writes
 * as itself. `daemonUids` are the users that no secret may belong to on the host, for such a daemon could read them all.
 * Throws, naming no content, if anything is missing.
 */
export async function copySecrets(
  { from, to }: { readonly from: string; readonly to: string },
  identity: Identity | undefined,
  daemonUids: ReadonlySet<number>,
): Promise<void> {
  const owner = statSync(from);
  if (identity !== undefined && daemonUids.has(owner.uid)) {
    throw new Error(`${from} belongs to uid ${owner.uid}, which a daemon runs under; deploy as another user`);
  }
  const reader = identity === undefined ? undefined : { uid: owner.uid, gid: owner.gid };
  const files = parsedFiles(await shellOutput(READ_ALL, [from], reader));
  if (files.length === 0) throw new Error(`${from} holds no file`);
  for (const { name, content } of files) {
    if (content.length === 0) throw new Error(`${from}/${name} is empty`);
    await shellOutput(WRITE_ONE, [to, name], identity, content);
  }
}
