/** Text with colours of our own: what it says is made harmless first, the colours are added after that. */

import pc from 'picocolors';
import { printable } from './printable.ts';

export type Style = 'plain' | 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta' | 'blue';

export interface Piece {
  readonly text: string;
  readonly style: Style;
}

export type Styled = string | readonly (string | Piece)[];

export const piece = (style: Style, text: string): Piece => ({ style, text });

/** Colours for `stream`: on a terminal that wants them, and nowhere else (picocolors alone also colours for CI). */
export const coloursFor = (stream: NodeJS.WriteStream): ReturnType<typeof pc.createColors> =>
  pc.createColors(stream.isTTY === true && pc.isColorSupported);

/** `styled` as it goes to a terminal or file; `colours` says which. */
export function rendered(styled: Styled, colours: ReturnType<typeof pc.createColors>): string {
  const pieces = typeof styled === 'string' ? [styled] : styled;
  return pieces
    .map((one) => (typeof one === 'string' ? piece('plain', one) : one))
    .map(({ style, text }) => (style === 'plain' ? printable(text) : colours[style](printable(text))))
    .join('');
}
