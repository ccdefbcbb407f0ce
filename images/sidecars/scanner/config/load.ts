/** Reads `pipelock.yaml`: bytes to a {@link Config} and the hash that health and apply know it by. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { type Config, configSchema } from './schema.ts';

/** The file is not a configuration; the message has one line per mistake: place, value, what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export interface LoadedConfig {
  readonly config: Config;
  /** SHA-256 of the file's bytes, hex. */
  readonly hash: string;
}

const MAX_BYTES = 4 * 1024 * 1024;

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 80 ? `${json.slice(0, 77)}...` : json;
}

/** The configuration in `bytes`; throws {@link ConfigError}. */
export function parseConfig(bytes: Buffer, file: string): LoadedConfig {
  if (bytes.length > MAX_BYTES) throw new ConfigError(`${file}: ${bytes.length} bytes; allowed: at most ${MAX_BYTES}`);
  const document = parseDocument(bytes.toString('utf8'), { uniqueKeys: true, version: '1.2' });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw new ConfigError(`${file}: not YAML: ${problem.message.split('\n')[0]}`);
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 0 });
  } catch {
    throw new ConfigError(`${file}: YAML aliases; allowed: none`);
  }
  const result = configSchema.safeParse(raw);
  if (!result.success) {
    const lines = result.error.issues.map((issue) => {
      const place = issue.path.map(String).join('.') || 'top level';
      if (issue.code === 'unrecognized_keys') {
        return `${file}: ${place}: unknown key ${issue.keys.join(', ')}; ${issue.message}`;
      }
      return `${file}: ${place}: ${shown(valueAt(raw, issue.path))}; ${issue.message}`;
    });
    throw new ConfigError(lines.join('\n'));
  }
  return { config: result.data, hash: createHash('sha256').update(bytes).digest('hex') };
}

/** The configuration in `file`; throws {@link ConfigError}. */
export function loadConfig(file: string): LoadedConfig {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (reason) {
    const code = reason instanceof Error && 'code' in reason ? String(reason.code) : 'unknown error';
    throw new ConfigError(`${file}: cannot be read: ${code}`);
  }
  return parseConfig(bytes, file);
}
