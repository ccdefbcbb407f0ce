/** Where a rule is explained, with an example that breaks it and the same one mended. */

const OWN = 'bottles::';
const NAME = /^[a-z][a-z0-9-]*$/;

/** The page of a rule of ours, relative to the package's root; undefined for a rule of a house's own. */
export function rulePage(id: string): string | undefined {
  const name = id.startsWith(OWN) ? id.slice(OWN.length) : '';
  return NAME.test(name) ? `docs/rules/${name}.md` : undefined;
}
