/** What a container may use of the machine, how it is stopped and started again, and what it writes to the log. */

import {
  type ComposeService,
  INIT_GRACE_MS,
  quoted,
  type RenderedBottle,
  type ResourcesPlan,
  UNKNOWN_PROJECT,
} from '../../plan/index.ts';
import { fieldsOf, textOf } from '../../topology/compose-values.ts';
import { appView } from '../app-view.ts';
import type { DocumentRule } from '../document-rule.ts';
import { bytesOf, LIMIT_RULES } from '../limits.ts';
import { has, type JudgedService, judgedServices, keyBreach, pointerTo, same, shownValue } from './services.ts';

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

/** Memory and swap together (compose specification, `memswap_limit`): the kernel gives that much of the machine's swap. */
function swapProblem(service: ComposeService): string | undefined {
  const memory = bytesOf(byteText(service['mem_limit']));
  const both = bytesOf(byteText(service['memswap_limit']));
  // Compose reads 0 as absent; then the engine gives as much swap as memory.
  if (!has(service, 'memswap_limit') || both === 0 || memory === undefined) return undefined;
  if (both !== undefined && both >= memory && both <= 2 * memory) return undefined;
  return `is ${shownValue(service['memswap_limit'])}; allowed: ${shownValue(service['mem_limit'])}, the limit of memory, to twice as much`;
}

/** The problem of a duration that is longer than `most`, or none. */
function durationProblem(value: unknown, most: number, shownMost: string): string | undefined {
  const duration = milliseconds(textOf(value) ?? '');
  return duration !== undefined && duration <= most
    ? undefined
    : `is ${shownValue(value)}; allowed: at most ${shownMost}`;
}

/** Longest that a container may take to stop. */
const LONGEST_GRACE_MS = 600_000;

/** What a health check may take until its first word. Deploy waits for that two minutes unless it is told otherwise. */
const HEALTH_MS = {
  interval: [60_000, '60s'],
  timeout: [60_000, '60s'],
  start_period: [600_000, '10m'],
} as const;

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
        const swap = swapProblem(service);
        if (swap !== undefined) yield keyBreach(judged, 'memswap_limit', swap);
        if ((textOf(service['oom_score_adj']) ?? '').trim().startsWith('-')) {
          yield keyBreach(
            judged,
            'oom_score_adj',
            `is ${shownValue(service['oom_score_adj'])}; allowed: nothing below 0`,
          );
        }
      }
    },
  },
  {
    id: 'bottles::stop-grace',
    severity: 'error',
    what: 'a sidecar that is killed before its init has ended the daemons, or stopped by another signal than SIGTERM; a container that may take more than 10 minutes to stop',
    why: `the init gives the daemons ${INIT_GRACE_MS / 1_000} s, in which git-gate ends a push and supervise writes its queue; SIGUSR1 restarts pipelock; and what ignores its end would hold up every change of the bottle`,
    fix: 'remove the override; the grace is 10 s',
    *check(bottle) {
      for (const judged of judgedServices(bottle)) {
        const { service, isAgent } = judged;
        const late = has(service, 'stop_grace_period')
          ? durationProblem(service['stop_grace_period'], LONGEST_GRACE_MS, '10m')
          : undefined;
        if (isAgent) {
          if (late !== undefined) yield keyBreach(judged, 'stop_grace_period', late);
          continue;
        }
        // Compose's own default is 10 s.
        const grace = has(service, 'stop_grace_period')
          ? milliseconds(textOf(service['stop_grace_period']) ?? '')
          : 10_000;
        if (grace === undefined || grace <= INIT_GRACE_MS || late !== undefined) {
          const shown = shownValue(service['stop_grace_period']);
          const allowed = `more than ${INIT_GRACE_MS / 1_000}s, at most 10m`;
          yield keyBreach(judged, 'stop_grace_period', `is ${shown}; allowed: ${allowed}`);
        }
        if (has(service, 'stop_signal') && !/^(?:SIG)?TERM$|^15$/i.test(textOf(service['stop_signal']) ?? '')) {
          yield keyBreach(judged, 'stop_signal', `is ${shownValue(service['stop_signal'])}; allowed: SIGTERM`);
        }
      }
    },
  },
  {
    id: 'bottles::health-late',
    severity: 'error',
    what: 'a health check that says nothing for longer than a deploy waits',
    why: 'a container is neither well nor unwell until its first check: deploy and `docker compose up --wait` would give up on it',
    fix: 'write e.g. interval: 10s, or leave the key out',
    *check(bottle) {
      for (const judged of judgedServices(bottle)) {
        const check = fieldsOf(judged.service['healthcheck']);
        for (const [key, [most, shownMost]] of Object.entries(HEALTH_MS)) {
          const problem = has(check, key) ? durationProblem(check[key], most, shownMost) : undefined;
          if (problem === undefined) continue;
          yield {
            pointer: pointerTo('services', judged.name, 'healthcheck', key),
            message: `${quoted(`healthcheck.${key}`)} of service ${quoted(judged.name)} ${problem}`,
          };
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
