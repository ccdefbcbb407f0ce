/** `bottle supervise`: what agents ask for, and the answers. */

import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BottleError } from '../errors.ts';
import { createDocker } from '../operate/docker/index.ts';
import {
  findProposal,
  type ProposalView,
  proposalView,
  type SupervisedBottle,
  supervisedBottle,
  supervisedSlugs,
} from '../operate/proposals/index.ts';
import { homeDirectory } from '../operate/state/directory.ts';
import { interruption } from './interruption.ts';
import type { Messages } from './messages.ts';
import { tellAnswer } from './supervise-answer.ts';
import { type SuperviseFlags, termsOf, verdictFlag } from './supervise-flags.ts';
import { loopWarner, overviewText, proposalText } from './supervise-text.ts';

/** Between two looks into the queues. */
const LOOK_EVERY_MS = 1_000;

/** A view as data: what is only there for a terminal is left out. */
const viewData = (view: ProposalView): object => ({
  ...view,
  left: Math.max(0, Date.parse(view.expires) - Date.now()),
});

async function overview(home: string, slug: string | undefined): Promise<readonly SupervisedBottle[]> {
  const slugs = slug === undefined ? supervisedSlugs(home) : [slug];
  return Promise.all(slugs.map((one) => supervisedBottle(home, one)));
}

function overviewData(bottles: readonly SupervisedBottle[]): object {
  return {
    bottles: bottles.map(({ bottle, queue, crashLoops, events, skippedEvents }) => ({
      slug: bottle.slug,
      proposals: queue.open.map((proposal) => viewData(proposalView(bottle, proposal))),
      crashLoops,
      events,
      skipped: queue.skipped,
      skippedEvents,
    })),
  };
}

/** Prints each proposal once, as it comes, and each daemon that begins to fail, until interrupted. */
async function watch(home: string, slug: string | undefined, messages: Messages): Promise<void> {
  const seen = new Set<string>();
  const warn = loopWarner(messages);
  await interruption(async (signal) => {
    while (!signal.aborted) {
      for (const { bottle, queue, crashLoops } of await overview(home, slug)) {
        warn(bottle.slug, crashLoops);
        for (const proposal of queue.open) {
          const key = `${bottle.slug} ${proposal.id}`;
          if (seen.has(key)) continue;
          seen.add(key);
          const view = proposalView(bottle, proposal);
          await messages.line(viewData(view), proposalText(view));
        }
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  });
}

/** Writes the agent's text into a file that was not there, for the operator to read and edit. */
function save(path: string, view: ProposalView, messages: Messages): void {
  if (view.dockerfile === undefined) {
    throw new BottleError('supervise/no-dockerfile', `the proposal ${view.id} holds no Dockerfile`, { exitCode: 2 });
  }
  try {
    writeFileSync(path, view.dockerfile.endsWith('\n') ? view.dockerfile : `${view.dockerfile}\n`, {
      flag: 'wx',
      mode: 0o600,
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    throw new BottleError('supervise/not-saved', `the Dockerfile was not saved: ${reason}`, {
      fix: 'name a file that does not exist yet',
      cause,
    });
  }
  messages.result({ saved: path }, `saved ${path}; an agent wrote it: read it before you name it with --dockerfile`);
}

const hasTerminal = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

function neededSlug(slug: string | undefined): string {
  if (slug !== undefined) return slug;
  throw new BottleError('usage/supervise', 'an answer needs the bottle: bottle supervise <slug> [id] …', {
    exitCode: 2,
  });
}

export async function supervise(
  slug: string | undefined,
  id: string | undefined,
  messages: Messages,
  flags: SuperviseFlags,
): Promise<void> {
  const { env } = process;
  const home = homeDirectory(env);
  const verdict = verdictFlag(flags);
  const terms = termsOf(flags);
  const { dryRun = false, once = false, note = '', dockerfile, saveDockerfile } = flags;
  const isSingle = id !== undefined || verdict !== undefined || saveDockerfile !== undefined;
  if (isSingle) {
    const { bottle, queue } = await supervisedBottle(home, neededSlug(slug));
    const proposal = findProposal(queue, bottle.slug, id);
    const docker = createDocker({ env });
    if (saveDockerfile !== undefined) save(saveDockerfile, proposalView(bottle, proposal), messages);
    if (verdict !== undefined) {
      await tellAnswer({ bottle, proposal, docker, verdict, terms, note, dockerfile, dryRun }, messages);
    } else if (saveDockerfile === undefined) {
      const view = proposalView(bottle, proposal);
      if (!hasTerminal() || messages.options.json) messages.result(viewData(view), proposalText(view));
      else {
        const { converse } = await import('./supervise-session.ts');
        await converse({ bottle, proposal, docker, messages, dryRun });
      }
    }
    return;
  }
  if (flags.watch === true) return watch(home, slug, messages);
  const bottles = await overview(home, slug);
  messages.result(overviewData(bottles), overviewText(bottles));
  if (!hasTerminal() || messages.options.json || bottles.length === 0) return;
  const { session } = await import('./supervise-session.ts');
  const warn = loopWarner(messages, bottles);
  const look = async () => {
    const found = await overview(home, slug);
    for (const { bottle, crashLoops } of found) warn(bottle.slug, crashLoops);
    return found;
  };
  await session({ look, docker: createDocker({ env }), messages, once, dryRun });
}
