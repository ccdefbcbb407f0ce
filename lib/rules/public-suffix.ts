/** Whose a name is, by the public suffix list (publicsuffix.org). */

// The build has a `createRequire` of its own in the file that this one becomes part of.
import { createRequire as requireFrom } from 'node:module';

type PublicSuffixList = Pick<typeof import('tldts'), 'getDomain' | 'getPublicSuffix'>;

/** Read when somebody asks: it takes 8 ms, and few definitions need it. */
const list = (): PublicSuffixList => requireFrom(import.meta.url)('tldts') as PublicSuffixList;

/** Whether registries give out names right below `name`: `com`, `co.uk`. */
export const isRegistry = (name: string): boolean => list().getPublicSuffix(name) === name;

/** Whether a service lets anybody have a name right below `name`, which its owner has registered: `github.io`. */
export const isShared = (name: string): boolean =>
  list().getPublicSuffix(name, { allowPrivateDomains: true }) === name && !isRegistry(name);

/** The name that somebody has registered and that `host` is, or is below; undefined if there is none. */
export const registeredName = (host: string): string | undefined => list().getDomain(host) ?? undefined;
