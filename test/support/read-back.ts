/**
 * The plan of a bottle, read back from what synth wrote: its files, the manifest and the tree. Whoever adds a field to
 * the plan reads it back here, or says in {@link NOT_IN_FILES} why it is in no file.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { BottleManifest, TreeEntry } from '../../lib/assembly/index.ts';
import {
  AGENT_SERVICE,
  type AgentPlan,
  type BottlePlan,
  type EgressPlan,
  type GitGateFile,
  type GitGatePlan,
  LABEL,
  type NetworkPlan,
  type PipelockPlan,
  parseGitSshUrl,
  type RoutesFile,
  type SidecarsPlan,
  type SuperviseFile,
  TRUST_VARIABLES,
  type WorkspacePlan,
  workspaceDirectory,
} from '../../lib/plan/index.ts';
import {
  isDeclaredMount,
  mountOf,
  plainText,
  present,
  resourcesOf,
  variableOf,
  type WrittenCompose,
  type WrittenService,
} from './read-compose.ts';

/** Fields of the plan that no file has as they are, each with the reason. */
export const NOT_IN_FILES: Readonly<Record<string, string>> = {
  requireDigests: 'it is a demand on the definition, and nothing of it remains once it is met',
  'agent.overrides': 'what they did is in the service; the manifest lists their kinds and paths, never a value',
  'sidecars.overrides': 'as of the agent',
};

/** `plan` without what is in no file. That pipelock is exposed is in one only where it could be hidden: behind egress. */
export function inFiles({ requireDigests: _, ...plan }: BottlePlan): BottlePlan {
  const { agent, sidecars } = plan;
  const exposed = sidecars.pipelock.exposed && sidecars.egress !== undefined;
  return {
    ...plan,
    agent: { ...agent, overrides: [] },
    sidecars: { ...sidecars, overrides: [], pipelock: { ...sidecars.pipelock, exposed } },
  };
}

const PROXIES = ['HTTPS_PROXY', 'HTTP_PROXY', 'https_proxy', 'http_proxy', 'NO_PROXY', 'no_proxy'];
const CLAUDE_LIMITS = ['MCP_TOOL_TIMEOUT', 'CLAUDE_CODE_MCP_TOOL_IDLE_TIMEOUT'];
const OURS: ReadonlySet<string> = new Set([...PROXIES, ...TRUST_VARIABLES, ...CLAUDE_LIMITS, 'GIT_CONFIG_SYSTEM']);
const OF_A_DAEMON = /^(?:CLAUDE_BOTTLE_SIDECAR_DAEMONS|EGRESS_|SUPERVISE_)/;

/** What the app's own files say. */
export interface Written {
  readonly bottle: BottleManifest;
  readonly tree: TreeEntry;
}

/** Everything below a bottle's directory, and what the app's files say of it. */
interface Sources {
  readonly written: Written;
  readonly compose: WrittenCompose;
  readonly file: (path: string) => string;
}

const byName = <T extends { readonly name: string }>(list: readonly T[]): readonly T[] =>
  [...list].sort(({ name: a }, { name: b }) => (a < b ? -1 : 1));

const questionsOf = ({ written }: Sources, owner: 'agent' | 'sidecars'): ReadonlyMap<string, string> =>
  new Map(
    written.bottle.requires.answers
      .filter((need) => need.owner === owner)
      .map(({ name, question }) => [name, question]),
  );

/** Construct path of the construct of a class below the bottle; undefined if there is none. */
function pathOf({ written }: Sources, construct: string): string | undefined {
  const find = (entry: TreeEntry): TreeEntry | undefined =>
    entry.construct === construct && entry.path.startsWith(`${written.bottle.path}/`)
      ? entry
      : entry.children.map(find).find((found) => found !== undefined);
  return find(written.tree)?.path;
}

function neededPath(sources: Sources, construct: string): string {
  const path = pathOf(sources, construct);
  if (path === undefined) throw new Error(`tree.json has no ${construct} in ${sources.written.bottle.path}`);
  return path;
}

function workspaceOf({ written }: Sources): WorkspacePlan | undefined {
  const { workspace } = written.bottle.requires;
  if (workspace === undefined) return undefined;
  if (workspace.kind === 'clone') return { kind: 'clone', remote: workspace.name };
  if (workspace.kind === 'copy') return { kind: 'copy', hostPath: workspace.source };
  return { kind: 'bind', hostPath: workspace.source, readOnly: workspace.readOnly };
}

function agentOf(sources: Sources, service: WrittenService): AgentPlan {
  const { written, file } = sources;
  const { requires, files } = written.bottle;
  const workspace = workspaceOf(sources);
  const placeholders = new Set(requires.tokens.map(({ from }) => `${from}=placeholder`));
  const entries = service.environment.filter(
    (entry) => !OURS.has(entry.replace(/=.*$/s, '')) && !placeholders.has(entry),
  );
  const mounted = workspace?.kind === 'bind' ? workspaceDirectory(workspace) : undefined;
  const { user, runtime } = service;
  return present({
    path: neededPath(sources, 'Agent'),
    image: requires.images.agent,
    command: service.command.map(plainText),
    env: byName(entries.map((entry) => variableOf(entry, questionsOf(sources, 'agent')))),
    mounts: service.volumes.filter((volume) => volume['target'] !== mounted && isDeclaredMount(volume)).map(mountOf),
    workspace,
    skills: requires.skills,
    prompt: 'agent/prompt.md' in files ? file('agent/prompt.md') : undefined,
    resources: resourcesOf(service),
    user,
    runtime,
    readOnlyRoot: service.read_only,
    overrides: [],
  });
}

type PipelockFile = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function egressOf(sources: Sources, policy: PipelockFile): EgressPlan | undefined {
  const { written, file } = sources;
  if (!written.bottle.daemons.includes('egress')) return undefined;
  const tokens = written.bottle.requires.tokens.map(({ from }) => from);
  const passed = policy['tls_interception']?.['passthrough_domains'] as readonly string[];
  const trusted = (policy['trusted_domains'] ?? []) as unknown as readonly string[];
  const routes = (parse(file('egress/routes.yaml')) as RoutesFile).routes.map(({ auth, webSocket, ...route }) => ({
    ...route,
    ...(auth === undefined ? {} : { auth: { ...auth, from: tokens[auth.slot] ?? '' } }),
    webSocket: webSocket === true,
    tlsPassthrough: passed.includes(route.host),
    privateUpstream: trusted.includes(route.host),
  }));
  return { path: neededPath(sources, 'Egress'), routes, tokens };
}

function pipelockOf(sources: Sources, policy: PipelockFile, routed: readonly string[]): PipelockPlan {
  const { written, compose } = sources;
  const allowed = policy['api_allowlist'] as unknown as readonly string[];
  const { daemons, shape, requires } = written.bottle;
  const listen = String(policy['fetch_proxy']?.['listen']);
  const isServed =
    shape === 'split' ? 'internal' in (compose.services['pipelock']?.networks ?? {}) : !listen.startsWith('127.0.0.1:');
  return present({
    path: neededPath(sources, 'Pipelock'),
    engine: requires.scanner ?? undefined,
    allow: allowed.filter((name) => name !== 'nothing.invalid' && !routed.includes(name)),
    exposed: isServed && daemons.includes('egress'),
    maxResponseBytes: Number(policy['tls_interception']?.['max_response_bytes']),
    maxBodyBytes: Number(policy['request_body_scanning']?.['max_body_bytes']),
  });
}

function gitGateOf(sources: Sources): GitGatePlan | undefined {
  const { written, file } = sources;
  if (!written.bottle.daemons.includes('git-gate')) return undefined;
  const keys = new Map(
    file('git-gate/known_hosts')
      .trim()
      .split('\n')
      .map((line) => [line.replace(/ .*$/, ''), line.replace(/^\S+ /, '')]),
  );
  const identities = new Map(written.bottle.requires.identityFiles.map(({ remote, path }) => [remote, path]));
  const { remotes } = JSON.parse(file('git-gate/git-gate.json')) as GitGateFile;
  return {
    path: neededPath(sources, 'GitGate'),
    remotes: remotes.map(({ key: _, ...remote }) => {
      const { host = '', port = 22 } = parseGitSshUrl(remote.url) ?? {};
      return {
        ...remote,
        identityFile: identities.get(remote.name) ?? '',
        knownHostKey: keys.get(port === 22 ? host : `[${host}]:${port}`) ?? '',
      };
    }),
  };
}

function networkOf({ networks }: WrittenCompose): NetworkPlan {
  const { external, name, ipam } = networks['egress'] ?? {};
  if (external === true) return { kind: 'external', name: String(name) };
  const [range] = (ipam as { readonly config: readonly { readonly subnet: string }[] } | undefined)?.config ?? [];
  return { kind: 'managed', ...range };
}

/** What every sidecar service says alike. */
function common<T>(services: readonly WrittenService[], read: (service: WrittenService) => T): T {
  const [first, ...others] = services.map(read);
  if (first === undefined) throw new Error('no sidecar');
  const differing = others.find((other) => JSON.stringify(other) !== JSON.stringify(first));
  if (differing !== undefined) throw new Error(`sidecars differ: ${JSON.stringify([first, differing])}`);
  return first;
}

function sidecarsOf(sources: Sources): SidecarsPlan {
  const { written, compose, file } = sources;
  const { requires, shape, daemons } = written.bottle;
  const services = Object.entries(compose.services).flatMap(([name, service]) =>
    name === AGENT_SERVICE ? [] : [service],
  );
  const policy = parse(file('pipelock/pipelock.yaml')) as PipelockFile;
  const egress = egressOf(sources, policy);
  const routed = (egress?.routes ?? []).map(({ host }) => host);
  const questions = questionsOf(sources, 'sidecars');
  const supervise = daemons.includes('supervise')
    ? (JSON.parse(file('supervise/supervise.json')) as SuperviseFile)
    : undefined;
  return present({
    path: neededPath(sources, 'SidecarBundle'),
    image: requires.images.sidecars,
    shape,
    daemons,
    egress,
    pipelock: pipelockOf(sources, policy, routed),
    gitGate: gitGateOf(sources),
    supervise:
      supervise === undefined
        ? undefined
        : { path: neededPath(sources, 'Supervise'), deadlineSeconds: supervise.deadlineSeconds },
    trustedCAs: requires.trustedCAs,
    egressNetwork: networkOf(compose),
    env: common(services, ({ environment }) =>
      environment.filter((entry) => !OF_A_DAEMON.test(entry)).map((entry) => variableOf(entry, questions)),
    ),
    mounts: common(services, ({ volumes }) => volumes.filter(isDeclaredMount).map(mountOf)),
    resources: common(services, resourcesOf),
    overrides: [],
  });
}

/** The plan of one bottle in `outdir`, as far as files say it. */
export function readBack(outdir: string, slug: string, written: Written): BottlePlan {
  const file = (path: string): string => readFileSync(join(outdir, slug, path), 'utf8');
  const compose = parse(file('compose.yaml')) as WrittenCompose;
  const sources = { written, compose, file };
  const agent = compose.services[AGENT_SERVICE];
  if (agent === undefined) throw new Error('no service agent');
  const declared = Object.entries(agent.labels).filter(([name]) => !name.startsWith('claude-bottle.'));
  return {
    path: written.bottle.path,
    slug: agent.labels[LABEL.slug] ?? '',
    app: plainText(agent.labels[LABEL.app] ?? ''),
    labels: Object.fromEntries(declared.map(([name, value]) => [name, plainText(value)])),
    agent: agentOf(sources, agent),
    sidecars: sidecarsOf(sources),
  };
}
