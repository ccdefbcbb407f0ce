/** What a container may use of the machine, how it is stopped and started again, and what it writes to the log. */

import { INIT_GRACE_MS, quoted, type RenderedBottle, type ResourcesPlan, UNKNOWN_PROJECT } from '../../plan/index.ts';
import { fieldsOf, textOf } from '../../topology/compose-values.ts';
import { appView } from '../app-view.ts';
import type { DocumentRule } from '../document-rule.ts';
import { LIMIT_RULES } from '../limits.ts';
import { has, type JudgedService, judgedServices, keyBreach, same, shownValue } from './services.ts';

/** Which key of a service says which of our resources. */
const RESOURCE = { mem_limit: 'limit-memory', pids_limit: 'limit-pids', cpus: 'limit-cpus' } as const;

/** A byte value as the plan has it: compose also takes a number of bytes, and units in capitals. */
const byteText = (value: unknown): string => (textOf(value) ?? '').toLowerCase().replace(/^(\d+)$/, '$1b');

/** What the rules over plans say of `key` as the final document has it. */
function limitProblem({ plan }: RenderedBottle, { service, isAgent }: JudgedService, key: keyof typeof RESOURCE) {
  const said = isAgent ? plan.agent.resources : plan.sidecars.resources;
  const value = service[key];
  const resources: ResourcesPlan = {
    ...said,
    ...(key === 'mem_limit' ? { memory: byteText(value) } : {}),
    ...(key === 'pids_limit' ? { pids: Number(value) } : {}),
    ...(key === 'cpus' ? { cpus: Number(value) } : {}),
  };
  const derived = isAgent
    ? { ...plan, agent: { ...plan.agent, resources } }
    : { ...plan, sidecars: { ...plan.sidecars, resources } };
  const view = appView([derived], UNKNOWN_PROJECT, new Map());
  for (const rule of LIMIT_RULES) {
    if (rule.id !== `bottles::${RESOURCE[key]}`) continue;
    for (const { part, message } of rule.check(derived, view)) if (part === resources) return message;
  }
  return undefined;
}

/** A duration (compose specification, "Specifying durations") in milliseconds, or undefined. */
export function milliseconds(text: string): number | undefined {
  const unit: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
  if (!/^(?:\d+(?:\.\d+)?(?:us|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h)/g)];
  return parts.reduce((sum, [, amount, name = '']) => sum + Number(amount) * (unit[name] ?? Number.NaN), 0);
}

const LOG_DRIVERS = ['json-file', 'local'];
const LOG_OPTIONS = ['max-size', 'max-file', 'compress', 'mode', 'max-buffer-size'];

/** What of `logging` would let a log grow, leave the host, or show more than was written. */
function logProblem(logging: unknown): string | undefined {
  const { driver, options } = fieldsOf(logging);
  if (!LOG_DRIVERS.includes(textOf(driver) ?? ''))
    return `has driver ${shownValue(driver)}; allowed: json-file or local`;
  const given = fieldsOf(options);
  const foreign = Object.keys(given).find((name) => !LOG_OPTIONS.includes(name));
  if (foreign !== undefined) return `has option ${quoted(foreign)}; allowed: ${LOG_OPTIONS.join(', ')}`;
  if (!/^[1-9]\d{0,3}[kmKM]$|^1[gG]$/.test(textOf(given['max-size']) ?? '')) {
    return `has max-size ${shownValue(given['max-size'])}; allowed: at most 1g, e.g. 10m`;
  }
  const files = textOf(given['max-file']) ?? '';
  return /^[1-9]\d?$/.test(files) ? undefined : `has max-file ${shownValue(given['max-file'])}; allowed: 1 to 99`;
}

export const DOCUMENT_LIMIT_RULES: readonly DocumentRule[] = [
  {
    id: 'bottles::limit-lifted',
    severity: 'error',
    what: 'a container without limits of memory or processes, or an override with one that the definition could not have',
    why: 'without limits one agent starves the machine, and with too small ones the daemons are killed',
    fix: 'use `resources`, e.g. { memory: "4g", pids: 1024, cpus: 2 }',
    *check(bottle) {
      for (const judged of judgedServices(bottle)) {
        const { service, plain } = judged;
        for (const key of ['mem_limit', 'pids_limit', 'cpus'] as const) {
          if (plain !== undefined && same(service[key], plain[key])) continue;
          if (!has(service, key)) yield keyBreach(judged, key, 'is taken away; allowed: a limit');
          else {
            const problem = limitProblem(bottle, judged, key);
            if (problem !== undefined) yield keyBreach(judged, key, `lifts or breaks a limit: ${problem}`);
          }
        }
        for (const key of ['oom_kill_disable', 'cpu_rt_period', 'cpu_rt_runtime']) {
          if (!has(service, key) || service[key] === false) continue;
          yield keyBreach(judged, key, `is ${shownValue(service[key])}; allowed: none`);
        }
        for (const key of ['memswap_limit', 'oom_score_adj']) {
          if (!(textOf(service[key]) ?? '').trim().startsWith('-')) continue;
          yield keyBreach(judged, key, `is ${shownValue(service[key])}; allowed: nothing below 0`);
        }
      }
    },
  },
  {
    id: 'bottles::stop-grace',
    severity: 'error',
    what: 'a sidecar that is killed before its init has ended the daemons, or stopped by another signal than SIGTERM',
    why: `the init gives the daemons ${INIT_GRACE_MS / 1_000} s, in which git-gate ends a push and supervise writes its queue; SIGUSR1 restarts pipelock`,
    fix: 'remove the override; the grace is 10 s',
    *check(bottle) {
      for (const judged of judgedServices(bottle)) {
        const { service, isAgent } = judged;
        if (isAgent) continue;
        // Compose's own default is 10 s.
        const grace = has(service, 'stop_grace_period')
          ? milliseconds(textOf(service['stop_grace_period']) ?? '')
          : 10_000;
        if (grace === undefined || grace <= INIT_GRACE_MS) {
          const shown = shownValue(service['stop_grace_period']);
          yield keyBreach(judged, 'stop_grace_period', `is ${shown}; allowed: more than ${INIT_GRACE_MS / 1_000}s`);
        }
        if (has(service, 'stop_signal') && !/^(?:SIG)?TERM$|^15$/i.test(textOf(service['stop_signal']) ?? '')) {
          yield keyBreach(judged, 'stop_signal', `is ${shownValue(service['stop_signal'])}; allowed: SIGTERM`);
        }
      }
    },
  },
  {
    id: 'bottles::restart-policy',
    severity: 'error',
    what: 'another restart policy than unless-stopped',
    why: 'a sidecar that stays down leaves the agent without its proxies, and one that always comes back outlives its operator',
    fix: 'remove the override; end a bottle with `bottle destroy`',
    *check(bottle) {
      for (const judged of judgedServices(bottle)) {
        const { restart } = judged.service;
        if (restart === 'unless-stopped') continue;
        yield keyBreach(judged, 'restart', `is ${shownValue(restart)}; allowed: 'unless-stopped'`);
      }
    },
  },
  {
    id: 'bottles::log-rotation',
    severity: 'error',
    what: 'a log that can grow without end, leaves the host, or carries the environment',
    why: 'an agent that can fill the disk of the host stops everything on it, and `bottle logs` reads the engine’s own files',
    fix: 'use driver json-file or local with max-size and max-file',
    *check(bottle) {
      for (const judged of judgedServices(bottle)) {
        const problem = logProblem(judged.service['logging']);
        if (problem !== undefined) yield keyBreach(judged, 'logging', problem);
      }
    },
  },
];
