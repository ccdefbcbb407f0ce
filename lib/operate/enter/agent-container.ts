/** The agent's container of a bottle, if one can enter it. */

import { BottleError } from '../../errors.ts';
import { AGENT_SERVICE } from '../../plan/index.ts';
import type { Container } from '../containers.ts';
import type { DeployedBottle } from '../list/index.ts';

/** The running container. Throws with the reason, and what to do, if there is none. */
export function enterableAgent({ slug, containers }: DeployedBottle): Container {
  const agent = containers.get(AGENT_SERVICE);
  if (agent === undefined) {
    throw new BottleError('enter/no-agent', `the agent of bottle ${slug} has no container`, {
      fix: `bring it up with bottle deploy ${slug}`,
    });
  }
  const { running, restarting, status, exitCode } = agent;
  if (restarting) {
    const what = `the agent of bottle ${slug} is restarting: its command ends as soon as it starts, exit code ${exitCode}`;
    throw new BottleError('enter/agent-restarting', what, { fix: `see why with bottle logs ${slug} agent -n 20` });
  }
  if (status === 'paused') {
    throw new BottleError('enter/agent-paused', `the agent of bottle ${slug} is paused`, {
      fix: `let it go on with docker unpause ${agent.name}`,
    });
  }
  if (!running) {
    throw new BottleError(
      'enter/agent-not-running',
      `the agent of bottle ${slug} is ${status}, exit code ${exitCode}`,
      {
        fix: `start it with bottle deploy ${slug}, and see why it ended with bottle logs ${slug} agent -n 20`,
      },
    );
  }
  return agent;
}
