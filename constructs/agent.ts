import type { Construct } from 'constructs';
import type { DeclaredAddition } from '../lib/plan/index.ts';
import type { EnvValue } from './env-value.ts';
import type { Image } from './image.ts';
import type { Mount } from './mount.ts';
import { OverridableNode } from './overridable.ts';
import type { Resources } from './resources.ts';
import type { Workspace } from './workspace.ts';

export interface AgentProps {
  /**
   * The agent's image; it needs `/bin/sh`, and git for a workspace.
   * @default AgentImage.claudeCode()
   */
  readonly image?: Image;
  /**
   * What runs in the container, as a list of arguments.
   * @default ['sleep', 'infinity'], which the operator enters with `docker exec`
   */
  readonly command?: readonly string[];
  /**
   * Variables besides those of the bottle. A text is a literal.
   * @default none
   */
  readonly env?: Readonly<Record<string, string | EnvValue>>;
  /**
   * Mounts besides the agent's home and `/workspace`, which are volumes.
   * @default none
   */
  readonly mounts?: readonly Mount[];
  /**
   * What the agent works on.
   * @default an empty `/workspace`
   */
  readonly workspace?: Workspace;
  /** @default { memory: '4g', pids: 1024 } */
  readonly resources?: Resources;
  /**
   * Container runtime, e.g. `runsc`.
   * @default the engine's
   */
  readonly runtime?: string;
  /**
   * `uid`, `uid:gid` or a name in the image.
   * @default the image's
   */
  readonly user?: string;
  /**
   * Whether the root file system is read-only.
   * @default true
   */
  readonly readOnlyRoot?: boolean;
  /**
   * Directories of the host, each with a `SKILL.md`, that Claude Code knows as skills by the names of the directories:
   * absolute, relative to the project, or below `~/`. Deploy copies them; the agent can only read them.
   * @default none
   */
  readonly skills?: readonly string[];
  /**
   * The agent's standing instructions, at most 100,000 bytes: `/opt/claude-bottle/prompt.md` in its container, and
   * part of Claude Code's system prompt when `bottle enter --agent` starts it.
   * @default none
   */
  readonly prompt?: string;
}

/** The coding agent's container: on the bottle's internal network only. */
export class Agent extends OverridableNode {
  readonly #env: (DeclaredAddition & { readonly name: unknown })[] = [];
  readonly #mounts: DeclaredAddition[] = [];

  constructor(scope: Construct, id: string, props: AgentProps = {}) {
    super(scope, id, props);
  }

  /** Adds a variable. Declaring one twice is an error at synth. */
  addEnv(name: string, value: string | EnvValue): void {
    this.#env.push({ name, ...this.addition(value) });
  }

  /** Adds a mount. */
  addMount(mount: Mount): void {
    this.#mounts.push(this.addition(mount));
  }

  /** @internal */
  get addedEnv(): readonly (DeclaredAddition & { readonly name: unknown })[] {
    return this.#env;
  }

  /** @internal */
  get addedMounts(): readonly DeclaredAddition[] {
    return this.#mounts;
  }
}
