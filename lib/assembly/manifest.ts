/** `manifest.json`: what synth wrote, and what deploy must bring to it. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Daemon, EnvOwner, ImagePlan, Shape, SkillPlan } from '../plan/index.ts';
import type { OverrideRecord } from './override-records.ts';

export const MANIFEST_FILE = 'manifest.json';

export interface Manifest {
  readonly version: 1;
  /** `name` of the user's package.json; the value of the label `claude-bottle.app`. */
  readonly app: string;
  /** By slug, sorted. */
  readonly bottles: Readonly<Record<string, BottleManifest>>;
}

export interface BottleManifest {
  /** Construct path of the bottle. */
  readonly path: string;
  /** SHA-256 (hex) by path relative to `<outdir>/<slug>/`, sorted. */
  readonly files: Readonly<Record<string, string>>;
  readonly daemons: readonly Daemon[];
  readonly shape: Shape;
  readonly overrides: readonly OverrideRecord[];
  readonly requires: DeployRequirements;
}

/** A variable whose value is asked for. */
export interface AnswerNeed {
  readonly owner: EnvOwner;
  /** The variable's. */
  readonly name: string;
  readonly question: string;
}

/** The agent's workspace. `name` is that of its directory below `/workspace`, `source` a directory of the host. */
export type WorkspaceNeed =
  | { readonly kind: 'clone'; readonly name: string }
  | { readonly kind: 'copy'; readonly name: string; readonly source: string }
  | {
      readonly kind: 'bind';
      readonly name: string;
      readonly source: string;
      readonly readOnly: boolean;
      /** What deploy mounts read-only in it, as patterns relative to it; none where all of it is read-only. */
      readonly protects: readonly string[];
    };

/** What only the deploying host can give. All paths as the definition spells them; relative ones start at the project. */
export interface DeployRequirements {
  readonly images: { readonly agent: ImagePlan; readonly sidecars: ImagePlan };
  /** The engine that the definition insists on in pipelock's slot; null: the precedence of domain §4 decides. */
  readonly scanner: 'pipelock' | 'builtin' | null;
  /** Host variables that must be set, each with what needs it (`route api.github.com`, `agent variable LANG`). */
  readonly hostVariables: readonly { readonly name: string; readonly neededBy: readonly string[] }[];
  /** Variables whose values deploy asks for. */
  readonly answers: readonly AnswerNeed[];
  /** Directories that deploy copies for the agent. */
  readonly skills: readonly SkillPlan[];
  /** Which host variable fills which slot, in slot order. */
  readonly tokens: readonly { readonly slot: string; readonly from: string }[];
  readonly identityFiles: readonly { readonly remote: string; readonly path: string }[];
  readonly trustedCAs: readonly string[];
  readonly bindMounts: readonly {
    readonly service: 'agent' | 'sidecars';
    readonly source: string;
    readonly target: string;
  }[];
  /** Name of an existing network that the bundle joins, or null when the egress network is the bottle's own. */
  readonly externalNetwork: string | null;
  readonly workspace?: WorkspaceNeed;
  /** What the agent's merged CA bundle trusts besides system roots and `trustedCAs`. */
  readonly agentTrusts: 'egress-ca' | 'pipelock-ca';
}

/** The previous manifest of `outdir`, or undefined if there is none that this version reads. */
export function readManifest(outdir: string): Manifest | undefined {
  const file = join(outdir, MANIFEST_FILE);
  if (!existsSync(file)) return undefined;
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const known = typeof parsed === 'object' && parsed !== null && 'version' in parsed && parsed.version === 1;
    return known && 'bottles' in parsed ? (parsed as Manifest) : undefined;
  } catch {
    return undefined;
  }
}
