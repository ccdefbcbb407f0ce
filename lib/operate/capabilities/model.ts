/** `capabilities.json`: what operators approved for the bottle's next agent image. */

import { z } from 'zod';
import { PackageLists } from '../../../images/sidecars/supervise/arguments.ts';

export const PACKAGE_MANAGERS = ['apt', 'npm', 'pip'] as const;
export type PackageManager = (typeof PACKAGE_MANAGERS)[number];

/** Packages by manager, each a name with a version at most, as the manager spells it. */
export type Packages = Readonly<Partial<Record<PackageManager, readonly string[] | undefined>>>;

/** More than an image can sensibly hold; keeps the argument list of a build bounded. */
const PACKAGES_MAX = 500;
const list = z.array(z.string()).min(1).max(PACKAGES_MAX).optional();

export const CapabilitiesFile = z
  .strictObject({
    version: z.literal(1),
    packages: z.strictObject({ apt: list, npm: list, pip: list }),
    /** Text of a file that an operator named, read as `dockerfile.ts` reads it, again at each build. */
    dockerfile: z.string().optional(),
  })
  .refine(({ packages }) => everyNameIsOne(packages), 'holds what is not a package name');

export type Capabilities = z.infer<typeof CapabilitiesFile>;

export const NO_CAPABILITIES: Capabilities = { version: 1, packages: {} };

/** By the same patterns as a proposal, one list at a time: those are longer here. */
function everyNameIsOne(packages: z.input<typeof PackageLists>): boolean {
  return PACKAGE_MANAGERS.every((manager) =>
    (packages[manager] ?? []).every((name) => PackageLists.safeParse({ [manager]: [name] }).success),
  );
}

export const hasNoCapabilities = ({ packages, dockerfile }: Capabilities): boolean =>
  dockerfile === undefined && PACKAGE_MANAGERS.every((manager) => (packages[manager] ?? []).length === 0);

/** What a package is called, without its version and extras: two entries of one name would contradict each other. */
function nameOf(manager: PackageManager, entry: string): string {
  if (manager === 'apt') return entry.split('=')[0] ?? entry;
  if (manager === 'npm') return entry.replace(/(?<=.)@.*$/, '');
  // PEP 503: case, and which of . _ - it is, make no difference.
  return (entry.split(/\[|==/)[0] ?? entry).toLowerCase().replace(/[-_.]+/g, '-');
}

/** `current` with `added`, where a new entry takes the place of one of the same name; sorted. */
export function withPackages(current: Capabilities, added: Packages): Capabilities {
  const packages = Object.fromEntries(
    PACKAGE_MANAGERS.flatMap((manager) => {
      const entries = [...(current.packages[manager] ?? []), ...(added[manager] ?? [])];
      const byName = new Map(entries.map((entry) => [nameOf(manager, entry), entry]));
      return byName.size === 0 ? [] : [[manager, [...byName.values()].sort()] as const];
    }),
  );
  return { ...current, packages };
}
