/** The texts of a compose file, and what compose makes of a `$` in them. */

/** Every text in `value` with its place, depth first. */
export function* textsIn(
  value: unknown,
  place: readonly (string | number)[] = [],
): Iterable<{
  readonly text: string;
  readonly place: readonly (string | number)[];
}> {
  if (typeof value === 'string') yield { text: value, place };
  else if (Array.isArray(value)) for (const [index, one] of value.entries()) yield* textsIn(one, [...place, index]);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) yield* textsIn(one, [...place, key]);
  }
}

const WHOLE_VARIABLE = /^\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))$/;

/** The host variable that `text` is the value of, if it is nothing else: `${NAME}` or `$NAME`. */
export function wholeVariable(text: string): string | undefined {
  const [, braced, bare] = WHOLE_VARIABLE.exec(text) ?? [];
  return braced ?? bare;
}
