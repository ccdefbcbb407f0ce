/** Shapes of an SVG (SVG 1.1) as lines of text. Coordinates are whole pixels; texts are cut to the room they have. */

/** `text` as XML character data or in a quoted attribute; characters that XML has no place for are left out. */
export function xml(text: string): string {
  return [...text]
    .filter((sign) => /[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(sign))
    .join('')
    .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

export const COLOUR = {
  ink: '#0f172a',
  faint: '#475569',
  line: '#334155',
  agent: ['#dbeafe', '#2563eb'],
  sidecar: ['#dcfce7', '#16a34a'],
  daemon: ['#ffffff', '#16a34a'],
  outside: ['#fff7ed', '#ea580c'],
  isolated: ['#eff6ff', '#93c5fd'],
  open: ['#fff7ed', '#fdba74'],
  wrong: '#b91c1c',
  credential: '#7c3aed',
} as const;

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function box(
  { x, y, width, height }: Rectangle,
  [fill, stroke]: readonly [string, string],
  dashed = false,
): string {
  const dash = dashed ? ' stroke-dasharray="5 4"' : '';
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" fill="${fill}" stroke="${stroke}"${dash}/>`;
}

export interface TextStyle {
  /** @default 13 */
  readonly size?: number;
  readonly bold?: boolean;
  readonly fill?: string;
  readonly middle?: boolean;
  /** Room in pixels; a longer text is cut, and whole in a tooltip. */
  readonly room?: number;
}

/** Mean width of a letter of a system font, as a share of its size: a little more than it is. */
const LETTER = 0.56;
const BOLD_LETTER = 0.64;

export function textAt(x: number, y: number, text: string, style: TextStyle = {}): string {
  const { size = 13, bold = false, fill = COLOUR.ink, middle = false, room } = style;
  const fits =
    room === undefined ? Number.POSITIVE_INFINITY : Math.floor(room / (size * (bold ? BOLD_LETTER : LETTER)));
  const letters = [...text];
  const shown = letters.length <= fits ? text : `${letters.slice(0, Math.max(1, fits - 1)).join('')}…`;
  const whole = shown === text ? '' : `<title>${xml(text)}</title>`;
  const weight = bold ? ' font-weight="600"' : '';
  const anchor = middle ? ' text-anchor="middle"' : '';
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${fill}"${weight}${anchor}>${whole}${xml(shown)}</text>`;
}

export type Line = 'connection' | 'wrong' | 'files';

export function arrow(from: readonly [number, number], to: readonly [number, number], line: Line): string {
  const colour = line === 'wrong' ? COLOUR.wrong : COLOUR.line;
  const head = line === 'wrong' ? 'head-wrong' : 'head';
  const dash = line === 'files' ? ' stroke-dasharray="3 4"' : '';
  const [x1, y1] = from;
  const [x2, y2] = to;
  // Level at both ends, so that lines into one box do not cross its text.
  const middle = Math.round((x1 + x2) / 2);
  const path = y1 === y2 ? `M${x1} ${y1}H${x2}` : `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${line === 'wrong' ? 2 : 1.4}"${dash} marker-end="url(#${head})"/>`;
}

const marker = (id: string, colour: string): string =>
  `<marker id="${id}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 10 5 0 10z" fill="${colour}"/></marker>`;

/** A whole picture of `lines`; `title` is what a screen reader says of it. */
export function svgDocument(width: number, height: number, title: string, lines: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" role="img" aria-label="${xml(title)}">`,
    `<defs>${marker('head', COLOUR.line)}${marker('head-wrong', COLOUR.wrong)}</defs>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}
