/** The picture and, below it, who reaches whom and what may be asked of whom, as one HTML file that loads nothing. */

import type { MatchedRoute } from '../explain/index.ts';
import type { BottleGraph } from './model.ts';
import { svgText } from './svg.ts';
import { xml } from './svg-shapes.ts';
import { askedText, hostText, remoteText, weakTexts } from './words.ts';

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;color:#0f172a;margin:2rem auto;max-width:1280px;padding:0 1rem}
svg{max-width:100%;height:auto}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}
th,td{border:1px solid #cbd5e1;padding:.25rem .6rem;text-align:left;vertical-align:top}
th{background:#f1f5f9}
.yes{background:#dcfce7}.no{color:#475569}.weak{color:#b91c1c}`;

const cell = (text: string, kind = ''): string => `<td${kind === '' ? '' : ` class="${kind}"`}>${xml(text)}</td>`;

const table = (heads: readonly string[], rows: readonly string[]): readonly string[] =>
  rows.length === 0
    ? []
    : [
        '<table>',
        `<tr>${heads.map((head) => `<th>${xml(head)}</th>`).join('')}</tr>`,
        ...rows.map((row) => `<tr>${row}</tr>`),
        '</table>',
      ];

const placeOf = ({ location }: MatchedRoute): string =>
  location === undefined ? '' : `${location.file}:${location.line}`;

function sectionOf(graph: BottleGraph): readonly string[] {
  const ends = [...new Set(graph.ways.map(({ to }) => to))];
  const starts = [...new Set(graph.ways.map(({ from }) => from))];
  const wayCell = (from: string, to: string): string => {
    const way = graph.ways.find((one) => one.from === from && one.to === to);
    if (way === undefined) return '<td></td>';
    return `<td class="${way.reachable ? 'yes' : 'no'}" title="${xml(way.because)}">${way.reachable ? 'yes' : 'no'}</td>`;
  };
  return [
    `<h2>${xml(graph.slug)}</h2>`,
    '<h3>Who can open a connection to whom</h3>',
    ...table(
      ['from \\ to', ...ends],
      starts.map((from) => `<th>${xml(from)}</th>${ends.map((to) => wayCell(from, to)).join('')}`),
    ),
    ...(graph.routes.length === 0 ? [] : ['<h3>Routes</h3>']),
    ...table(
      ['host', 'requests', 'credential', 'weaker than others', 'declared at'],
      graph.routes.map((route) =>
        [
          cell(hostText(route)),
          cell(askedText(route)),
          cell(route.credential === undefined ? '' : `${route.credential.name} in ${route.credential.header}`),
          cell(weakTexts(route).join(', '), 'weak'),
          cell(placeOf(route)),
        ].join(''),
      ),
    ),
    ...(graph.allowed.length === 0 ? [] : [`<p>Allowed by pipelock alone: ${xml(graph.allowed.join(', '))}</p>`]),
    ...(graph.remotes.length === 0 ? [] : ['<h3>Git remotes</h3>']),
    ...table(
      ['name', 'url', 'access'],
      graph.remotes.map((remote) => cell(remote.name) + cell(remote.url) + cell(remoteText(remote))),
    ),
  ];
}

export function htmlText(graphs: readonly BottleGraph[]): string {
  const title = `Topology of ${graphs.map(({ slug }) => slug).join(', ')}`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    // Names come from a definition; nothing in them may run, and nothing may be loaded.
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${xml(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    `<h1>${xml(title)}</h1>`,
    svgText(graphs).trimEnd(),
    ...graphs.flatMap(sectionOf),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
