import type { DeclaredOverride, JsonPatchOperation } from '../lib/plan/index.ts';
import { DeclaredNode } from './declared-construct.ts';

/**
 * A construct that becomes a service of the compose file, with the escape hatches of the CDK family: changes to the
 * rendered service, for what no property says. They are applied in rising force: properties, `addOverride`,
 * `addDeletionOverride`, `addJsonPatch`; within one kind in the order of the calls. The rules judge the result.
 */
export abstract class OverridableNode extends DeclaredNode {
  readonly #overrides: DeclaredOverride[] = [];

  /**
   * Sets a value of the rendered service. `path` has dots between its keys, `\.` is a dot in a key; objects that are
   * missing on the way are made, a place of a list is its index, `-` is the place behind its last. `value` is plain data,
   * taken literally: a `$` in it is a dollar sign.
   *
   * @example agent.addOverride('ulimits.nofile', { soft: 1024, hard: 2048 })
   */
  addOverride(path: string, value: unknown): void {
    const { value: kept, locate } = this.addition(value);
    this.#overrides.push({ kind: 'set', path, value: kept, locate });
  }

  /**
   * Removes a value of the rendered service; `path` is as of {@link addOverride}.
   *
   * @example agent.addDeletionOverride('cpus')
   */
  addDeletionOverride(path: string): void {
    const { locate } = this.addition(undefined);
    this.#overrides.push({ kind: 'delete', path, locate });
  }

  /**
   * Patches the rendered service (RFC 6902): all operations of one call are applied, or, where one of them cannot be,
   * none, which is an error at synth. Pointers start at the service.
   *
   * @example agent.addJsonPatch({ op: 'test', path: '/init', value: false }, { op: 'remove', path: '/init' })
   */
  addJsonPatch(...operations: readonly JsonPatchOperation[]): void {
    const { value, locate } = this.addition(operations);
    this.#overrides.push({ kind: 'patch', operations: Array.isArray(value) ? value : [], locate });
  }

  /** @internal */
  get overrides(): readonly DeclaredOverride[] {
    return this.#overrides;
  }
}
