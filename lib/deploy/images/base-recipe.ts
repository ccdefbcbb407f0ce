/** The recipes of the local stand-ins: what each is made of, and the tag that this content gives it. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEBIAN, GITLEAKS_VERSION, type LocalBaseName, NODE_PACKAGE, NPM_PACKAGE } from '../../../images/bases/pins.ts';
import { BottleError } from '../../errors.ts';
import { type ContextFile, contentHash, contentTag } from './content.ts';
import { packageRoot } from './package-root.ts';

/** Architectures that stand-ins exist for, in Docker's words. */
export type Architecture = keyof typeof NODE_PACKAGE;

export function architectureNamed(text: string): Architecture {
  if (text === 'amd64' || text === 'arm64') return text;
  throw new BottleError('images/architecture', `there are no base images for the architecture ${text}`, {
    fix: 'use an engine on amd64 or arm64',
  });
}

/** The committed files that the stand-in `name` is built from. */
export function recipeFiles(name: LocalBaseName): readonly ContextFile[] {
  const names = {
    debian: [],
    node: ['Dockerfile'],
    gitleaks: ['Dockerfile'],
    mitmproxy: ['Dockerfile', 'requirements.txt'],
  };
  return names[name].map((path) => ({
    path,
    content: readFileSync(join(packageRoot(), 'images', 'bases', name, path)),
    executable: false,
  }));
}

/** The tag under which the stand-in `name` lies on an engine, whether it is there or not. */
export function localBaseTag(name: LocalBaseName, architecture: Architecture): string {
  const parts: Record<LocalBaseName, () => unknown> = {
    debian: () => DEBIAN,
    node: () => [NODE_PACKAGE[architecture], NPM_PACKAGE],
    gitleaks: () => [GITLEAKS_VERSION, localBaseTag('debian', architecture)],
    mitmproxy: () => localBaseTag('debian', architecture),
  };
  const inputs = { name, architecture, parts: JSON.stringify(parts[name]()) };
  return contentTag(`claude-bottle-base-${name}`, contentHash(recipeFiles(name), inputs));
}
