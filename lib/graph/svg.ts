/** The topology as an SVG: one band a bottle, the agent on the left, the world on the right. */

import { DAEMONS, type Daemon, listed } from '../plan/index.ts';
import { type Edge, edgesOf } from './edges.ts';
import type { BottleGraph, GraphDaemon } from './model.ts';
import { arrow, box, COLOUR, type Line, type Rectangle, svgDocument, textAt } from './svg-shapes.ts';
import { askedText, credentialText, hostText, networkText, outsideOf, remoteText, weakTexts } from './words.ts';

const WIDTH = 1240;
const MARGIN = 20;
const HEAD = 62;
const GAP = 18;
const DAEMON_HEIGHT = 50;
const ENTRY_HEIGHT = 38;
const LINE_HEIGHT = 15;
/** Between two things outside. */
const ENTRY_GAP = 8;

const AGENT = { x: 40, width: 180 } as const;
const SIDECARS = { x: 350, width: 430 } as const;
const FIRST = { x: 366, width: 150 } as const;
const SECOND = { x: 614, width: 150 } as const;
const WORLD = { x: 910, width: 290 } as const;

/** One thing outside: a title, and lines below it. */
interface Entry {
  readonly title: string;
  readonly lines: readonly (readonly [text: string, colour: string])[];
  /** Reached through files of the host, and no network. */
  readonly byFiles?: boolean;
}

/** What belongs on one height: a daemon, or the two of the chain, and what lies behind it. */
interface Row {
  readonly daemons: readonly Daemon[];
  readonly entries: readonly Entry[];
}

const entryHeight = ({ lines }: Entry): number => ENTRY_HEIGHT + (lines.length - 1) * LINE_HEIGHT;

const height = ({ entries }: Row): number =>
  Math.max(
    DAEMON_HEIGHT,
    entries.reduce((sum, entry) => sum + entryHeight(entry) + ENTRY_GAP, -ENTRY_GAP),
  ) + GAP;

function entriesOfPipelock({ routes, allowed }: BottleGraph): readonly Entry[] {
  const declared = routes.map((route): Entry => {
    const credential = credentialText(route);
    return {
      title: hostText(route),
      lines: [
        [askedText(route), COLOUR.faint],
        ...(credential === undefined ? [] : [[credential, COLOUR.credential] as const]),
        ...weakTexts(route).map((text) => [text, COLOUR.wrong] as const),
      ],
    };
  });
  const more = allowed.map((host): Entry => ({ title: host, lines: [['allowed by pipelock alone', COLOUR.faint]] }));
  return [...declared, ...more];
}

function rowsOf(graph: BottleGraph, daemons: readonly Daemon[]): readonly Row[] {
  const chain = daemons.filter((daemon) => daemon === 'egress' || daemon === 'pipelock');
  const remotes = graph.remotes.map(
    (remote): Entry => ({
      title: `git remote ${remote.name}`,
      lines: [
        [remote.url, COLOUR.faint],
        [remoteText(remote), COLOUR.faint],
      ],
    }),
  );
  const operator: Entry = {
    title: 'operator',
    lines: [['answers proposals: bottle supervise', COLOUR.faint]],
    byFiles: true,
  };
  const rows: readonly Row[] = [
    { daemons: chain, entries: entriesOfPipelock(graph) },
    { daemons: ['git-gate'], entries: remotes },
    { daemons: ['supervise'], entries: [operator] },
  ];
  return rows.filter((row) => row.daemons.some((daemon) => daemons.includes(daemon)));
}

function entryLines(entry: Entry, x: number, y: number, width: number): readonly string[] {
  const { title, lines } = entry;
  const room = width - 20;
  return [
    box({ x, y, width, height: entryHeight(entry) }, COLOUR.outside),
    textAt(x + 10, y + 16, title, { bold: true, room }),
    ...lines.map(([text, fill], index) => textAt(x + 10, y + 31 + index * LINE_HEIGHT, text, { size: 11, fill, room })),
  ];
}

/** The box of a daemon, and where lines to and from it end. */
interface Placed extends Rectangle {
  readonly daemon: Daemon;
}

const middleOf = ({ y, height: tall }: Rectangle): number => Math.round(y + tall / 2);

function place(row: Row, y: number): readonly Placed[] {
  return row.daemons.map((daemon, index) => {
    const column = index === 0 ? FIRST : SECOND;
    return { daemon, x: column.x, y, width: column.width, height: DAEMON_HEIGHT };
  });
}

function daemonLines(placed: Placed, daemon: GraphDaemon): readonly string[] {
  const middle = Math.round(placed.x + placed.width / 2);
  return [
    box(placed, COLOUR.daemon),
    textAt(middle, placed.y + 21, `${daemon.daemon} :${daemon.port}`, { bold: true, middle: true }),
    textAt(middle, placed.y + 38, `on ${listed(daemon.on)}`, {
      size: 11,
      fill: COLOUR.faint,
      middle: true,
      room: placed.width - 12,
    }),
  ];
}

const kindOf = ({ isWrong }: Edge): Line => (isWrong ? 'wrong' : 'connection');

function edgeLines(edge: Edge, places: readonly Placed[], agent: Rectangle): readonly string[] {
  const to = places.find(({ daemon }) => daemon === edge.to);
  const from = places.find(({ daemon }) => daemon === edge.from);
  if (to === undefined) return [];
  const y = middleOf(to);
  if (from !== undefined) {
    const start = from.x + from.width;
    return [
      arrow([start, middleOf(from)], [to.x, y], kindOf(edge)),
      textAt(Math.round((start + to.x) / 2), y - 7, edge.label, { size: 11, fill: COLOUR.faint, middle: true }),
    ];
  }
  const start: readonly [number, number] = [agent.x + agent.width, y];
  if (to.x === FIRST.x) {
    return [
      arrow(start, [to.x, y], kindOf(edge)),
      textAt(Math.round((start[0] + SIDECARS.x) / 2), y - 7, edge.label, { size: 11, middle: true }),
    ];
  }
  // Past the first column: below its box.
  const under = to.y + to.height + 9;
  const colour = COLOUR.wrong;
  return [
    `<path d="M${start[0]} ${under}H${to.x + 30}V${to.y + to.height}" fill="none" stroke="${colour}" stroke-width="2" marker-end="url(#head-wrong)"/>`,
    textAt(start[0] + 8, under - 4, `${edge.label} past egress`, { size: 11, fill: colour }),
  ];
}

function agentLines(graph: BottleGraph, agent: Rectangle): readonly string[] {
  const container = graph.containers.find(({ daemons }) => daemons.length === 0);
  const middle = agent.x + Math.round(agent.width / 2);
  const room = agent.width - 14;
  const small = { size: 11, fill: COLOUR.faint, middle: true, room };
  const closed = outsideOf(graph, 'agent', false).map((end) => textOfEnd('no way to', end));
  const open = outsideOf(graph, 'agent', true).map((end) => textOfEnd('A WAY TO', end));
  return [
    box(agent, COLOUR.agent),
    textAt(middle, agent.y + 24, 'agent', { size: 15, bold: true, middle: true }),
    textAt(middle, agent.y + 42, container?.container ?? '', small),
    ...closed.map((text, index) => textAt(middle, agent.y + 66 + 16 * index, text, small)),
    ...open.map((text, index) =>
      textAt(middle, agent.y + 66 + 16 * (closed.length + index), text, { ...small, fill: COLOUR.wrong, bold: true }),
    ),
  ];
}

const textOfEnd = (what: string, end: string): string =>
  `${what} ${{ internet: 'the internet', host: 'the host', neighbours: 'other containers' }[end] ?? end}`;

/** A network as the band between those that are on it. */
function networkBand(graph: BottleGraph, name: string, x: number, width: number, y: number, tall: number) {
  const network = graph.networks.find((one) => one.name === name);
  if (network === undefined) return [];
  const middle = x + Math.round(width / 2);
  const style = { size: 11, middle: true, room: width - 8 };
  return [
    box({ x, y, width, height: tall }, network.isolated ? COLOUR.isolated : COLOUR.open, true),
    textAt(middle, y + 16, `network ${name}`, { ...style, bold: true }),
    textAt(middle, y + 31, networkText(network), { ...style, fill: COLOUR.faint }),
  ];
}

const MINIMUM = 132;

interface Band {
  readonly lines: readonly string[];
  readonly height: number;
}

function bottleBand(graph: BottleGraph, top: number): Band {
  const daemons = graph.containers.flatMap((container) => container.daemons);
  const rows = rowsOf(
    graph,
    DAEMONS.filter((daemon) => daemons.some((one) => one.daemon === daemon)),
  );
  const inner = Math.max(MINIMUM, rows.reduce((sum, row) => sum + height(row), 0) - GAP);
  const tall = HEAD + inner + 2 * GAP;
  const start = top + HEAD;
  const agent: Rectangle = { ...AGENT, y: start, height: inner };
  const starts = rows.map((_, index) => rows.slice(0, index).reduce((sum, row) => sum + height(row), start));
  const places = rows.flatMap((row, index) => place(row, starts[index] ?? start));
  const bundle = graph.containers.find((container) => container.daemons.length > 0);
  const title = graph.shape === 'bundle' ? (bundle?.container ?? '') : 'a container for each daemon';
  return {
    height: tall,
    lines: [
      box({ x: MARGIN, y: top, width: WIDTH - 2 * MARGIN, height: tall - 6 }, ['#f8fafc', '#cbd5e1']),
      textAt(AGENT.x, top + 26, `bottle ${graph.slug}`, { size: 16, bold: true, room: AGENT.width + 90 }),
      ...networkBand(graph, 'internal', AGENT.x + AGENT.width, SIDECARS.x - AGENT.x - AGENT.width, top + 10, tall - 26),
      ...networkBand(
        graph,
        'egress',
        SIDECARS.x + SIDECARS.width,
        WORLD.x - SIDECARS.x - SIDECARS.width,
        top + 10,
        tall - 26,
      ),
      box({ ...SIDECARS, y: top + 10, height: tall - 26 }, COLOUR.sidecar, graph.shape === 'split'),
      textAt(SIDECARS.x + SIDECARS.width / 2, top + 30, title, { bold: true, middle: true, room: SIDECARS.width - 20 }),
      ...agentLines(graph, agent),
      ...places.flatMap((placed) => {
        const daemon = daemons.find((one) => one.daemon === placed.daemon);
        return daemon === undefined ? [] : daemonLines(placed, daemon);
      }),
      ...edgesOf(graph).flatMap((edge) => edgeLines(edge, places, agent)),
      ...rows.flatMap((row, index) => worldLines(row, places, starts[index] ?? start)),
    ],
  };
}

function worldLines(row: Row, places: readonly Placed[], y: number): readonly string[] {
  const last = places.find(({ daemon }) => daemon === row.daemons.at(-1));
  if (last === undefined) return [];
  let at = y;
  return row.entries.flatMap((entry) => {
    const here = at;
    at += entryHeight(entry) + ENTRY_GAP;
    const target: readonly [number, number] = [WORLD.x, here + Math.round(entryHeight(entry) / 2)];
    const line: Line = entry.byFiles === true ? 'files' : 'connection';
    return [
      arrow([last.x + last.width, middleOf(last)], target, line),
      ...entryLines(entry, WORLD.x, here, WORLD.width),
    ];
  });
}

/** One picture of all bottles, from top to bottom. */
export function svgText(graphs: readonly BottleGraph[]): string {
  let top = MARGIN;
  const lines: string[] = [];
  for (const graph of graphs) {
    const band = bottleBand(graph, top);
    lines.push(...band.lines);
    top += band.height + 12;
  }
  const names = graphs.map(({ slug }) => slug).join(', ');
  return svgDocument(WIDTH, top + MARGIN, `Topology of ${names}`, lines);
}
