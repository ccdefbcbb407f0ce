/** Proposals as text. What an agent wrote stands behind a bar, line by line, so that it cannot pass for ours. */

import type { Preview } from '../operate/apply/index.ts';
import type { CrashLoop } from '../operate/events/index.ts';
import { askText, duration, type ProposalView, type SupervisedBottle, shortId } from '../operate/proposals/index.ts';
import { ago } from './ago.ts';
import { columns } from './columns.ts';
import type { Messages } from './messages.ts';
import { printableLine } from './printable.ts';
import { type Piece, piece, type Style, type Styled } from './styled.ts';

type Pieces = readonly (string | Piece)[];

const WIDTH = 11;

/** `label` and one line a text; nothing where there is none. */
function entry(label: string, texts: readonly string[], style: Style = 'plain'): Pieces {
  return texts.flatMap((text, index) => [
    piece('dim', (index === 0 ? label : '').padEnd(WIDTH)),
    piece(style, printableLine(text)),
    '\n',
  ]);
}

/** Text of the agent's. */
const quotedLines = (text: string): readonly string[] => text.split(/\r?\n/).map((line) => `| ${line}`);

function diffPieces(diff: string): Pieces {
  return diff
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      const style = line.startsWith('+') ? 'green' : line.startsWith('-') ? 'red' : 'dim';
      return [piece(style, printableLine(line)), '\n'];
    });
}

/** What a change would do. */
export function previewPieces({ opens, closes, deferred, restartsPipelock, diff }: Preview): Pieces {
  const nothing = opens.length + closes.length + deferred.length === 0;
  return [
    ...entry('opens', nothing ? ['nothing: all of it is open already'] : opens, 'bold'),
    ...entry('closes', closes),
    ...entry('later', deferred, 'yellow'),
    ...entry('restarts', restartsPipelock ? ['pipelock, in place: connections through it that are open end'] : []),
    ...(diff === '' ? [] : ['\n', ...diffPieces(diff)]),
  ];
}

/** One proposal, its host first. */
export function proposalText(view: ProposalView, now: number = Date.now()): Styled {
  const { id, slug, tool, host, asks, justification, created, expires, warnings, preview, obstacle } = view;
  const left = Date.parse(expires) - now;
  return [
    ...(host === undefined ? [] : [piece('bold', printableLine(host)), '\n']),
    ...entry('proposal', [
      `${shortId(id)} of bottle ${slug}, ${tool}, ${ago(created, now)} old, ${duration(left)} left`,
    ]),
    ...entry('warning', warnings, 'yellow'),
    ...entry('asks', [asks]),
    ...entry('says', quotedLines(justification)),
    ...entry('but', obstacle === undefined ? [] : [obstacle], 'yellow'),
    ...(view.dockerfile === undefined ? [] : entry('Dockerfile', quotedLines(view.dockerfile))),
    ...(preview === undefined ? [] : entry('not opened', view.staysClosed)),
    ...(preview === undefined ? [] : previewPieces(preview)),
  ];
}

/** More lines of trouble than these are counted. */
const SKIPPED_SHOWN = 20;

/** A daemon that keeps failing, as a line for the operator. */
export const loopText = (slug: string, { daemon, since, restarts }: CrashLoop): string =>
  `${slug}: ${daemon} keeps failing since ${since} (${restarts} restarts): what needs it is refused; see bottle logs ${slug}`;

function troubleLines({ bottle, crashLoops, queue, skippedEvents }: SupervisedBottle): Pieces {
  const { slug } = bottle;
  const loops = crashLoops.map((loop) => loopText(slug, loop));
  const shown = queue.skipped.slice(0, SKIPPED_SHOWN);
  const rest = queue.skipped.length - shown.length;
  const skipped = [
    ...shown.map(({ entry: name, reason }) => `${slug}: skipped in the queue: ${name} (${reason})`),
    ...(rest > 0 ? [`${slug}: skipped in the queue: ${rest} more`] : []),
  ];
  const events = skippedEvents === 0 ? [] : [`${slug}: skipped ${skippedEvents} entries that are no events`];
  return [
    ...loops.flatMap((line) => [piece('red', printableLine(line)), '\n']),
    ...[...skipped, ...events].flatMap((line) => [piece('yellow', printableLine(line)), '\n']),
  ];
}

/** What waits, over all bottles, and what is wrong with them. */
export function overviewText(bottles: readonly SupervisedBottle[], now: number = Date.now()): Styled {
  const rows = bottles.flatMap(({ bottle: { slug }, queue }) => queue.open.map((proposal) => ({ slug, proposal })));
  const table = columns(
    ['BOTTLE', 'ID', 'AGE', 'LEFT', 'ASKS FOR'],
    rows.map(({ slug, proposal }) => [
      slug,
      shortId(proposal.id),
      ago(proposal.created, now),
      duration(Date.parse(proposal.expires) - now),
      `${proposal.tool}: ${askText(proposal)}`,
    ]),
  );
  const trouble = bottles.flatMap(troubleLines);
  const none = bottles.length === 0 ? 'no bottle with supervise is deployed on this home' : 'no proposal waits';
  const body = rows.length === 0 ? [none] : typeof table === 'string' ? [table] : table;
  return [...trouble, ...body];
}

/** Warns of each crash loop once, those of `told` not at all. */
export function loopWarner(
  messages: Pick<Messages, 'warn'>,
  told: readonly SupervisedBottle[] = [],
): (slug: string, loops: readonly CrashLoop[]) => void {
  const key = (slug: string, { daemon, since }: CrashLoop): string => `${slug} ${daemon} ${since}`;
  const known = new Set(told.flatMap(({ bottle, crashLoops }) => crashLoops.map((loop) => key(bottle.slug, loop))));
  return (slug, loops) => {
    for (const loop of loops.filter((one) => !known.has(key(slug, one)))) {
      known.add(key(slug, loop));
      messages.warn(loopText(slug, loop));
    }
  };
}
