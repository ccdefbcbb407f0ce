/** Our programs in the sidecar image: one table of what is bundled or copied, and to which path. */

/** A copied file that starts with `#!` is executable in the image, whatever its mode in the working tree. */
export type Program =
  /** A TypeScript program that becomes one CommonJS file; `entry` without extension, below this folder. */
  | { readonly kind: 'bundle'; readonly entry: string; readonly target: string }
  /** A file of this folder, as it is. */
  | { readonly kind: 'file'; readonly source: string; readonly target: string }
  /** The files below a folder of this folder, but for tests (`test_…`): all, or those with one extension. */
  | { readonly kind: 'folder'; readonly source: string; readonly extension?: string; readonly target: string };

const LIB = '/opt/claude-bottle';
const BIN = '/usr/local/bin';

export const PROGRAMS: readonly Program[] = [
  { kind: 'bundle', entry: 'init/main', target: `${LIB}/init.cjs` },
  { kind: 'bundle', entry: 'scanner/main', target: `${LIB}/scanner.cjs` },
  { kind: 'bundle', entry: 'git-gate/main', target: `${LIB}/git-gate.cjs` },
  { kind: 'bundle', entry: 'supervise/main', target: `${LIB}/supervise.cjs` },
  { kind: 'folder', source: 'egress', extension: '.py', target: `${LIB}/egress` },
  { kind: 'folder', source: 'git-gate/share', target: `${LIB}/git-gate` },
  { kind: 'file', source: 'egress/egress_entrypoint.sh', target: `${BIN}/egress_entrypoint.sh` },
  { kind: 'file', source: 'scanner/pipelock_entrypoint.sh', target: `${BIN}/pipelock_entrypoint.sh` },
  { kind: 'file', source: 'git-gate/git-gate_entrypoint.sh', target: `${BIN}/git-gate_entrypoint.sh` },
  { kind: 'file', source: 'health/bundle-health', target: `${BIN}/bundle-health` },
];

/** What fills pipelock's slot when the built-in scanner stands there; its processes that scan have limits of their own. */
export const BUILTIN_SLOT = '#!/bin/sh\nexec node --max-old-space-size=192 /opt/claude-bottle/scanner.cjs "$@"\n';
