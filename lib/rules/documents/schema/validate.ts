import { validate as generated } from './validate.generated.ts';

/** One thing that a schema does not allow, as ajv says it. */
export interface SchemaError {
  /** JSON pointer into the document. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A function that ajv compiled; what it found is left on itself. */
interface Compiled {
  (document: unknown): boolean;
  readonly errors?: readonly SchemaError[] | null;
}

/** What in a compose file the compose specification's schema does not allow. */
export function validate(document: unknown): readonly SchemaError[] {
  const compiled: Compiled = generated;
  return compiled(document) ? [] : (compiled.errors ?? []);
}
