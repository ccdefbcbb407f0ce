/**
 * Compiles the compose specification's schema (setup/compose-schema/README.md) into a module of code. Compiling it when
 * a definition runs would cost more than everything else that synth does; of the whole schema the code would take longer
 * to load than a bottle to synthesize. So only the parts stay that a compose file of ours can have: a key of which
 * nothing is known here is an error of `bottles::service-key` or `bottles::document-key`, whatever its value.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { transformSync } from 'esbuild';
import { ROOT } from './packages.mjs';

const SCHEMA = join(ROOT, 'setup/compose-schema/compose-spec.json');
export const GENERATED = join(ROOT, 'lib/rules/documents/schema/validate.generated.ts');

const TOP_LEVEL = ['name', 'services', 'networks', 'volumes'];

/** Keys of a service that may have some value: those that synth writes, and those that are harmless within bounds. */
const OF_A_SERVICE = [
  'attach cap_add cap_drop cgroup command container_name cpu_count cpu_percent cpu_period cpu_quota cpu_shares cpus cpuset',
  'depends_on dns dns_opt entrypoint environment expose extra_hosts group_add healthcheck image init ipc labels logging',
  'mem_limit mem_reservation mem_swappiness memswap_limit networks oom_kill_disable oom_score_adj pids_limit privileged',
  'read_only restart runtime security_opt shm_size stdin_open stop_grace_period stop_signal tmpfs tty ulimits umask user',
  'volumes working_dir',
].flatMap((line) => line.split(' '));

/** @typedef {{ readonly [key: string]: unknown }} Schema */

/** @param {unknown} value @returns {Schema} */
const fields = (value) => /** @type {Schema} */ (typeof value === 'object' && value !== null ? value : {});

/** @param {Schema} from @param {readonly string[]} keys */
const pick = (from, keys) => Object.fromEntries(keys.flatMap((key) => (key in from ? [[key, from[key]]] : [])));

/** @param {unknown} node @param {(ref: string) => void} found */
function eachReference(node, found) {
  for (const [key, value] of Object.entries(fields(node))) {
    if (key === '$ref' && typeof value === 'string') found(value.replace('#/$defs/', ''));
    else eachReference(value, found);
  }
}

/** @param {unknown} node what a reader of errors has no use for is left out @returns {unknown} */
function bare(node) {
  if (Array.isArray(node)) return node.map(bare);
  if (typeof node !== 'object' || node === null) return node;
  const kept = Object.entries(node).filter(
    ([key, value]) => !['description', 'title', 'deprecated', 'default'].includes(key) || typeof value === 'object',
  );
  return Object.fromEntries(kept.map(([key, value]) => [key, bare(value)]));
}

/** @param {Schema} whole the schema as it is published @returns {Schema} the part that is checked */
function ours(whole) {
  const definitions = fields(whole['$defs']);
  const parts = [definitions['container_spec'], definitions['workload_spec'], definitions['service']];
  const all = Object.assign({}, ...parts.map((part) => fields(fields(part)['properties'])));
  const missing = OF_A_SERVICE.filter((key) => !(key in all));
  if (missing.length > 0) throw new Error(`the schema has no key ${missing.join(', ')} of a service`);
  const service = { type: 'object', properties: pick(all, OF_A_SERVICE) };
  const top = { type: 'object', properties: pick(fields(whole['properties']), TOP_LEVEL) };
  /** @type {Record<string, unknown>} */
  const used = {};
  /** @param {string} name */
  const use = (name) => {
    if (name in used) return;
    used[name] = name === 'service' ? service : definitions[name];
    eachReference(used[name], use);
  };
  eachReference(top, use);
  return { $schema: whole['$schema'], ...top, $defs: used };
}

/** @returns {string} the text of the module */
export function generated() {
  const schema = bare(ours(JSON.parse(readFileSync(SCHEMA, 'utf8'))));
  const ajv = new Ajv2020({
    allErrors: true,
    strict: false,
    messages: false,
    inlineRefs: false,
    code: { source: true, esm: true },
  });
  // The default export of a CommonJS package, as Node and as TypeScript see it.
  const standalone = /** @type {typeof standaloneCode.default} */ (
    /** @type {unknown} */ ('default' in standaloneCode ? standaloneCode.default : standaloneCode)
  );
  const code = standalone(ajv, ajv.compile(/** @type {Schema} */ (schema)))
    .replace('"use strict";', '')
    .replace(
      /const (\w+) = require\("ajv\/dist\/runtime\/ucs2length"\)\.default;/g,
      'const $1 = (text) => [...text].length;',
    )
    // Asked for lists without duplicates, of texts and numbers only.
    .replace(/const (\w+) = require\("ajv\/dist\/runtime\/equal"\)\.default;/g, 'const $1 = Object.is;');
  if (code.includes('require(')) throw new Error('the compiled schema asks for a module of ajv');
  const { code: short } = transformSync(code, { minify: true, format: 'esm', target: 'node20' });
  return [
    '// @ts-nocheck',
    '/** The compose specification’s schema as code. Made by setup/compose-schema.mjs: change that, and run it. */',
    short.trim(),
    '',
  ].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync(GENERATED, generated());
