import { DECLARED_VALUE, type DeclaredValue, type Locate, type ValueKind } from '../lib/plan/index.ts';
import { definitionSite } from './definition-site.ts';
import { frozen } from './frozen.ts';

/**
 * A value of the definition language. It keeps what it was given and judges nothing: `app.synth()` reports everything
 * that is wrong with a definition at once.
 */
export abstract class Value<K extends ValueKind = ValueKind> implements DeclaredValue {
  readonly [DECLARED_VALUE] = true;
  readonly kind: K;
  readonly form: string;
  readonly given: Readonly<Record<string, unknown>>;
  readonly locate: Locate;

  protected constructor(kind: K, form: string, given: Readonly<Record<string, unknown>>) {
    this.kind = kind;
    this.form = form;
    this.given = frozen(given);
    this.locate = definitionSite();
    Object.freeze(this);
  }
}
