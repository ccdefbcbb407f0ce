/** Our programs in the sidecar image: one table of what is bundled or copied, and to which path. */

import { extname } from 'node:path';

export type Program =
  /** A TypeScript program that becomes one CommonJS file; `entry` without extension, below this folder. */
  | { readonly kind: 'bundle'; readonly entry: string; readonly target: string; readonly executable?: boolean }
  /** A file of this folder, as it is. */
  | { readonly kind: 'file'; readonly source: string; readonly target: string; readonly executable?: boolean }
  /** All files with one extension directly in a folder of this folder. */
  | { readonly kind: 'folder'; readonly source: string; readonly extension: string; readonly target: string };

const LIB = '/opt/claude-bottle';
const BIN = '/usr/local/bin';

export const PROGRAMS: readonly Program[] = [
  { kind: 'bundle', entry: 'init/main', target: `${LIB}/init.cjs` },
  { kind: 'bundle', entry: 'scanner/main', target: `${LIB}/scanner.cjs` },
  { kind: 'bundle', entry: 'supervise/main', target: `${LIB}/supervise.cjs` },
  {
    kind: 'file',
    source: 'egress/egress_entrypoint.sh',
    target: `${BIN}/egress_entrypoint.sh`,
    executable: true,
  },
  {
    kind: 'file',
    source: 'scanner/pipelock_entrypoint.sh',
    target: `${BIN}/pipelock_entrypoint.sh`,
    executable: true,
  },
  {
    kind: 'file',
    source: 'git-gate/git-gate_entrypoint.sh',
    target: `${BIN}/git-gate_entrypoint.sh`,
    executable: true,
  },
  { kind: 'folder', source: 'egress', extension: '.py', target: `${LIB}/egress` },
];

/** What fills pipelock's slot when the built-in scanner stands there. */
export const BUILTIN_SLOT = '#!/bin/sh\nexec node /opt/claude-bottle/scanner.cjs "$@"\n';

/** Where the entries of the bundles lie: TypeScript in the repository, JavaScript after a build. */
export const ENTRIES = { folder: import.meta.dirname, extension: extname(import.meta.filename) } as const;
