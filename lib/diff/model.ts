/** What a difference between two versions of a bottle is made of. The kinds are stable: `--json` prints them. */

import type { BottleManifest } from '../assembly/manifest.ts';

/** Every kind of change (docs/reference/diff.md says what each is about). */
export const CHANGE_KINDS = [
  'bottle',
  'shape',
  'daemon',
  'container',
  'route',
  'credential',
  'web-socket',
  'content-scan',
  'private-upstream',
  'allowlist',
  'engine',
  'limit',
  'listen',
  'git-remote',
  'git-push',
  'git-identity',
  'host-key',
  'env',
  'mount',
  'volume',
  'workspace',
  'skill',
  'prompt',
  'image',
  'resources',
  'user',
  'runtime',
  'root-file-system',
  'command',
  'capability',
  'security-option',
  'network',
  'name-resolution',
  'supervise',
  'trusted-ca',
  'label',
  'compose',
  'setting',
  'manifest',
  'file',
] as const;

export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** Whether the bottle may do more, or less, by a change; one that does both is told as two changes. */
export type Effect = 'opens' | 'closes' | 'neither';

export interface Change {
  readonly kind: ChangeKind;
  readonly effect: Effect;
  /** What it is about: a host, a remote, a variable, a path, a service. */
  readonly subject: string;
  /** One line without a secret. What is opened or closed, and else what is now, after what was. */
  readonly text: string;
  /** The files that show it, relative to `<outdir>/<slug>/`; `manifest.json` is the one of the output directory. */
  readonly files: readonly string[];
}

/** One version of a bottle: what synth rendered and what its manifest says. */
export interface BottleDocuments {
  readonly slug: string;
  readonly manifest: BottleManifest;
  /** Contents by path relative to `<outdir>/<slug>/`. */
  readonly files: ReadonlyMap<string, Buffer>;
}

export interface FileChange {
  readonly path: string;
  readonly status: 'added' | 'removed' | 'changed';
  /** Lines that are only in the new version, and only in the old one. */
  readonly added: number;
  readonly removed: number;
}

/** What a deploy of the new version does to what runs, as far as the documents tell. */
export interface Consequences {
  /** Services whose containers are made, made anew, or removed. */
  readonly created: readonly string[];
  readonly recreated: readonly string[];
  readonly removed: readonly string[];
  /** Daemons that take up changed files while they run, and daemons or services that start anew for them. */
  readonly reloaded: readonly string[];
  readonly restarted: readonly string[];
  /** Networks that deploy makes anew, with the containers that are on them: Compose keeps them as they were made. */
  readonly remadeNetworks: readonly string[];
  /** The agent's container is made anew: what runs in it ends. */
  readonly endsSession: boolean;
  /** Agent files that count from the agent's next start on. */
  readonly atNextStart: readonly string[];
}

export interface BottleDiff {
  readonly slug: string;
  readonly status: 'new' | 'removed' | 'changed' | 'unchanged';
  readonly changes: readonly Change[];
  readonly files: readonly FileChange[];
  readonly consequences: Consequences;
}
