import { App, Bottle } from '../constructs/index.ts';
import {
  type ComposeDocument,
  type ComposeService,
  nearest,
  quoted,
  type RenderedBottle,
  typeName,
} from '../lib/plan/index.ts';
import { type Reach, reach, topologyOf } from '../lib/topology/index.ts';
import { type EnvironmentValue, environmentOf } from './environment.ts';
import { judged } from './judged.ts';
import { mismatchesOf, nearestMatch, type Pattern } from './matcher.ts';
import { failed, mismatchLines, shown } from './mismatch.ts';

const errorsBelow = (path: string, app: App): readonly string[] =>
  judged(app)
    .found.findings.filter(({ severity }) => severity === 'error')
    .filter((finding) => finding.path === path || finding.path.startsWith(`${path}/`) || finding.path === '')
    .map(({ rule, message }) => `  ${rule}: ${message}`);

/** What a bottle becomes on Docker Compose, overrides and aspects included, for the tests of whoever defines it. */
export class ComposeTemplate {
  /**
   * Synthesizes the app of `bottle` in memory; nothing is written, and the tree cannot be changed afterwards. Throws if
   * the bottle has errors that keep it from being rendered.
   */
  static fromBottle(bottle: Bottle): ComposeTemplate {
    if (!(bottle instanceof Bottle)) {
      throw new TypeError(`ComposeTemplate.fromBottle was given ${typeName(bottle)}; allowed: a Bottle`);
    }
    const app = App.of(bottle);
    const { path } = bottle.node;
    const rendered = judged(app).rendered.find(({ plan }) => plan.path === path);
    if (rendered !== undefined) return new ComposeTemplate(rendered);
    throw failed([`bottle ${quoted(path)} is not rendered, because of:`, ...errorsBelow(path, app)], 'fromBottle');
  }

  readonly #rendered: RenderedBottle;

  private constructor(rendered: RenderedBottle) {
    this.#rendered = rendered;
  }

  /** The document that is written as `compose.yaml`, as data. */
  toJSON(): ComposeDocument {
    return structuredClone(this.#rendered.compose);
  }

  /** The text of a file of the bottle, e.g. `egress/routes.yaml`. Fails if it has no such file. */
  file(path: string): string {
    const { files } = this.#rendered;
    const text = files[path];
    if (text !== undefined) return text;
    throw failed([`no file ${quoted(path)}; there are:`, ...Object.keys(files).map((name) => `  ${name}`)], 'file');
  }

  /** Fails unless there is a service `name`, and it matches `pattern`, an object of keys of the compose specification. */
  hasService(name: string, pattern: Pattern = {}): void {
    const mismatches = mismatchesOf(this.#service(name, 'hasService'), pattern, '');
    if (mismatches.length === 0) return;
    const others = Object.entries(this.#rendered.compose.services).filter(([other]) => other !== name);
    const near = nearestMatch(others, ([, service]) => mismatchesOf(service, pattern, ''));
    const hint = near?.mismatches.length === 0 ? [`service ${quoted(near.candidate[0])} would match`] : [];
    const lines = [`service ${quoted(name)} does not match:`, ...mismatchLines(mismatches), ...hint];
    throw failed(lines, 'hasService');
  }

  /** Fails if `service` has a variable of this name, in any letter case. */
  hasNoEnvironment(service: string, name: string | RegExp): void {
    const wanted = typeof name === 'string' ? name.toLowerCase() : name;
    const found = Object.entries(this.environmentOf(service)).filter(([variable]) =>
      typeof wanted === 'string' ? variable.toLowerCase() === wanted : variable.search(wanted) !== -1,
    );
    if (found.length === 0) return;
    const lines = found.map(([variable, value]) => `  ${variable} is ${shown(value)}`);
    throw failed([`service ${quoted(service)} has what it must not have:`, ...lines], 'hasNoEnvironment');
  }

  /** The variables of `service`: literals as the container sees them, others by the host variable that fills them. */
  environmentOf(service: string): Readonly<Record<string, EnvironmentValue>> {
    return environmentOf(this.#service(service, 'environmentOf'));
  }

  /** The aliases of `service` on `network`. Fails if it is not on it. */
  aliasesOf(service: string, network = 'internal'): readonly string[] {
    const { networks = {} } = this.#service(service, 'aliasesOf');
    const places = Array.isArray(networks)
      ? Object.fromEntries(networks.map((key) => [String(key), null]))
      : (networks as Readonly<Record<string, { readonly aliases?: readonly string[] } | null>>);
    if (Object.hasOwn(places, network)) return places[network]?.aliases ?? [];
    const there = Object.keys(places).map(quoted).join(', ') || 'none';
    throw failed([`service ${quoted(service)} is not on network ${quoted(network)}, but on ${there}`], 'aliasesOf');
  }

  /**
   * Fails unless `from` can open a connection to `to`: `agent`, a daemon, a service, `internet`, `host` or
   * `neighbours` (containers of others), as networks, names, ports and listen addresses of the documents say.
   */
  canReach(from: string, to: string): void {
    const { reachable, because } = this.#reach(from, to);
    if (!reachable) throw failed([`${from} cannot reach ${to}: ${because}`], 'canReach');
  }

  /** Fails if `from` can open a connection to `to`; the words are those of {@link canReach}. */
  cannotReach(from: string, to: string): void {
    const { reachable, because } = this.#reach(from, to);
    if (reachable) throw failed([`${from} can reach ${to}: ${because}`], 'cannotReach');
  }

  #reach(from: string, to: string): Reach {
    return reach(topologyOf(this.#rendered), from, to);
  }

  #service(name: string, operator: string): ComposeService {
    const { services } = this.#rendered.compose;
    const service = Object.hasOwn(services, name) ? services[name] : undefined;
    if (service !== undefined) return service;
    const names = Object.keys(services);
    const meant = nearest(name, names);
    const hint = meant === undefined ? '' : `, did you mean ${quoted(meant)}?`;
    throw failed([`no service ${quoted(name)}${hint}; there are ${names.map(quoted).join(', ')}`], operator);
  }
}
