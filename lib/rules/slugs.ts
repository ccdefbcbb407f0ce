/** Slugs and labels: what identifies a bottle. */

import {
  credentialIn,
  DNS_LABEL,
  isReservedLabel,
  listed,
  quoted,
  RESERVED_LABEL_PREFIXES,
  RESERVED_SLUG_PREFIXES,
  SLUG_MAX,
} from '../plan/index.ts';
import { firstOf, someOf } from './others.ts';
import type { Rule } from './rule.ts';

const LABEL_NAME = /^[A-Za-z0-9]([A-Za-z0-9./_-]*[A-Za-z0-9])?$/;

export const SLUG_RULES: readonly Rule[] = [
  {
    id: 'bottles::slug-label',
    severity: 'error',
    what: `a slug that is no DNS label of at most ${SLUG_MAX} characters, suffix included`,
    why: 'every name of the bottle is derived from it: containers, networks, aliases, directories',
    fix: 'choose lower-case letters, digits and inner hyphens; the construct id is the slug unless `slug` is given',
    *check({ path, slug }) {
      if (DNS_LABEL.test(slug) && slug.length <= SLUG_MAX) return;
      const reason =
        slug === '' ? 'is empty' : slug.length > SLUG_MAX ? `has ${slug.length} characters` : 'is no DNS label';
      yield {
        path,
        message: `slug ${quoted(slug)} ${reason}; allowed: lower-case letters, digits and inner hyphens, at most ${SLUG_MAX} characters, suffix included`,
      };
    },
  },
  {
    id: 'bottles::slug-reserved',
    severity: 'error',
    what: "a slug that begins like the name of another bottle's daemon",
    why: 'its container name would be that of the other bottle',
    fix: 'choose another slug',
    *check({ path, slug }) {
      const prefix = RESERVED_SLUG_PREFIXES.find((reserved) => slug.startsWith(reserved));
      if (prefix === undefined) return;
      yield {
        path,
        message: `slug ${quoted(slug)} begins with ${quoted(prefix)}; allowed: any other beginning than ${listed(RESERVED_SLUG_PREFIXES.map(quoted))}`,
      };
    },
  },
  {
    id: 'bottles::slug-unique',
    severity: 'error',
    what: 'two bottles of one slug',
    why: 'they would be one and the same set of containers',
    fix: 'give each bottle an id, or a `slug`, of its own',
    *check(bottle, app) {
      const others = firstOf(app.bySlug.get(bottle.slug) ?? [], (other) => other !== bottle);
      if (others.length === 0) return;
      yield {
        path: bottle.path,
        message: `slug ${quoted(bottle.slug)} is also the slug of ${someOf(others)}; allowed: one bottle of a slug`,
      };
    },
  },
  {
    id: 'bottles::label-name',
    severity: 'error',
    what: 'a label whose name is malformed or reserved',
    why: 'deploy and Compose find what is theirs by such labels',
    fix: 'choose a name such as `com.example.team`',
    *check({ path, labels }) {
      for (const name of Object.keys(labels)) {
        const reserved = isReservedLabel(name);
        if (LABEL_NAME.test(name) && !reserved) continue;
        yield {
          path,
          message: `label ${quoted(name)} ${reserved ? 'is reserved' : 'is malformed'}; allowed: letters, digits, '.', '_', '-' and '/', and no name below ${listed(RESERVED_LABEL_PREFIXES.map(quoted))}`,
        };
      }
    },
  },
  {
    id: 'bottles::label-secret',
    severity: 'error',
    what: 'a label that looks like a credential',
    why: 'labels are readable by everyone who may list containers, and are written to the output',
    fix: 'remove it, and replace the credential where it was issued',
    *check({ path, labels }) {
      for (const [name, value] of Object.entries(labels)) {
        const kind = credentialIn(value);
        if (kind !== undefined)
          yield { path, message: `label ${quoted(name)} looks like ${kind}; allowed: no credential` };
      }
    },
  },
];
