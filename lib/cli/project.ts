/** `cdk.json`: how a project says which definition to run. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BottleError, reasonOf } from '../errors.ts';
import { isRecord, listed, nearest } from '../plan/index.ts';

export interface Project {
  /** Absolute path of the directory that holds `cdk.json`, or the working directory without one. */
  readonly directory: string;
  /** Command that runs the definition. */
  readonly app: string;
  /** Output directory, relative to the project unless absolute. */
  readonly output: string;
  readonly context: Readonly<Record<string, unknown>>;
}

/** Options that win over `cdk.json`. `context` entries are `key=value`. */
export interface ProjectOptions {
  readonly app?: string;
  readonly output?: string;
  readonly context?: readonly string[];
}

const FILE = 'cdk.json';
const KEYS = ['app', 'output', 'context'] as const;

function readFile(file: string): Readonly<Record<string, unknown>> {
  if (!existsSync(file)) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new BottleError('project/not-json', `${file} is not JSON: ${reason}`, { fix: 'mend the file', cause });
  }
  if (!isRecord(parsed)) {
    throw new BottleError('project/not-an-object', `${file} holds no object`, { fix: 'write { "app": "…" }' });
  }
  return parsed;
}

/** A misspelled key would do nothing, and nobody would know. */
function assertKnownKeys(content: Readonly<Record<string, unknown>>, file: string): void {
  const unknown = Object.keys(content).filter((key) => !KEYS.some((known) => known === key));
  if (unknown.length === 0) return;
  const named = unknown.map((key) => {
    const meant = nearest(key, KEYS);
    return meant === undefined ? `"${key}"` : `"${key}" (did you mean "${meant}"?)`;
  });
  throw new BottleError('project/unknown-key', `${file} has the unknown ${listed(named)}; allowed: ${listed(KEYS)}`, {
    fix: 'correct or remove it; what a definition is to read belongs into "context"',
  });
}

function textOf(value: unknown, key: string, file: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new BottleError('project/bad-value', `"${key}" in ${file} is ${JSON.stringify(value)}, not a text`, {
    fix: `write "${key}": "…", or leave it out`,
  });
}

function contextEntry(entry: string): [string, string] {
  const at = entry.indexOf('=');
  if (at < 1) {
    throw new BottleError('usage/context', `--context ${entry}: not of the form key=value`, {
      fix: 'write for example -c suffix=two',
      exitCode: 2,
    });
  }
  return [entry.slice(0, at), entry.slice(at + 1)];
}

/** The project in `directory`. Throws a BottleError if no app is named, or if `cdk.json` is not what it should be. */
export function readProject(directory: string, options: ProjectOptions): Project {
  const file = join(directory, FILE);
  const content = readFile(file);
  assertKnownKeys(content, file);
  const app = options.app ?? textOf(content['app'], 'app', file);
  if (app === undefined) {
    throw new BottleError('project/no-app', `no app: ${file} ${existsSync(file) ? 'has no "app"' : 'does not exist'}`, {
      fix: 'name the command that runs your definition in cdk.json, { "app": "node --import tsx bin/app.ts" }, or give --app',
    });
  }
  const context = content['context'] ?? {};
  if (!isRecord(context)) {
    throw new BottleError('project/bad-value', `"context" in ${file} is no object`, { fix: 'write "context": {}' });
  }
  return {
    directory,
    app,
    output: options.output ?? textOf(content['output'], 'output', file) ?? 'dist',
    context: { ...context, ...Object.fromEntries((options.context ?? []).map(contextEntry)) },
  };
}
