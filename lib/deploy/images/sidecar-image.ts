/** The image of the sidecar bundle: the scanner chosen, the bases resolved, and a build only if the content is new. */

import { join } from 'node:path';
import { BASES, type BaseName } from '../../../images/bases/pins.ts';
import { BottleError } from '../../errors.ts';
import { LABEL } from '../../plan/index.ts';
import type { Progress } from '../progress.ts';
import { architectureNamed } from './base-recipe.ts';
import { baseArguments, baseIdentities, basesFor } from './bases-for.ts';
import { buildImage } from './build-image.ts';
import { askedScanner, type ScannerChoice } from './choose-scanner.ts';
import { contentHash, contentTag } from './content.ts';
import { type Environment, engineArchitecture, imageFacts } from './docker.ts';
import { LOCK_FILE, readLock, type Scanner, writeLock } from './lock.ts';
import { type Pull, puller } from './registry.ts';
import { baseReference } from './resolve-base.ts';
import { sidecarContext } from './sidecar-context.ts';

export interface SidecarImageOptions {
  /** The user's project: where `cdk.json` lies. */
  readonly projectDir: string;
  /** @default - `claude-bottle.lock` in the project */
  readonly lockFile?: string;
  /** What the definition insists on in pipelock's slot. */
  readonly engine: Scanner | null;
  /** `-c scanner=…` */
  readonly contextScanner?: string;
  readonly env: Environment;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

export interface SidecarImage {
  /** `claude-bottle-sidecars:<first 12 digits of the content hash>` */
  readonly tag: string;
  /** `sha256:…` */
  readonly id: string;
  readonly scanner: Scanner;
  readonly scannerSource: ScannerChoice['source'];
  /** False where the engine held this content already. */
  readonly built: boolean;
}

const WORDS: Readonly<Record<Scanner, string>> = {
  pipelock: 'pipelock',
  builtin: 'the built-in scanner (no prompt-injection, MCP or seed-phrase scanning)',
};

async function firstChoice(
  lockFile: string,
  { env, progress }: SidecarImageOptions,
  pull: Pull,
): Promise<ScannerChoice> {
  const reference = baseReference('pipelock', env);
  const result = await pull(reference);
  if (result.outcome === 'refused') {
    throw new BottleError(
      'images/scanner-undecided',
      `a registry answers, but not with ${reference}: ${result.reason}`,
      {
        fix: 'mend that (credentials, rate limit, a CA that the engine must trust), or choose yourself: -c scanner=builtin',
      },
    );
  }
  const scanner = result.outcome === 'pulled' ? 'pipelock' : 'builtin';
  const why = result.outcome === 'pulled' ? `${reference} answers` : `${reference} cannot be had (${result.reason})`;
  progress.say(`pipelock's slot holds ${WORDS[scanner]}: ${why}. Recorded in ${lockFile}; it never changes by itself.`);
  writeLock(lockFile, { ...readLock(lockFile), scanner });
  return { scanner, source: 'first build' };
}

/** Makes sure that the engine holds the sidecar image of this project. */
export async function ensureSidecarImage(options: SidecarImageOptions): Promise<SidecarImage> {
  const { env, progress, contextScanner, signal } = options;
  const lockFile = options.lockFile ?? join(options.projectDir, LOCK_FILE);
  return progress.step('sidecar image', async (note) => {
    const pull = puller(env, signal);
    const architecture = architectureNamed(await engineArchitecture(env));
    const asked = askedScanner({
      definition: options.engine,
      ...(contextScanner === undefined ? {} : { context: contextScanner }),
      env,
      lock: readLock(lockFile),
    });
    const { scanner, source } = asked ?? (await firstChoice(lockFile, options, pull));
    const names: BaseName[] = [
      'node',
      'gitleaks',
      'mitmproxy',
      ...(scanner === 'pipelock' ? (['pipelock'] as const) : []),
    ];
    note(`resolving ${names.map((name) => BASES[name].reference).join(', ')}`);
    const bases = await basesFor(names, lockFile, { env, architecture, pull });
    const context = await sidecarContext();
    const hash = contentHash(context, { SCANNER: scanner, architecture, ...baseIdentities(bases) });
    const tag = contentTag('claude-bottle-sidecars', hash);
    const present = await imageFacts(tag, env);
    const result = { tag, scanner, scannerSource: source };
    if (present?.labels[LABEL.scanner] === scanner) {
      note(`${tag}, unchanged`);
      return { ...result, id: present.id, built: false };
    }
    const args = { SCANNER: scanner, ...baseArguments(bases) };
    const built = await buildImage({ what: 'sidecar image', tag, context, args, extraCA: true, env, note, signal });
    note(tag);
    return { ...result, id: built.id, built: true };
  });
}
