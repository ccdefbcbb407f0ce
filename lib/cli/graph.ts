/** `bottle graph`: the topology of what synth makes of the definition, as a picture. */

import { readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type Manifest, selectBottles } from '../assembly/index.ts';
import { BottleError, reasonOf } from '../errors.ts';
import { type BottleGraph, bottleGraph, htmlText, mermaidText, svgText } from '../graph/index.ts';
import { BOTTLE_FILE, type ComposeDocument, quoted } from '../plan/index.ts';
import { parsedYaml } from '../render/yaml.ts';
import { topologyOf } from '../topology/index.ts';
import { definedPolicy } from './explain-policy.ts';
import type { Messages } from './messages.ts';
import type { Project } from './project.ts';
import { withScratchAssembly } from './scratch-assembly.ts';

export type GraphFormat = 'html' | 'svg' | 'mermaid';

export interface GraphOptions {
  /** @default by the suffix of {@link file}; html */
  readonly format?: GraphFormat;
  /** Written in place of stdout. */
  readonly file?: string;
}

const FORMAT_OF: Readonly<Record<string, GraphFormat>> = {
  '.html': 'html',
  '.htm': 'html',
  '.svg': 'svg',
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
};

const TEXT: Readonly<Record<GraphFormat, (graphs: readonly BottleGraph[]) => string>> = {
  html: htmlText,
  svg: svgText,
  mermaid: mermaidText,
};

function formatOf({ format, file }: GraphOptions): GraphFormat {
  const suffix = file === undefined ? '.html' : extname(file).toLowerCase();
  const chosen = format ?? FORMAT_OF[suffix];
  if (chosen !== undefined) return chosen;
  throw new BottleError('usage/graph-format', `the suffix of ${quoted(file ?? '')} names no kind of picture`, {
    fix: `name a file that ends in ${Object.keys(FORMAT_OF).join(', ')}, or give --format`,
    exitCode: 2,
  });
}

function graphOf(outdir: string, manifest: Manifest, slug: string): BottleGraph {
  const bottle = manifest.bottles[slug];
  const paths = Object.keys(bottle?.files ?? {});
  const files = Object.fromEntries(paths.map((path) => [path, readFileSync(join(outdir, slug, path), 'utf8')]));
  const compose = parsedYaml(files[BOTTLE_FILE.compose] ?? '') as ComposeDocument;
  const topology = topologyOf({ plan: { slug }, compose, files });
  return bottleGraph(topology, definedPolicy(outdir, manifest, slug), bottle?.shape ?? 'bundle');
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new BottleError('graph/not-writable', `the picture ${quoted(file)} cannot be written: ${reason}`, {
      fix: 'name a file in a directory that you may write',
      cause,
    });
  }
}

/** Draws the bottles that are `wanted`, or all. No file of the project changes but the picture. */
export async function graph(
  project: Project,
  wanted: readonly string[],
  messages: Messages,
  options: GraphOptions,
): Promise<void> {
  const format = formatOf(options);
  const graphs = await withScratchAssembly(project, messages, ({ outdir, manifest }) =>
    selectBottles(manifest, wanted).map((slug) => graphOf(outdir, manifest, slug)),
  );
  const text = TEXT[format](graphs);
  const { file } = options;
  if (file === undefined) return messages.document({ bottles: graphs }, text);
  write(file, text);
  messages.result({ bottles: graphs, file }, file);
}
