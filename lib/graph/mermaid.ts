/** The topology as a Mermaid flowchart (mermaid.js.org, "Flowcharts"), which code hosts render in Markdown. */

import type { MatchedRoute } from '../explain/index.ts';
import { edgesOf } from './edges.ts';
import type { BottleGraph, GraphContainer } from './model.ts';
import {
  askedText,
  credentialText,
  hostText,
  networkText,
  outsideOf,
  outsideText,
  remoteText,
  weakTexts,
} from './words.ts';

/** `text` in a quoted label: what Mermaid or HTML would read as its own is written by its code point. */
const label = (...lines: readonly string[]): string => {
  const escaped = lines.map((line) => line.replace(/["#&<>`;\\[\]{}()|]/g, (sign) => `#${sign.charCodeAt(0)};`));
  return `"${escaped.join('<br/>')}"`;
};

const routeLines = (route: MatchedRoute): readonly string[] => [
  hostText(route),
  askedText(route),
  ...[credentialText(route), ...weakTexts(route)].filter((text) => text !== undefined),
];

/** Node names may be taken by words of the language: the bottle's number makes each of them its own. */
function bottleLines(graph: BottleGraph, number: number): readonly string[] {
  const id = (name: string): string => `b${number}_${name.replace(/[^A-Za-z0-9]/g, '_')}`;
  const container = ({ service, container: name, networks, daemons }: GraphContainer): readonly string[] => {
    if (daemons.length === 0) {
      return [
        `    ${id('agent')}[${label('agent', name, `no way to ${outsideText(outsideOf(graph, 'agent', false))}`)}]`,
      ];
    }
    return [
      `    subgraph ${id(`container ${service}`)}[${label(name, `on ${networks.join(', ')}`)}]`,
      ...daemons.map(({ daemon, port }) => `      ${id(daemon)}[${label(`${daemon} :${port}`)}]`),
      '    end',
    ];
  };
  const last = graph.containers.some(({ daemons }) => daemons.some(({ daemon }) => daemon === 'pipelock'));
  const networks = graph.networks.map((network) => `${network.name}: ${networkText(network)}`);
  return [
    `  subgraph ${id('bottle')}[${label(`bottle ${graph.slug}`, networks.join(' · '))}]`,
    '    direction LR',
    ...graph.containers.flatMap(container),
    '  end',
    ...edgesOf(graph).map(
      ({ from, to, label: text, isWrong }) => `  ${id(from)} ${isWrong ? '==>' : '-->'}|${label(text)}| ${id(to)}`,
    ),
    ...graph.routes.flatMap((route, index) => [
      `  ${id('pipelock')} --> ${id(`route ${index}`)}([${label(...routeLines(route))}])`,
    ]),
    ...(last
      ? graph.allowed.map((host, index) => `  ${id('pipelock')} --> ${id(`allow ${index}`)}([${label(host)}])`)
      : []),
    ...graph.remotes.map(
      (remote, index) =>
        `  ${id('git-gate')} --> ${id(`remote ${index}`)}[(${label(remote.name, remote.url, remoteText(remote))})]`,
    ),
    ...(graph.containers.some(({ daemons }) => daemons.some(({ daemon }) => daemon === 'supervise'))
      ? [`  ${id('supervise')} -.-> ${id('operator')}([${label('operator', 'answers proposals')}])`]
      : []),
  ];
}

export const mermaidText = (graphs: readonly BottleGraph[]): string =>
  `${['flowchart LR', ...graphs.flatMap(bottleLines)].join('\n')}\n`;
