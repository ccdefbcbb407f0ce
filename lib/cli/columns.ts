/** Rows as aligned columns. */

import { printableLine } from './printable.ts';
import { type Piece, piece, type Styled } from './styled.ts';

export type Cell = string | Piece;

const asPiece = (cell: Cell): Piece => (typeof cell === 'string' ? piece('plain', cell) : cell);

/** Cells are one line each, whatever they hold. A column that is empty is left out, and no row ends in blanks. */
export function columns(heading: readonly string[], rows: readonly (readonly Cell[])[]): Styled {
  const lines = [heading.map((text) => piece('dim', text)), ...rows.map((row) => row.map(asPiece))].map((cells) =>
    cells.map(({ style, text }) => piece(style, printableLine(text))),
  );
  const used = heading.map((_, column) => rows.some((row) => asPiece(row[column] ?? '').text !== ''));
  const widths = heading.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.text.length ?? 0)));
  return lines.flatMap((cells, index) => {
    const last = cells.findLastIndex(({ text }) => text !== '');
    const padded = cells.flatMap(({ style, text }, column) => {
      if (used[column] !== true || column > last) return [];
      const gap = column === last ? '' : ' '.repeat((widths[column] ?? 0) - text.length + 2);
      return [piece(style, text), gap];
    });
    return index === 0 ? padded : ['\n', ...padded];
  });
}
