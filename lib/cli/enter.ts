/** `bottle enter`: a shell, a command, or the agent program in the agent's container. */

import { createDocker } from '../operate/docker/index.ts';
import { enterableAgent, visit } from '../operate/enter/index.ts';
import { deployedBottle } from '../operate/list/index.ts';
import { homeDirectory } from '../operate/state/directory.ts';
import { WORKSPACE_DIR } from '../plan/index.ts';

export interface EnterOptions {
  /** Runs the agent program; the words are its arguments. */
  readonly agent: boolean;
}

/** Resolves with the exit code of the command. */
export async function enter(slug: string, words: readonly string[], { agent }: EnterOptions): Promise<number> {
  const { env, stdin, stdout } = process;
  const bottle = await deployedBottle(createDocker({ env }), homeDirectory(env), slug);
  const { id } = enterableAgent(bottle);
  const remote = bottle.record?.workspace;
  return visit({
    env,
    container: id,
    what: agent ? 'agent' : words.length === 0 ? 'shell' : 'command',
    words,
    directory: remote === undefined ? '' : `${WORKSPACE_DIR}/${remote}`,
    terminal: stdin.isTTY === true && stdout.isTTY === true,
  });
}
