/** What deploy and destroy are asked, and what they answer. */

import type { Change } from '../diff/index.ts';
import type { Environment } from '../operate/index.ts';
import type { Daemon } from '../plan/index.ts';
import type { AnswerSource, Ask, Question } from './answers/index.ts';
import type { Scanner } from './images/index.ts';
import type { Progress } from './progress.ts';

export type { Environment, Scanner };

export interface DeployOptions {
  /** Output directory of synth, with `manifest.json`. Absolute. */
  readonly assemblyDir: string;
  /** Bottles to bring up; none named: all of the assembly. */
  readonly slugs: readonly string[];
  /** Where relative paths of the definition start: the directory of `cdk.json`. Absolute. */
  readonly projectDir: string;
  /** @default `${CLAUDE_BOTTLE_HOME:-~/.claude-bottle}`, see {@link homeDirectory} */
  readonly home?: string;
  /** The environment that host variables are read from. */
  readonly env: Environment;
  /** Says what would be done and touches nothing. */
  readonly dryRun?: boolean;
  /** Leaves a bottle that did not come up as it is, for a look inside. */
  readonly keepFailed?: boolean;
  /** Forgets the live grants of the bottles, which a deploy otherwise merges into what synth rendered. */
  readonly reset?: boolean;
  /** `-c scanner=…`. */
  readonly contextScanner?: string;
  /** `--answer`: host variables with answers for what the definitions ask. */
  readonly answers?: readonly AnswerSource[];
  /** Asks also for what a bottle that runs was given. */
  readonly askAgain?: boolean;
  /** Asks the operator, who types what nobody sees; absent when nobody can answer. */
  readonly ask?: Ask;
  readonly progress: Progress;
  /** Ctrl-C: the deploy under way is cleaned up, then rejects with code `interrupted`. */
  readonly signal?: AbortSignal;
  /** Seconds that a bottle may take to become healthy. @default 120 */
  readonly waitSeconds?: number;
}

export interface DeployResult {
  readonly bottles: readonly DeployedBottle[];
}

export interface DeployedBottle {
  readonly slug: string;
  /** With `dryRun`: what it would be. */
  readonly outcome: 'created' | 'updated' | 'unchanged';
  readonly dryRun: boolean;
  /** In words, one line each; empty when nothing changed. */
  readonly changes: readonly string[];
  /** With `dryRun`: what it would open, close and change of what is deployed, without live grants. */
  readonly meaning?: readonly Change[];
  /** Container to `docker exec` into. */
  readonly container: string;
  readonly daemons: readonly Daemon[];
  /** Image references that run; with `dryRun` those that the bottle would be given, where they exist already. */
  readonly images: { readonly agent: string; readonly sidecars: string };
  /** `unknown`: a user's own sidecar image without the label. */
  readonly scanner: Scanner | 'unknown';
  readonly stateDir: string;
  /** What became of its live grants, one line each; empty where there are none. */
  readonly grants: readonly string[];
  /** What an operator was asked for; with `dryRun`: would be. */
  readonly asked: readonly Question[];
  readonly seconds: number;
}

export interface DestroyOptions {
  /** Bottles to take down; none named: all deployed bottles of `app` in this home, see {@link unnamedProject}. */
  readonly slugs: readonly string[];
  /** `name` of the project's package.json: no bottle of another app is touched. */
  readonly app: string;
  /**
   * Directory of a project whose app has no name of its own and shares `app` with others like it. Without slugs only
   * bottles that were deployed from there are taken down, and not before the operator has agreed.
   */
  readonly unnamedProject?: string;
  /** @default `${CLAUDE_BOTTLE_HOME:-~/.claude-bottle}` */
  readonly home?: string;
  readonly env: Environment;
  /** Also removes the data volumes and the state (workspace, agent home, mirrors, CAs, queue); saved logs stay. */
  readonly volumes?: boolean;
  readonly dryRun?: boolean;
  /** Answers every question with yes. */
  readonly yes?: boolean;
  /** Asks the operator; absent when nobody can answer. */
  readonly confirm?: (question: string) => Promise<boolean>;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

export interface DestroyResult {
  readonly bottles: readonly DestroyedBottle[];
}

export interface DestroyedBottle {
  readonly slug: string;
  /** With `dryRun`: what it would be. `absent`: nothing of it existed. `declined`: the operator said no. */
  readonly outcome: 'destroyed' | 'absent' | 'declined';
  readonly dryRun: boolean;
  readonly removed: {
    readonly containers: readonly string[];
    readonly networks: readonly string[];
    readonly volumes: readonly string[];
  };
  /** Data volumes that stay. */
  readonly keptVolumes: readonly string[];
  /** Where the logs were saved. */
  readonly logs: readonly string[];
}
