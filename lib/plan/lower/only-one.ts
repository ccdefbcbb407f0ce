import { listed, quoted } from '../shown.ts';
import { SHAPE_RULES, type Site } from './site.ts';

/** The first of the constructs of one kind; more than one is reported. */
export function onlyOne<T extends { readonly path: string }>(
  site: Site,
  what: string,
  constructs: readonly T[],
): T | undefined {
  if (constructs.length > 1) {
    site.report(
      SHAPE_RULES.exactlyOne,
      `${constructs.length} ${what} constructs in one bottle: ${listed(constructs.map(({ path }) => quoted(path)))}; allowed: one`,
      `keep one ${what} and remove the others`,
    );
  }
  return constructs[0];
}
