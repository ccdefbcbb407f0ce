/** `bottle status`: health, policies and what happened, for each bottle. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createDocker, type Docker } from '../operate/docker/index.ts';
import { type DeployedBottle, deployedBottle, deployedBottles } from '../operate/list/index.ts';
import { homeDirectory } from '../operate/state/directory.ts';
import { bottleStatus } from '../operate/status/index.ts';
import { bottlesOfApp } from './app-bottles.ts';
import type { Messages } from './messages.ts';
import { statusText } from './status-text.ts';
import type { Styled } from './styled.ts';

const inLines = (texts: readonly Styled[]): Styled =>
  texts.flatMap((text, index) => [...(index === 0 ? [] : ['\n\n']), ...(typeof text === 'string' ? [text] : text)]);

/** Those that are named; else those of the app in `directory`, or all of the home where no project is. */
async function chosen(docker: Docker, directory: string, slugs: readonly string[]): Promise<readonly DeployedBottle[]> {
  const home = homeDirectory(process.env);
  if (slugs.length > 0) {
    const named: DeployedBottle[] = [];
    for (const slug of new Set(slugs)) named.push(await deployedBottle(docker, home, slug));
    return named;
  }
  const all = await deployedBottles(docker, home);
  return existsSync(join(directory, 'cdk.json')) ? bottlesOfApp(all, directory) : all;
}

/** Resolves with true if there is a bottle, and nothing is the matter with any. */
export async function status(directory: string, slugs: readonly string[], messages: Messages): Promise<boolean> {
  const docker = createDocker({ env: process.env });
  const found = await chosen(docker, directory, slugs);
  const bottles = await Promise.all(found.map((bottle) => bottleStatus(docker, bottle)));
  const healthy = bottles.length > 0 && bottles.every((bottle) => bottle.healthy);
  messages.result(
    { healthy, bottles },
    bottles.length === 0 ? 'no bottle is deployed' : inLines(bottles.map(statusText)),
  );
  return healthy;
}
