import { Value } from './value.ts';

/** The value of an environment variable that is not a literal; a plain string is one. */
export class EnvValue extends Value<'EnvValue'> {
  /** The value of the host variable `name` at deploy, forwarded by name. Unset at deploy is an error there. */
  static fromHost(name: string): EnvValue {
    return new EnvValue('EnvValue', 'fromHost', { name });
  }

  /** Asked for at deploy. Not enforced by this version: an error at synth. */
  static ask(question: string): EnvValue {
    return new EnvValue('EnvValue', 'ask', { question });
  }
}
