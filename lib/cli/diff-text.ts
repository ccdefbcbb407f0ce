/** Differences as a person reads them: what they mean first, then the files. */

import type { BottleDiff, Change, Consequences, Effect } from '../diff/index.ts';
import type { ShownDiff } from './diff.ts';
import { printableLine } from './printable.ts';
import { type Piece, piece, type Style, type Styled } from './styled.ts';

const SIGNS: Readonly<Record<Effect, readonly [style: Style, sign: string]>> = {
  opens: ['green', '+ opens  '],
  closes: ['red', '- closes '],
  neither: ['yellow', '~        '],
};

const ORDER: readonly Effect[] = ['opens', 'closes', 'neither'];

/** A line and its end. */
type Line = readonly [shown: Piece, end: '\n'];

const line = (style: Style, text: string): Line => [piece(style, printableLine(text)), '\n'];

const changeLine = ({ effect, text }: Pick<Change, 'effect' | 'text'>): Line => {
  const [style, sign] = SIGNS[effect];
  return line(style, `  ${sign}${text}`);
};

/** One line a change, what opens first. */
export const changeLines = (changes: readonly Pick<Change, 'effect' | 'text'>[]): readonly Line[] =>
  ORDER.flatMap((effect) => changes.filter((change) => change.effect === effect).map(changeLine));

/** What becomes of the containers, in words. */
function consequenceTexts(consequences: Consequences): readonly string[] {
  const { created, recreated, removed, reloaded, restarted, remadeNetworks, endsSession, atNextStart } = consequences;
  const of = (what: string, names: readonly string[]): readonly string[] =>
    names.length === 0 ? [] : [`${what}: ${names.join(', ')}`];
  return [
    ...of('containers made', created),
    ...of('containers made anew', recreated),
    ...of('containers removed', removed),
    ...of('restarted', restarted),
    ...of('taken up while running', reloaded),
    ...of("from the agent's next start on", atNextStart),
    ...of('networks made anew', remadeNetworks),
    ...(endsSession ? ["the agent's session ends"] : []),
  ];
}

const HEADINGS: Readonly<Record<BottleDiff['status'], string>> = {
  new: 'new bottle',
  removed: 'removed',
  changed: 'changed',
  unchanged: 'no difference',
};

function meaning({ status, changes, consequences }: ShownDiff): readonly Line[] {
  // The heading says that it is new; that it goes is told with what becomes of its data.
  const told = changes.filter(({ kind }) => status !== 'new' || kind !== 'bottle');
  const after = status === 'changed' ? consequenceTexts(consequences) : [];
  return [...changeLines(told), ...after.map((text) => line('cyan', `  > ${text}`))];
}

const FILE_SIGNS = { added: 'A', removed: 'D', changed: 'M' } as const;

const fileLines = ({ files }: ShownDiff): readonly Line[] =>
  files.map(({ path, status, added, removed }) => line('dim', `  ${FILE_SIGNS[status]} ${path} +${added} -${removed}`));

function grantLines({ grants }: ShownDiff): readonly Line[] {
  return [
    ...grants.kept.map((text) => line('magenta', `  granted live, stays with deploy unless --reset: ${text}`)),
    ...grants.dropped.map((text) => line('magenta', `  granted live, goes with deploy: ${text}`)),
  ];
}

function unifiedLines({ diff = '' }: ShownDiff): readonly Line[] {
  if (diff === '') return [];
  return diff
    .trimEnd()
    .split('\n')
    .map((text) => {
      const style = /^(\+\+\+|---) /.test(text)
        ? 'bold'
        : text.startsWith('+')
          ? 'green'
          : text.startsWith('-')
            ? 'red'
            : 'plain';
      return line(style, text);
    });
}

/** Every bottle of a diff; `files`: the files alone, and nothing of what they mean. */
export function diffText(bottles: readonly ShownDiff[], { files }: { readonly files: boolean }): Styled {
  if (bottles.length === 0) return 'there is no bottle in either version';
  const lines = bottles.flatMap((bottle): readonly Line[] => [
    line('bold', `${bottle.slug}: ${HEADINGS[bottle.status]}`),
    ...bottle.notes.map((note) => line('yellow', `  note: ${note}`)),
    ...(files ? [] : [...meaning(bottle), ...grantLines(bottle)]),
    ...fileLines(bottle),
    ...unifiedLines(bottle),
  ]);
  return lines.flat().slice(0, -1);
}
