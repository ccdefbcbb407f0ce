export { bottleGraph } from './bottle-graph.ts';
export { htmlText } from './html.ts';
export { mermaidText } from './mermaid.ts';
export type { BottleGraph, GraphContainer, GraphDaemon, GraphRemote, Way } from './model.ts';
export { svgText } from './svg.ts';
