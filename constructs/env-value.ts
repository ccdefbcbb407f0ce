import { Value } from './value.ts';

/** The value of an environment variable that is not a literal; a plain string is one. */
export class EnvValue extends Value<'EnvValue'> {
  /** The value of the host variable `name` at deploy, forwarded by name. Unset at deploy is an error there. */
  static fromHost(name: string): EnvValue {
    return new EnvValue('EnvValue', 'fromHost', { name });
  }

  /**
   * Asked for at deploy, with this one line of text; the answer is in no file. A deploy of a bottle that runs takes it
   * from there. Without a terminal it comes from a host variable: `bottle deploy --answer NAME=HOST_VARIABLE`.
   */
  static ask(question: string): EnvValue {
    return new EnvValue('EnvValue', 'ask', { question });
  }
}
