/** Rows as aligned columns. */

import { printableLine } from './printable.ts';
import { type Piece, piece, type Styled } from './styled.ts';

export type Cell = string | Piece;

const asPiece = (cell: Cell): Piece => (typeof cell === 'string' ? piece('plain', cell) : cell);

/** Cells are one line each, whatever they hold; the last column is not padded, and a column that is empty is left out. */
export function columns(heading: readonly string[], rows: readonly (readonly Cell[])[]): Styled {
  const lines = [heading.map((text) => piece('dim', text)), ...rows.map((row) => row.map(asPiece))].map((cells) =>
    cells.map(({ style, text }) => piece(style, printableLine(text))),
  );
  const used = heading.map((_, column) => rows.some((row) => asPiece(row[column] ?? '').text !== ''));
  const widths = heading.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.text.length ?? 0)));
  const last = used.lastIndexOf(true);
  return lines.flatMap((cells, index) => [
    ...(index === 0 ? [] : ['\n']),
    ...cells.flatMap(({ style, text }, column) => {
      if (used[column] !== true) return [];
      const gap = column === last ? '' : ' '.repeat((widths[column] ?? 0) - text.length + 2);
      return [piece(style, text), gap];
    }),
  ]);
}
