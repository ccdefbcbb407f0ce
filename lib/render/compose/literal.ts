import { composeText } from '../../plan/index.ts';

/**
 * A copy of plain data in which compose reads each text as it was given, a `$` as a dollar sign: an override cannot
 * bring a variable of the deploying host into a container.
 */
export function literal(value: unknown): unknown {
  if (typeof value === 'string') return composeText(value);
  if (Array.isArray(value)) return value.map(literal);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, literal(entry)]));
}
