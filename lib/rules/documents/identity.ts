/** What a bottle is known by, and what its containers are made of: names, places, images, health, labels. */

import { isReservedLabel, LABEL, listed, projectName, quoted } from '../../plan/index.ts';
import { pairsOf } from '../../topology/compose-values.ts';
import type { DocumentBreach, DocumentRule } from '../document-rule.ts';
import { everywhere, keptRule } from './kept.ts';
import { changedServices, pointerTo, same } from './services.ts';

const BY_SLUG = 'remove the override; every name follows from `slug`';
const BY_ROUTE = 'remove the override; declare what is to be reached with `Route.to`, or a remote with `GitRemote.ssh`';
const BY_NETWORK =
  'remove the override; the way out is `egressNetwork`, what the agent reaches are `routes` and `remotes`';
const BY_IMAGE = 'use `image`: `Image.from(…)` or `Image.build(…)`';

const labelsOf = (labels: unknown): ReadonlyMap<string, string> => new Map(pairsOf(labels, /=/));

export const IDENTITY_RULES: readonly DocumentRule[] = [
  {
    id: 'bottles::document-identity',
    severity: 'error',
    what: 'a compose file with another project name, or with services other than those of the bottle',
    why: 'deploy, drift and destroy find a bottle by these, and a service of no plan is contained by nobody',
    fix: 'remove the override; choose `slug` and `shape` in the definition',
    *check({ plan, compose, plain }) {
      const name = projectName(plan.slug);
      if (compose.name !== name) {
        yield {
          pointer: '/name',
          message: `the project is called ${quoted(String(compose.name))}; allowed: ${quoted(name)}`,
        };
      }
      const wanted = Object.keys(plain.services);
      for (const service of Object.keys(compose.services)) {
        if (wanted.includes(service)) continue;
        yield {
          pointer: pointerTo('services', service),
          message: `service ${quoted(service)} is not of the bottle; allowed: ${listed(wanted)}`,
        };
      }
      for (const service of wanted) {
        if (Object.hasOwn(compose.services, service)) continue;
        yield {
          pointer: '/services',
          message: `service ${quoted(service)} is gone; allowed: ${listed(wanted)}`,
        };
      }
    },
  },
  keptRule(
    {
      id: 'bottles::name-changed',
      what: 'a container name, host name or domain name of an override',
      why: 'daemons bind the address that a name leads to and are dialled by name: another name leads to another container',
      fix: BY_SLUG,
    },
    everywhere({ container_name: BY_SLUG, hostname: BY_SLUG, domainname: BY_SLUG }),
  ),
  keptRule(
    {
      id: 'bottles::network-changed',
      what: 'a network, alias, address or link of an override',
      why: 'that the agent is on the internal network alone is what contains it',
      fix: BY_NETWORK,
    },
    everywhere({ networks: BY_NETWORK, links: BY_NETWORK, external_links: BY_NETWORK, mac_address: BY_NETWORK }),
  ),
  keptRule(
    {
      id: 'bottles::resolution-changed',
      what: 'name servers or fixed host names of an override',
      why: 'the inner hop is a fixed name, and an agent with a name server of its own can send secrets out in queries',
      fix: BY_ROUTE,
    },
    everywhere({ dns: BY_ROUTE, dns_opt: BY_ROUTE, dns_search: BY_ROUTE, extra_hosts: BY_ROUTE }),
  ),
  keptRule(
    {
      id: 'bottles::image-changed',
      what: 'an image, build, platform or entrypoint of an override, or a command of a sidecar',
      why: 'deploy pins and verifies the images that it knows of, and only the entrypoints of the bottle start what contains',
      fix: BY_IMAGE,
    },
    {
      agent: {
        image: BY_IMAGE,
        build: 'use `image: Image.build(context)`',
        platform: BY_IMAGE,
        pull_policy: 'remove the override; deploy has the images ready',
        pull_refresh_after: 'remove the override; deploy has the images ready',
        entrypoint: 'remove the override; what the agent runs is `command`',
      },
      sidecars: {
        image: BY_IMAGE,
        build: 'use `image: Image.build(context)`',
        platform: BY_IMAGE,
        pull_policy: 'remove the override; deploy has the images ready',
        pull_refresh_after: 'remove the override; deploy has the images ready',
        entrypoint: 'remove the override; the init of the image starts the daemons',
        command: 'remove the override; the init of the image starts the daemons',
        working_dir: 'remove the override',
        init: 'remove the override; the image has an init',
        tty: 'remove the override',
        stdin_open: 'remove the override',
      },
    },
  ),
  keptRule(
    {
      id: 'bottles::health-changed',
      what: 'a health check of a sidecar, or what a service waits for, of an override',
      why: 'the agent never runs without its proxies, and an apply is done when health says so',
      fix: 'remove the override',
    },
    {
      agent: { depends_on: 'remove the override; the agent waits for every sidecar' },
      sidecars: {
        depends_on: 'remove the override',
        healthcheck: 'remove the override; the health check is the image’s',
      },
    },
  ),
  keptRule(
    {
      id: 'bottles::container-runtime-changed',
      what: 'a container runtime of an override',
      why: 'a runtime decides what isolation is, and the definition is where a reader looks for it',
      fix: 'use `agent.runtime`',
    },
    {
      agent: { runtime: 'use `agent.runtime`' },
      sidecars: { runtime: 'remove the override; the sidecars run under the engine’s default' },
    },
  ),
  {
    id: 'bottles::label-reserved',
    severity: 'error',
    what: 'a label of an override that has a meaning to deploy, compose or the engine, or one of these taken away',
    why: 'containers are found, compared and removed by these labels',
    fix: 'remove the override; labels of your own are `labels` of the bottle',
    *check(bottle) {
      for (const { name, service, plain } of changedServices(bottle)) {
        const now = labelsOf(service['labels']);
        const was = labelsOf(plain['labels']);
        const breach = (label: string, words: string): DocumentBreach => ({
          pointer: pointerTo('services', name, 'labels', ...(Array.isArray(service['labels']) ? [] : [label])),
          message: `label ${quoted(label)} of service ${quoted(name)} ${words}; allowed: labels that nothing of the bottle reads`,
        });
        for (const label of was.keys()) {
          if (isReservedLabel(label) && !now.has(label)) yield breach(label, 'is taken away');
        }
        for (const [label, value] of now) {
          if (!isReservedLabel(label) || value === was.get(label)) continue;
          // Synth computes it again over what the overrides make of the service.
          if (label === LABEL.digest && /^[0-9a-f]{64}$/.test(value)) continue;
          yield breach(label, was.has(label) ? 'is changed' : 'is added');
        }
      }
    },
  },
  {
    id: 'bottles::document-key',
    severity: 'error',
    what: 'a top-level key of the compose file that synth does not write',
    why: 'such a key brings in files, secrets, services or networks that no rule has seen',
    fix: 'remove it; declare what it was for in the definition',
    *check({ compose }) {
      for (const key of Object.keys(compose)) {
        if (['name', 'services', 'networks', 'volumes'].includes(key) || key.startsWith('x-')) continue;
        yield {
          pointer: pointerTo(key),
          message: `${quoted(key)} is in the compose file; allowed: name, services, networks and volumes`,
        };
      }
    },
  },
  {
    id: 'bottles::network-options',
    severity: 'error',
    what: 'networks of the compose file that are not as synth writes them',
    why: 'a bridge without `internal`, `inhibit_ipv4` or with IPv6 is a way to the host or out; a shared one joins two bottles',
    fix: 'use `egressNetwork`: Network.managed or Network.external',
    *check({ compose, plain }) {
      yield* changedEntries('networks', compose.networks, plain.networks);
    },
  },
  {
    id: 'bottles::volume-options',
    severity: 'error',
    what: 'volumes of the compose file that are not as synth writes them',
    why: 'a volume with driver options is a mount of any directory of the host, or of a server',
    fix: 'use `Mount.volume` or `Mount.bind` in `mounts`',
    *check({ compose, plain }) {
      yield* changedEntries('volumes', compose.volumes, plain.volumes);
    },
  },
];

type Entries = Readonly<Record<string, unknown>>;

/** Entries of a top-level mapping that are new, gone or changed. */
function* changedEntries(key: string, now: Entries, was: Entries): Iterable<DocumentBreach> {
  if (now === was) return;
  for (const name of new Set([...Object.keys(now ?? {}), ...Object.keys(was)])) {
    if (same(now?.[name], was[name])) continue;
    const word = !Object.hasOwn(was, name)
      ? 'is not of the bottle'
      : now?.[name] === undefined
        ? 'is gone'
        : 'is changed';
    yield { pointer: pointerTo(key, name), message: `${quoted(name)} of ${key} ${word}; allowed: what synth writes` };
  }
}
