import { DeclaredNode } from './declared-construct.ts';
import { refuse } from './unenforced.ts';

/** A construct that becomes a service, with the escape hatches of the CDK family. */
export abstract class OverridableNode extends DeclaredNode {
  /** Sets a value in the rendered service. Not enforced by this version: an error at synth. */
  addOverride(_path: string, _value: unknown): void {
    refuse(this, 'addOverride');
  }

  /** Removes a value from the rendered service. Not enforced by this version: an error at synth. */
  addDeletionOverride(_path: string): void {
    refuse(this, 'addDeletionOverride');
  }

  /** Patches the rendered service (RFC 6902). Not enforced by this version: an error at synth. */
  addJsonPatch(..._operations: readonly object[]): void {
    refuse(this, 'addJsonPatch');
  }
}
